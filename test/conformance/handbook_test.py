#!/usr/bin/env python3
"""Every manifest of the handbook is carried out as it stands there: `weftctl precheck` judges it with the rules of admission and
of status. A block without a kind is a part of a ServiceMeshControlPlane, of its
spec, or of the mesh's settings (meshConfig)."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = os.environ.get("ROOT", os.getcwd())
BIN = os.environ.get("BIN", os.path.join(ROOT, "build/bin"))
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)
# Groups of the kinds that precheck judges; of other objects it is seen that they have what every object has.
JUDGED = re.compile(r"^(maistra\.io|(networking|security|telemetry|extensions)\.istio\.io)/")
failed = []


def blocks():
    """[(page:line, [objects])]"""
    for path in sorted(glob.glob(os.path.join(ROOT, "docs/handbook/**/*.md"), recursive=True)):
        text = open(path).read()
        for m in FENCE.finditer(text):
            at = f"{os.path.relpath(path, ROOT)}:{text.count(chr(10), 0, m.start()) + 1}"
            try:
                yield at, [d for d in yaml.safe_load_all(m[1]) if d is not None]
            except yaml.YAMLError as e:
                failed.append(f"{at}: no YAML: {str(e).splitlines()[0]}")


def control_plane(spec):
    return {"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": {"name": "basic", "namespace": "istio-system"},
            "spec": spec}


def judge(objects):
    """[(verdict, object, [findings])] of objects, in one run of the program."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        yaml.safe_dump_all(objects, f)
        f.flush()
        r = subprocess.run([os.path.join(BIN, "weftctl"), "precheck", "-f", f.name, "-o", "json"], text=True, capture_output=True)
    if r.returncode not in (0, 3):
        sys.exit(f"weftctl precheck: status {r.returncode}: {r.stderr}")
    return [(i["verdict"], i["object"], [f"{x['path']}: {x['message']}" for x in i.get("findings", [])]) for i in json.loads(r.stdout)["items"]]


def carried_out(objects):
    """Sentences about what is not, and how many were judged."""
    items = judge(objects)
    return [f"{name}: {verdict}: {'; '.join(findings)}" for verdict, name, findings in items if verdict != "carried out"], len(items)


def check(at, objects):
    if all(isinstance(o, dict) and "kind" not in o for o in objects):
        if all(set(o) == {"spec"} for o in objects):
            objects = [o["spec"] for o in objects]
        both = [carried_out([wrap(o) for o in objects]) for wrap in
                (control_plane, lambda o: control_plane({"techPreview": {"meshConfig": o}}))]
        if not any(n == len(objects) and not bad for bad, n in both):
            failed.append(f"{at}: neither of a spec ({'; '.join(both[0][0])}) nor of the mesh's settings ({'; '.join(both[1][0])})")
        return
    for o in objects:
        if not (isinstance(o, dict) and o.get("apiVersion") and o.get("kind") and (o.get("metadata") or {}).get("name")):
            failed.append(f"{at}: an object without apiVersion, kind or name")
            return
    judged = [o for o in objects if JUDGED.match(o["apiVersion"])]
    if judged:
        bad, n = carried_out(judged)
        failed.extend(f"{at}: {b}" for b in bad)
        if n != len(judged):
            failed.append(f"{at}: {n} of {len(judged)} objects were judged")


def main():
    n = 0
    for at, objects in blocks():
        before = len(failed)
        check(at, objects) if objects else failed.append(f"{at}: an empty block")
        n += len(failed) == before
    print("\n".join(failed), end="\n" if failed else "")
    print(f"{n} passed, {len(failed)} failed")
    return 1 if failed or not n else 0


sys.exit(main())
