#!/usr/bin/env python3
"""Runs the tests in parallel and prints "N passed, N failed" last.

usage: run.py [--repeat N] [--jobs N] [--mode MODE] [--compiled] [check] [unit] [integration] [conformance] [sim] [scenario] [e2e] [NAME...]
--repeat runs each test N times; --jobs as many at once (1: tests that share a cluster); --mode takes the compiled tests of build/MODE (default asan); --compiled leaves scripts out.
A test is a compiled *_test program of build/asan/test, an executable *_test.sh / *_test.py below test/, or a scenario (*.wt
below test/scenario; each folder's one after another). Each runs in a
process group and a scratch directory (TEST_TMP) of its own; its output goes to build/test/NAME.log and is shown on failure.
A test counts as its own cases: cmocka's summary, or a closing line "N passed, N failed"; otherwise as one. One that cannot be where
it runs says so in a line "skipped: ...", which is shown, and counts for nothing.
BIN names the release programs, BIN_ASAN those built with sanitizers.
"""
import argparse, concurrent.futures, os, re, shutil, signal, subprocess, sys, tempfile, time

KINDS = ["unit", "integration", "sim", "scenario", "tsan", "conformance", "e2e", "check"]
TIMEOUT_S = {"unit": 900, "e2e": 1500, "check": 2400}
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

def tops(kind, mode, compiled):
    """Folders whose files are tests of that kind. What has threads runs a second time, under the thread sanitizer."""
    if kind == "tsan":
        return ["build/tsan/test"] if mode == "asan" else []
    return [f"build/{mode}/test/{kind}"] + ([] if compiled else [f"test/{kind}"])

def scenarios(names, mode):
    """A test for each folder of scenarios: the files whose names are wanted."""
    found, top = [], os.path.join(ROOT, "test/scenario")
    for d, _, files in sorted(os.walk(top)):
        area = os.path.relpath(d, os.path.join(ROOT, "test"))
        paths = [os.path.join("test", area, f) for f in sorted(files)
                 if f.endswith(".wt") and (not names or any(n in f"{area}/{f}" for n in names))]
        if paths:
            found.append(("scenario", area, [os.path.join(ROOT, f"build/{mode}/bin/scenario"), "-j1", *paths]))
    return found

def discover(kinds, names, mode, compiled):
    found = scenarios(names, mode) if "scenario" in kinds else []
    for kind in kinds:
        if kind == "scenario":
            continue
        for top in tops(kind, mode, compiled):
            for d, _, files in os.walk(os.path.join(ROOT, top)):
                for f in sorted(files):
                    path = os.path.join(d, f)
                    if re.search(r"_test(\.sh|\.py)?$", f) and os.access(path, os.X_OK):
                        name = os.path.relpath(path, os.path.join(ROOT, top.split("test")[0], "test"))
                        name = f"tsan/{name}" if kind == "tsan" else name
                        found.append((kind, name.removesuffix(".sh").removesuffix(".py"), [path]))
    return [t for t in found if t[0] == "scenario" or not names or any(n in t[1] for n in names)]

def skipped(output):
    return "; ".join(re.findall(r"^(skipped: .*)", output, re.M))

def count(output, code):
    if skipped(output) and not code:
        return 0, 0
    closing = re.findall(r"^(?:\w+: )?(\d+) passed, (\d+) failed", output, re.M)
    if closing:
        ok, bad = map(int, closing[-1])
    else:
        ok = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) test", output, re.M)))
        bad = sum(map(int, re.findall(r"^\[  FAILED  \] .*?(\d+) test\(s\), listed", output, re.M)))
    if code and not bad:
        bad = 1
    return (ok, bad) if ok or bad else (1, 0)

def run(test):
    kind, name, path = test
    tmp = tempfile.mkdtemp(prefix="weft-test-")
    env = dict(os.environ, KEEP="", TEST_TMP=tmp, ROOT=ROOT, BIN=os.path.join(ROOT, "build/bin"),
               BIN_ASAN=os.path.join(ROOT, "build/asan/bin"),
               ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", UBSAN_OPTIONS="print_stacktrace=1")
    log = os.path.join(ROOT, "build/test", name.replace("/", "-") + os.path.basename(tmp).removeprefix("weft-test") + ".log")
    start = time.monotonic()
    with open(log, "w") as out:
        p = subprocess.Popen(path, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                             start_new_session=True)
        try:
            code = p.wait(timeout=TIMEOUT_S.get(kind, 900))
        except subprocess.TimeoutExpired:
            code = "timeout"
        try:
            os.killpg(p.pid, signal.SIGKILL)   # what a failing test left behind in its own group
        except ProcessLookupError:
            pass
        p.wait()
    shutil.rmtree(tmp, ignore_errors=True)
    text = open(log, errors="replace").read()
    ok, bad = count(text, code)
    return name, ok, bad, time.monotonic() - start, text, code

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("words", nargs="*")
    ap.add_argument("--repeat", type=int, default=1)
    ap.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2))
    ap.add_argument("--mode", default="asan")
    ap.add_argument("--compiled", action="store_true")
    a = ap.parse_args()
    kinds = [w for w in a.words if w in KINDS] or KINDS
    tests = discover(kinds, [w for w in a.words if w not in KINDS], a.mode, a.compiled) * a.repeat
    shutil.rmtree(os.path.join(ROOT, "build/test"), ignore_errors=True)
    os.makedirs(os.path.join(ROOT, "build/test"))
    passed = failed = left_out = 0
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max_workers=a.jobs) as pool:
        # The long ones first, so that they do not end alone.
        order = sorted(tests, key=lambda t: -KINDS.index(t[0]))
        for done in concurrent.futures.as_completed([pool.submit(run, t) for t in order]):
            name, ok, bad, seconds, text, code = done.result()
            passed, failed = passed + ok, failed + bad
            mark, result = ("ok  ", f"{ok} passed, {bad} failed") if ok or bad else ("--  ", skipped(text))
            left_out += mark == "--  "
            print(f"{'FAIL' if bad else mark} {name}: {result} ({seconds:.1f} s)", flush=True)
            if bad:
                print(f"     exit {code}; the end of its output:\n" + "\n".join("     | " + l for l in text.splitlines()[-40:]), flush=True)
    print(f"in {time.monotonic() - begin:.0f} s:\n{passed} passed, {failed} failed")
    return 1 if failed or not passed + left_out else 0

sys.exit(main())
