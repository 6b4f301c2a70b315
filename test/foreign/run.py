#!/usr/bin/env python3
"""Counts how often our admission agrees with the validation tests of the projects that it follows.

The cases come from those projects' Go modules, in the versions that go.mod pins (go.sum checks them); FOREIGN_ISTIO and
FOREIGN_MAISTRA name a checkout to use instead. Nothing of theirs is compiled or kept. What differs must be listed, with
its reason, in differences.txt; a difference that is not listed, or a listed one that is gone, fails the run.
"""
import collections
import json
import os
import re
import subprocess
import sys

import analyzers

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = sys.argv[1]
MODULES = {"istio": "istio.io/istio", "maistra": "github.com/maistra/istio-operator"}


def module_dir(project):
    """The module's folder, or None with the reason."""
    given = os.environ.get("FOREIGN_" + project.upper())
    if given:
        return given, ""
    try:
        out = subprocess.run(["go", "mod", "download", "-json", MODULES[project]], cwd=HERE, capture_output=True,
                             text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as e:
        return None, str(e)
    try:
        found = json.loads(out.stdout)
    except ValueError:
        return None, (out.stderr.strip().splitlines() or ["go mod download said nothing"])[-1]
    if "Error" in found or "Dir" not in found:
        return None, found.get("Error", "no folder").split("\n")[0]
    return found["Dir"], ""


def cases_of(project, folder):
    out = subprocess.run([os.path.join(BUILD, "extract"), project, folder], capture_output=True, text=True, check=True)
    sys.stderr.write(out.stderr)
    return out.stdout


def judge(lines):
    out = subprocess.run([os.path.join(BUILD, "verdict")], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def listed():
    """differences.txt: 'project kind id-pattern: reason'; * stands for anything."""
    rows = []
    with open(os.path.join(HERE, "differences.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                project, kind, rest = line.strip().split(" ", 2)
                pattern, reason = rest.split(" -- ", 1)
                rows.append([project, kind, pattern, reason, 0])
    return rows


def match(rows, project, case):
    for row in rows:
        pattern = ".*".join(re.escape(p) for p in row[2].split("*"))
        if row[0] == project and row[1] in ("*", case["kind"]) and re.fullmatch(pattern, case["id"], re.DOTALL):
            row[4] += 1
            return row
    return None


def compare(project, folder, rows, verbose):
    lines = cases_of(project, folder)
    cases = [json.loads(line) for line in lines.splitlines()]
    table = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    unexplained = 0
    for case, got in zip(cases, judge(lines), strict=True):
        count = table[case["kind"]]
        count[1] += 1
        same = case["valid"] == got["valid"]
        count[0] += same
        if case.get("warning"):
            count[3] += 1
            count[2] += same and got["warnings"] > 0
        row = None if same else match(rows, project, case)
        count[4] += row is not None
        if not same and not row:
            unexplained += 1
            print(f"  differs: {project} {case['kind']} {case['id']}: theirs {'accepts' if case['valid'] else 'refuses'}"
                  f", ours says: {got['message'][:300] or 'fine'}")
        if verbose and case.get("warning") and same and not got["warnings"]:
            print(f"  no warning: {project} {case['kind']} {case['id']}")
        if verbose and case["id"] in verbose:
            print(json.dumps(case, indent=1), got)
    return table, unexplained


def show(project, table):
    total = [0, 0, 0, 0, 0]
    print(f"{project}: {'kind':28} same/cases   %    warns  explained")
    for kind, count in sorted(table.items()):
        total = [a + b for a, b in zip(total, count)]
        print(f"{'':{len(project) + 2}}{kind:28} {count[0]:4}/{count[1]:<5} {100 * count[0] / count[1]:5.1f}"
              f" {count[2]:3}/{count[3]:<3} {count[4]}")
    if total[1]:
        print(f"{'':{len(project) + 2}}{'all':28} {total[0]:4}/{total[1]:<5} {100 * total[0] / total[1]:5.1f}"
              f" {total[2]:3}/{total[3]:<3} {total[4]}")


def main():
    rows, bad, ran = listed(), 0, set()
    for project in MODULES:
        folder, why = module_dir(project)
        if not folder:
            print(f"{project}: skipped: {why}")
            continue
        ran.add(project)
        table, unexplained = compare(project, folder, rows, sys.argv[2:])
        bad += unexplained
        show(project, table)
        if project == "istio":
            bad += analyzers.main(os.path.join(BUILD, "../bin/weftctl"), folder, bool(sys.argv[2:]))
    for row in rows:
        if row[0] in ran and not row[4]:
            bad += 1
            print(f"  listed as different, but is not: {' '.join(row[:3])}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
