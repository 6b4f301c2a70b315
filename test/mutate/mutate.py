#!/usr/bin/env python3
"""Breaks lines of security or traffic meaning, one at a time, and sees whether a test notices.

usage: mutate.py [--check] [--jobs N] [--minutes N] [NAME...]
The tables are *.toml beside this file; an entry names a file, the text to replace (it must occur exactly once), what stands
there instead, why it matters, and the compiled tests and scenarios (prefixes below test/) that must notice. Each mutant is built, without
sanitizers, in a copy of the tree below build/mutate and run against its tests; one that passes them all survives.
--check only sees that every entry still applies. Closing line "N killed, N survived"; exit 1 when one survives.
"""
import argparse, concurrent.futures, glob, os, queue, shutil, signal, subprocess, sys, time, tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
TEST_S = 120       # a mutant that hangs a test has been noticed
KEYS = {"name", "file", "why", "tests", "old", "new"}

def load(names):
    mutants = []
    for path in sorted(glob.glob(os.path.join(HERE, "*.toml"))):
        with open(path, "rb") as f:
            for m in tomllib.load(f).get("mutant", []):
                m["table"] = os.path.basename(path)
                mutants.append(m)
    seen = set()
    for m in mutants:
        if set(m) != KEYS | {"table"}:
            sys.exit(f"{m['table']}: {m.get('name')}: has the keys {sorted(m)}")
        if m["name"] in seen:
            sys.exit(f"{m['table']}: {m['name']}: named twice")
        seen.add(m["name"])
    return [m for m in mutants if not names or any(n in m["name"] or n == m["table"] for n in names)]

def stale(m, root=ROOT):
    try:
        text = open(os.path.join(root, m["file"])).read()
    except OSError as e:
        return str(e)
    n = text.count(m["old"])
    if n != 1:
        return f"the text to replace occurs {n} times in {m['file']}"
    tests = tests_of(m)
    return None if tests else f"no test begins with {m['tests']}"

def tests_of(m):
    found = []
    for d in ("unit", "integration", "conformance", "sim"):
        found += glob.glob(os.path.join(ROOT, "test", d, "**", "*_test.c"), recursive=True)
    names = sorted(os.path.relpath(f, os.path.join(ROOT, "test"))[:-2] for f in found)
    names += sorted(os.path.relpath(f, os.path.join(ROOT, "test")) for f in glob.glob(os.path.join(ROOT, "test/scenario/*/*.wt")))
    return [n for n in names if any(n.startswith(p) for p in m["tests"])]

def copy_tree(n):
    to = os.path.join(ROOT, "build/mutate", str(n))
    files = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True,
                           check=True).stdout.split("\n")
    files = set(filter(None, files))
    for f in files:
        src, dst = os.path.join(ROOT, f), os.path.join(to, f)
        if not os.path.isfile(src) or os.path.islink(src):
            continue
        if os.path.exists(dst) and open(src, "rb").read() == open(dst, "rb").read():
            continue
        os.makedirs(os.path.dirname(dst), exist_ok=True)
        shutil.copy(src, dst)
    for d, dirs, names in os.walk(to):     # what an earlier copy had and the tree has no longer
        if d == to and "build" in dirs:
            dirs.remove("build")
        for f in names:
            if os.path.relpath(os.path.join(d, f), to) not in files:
                os.remove(os.path.join(d, f))
    return to

def make(tree, tests):
    env = dict(os.environ, CCACHE_BASEDIR=tree, CCACHE_NOHASHDIR="1")
    env.pop("MAKEFLAGS", None)
    programs = {"bin/scenario" if t.endswith(".wt") else f"test/{t}" for t in tests}
    return subprocess.run(["make", "-s", "--no-print-directory", "MODE=mutate"] + [f"build/mutate/{p}" for p in sorted(programs)],
                          cwd=tree, env=env, capture_output=True, text=True)

def run_test(tree, test):
    """None when it passes, else how it failed."""
    scenario = [os.path.join(tree, "build/mutate/bin/scenario"), os.path.join("test", test)]
    command = scenario if test.endswith(".wt") else [os.path.join(tree, "build/mutate/test", test)]
    p = subprocess.Popen(command, cwd=tree, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                         env=dict(os.environ, ROOT=tree, BIN=os.path.join(ROOT, "build/bin"), TEST_TMP=os.path.join(tree, "build")))
    try:
        code = p.wait(timeout=TEST_S)
    except subprocess.TimeoutExpired:
        code = "timeout"
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    p.wait()
    return None if code == 0 else f"{test} ({code})"

def try_mutant(tree, m):
    path = os.path.join(tree, m["file"])
    original = open(path).read()
    why = stale(m, tree)
    if why:
        return False, why
    tests = tests_of(m)
    try:
        with open(path, "w") as f:
            f.write(original.replace(m["old"], m["new"]))
        built = make(tree, tests)
        if built.returncode:
            return False, "does not build:\n" + "\n".join((built.stdout + built.stderr).splitlines()[-12:])
        for t in tests:
            how = run_test(tree, t)
            if how:
                return True, how
        return False, "every test passes"
    finally:
        with open(path, "w") as f:
            f.write(original)

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("names", nargs="*")
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    ap.add_argument("--minutes", type=int, default=20)
    a = ap.parse_args()
    mutants = load(a.names)
    bad = [(m, why) for m in mutants if (why := stale(m))]
    for m, why in bad:
        print(f"{m['table']}: {m['name']}: {why}")
    if a.check:
        return 1 if bad or not mutants else 0
    trees = queue.Queue()
    everything = sorted({t for m in mutants for t in tests_of(m)})
    for n in range(min(a.jobs, len(mutants))):
        tree = copy_tree(n)
        built = make(tree, everything)
        if built.returncode:
            sys.exit("the tree does not build:\n" + "\n".join((built.stdout + built.stderr).splitlines()[-20:]))
        trees.put(tree)
    tree = trees.get()
    for t in everything:     # a test that fails anyway would kill every mutant
        how = run_test(tree, t)
        if how:
            sys.exit(f"without any mutant: {how}")
    trees.put(tree)
    end = time.monotonic() + a.minutes * 60
    killed = survived = 0

    def one(m):
        tree = trees.get()
        try:
            return (False, "no time left") if time.monotonic() > end else try_mutant(tree, m)
        finally:
            trees.put(tree)

    with concurrent.futures.ThreadPoolExecutor(max_workers=a.jobs) as pool:
        for m, (dead, how) in zip(mutants, pool.map(one, mutants)):
            killed, survived = killed + dead, survived + (not dead)
            print(f"{'killed  ' if dead else 'SURVIVED'} {m['name']:44} {m['file']:36} {how}", flush=True)
    print(f"{killed} killed, {survived} survived")
    return 1 if survived or not killed else 0

sys.exit(main())
