#!/usr/bin/python3
"""Istio's Grafana dashboards, from the Go module of its release, against the demo under load on an embedded cluster: each expression is
asked of Prometheus, and counted. Weft's own dashboards (manifests/dashboards) are asked in the same way.

usage: dashboards.py            from the project's root, after make, as root; ends what it started
Prints a row for each dashboard, the expressions of panels without any data, and "N of M expressions return data" last. Panels hold expressions for
traffic that the demo has not (plain text beside mutual TLS, TCP beside HTTP): one with data fills them. What cannot be had is told in one line.
"""
import glob, json, os, re, subprocess, sys, tempfile, time, urllib.parse, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(os.path.expanduser("~"), ".cache/weft/stock")
ASK_S, SETTLE_S = 15, 90
# What a reader would have chosen in the drop-downs; all others mean everything.
CHOSEN = {"service": "inventory.coolstore-inventory.svc.cluster.local", "namespace": "coolstore-inventory", "workload": "inventory", "qrep": "destination",
          "__rate_interval": "1m", "__interval": "30s", "interval": "1m", "__range": "5m"}

def module():
    """The folder of Istio's module at the version that the tests of foreign objects pin, or None with a line that says why."""
    version = re.search(r"istio\.io/istio (v\S+)", open(os.path.join(ROOT, "test/foreign/go.mod")).read())[1]
    at = os.path.join(os.path.expanduser("~"), "go/pkg/mod/istio.io/istio@" + version)
    if os.path.isdir(at):
        return at
    r = subprocess.run(["go", "mod", "download", "-json", "istio.io/istio@" + version], capture_output=True, text=True, env={**os.environ, "GOMODCACHE": os.path.join(CACHE, "mod"), "GOFLAGS": "-mod=mod"}) if __import__("shutil").which("go") else None
    found = json.loads(r.stdout or "{}") if r else {}
    if not found.get("Dir"):
        print("istio's dashboards: not had:", "go is not installed" if not r else found.get("Error") or r.stderr.strip()[-200:])
        return None
    return found["Dir"]

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

class Lab:
    def __init__(self, data):
        self.data = data
        subprocess.run(["demo/run.sh"], check=True, cwd=ROOT, env={**os.environ, "KEEP": "1", "DATA": data}, stdout=subprocess.DEVNULL)
        out = subprocess.run(["build/bin/weft-lab", "env", "--data", data], check=True, capture_output=True, text=True, cwd=ROOT).stdout
        for line in out.splitlines():
            k, _, v = line.removeprefix("export ").partition("=")
            os.environ[k] = v.strip("'\"")
        self.port = os.environ.get("APPS_DOMAIN_PORT", "80")
        self.console, self.gateway = self.host("grafana"), self.host("istio-ingressgateway")

    def host(self, route):
        return subprocess.run(["kubectl", "-n", "istio-system", "get", "route", route, "-o", "jsonpath={.spec.host}"], check=True, capture_output=True, text=True).stdout

    def get(self, host, path):
        r = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"host": host})
        with urllib.request.urlopen(r, timeout=ASK_S) as a:
            return a.read()

    def load(self):
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            self.get(self.gateway, "/services/products")
            time.sleep(0.2)      # five requests a second, for as long as Prometheus needs to see rates

    def ask(self, expr):
        """The number of series, or what is wrong with it."""
        try:
            json_ = json.loads(self.get(self.console, "/api/query?query=" + urllib.parse.quote(expr)))
        except OSError as e:
            return 0, str(e)
        r = json_.get("data", {}).get("result", [])
        return (1 if json_.get("data", {}).get("resultType") == "scalar" else len(r)), json_.get("error", "")

def main():
    at, sets = module(), []
    if at:
        sets += sorted(glob.glob(os.path.join(at, "manifests/addons/dashboards/*.json")))
    sets += sorted(glob.glob(os.path.join(ROOT, "manifests/dashboards/*.json")))
    with tempfile.TemporaryDirectory() as data:
        lab, have, all_ = Lab(os.path.join(data, "lab")), 0, 0
        try:
            lab.load()
            for path in sets:
                asked = [[(e, *lab.ask(filled(e))) for e in p] for p in panels(json.load(open(path)))]
                seen = [x for p in asked for x in p]
                good, full = sum(n > 0 for _, n, _ in seen), sum(any(n for _, n, _ in p) for p in asked)
                have, all_ = have + good, all_ + len(seen)
                print(f"{os.path.basename(path)}: {full} of {len(asked)} panels, {good} of {len(seen)} expressions")
                for e in sorted({e + (f"   ({why})" if why else "") for p in asked for e, n, why in p if not n and not any(x for _, x, _ in p)}):
                    print("    an empty panel:", e)
        finally:
            subprocess.run(["build/bin/weft-lab", "down", "--data", lab.data], cwd=ROOT, stdout=subprocess.DEVNULL)
    print(f"{have} of {all_} expressions return data")

if __name__ == "__main__":
    main()
