"""Istio's Grafana dashboards, from the Go module of its release, against the demo under load: each expression is asked of
Prometheus, and counted. Weft's own dashboards (manifests/dashboards) are asked in the same way.

Panels hold expressions for traffic that the demo has not (plain text beside mutual TLS, TCP beside HTTP): one with data fills them.
"""
import glob, json, os, re, shutil, subprocess

from lab import ROOT, parsed
from makers import CACHE

# What a reader would have chosen in the drop-downs; all others mean everything.
CHOSEN = {"service": "inventory.coolstore-inventory.svc.cluster.local", "namespace": "coolstore-inventory", "workload": "inventory", "qrep": "destination",
          "__rate_interval": "1m", "__interval": "30s", "interval": "1m", "__range": "5m"}


def module():
    """The folder of Istio's module at the version that the tests of foreign objects pin, or None with a line that says why."""
    version = re.search(r"istio\.io/istio (v\S+)", open(os.path.join(ROOT, "test/foreign/go.mod")).read())[1]
    at = os.path.join(os.path.expanduser("~"), "go/pkg/mod/istio.io/istio@" + version)
    if os.path.isdir(at):
        return at
    if not shutil.which("go"):
        print("istio's dashboards: not had: go is not installed")
        return None
    os.makedirs(CACHE, exist_ok=True)
    r = subprocess.run(["go", "mod", "download", "-json", "istio.io/istio@" + version], capture_output=True, text=True, cwd=CACHE,
                       env={**os.environ, "GOMODCACHE": os.path.join(CACHE, "mod"), "GOFLAGS": "-mod=mod"})
    found = json.loads(r.stdout or "{}")
    if not found.get("Dir"):
        print("istio's dashboards: not had:", found.get("Error") or r.stderr.strip()[-200:])
    return found.get("Dir")


def panels(o):
    """The expressions of each panel, wherever it stands."""
    if isinstance(o, dict):
        own = [t["expr"] for t in o.get("targets") or [] if isinstance(t, dict) and t.get("expr")]
        if own:
            yield own
        for v in o.values():
            yield from panels(v)
    elif isinstance(o, list):
        for v in o:
            yield from panels(v)


def filled(expr):
    return re.sub(r"\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]|\$(\w+)", lambda m: CHOSEN.get(m[1] or m[2] or m[3], ".*"), expr)


def series(lab, console, expr):
    """The number of series, or what is wrong with it."""
    status, body, _ = lab.ask(console, "/api/query", (("query", expr),))
    answer = parsed(body) or {"error": f"{status} {body[:100]}"}
    r = answer.get("data", {}).get("result", [])
    return (1 if answer.get("data", {}).get("resultType") == "scalar" else len(r)), answer.get("error", "")


def sweep(lab):
    """(expressions with data, all)"""
    at, console, have, all_ = module(), lab.host("grafana"), 0, 0
    sets = sorted(glob.glob(os.path.join(at, "manifests/addons/dashboards/*.json"))) if at else []
    for path in sets + sorted(glob.glob(os.path.join(ROOT, "manifests/dashboards/*.json"))):
        asked = [[(e, *series(lab, console, filled(e))) for e in p] for p in panels(json.load(open(path)))]
        seen = [x for p in asked for x in p]
        good, full = sum(n > 0 for _, n, _ in seen), sum(any(n for _, n, _ in p) for p in asked)
        have, all_ = have + good, all_ + len(seen)
        print(f"{os.path.basename(path)}: {full} of {len(asked)} panels, {good} of {len(seen)} expressions")
        for e in sorted({e + (f"   ({why})" if why else "") for p in asked for e, n, why in p if not n and not any(x for _, x, _ in p)}):
            print("    an empty panel:", e)
    return have, all_
