"""The demo on an embedded cluster, for others' tools to look at."""
import json, os, subprocess, time, urllib.error, urllib.parse, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MESH = "istio-system"
# The demo's proxies have nothing to say without.
LINES = f"apiVersion: telemetry.istio.io/v1alpha1\nkind: Telemetry\nmetadata: {{name: lines, namespace: {MESH}}}\nspec: {{accessLogging: [{{providers: [{{name: envoy}}]}}]}}\n"
ASK_S, SETTLE_S, READY_S = 30, 90, 240


def run(*args, **options):
    return subprocess.run(args, check=True, cwd=ROOT, text=True, **options)


def kubectl(*args, stdin=None):
    return run("kubectl", *args, input=stdin, stdout=subprocess.PIPE).stdout


class Lab:
    """Starts with the demo's run, ends with end(); nothing of it is left then."""

    def __init__(self, data):
        self.data = data
        run("demo/run.sh", env={**os.environ, "KEEP": "1", "DATA": data}, stdout=subprocess.DEVNULL)
        for line in run("build/bin/weft-lab", "env", "--data", data, stdout=subprocess.PIPE).stdout.splitlines():
            k, _, v = line.removeprefix("export ").partition("=")
            os.environ[k] = v.strip("'\"")
        self.port = os.environ.get("APPS_DOMAIN_PORT", "80")
        self.gateway = self.host("istio-ingressgateway")

    def end(self):
        subprocess.run(["build/bin/weft-lab", "down", "--data", self.data], cwd=ROOT, stdout=subprocess.DEVNULL)

    def host(self, route):
        return kubectl("-n", MESH, "get", "route", route, "-o", "jsonpath={.spec.host}")

    def ask(self, host, path, query=(), form=None, cookies=None):
        """(status, body, cookies) of a request to a Route; a form makes it a POST."""
        url = f"http://127.0.0.1:{self.port}{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"host": host, **({"cookie": cookies} if cookies else {})}
        r = urllib.request.Request(url, headers=headers, data=urllib.parse.urlencode(form).encode() if form else None)
        try:
            with urllib.request.urlopen(r, timeout=ASK_S) as a:
                said = [c.split(";")[0] for c in a.headers.get_all("set-cookie") or []]
                return a.status, a.read(), "; ".join(said)
        except urllib.error.HTTPError as e:
            return e.code, e.read(), ""
        except OSError as e:
            return 0, str(e).encode(), ""

    def load(self, seconds=SETTLE_S):
        """Five requests a second to the gateway, for as long as Prometheus needs to see rates."""
        kubectl("apply", "-f", "-", stdin=LINES)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.ask(self.gateway, "/services/products")
            time.sleep(0.2)

    def until(self, what, test, seconds=READY_S):
        """What test says as soon as that is true; traffic goes on meanwhile."""
        end = time.monotonic() + seconds
        while True:
            got = test()
            if got:
                return got
            if time.monotonic() > end:
                raise RuntimeError(f"{what}: not within {seconds} s")
            self.load(1)


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return None
