#!/usr/bin/env python3
"""Counts how many cases of Istio's own analyzer tests `weftctl analyze` agrees with.

The table is read from pkg/config/analysis/analyzers/analyzers_test.go of the module that go.mod pins: the files of each case, the
analyzer, and the codes and objects that it finds. A case is the same when our analyzer of that name finds exactly these. Cases that
differ must be listed with their reason in analyzer_differences.txt; one that is not listed, or a listed one that is none, fails.
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = "pkg/config/analysis/analyzers"
GOAL = 95


def block(text, start):
    """The text between the brace at start and its partner."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start + 1:i]
    raise ValueError("braces do not match")


def cases(root):
    text = open(os.path.join(root, FOLDER, "analyzers_test.go"), encoding="utf-8").read()
    grid = block(text, text.index("{", text.index("testGrid = []testCase")))
    at = 0
    while (at := grid.find("{", at)) >= 0:
        one = block(grid, at)
        at += len(one) + 2
        field = lambda name, default="": (re.search(name + r':\s*"([^"]*)"', one) or [None, default])[1]
        yield {
            "name": field("name"),
            "files": re.findall(r'"([^"]*)"', block(one, one.index("{", one.index("inputFiles")))),
            "mesh": field("meshConfigFile"),
            "networks": field("meshNetworksFile"),
            "analyzer": re.search(r"analyzer:\s*&?([\w.]+)", one)[1],
            "skipped": "skipAll" in one,
            "expected": re.findall(r'\{msg\.(\w+),\s*"([^"]*)"\}', one),
        }


def names(root):
    """The registered name of each analyzer's Go type."""
    found = {"schemaValidation.CollectionValidationAnalyzer": "schema.ValidationAnalyzer"}
    for folder, _, files in os.walk(os.path.join(root, FOLDER)):
        for f in files:
            text = open(os.path.join(folder, f), encoding="utf-8").read() if f.endswith(".go") else ""
            for kind, name in re.findall(r'func \([^)]*\*(\w+)\) Metadata\(\).*?Name:\s*"([^"]+)"', text, re.S):
                found[f"{os.path.basename(folder)}.{kind}"] = name
    return found


def run(weftctl, root, case, tmp):
    line = [weftctl, "analyze", "-o", "json", "--failure-threshold", "Info"]
    for f in case["files"]:
        line += ["-f", os.path.join(root, FOLDER, f)]
    if case["mesh"]:
        line += ["--meshConfigFile", os.path.join(root, FOLDER, case["mesh"])]
    if case["networks"]:
        path = os.path.join(tmp, "networks.json")
        text = open(os.path.join(root, FOLDER, case["networks"]), encoding="utf-8").read()
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"},
                       "data": {"meshNetworks": text}}, f)
        line += ["-f", path]
    out = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    if out.returncode not in (0, 79):
        raise RuntimeError(f"{case['name']}: {out.stderr}")
    return json.loads(out.stdout)["items"]


def plain(resource):
    """Objects without a namespace are in the default one here."""
    return re.sub(r" default/", " ", resource).replace("ConfigMap istio-system/istio", "MeshNetworks istio-system/meshnetworks")


def differences():
    rows = {}
    with open(os.path.join(HERE, "analyzer_differences.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, reason = line.strip().split(" -- ", 1)
                rows[name] = reason
    return rows


def main(weftctl, root, verbose):
    analyzer_names, listed = names(root), differences()
    same, all_cases, bad = 0, 0, 0
    with tempfile.TemporaryDirectory() as tmp:
        for case in cases(root):
            if case["skipped"]:
                continue
            analyzer = analyzer_names[case["analyzer"]]
            want = collections.Counter((code, plain(resource)) for code, resource in case["expected"])
            have = collections.Counter((i["type"], plain(i["resource"])) for i in run(weftctl, root, case, tmp)
                                       if i["analyzer"] == analyzer and i["type"] not in ("SchemaWarning", "SchemaValidationError"))
            all_cases += 1
            same += want == have
            if (want == have) == (case["name"] in listed):
                bad += 1
                print(f"{case['name']}: {'is listed as different, and is not' if want == have else 'differs'}")
            if want != have and (verbose or case["name"] not in listed):
                for what, x in (("missing", want - have), ("more", have - want)):
                    for (code, resource), n in x.items():
                        print(f"  {what}: {n} x {code} {resource}")
    print(f"analyzers: {same} of {all_cases} cases the same ({100 * same / all_cases:.1f} %)")
    return 1 if bad or 100 * same < GOAL * all_cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], "-v" in sys.argv))
