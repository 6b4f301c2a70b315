#!/usr/bin/env python3
"""What kubectl makes of each overlay of deploy/: the oldest, a current one and, where it was built, that of the test bed read
the same objects, those of the one file that `kubectl apply -f` reads, without a word on standard error."""
import os
import subprocess
import sys
import tomllib

import yaml

ROOT = os.environ.get("ROOT", os.getcwd())
sys.path.insert(0, os.path.join(ROOT, "test/cluster"))
import programs

passed = failed = 0


def check(what, good, why=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else ': ' + str(why)[:500]}")


def kubectls():
    """[(name, path)]"""
    for version in ("1.20", "1.32"):
        r = subprocess.run(["bash", "-c", f". test/lib/kubectl.sh; kubectl_path {version}"], cwd=ROOT, text=True, capture_output=True,
                           env=dict(os.environ, ROOT=ROOT))
        check(f"kubectl {version} is there", r.returncode == 0, r.stderr)
        if r.returncode == 0:
            yield version, r.stdout.strip()
    if not programs.missing(["kubectl"]):
        yield programs.KUBERNETES, programs.path("kubectl")


def by_identity(text):
    objects = [o for o in yaml.load_all(text, Loader=yaml.CSafeLoader) if o]
    return {(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]): o for o in objects}, len(objects)


def main():
    with open(os.path.join(ROOT, "deploy/overlays.toml"), "rb") as f:
        overlays = tomllib.load(f)["overlay"]
    tools = list(kubectls())
    for overlay in overlays:
        with open(os.path.join(ROOT, overlay["path"], overlay["file"])) as f:
            flat, count = by_identity(f.read())
        check(f"{overlay['path']}: no object twice", len(flat) == count, f"{count} objects, {len(flat)} names")
        for name, tool in tools:
            r = subprocess.run([tool, "kustomize", overlay["path"]], cwd=ROOT, text=True, capture_output=True)
            check(f"{overlay['path']}: kubectl {name} reads it and says nothing", r.returncode == 0 and not r.stderr, r.stderr)
            built, _ = by_identity(r.stdout)
            check(f"{overlay['path']}: kubectl {name} finds the objects of the file", built == flat,
                  [k for k in flat.keys() | built.keys() if flat.get(k) != built.get(k)])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
