#!/usr/bin/python3
"""Programs of others against the embedded API server: informers of client-go, a manager of controller-runtime, and Istio's own istiod.

usage: run.py [build] [go] [istiod]     from anywhere; by default all. build: nothing but that, for a network without a way out
Both are built from Go modules (go/, istiod/), by the toolchain and into the caches of test/cluster; where those cannot be had it says so
in one line. With KUBECONFIG it is that API server's turn; what only the embedded one can be asked is left out. Prints "N passed, N failed" last.
"""
import os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OUT = os.path.join(ROOT, "build/clients")
os.environ.setdefault("ROOT", ROOT)
os.environ.setdefault("BIN", os.path.join(ROOT, "build/bin"))
sys.path[:0] = [os.path.join(ROOT, "test/lib"), os.path.join(ROOT, "test/cluster")]
sys.dont_write_bytecode = True
import own_network, programs

FLAGS = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-gcflags=all=-dwarf=false", "-ldflags=-s -w"]
# part: what go does in its folder
PARTS = {
    "go": ["test", "-c", "-vet=all", *FLAGS, "-o", os.path.join(OUT, "go.test"), "."],
    "istiod": ["build", *FLAGS, "-o", os.path.join(OUT, "pilot-discovery"), "istio.io/istio/pilot/cmd/pilot-discovery"],
}


def modules(go, folder):
    """Whether all that a folder needs is here or can be fetched; its last words if not."""
    r = subprocess.run([go, "mod", "download"], cwd=folder, env=programs.environment(), text=True, capture_output=True)
    return "" if r.returncode == 0 else (r.stderr.strip().splitlines() or ["go mod download failed"])[-1]


def build(parts):
    for folder in (programs.CACHE, OUT):
        os.makedirs(folder, exist_ok=True)
    go = programs.toolchain()
    for part in parts:
        folder = os.path.join(HERE, part)
        missing = modules(go, folder)
        if missing:
            print(f"skipped: {part}: no Go modules: {missing}")
            sys.exit(0)
        print(f"building {part}", flush=True)
        subprocess.run(["nice", "-n", "10", go, *PARTS[part]], cwd=folder, env=programs.environment(), check=True)


def go_tests(counted):
    r = subprocess.Popen([os.path.join(OUT, "go.test"), "-test.v", "-test.timeout=15m"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in r.stdout:
        found = re.match(r"\s*--- (PASS|FAIL|SKIP): (.*)", line)
        if found:
            counted(found[2], found[1] != "FAIL", "see above")
        elif re.match(r"\s+\S+_test\.go:\d+:|panic:|\tpanic", line):
            print(line.rstrip(), flush=True)
    if r.wait() and not counted.failed():
        counted("the tests of go/", False, f"exit status {r.returncode}")


def main(words):
    parts = [p for p in PARTS if p in words] or list(PARTS)
    if own_network.MARK not in os.environ and "CLUSTER_RUN" not in os.environ:
        build(parts)
    if "build" in words:
        return 0
    if "KUBECONFIG" not in os.environ:
        own_network.enter()
    os.environ["TEST_TMP"] = tempfile.mkdtemp(prefix="weft-clients-")
    import operated
    if "KUBECONFIG" not in os.environ or own_network.MARK in os.environ:
        os.environ["EMBEDDED"] = "1"
        operated.api_server()
    counted = lambda *a: operated.check(*a)
    counted.failed = lambda: operated.counts[False]
    try:
        if "go" in parts:
            go_tests(counted)
        if "istiod" in parts:
            import istiod
            istiod.run(os.path.join(OUT, "pilot-discovery"))
    finally:
        status = operated.end()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
