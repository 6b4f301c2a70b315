#!/usr/bin/env python3
"""Runs the compiled tests of build/cov and prints which part of each module's lines they execute.

usage: coverage.py [--lines MODULE]   (--lines: the lines of one module that nothing executes)
Modules with a floor below fail the run when they are under it.
"""
import collections, concurrent.futures, json, os, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OBJ = os.path.join(ROOT, "build/cov")
FLOOR = {m: 85 for m in ("pki", "discovery", "compile", "mesh", "validate", "inject", "operator")}

def data_files():
    return [os.path.join(d, f) for d, _, files in os.walk(OBJ) for f in files if f.endswith(".gcda")]

def gcov(path):
    out = subprocess.run(["gcov", "--json-format", "--stdout", path], capture_output=True, cwd=ROOT, check=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.strip()]

def main():
    show = sys.argv[2] if sys.argv[1:2] == ["--lines"] else None
    for f in data_files():
        os.remove(f)
    tests = subprocess.run([sys.executable, os.path.join(ROOT, "test/run.py"), "--mode", "cov", "--compiled", "unit",
                            "integration", "sim"], cwd=ROOT, capture_output=True, text=True)
    print(tests.stdout.splitlines()[-1])
    lines = collections.defaultdict(lambda: collections.defaultdict(int))   # file -> line -> times
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for reports in pool.map(gcov, data_files()):
            for report in reports:
                for f in report["files"]:
                    name = os.path.relpath(os.path.join(report.get("current_working_directory", ROOT), f["file"]), ROOT)
                    if name.startswith("lib/"):
                        for l in f["lines"]:
                            lines[name][l["line_number"]] += l["count"]
    modules = collections.defaultdict(lambda: [0, 0])
    for name, counts in lines.items():
        m = modules[name.split("/")[1]]
        m[0] += sum(1 for c in counts.values() if c)
        m[1] += len(counts)
        if show == name.split("/")[1]:
            for n, c in sorted(counts.items()):
                if not c:
                    print(f"{name}:{n}")
    low = 0
    print(f"{'module':12} {'lines':>7} {'run':>7} {'share':>7}")
    for name, (ran, total) in sorted(modules.items()):
        under = 100 * ran < FLOOR.get(name, 0) * total
        low += under
        print(f"{name:12} {total:7} {ran:7} {100 * ran / total:6.1f}%{f'  under {FLOOR[name]}%' if under else ''}")
    return 1 if low or tests.returncode else 0

sys.exit(main())
