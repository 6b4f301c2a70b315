#!/usr/bin/python3
"""weftd without a cluster: a folder of files, real proxies and tokens. A request goes by mutual TLS through a gateway to a machine that
registered itself; what is edited takes effect, what is broken changes nothing and is told, a wrong token is nobody's, and a weftd that was
killed has its root and its registrations again. Prints "N passed, N failed" last."""
import http.server, json, os, re, signal, subprocess, sys, threading, time, urllib.error, urllib.request

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BIN, TMP = os.environ["BIN"], os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(ROOT, "test/lib"))
sys.dont_write_bytecode = True
import own_network

WAIT_S = 60             # for anything at all; the machine may be slow
CONFIG, STATE = os.path.join(TMP, "config"), os.path.join(TMP, "state")
GATEWAY, MACHINE, THIEF = "10.9.0.2", "10.9.0.3", "10.9.0.4"
failed = passed = 0
children = {}


def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-800:]}"), flush=True)
    return ok


def wait_for(name, probe, most_s=WAIT_S):
    """probe gives (done, what was seen). How long it took; None when it never came."""
    start, seen = time.monotonic(), None
    while time.monotonic() - start < most_s:
        try:
            done, seen = probe()
            if done:
                check(name, True)
                return time.monotonic() - start
        except (OSError, ValueError, KeyError) as e:
            seen = e
        time.sleep(0.01)        # between looks: there is nothing to wait on
    check(name, False, seen)
    return None


def start(name, command, **env):
    log = open(os.path.join(TMP, name + ".log"), "ab")
    children[name] = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **env})


def stop(name, signo=signal.SIGTERM):
    child = children.pop(name)
    child.send_signal(signo)
    child.wait()


def log_of(name):
    with open(os.path.join(TMP, name + ".log"), errors="replace") as f:
        return f.read()


def read(*path):
    with open(os.path.join(*path)) as f:
        return f.read()


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def release(number, files):
    """A folder of files that takes the place of the one before, in one step: a link is exchanged, as for ConfigMap volumes."""
    folder = os.path.join(TMP, f"release-{number}")
    for name, text in files.items():
        write(os.path.join(folder, name), text)
    link = os.path.join(TMP, "next")
    os.symlink(folder, link)
    os.rename(link, CONFIG)


# --- the mesh ---

PLANE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    accessLogFile: /dev/stdout
---
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
"""
SHOP = """
apiVersion: networking.istio.io/v1beta1
kind: WorkloadGroup
metadata: {name: web, namespace: shop}
spec:
  metadata: {labels: {app: web}}
  template: {serviceAccount: web}
---
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.shop]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9080}]
  workloadSelector: {labels: {app: web}}
---
apiVersion: networking.istio.io/v1beta1
kind: Sidecar
metadata: {name: web, namespace: shop}
spec:
  workloadSelector: {labels: {app: web}}
  ingress:
  - port: {number: 9080, name: http, protocol: HTTP}
    captureMode: NONE
    defaultEndpoint: 127.0.0.1:UPSTREAM
  egress:
  - hosts: ["./*"]
"""
EDGE = """
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - port: {number: 8080, name: http, protocol: HTTP}
    hosts: ["*"]
"""
ROUTE = """
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: web, namespace: edge}
spec:
  hosts: ["*"]
  gateways: [edge]
  http:
  - route:
    - destination: {host: web.shop, port: {number: 80}}
      headers: {response: {set: {x-edition: "%s"}}}
"""
WRONG = """---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: wrong, namespace: edge}
spec:
  hosts: [wrong.example]
  http:
  - route: [{destination: {host: web.shop}, weight: -1}]
"""


SECURE = """
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: secure, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - port: {number: 8443, name: https, protocol: HTTPS}
    hosts: [shop.example]
    tls: {mode: SIMPLE, credentialName: shop}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: secure, namespace: edge}
spec:
  hosts: [shop.example]
  gateways: [secure]
  http:
  - route: [{destination: {host: web.shop, port: {number: 80}}}]
"""
ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: secrets, namespace: edge}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [get, watch, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: secrets, namespace: edge}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: secrets}
subjects:
- {kind: ServiceAccount, name: edge, namespace: edge}
"""


class Upstream(http.server.BaseHTTPRequestHandler):
    """Says what it was sent; at /health whether it is well."""
    well = True

    def do_GET(self):
        if self.path == "/health":
            self.send_response(200 if Upstream.well else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = json.dumps({k.lower(): v for k, v in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def ask():
    with urllib.request.urlopen(urllib.request.Request(f"http://{GATEWAY}:8080/", headers={"Host": "shop.example"}), timeout=5) as r:
        return r.headers.get("x-edition"), json.loads(r.read())


def status_of(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except urllib.error.HTTPError as e:
        return e.code


def edition(want):
    return lambda: (lambda seen: (seen[0] == want, seen))(ask())


def token(who):
    r = subprocess.run([os.path.join(BIN, "weftd"), "--make-token", who, "--state", STATE], text=True, capture_output=True)
    check(f"a token is made for {who}", r.returncode == 0 and r.stdout.startswith("weft."), r.stderr)
    return r.stdout


def weftd():
    start("weftd", [os.path.join(BIN, "weftd"), "--config", CONFIG, "--state", STATE, "--host", "127.0.0.1", "--httpAddr", ":8090",
                    "--serverName", "127.0.0.1"], ROOT_CA_DIR="")
    wait_for("weftd is ready", lambda: (urllib.request.urlopen("http://127.0.0.1:8090/ready", timeout=5).status == 200, ""))


def proxy(name, role, ns, account, ip, admin, secret, labels, **env):
    home = os.path.join(TMP, name)
    os.makedirs(os.path.join(home, "state"), exist_ok=True)
    write(os.path.join(home, "token"), secret, 0o600)
    write(os.path.join(home, "labels"), "".join(f'{k}="{v}"\n' for k, v in labels.items()))
    start(name, [os.path.join(BIN, "weft-proxy"), "proxy", role, "--state-dir", os.path.join(home, "state"), "--admin-port", str(admin),
                 "--status-port", "0", "--concurrency", "1"],
          **{"POD_NAME": name, "POD_NAMESPACE": ns, "SERVICE_ACCOUNT": account, "INSTANCE_IP": ip, "CA_ADDR": "localhost:15012",
             "XDS_ROOT_CA": os.path.join(STATE, "root-cert.pem"), "WEFT_TOKEN_PATH": os.path.join(home, "token"),
             "WEFT_PODINFO_DIR": home, **env})


def machine(secret, upstream, name="web-1", ip=MACHINE, admin=15000):
    probe = {"readinessProbe": {"httpGet": {"port": upstream, "path": "/health"}, "periodSeconds": 1,
                                "failureThreshold": 1}}
    proxy(name, "sidecar", "shop", "web", ip, admin, secret, {"app": "web"}, ISTIO_META_AUTO_REGISTER_GROUP="web",
          ISTIO_META_INTERCEPTION_MODE="NONE", PROXY_CONFIG=json.dumps(probe))


def gateway(secret):
    proxy("edge-1", "router", "edge", "edge", GATEWAY, 15100, secret, {"istio": "edge"}, CA_ADDR="127.0.0.1:15012")


def entries():
    return sorted(f for f in os.listdir(os.path.join(STATE, "objects")) if f.startswith("workloadentry."))


def controller():
    return json.loads(read(STATE, "objects", entries()[0]))["metadata"]["annotations"]["istio.io/workloadController"]


def refused():
    return read(STATE, "refused.yaml")


# --- what must hold ---

def healthy():
    conditions = json.loads(read(STATE, "objects", entries()[0])).get("status", {}).get("conditions", [])
    return [c["status"] for c in conditions if c["type"] == "Healthy"]


def traffic(upstream):
    thief = token("shop/web").strip()
    machine(thief[:-1] + ("A" if thief[-1] != "A" else "B"), upstream, "thief", THIEF, 15200)
    wait_for("a wrong token is refused", lambda: (log_of("weftd").count("it is none that was made here") >= 2 and
             "UNAUTHENTICATED" in log_of("thief"), log_of("weftd")))
    check("who has no good token is not registered", entries() == [], entries())
    stop("thief")
    machine(token("shop/web"), upstream)
    wait_for("the machine is registered", lambda: (entries() == [f"workloadentry.shop.web-{MACHINE}.json"], entries()))
    gateway(token("edge/edge"))
    wait_for("a request goes through gateway and sidecar", edition("first"))
    xfcc = ask()[1].get("x-forwarded-client-cert", "")
    check("by mutual TLS, as the gateway's service account", "URI=spiffe://cluster.local/ns/edge/sa/edge" in xfcc and
          "By=spiffe://cluster.local/ns/shop/sa/web" in xfcc, xfcc)
    try:
        urllib.request.urlopen(f"http://{MACHINE}:9080/", timeout=5)
        check("plain text is refused", False, "it was answered")
    except OSError as e:
        check("plain text is refused", not isinstance(e, urllib.error.HTTPError), e)


def edits(upstream):
    write(os.path.join(CONFIG, "edge/route.yaml"), ROUTE % "second")
    took = wait_for("an edit takes effect", edition("second"))
    check(f"soon: after {took} s; a second is meant, three where the machine is slow", took is not None and took < 3)
    write(os.path.join(CONFIG, "edge/route.yaml"), ROUTE % "broken" + "  - [")
    wait_for("a broken file is told by file and line", lambda: (re.search(r"place: edge/route.yaml:1\d\n", refused()), refused()))
    check("and changes nothing", ask()[0] == "second", ask())
    check("in the log, too", "edge/route.yaml:1" in log_of("weftd"))
    write(os.path.join(CONFIG, "edge/route.yaml"), ROUTE % "third" + WRONG)
    wait_for("of a file with an object that is refused the others count", edition("third"))
    check("the object is named", "VirtualService edge/wrong" in refused() and "weight -1 < 0" in refused(), refused())
    release(2, {"plane.yaml": PLANE, "shop/shop.yaml": SHOP.replace("UPSTREAM", str(upstream)), "edge/gateway.yml": EDGE,
                "edge/route.yaml": ROUTE % "fourth", "edge/twice.yaml": ROUTE % "never"})
    took = wait_for("a folder that is exchanged as a whole takes effect", edition("fourth"))
    wait_for("of two files with one object the first counts, and both are named",
             lambda: ("place: edge/twice.yaml:2" in refused() and "is in edge/route.yaml:2, too" in refused(), refused()))
    os.unlink(os.path.join(CONFIG, "edge/twice.yaml"))
    wait_for("what is mended is told no more", lambda: (refused().strip() == "[]", refused()))
    wait_for("a status is there to be read", lambda: ((lambda t: ("reason: Programmed" in t and "file: edge/route.yaml:2" in t, t))(
        read(STATE, "status/edge/VirtualService.web.yaml"))))


def health():
    wait_for("the machine is well", lambda: (healthy() == ["True"], healthy()))
    Upstream.well = False
    wait_for("it says when it is not", lambda: (healthy() == ["False"], healthy()))
    wait_for("and gets no requests", lambda: (status_of(f"http://{GATEWAY}:8080/") == 503, status_of(f"http://{GATEWAY}:8080/")))
    Upstream.well = True
    wait_for("until it is well again", lambda: (status_of(f"http://{GATEWAY}:8080/") == 200, healthy()))


def secrets():
    """Gateways' certificates are Secrets of the folder, for whom a Role says so."""
    key, cert = os.path.join(TMP, "key.pem"), os.path.join(TMP, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
                    "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"], check=True, capture_output=True)
    write(os.path.join(CONFIG, "edge/secret.json"), json.dumps({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "shop", "namespace": "edge"}, "type": "kubernetes.io/tls",
        "stringData": {"tls.crt": read(cert), "tls.key": read(key)}}), 0o600)
    write(os.path.join(CONFIG, "edge/secure.yaml"), SECURE)
    ask = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", cert, "--resolve", f"shop.example:8443:{GATEWAY}",
           "https://shop.example:8443/"]
    answer = lambda: subprocess.run(ask, capture_output=True, text=True).stdout
    wait_for("a gateway without the right gets no certificate, and the status says so",
             lambda: ("list secrets" in read(STATE, "status/edge/Gateway.secure.yaml"), read(STATE, "status/edge/Gateway.secure.yaml")))
    check("nobody gets in there", answer() == "000", answer())
    write(os.path.join(CONFIG, "edge/role.yaml"), ROLE)
    stop("edge-1")
    gateway(read(TMP, "edge-1", "token"))
    wait_for("with the right it serves it", lambda: (answer() == "200", answer()))


def restart():
    before, kept, by = read(STATE, "root-cert.pem"), entries(), controller()
    write(os.path.join(CONFIG, "edge/route.yaml"), "nothing: [")
    wait_for("a file is broken", lambda: ("edge/route.yaml" in refused(), refused()))
    stop("weftd", signal.SIGKILL)
    check("without weftd requests go on", ask()[0] == "fourth", "")
    weftd()
    check("it has its root again", read(STATE, "root-cert.pem") == before)
    check("and its registrations", entries() == kept, entries())
    check("a file that is broken at the start counts as it was when it was good", ask()[0] == "fourth" and
          "edge/route.yaml" in refused(), refused())
    wait_for("the proxies are back", lambda: (log_of("edge-1").count("connected to 127.0.0.1:15012") >= 2, log_of("edge-1")))
    wait_for("the machine is this run's", lambda: (controller() != by, by))
    write(os.path.join(CONFIG, "edge/route.yaml"), ROUTE % "fifth")
    wait_for("and hear of an edit", edition("fifth"))
    second = subprocess.run([os.path.join(BIN, "weftd"), "--config", CONFIG, "--state", STATE], text=True, capture_output=True)
    check("a second weftd does not get the state", second.returncode == 1 and "another process" in second.stderr, second.stderr)


def modes():
    wrong = [p for d, _, fs in os.walk(STATE) for p in (os.path.join(d, f) for f in fs)
             if os.stat(p).st_mode & 0o077 and not p.endswith("root-cert.pem")]
    check("what is kept is for its owner alone", not wrong and os.stat(STATE).st_mode & 0o077 == 0, wrong)
    secrets = [read(TMP, n, "token").strip().rsplit(".", 1)[1] for n in ("web-1", "edge-1")]
    told = [p for d, _, fs in os.walk(STATE) for f in fs for p in [os.path.join(d, f)] if any(t in read(p) for t in secrets)]
    check("no token is kept or logged", not told and not any(t in log_of("weftd") for t in secrets), told)
    page = urllib.request.urlopen("http://127.0.0.1:15014/debug/registryz", timeout=5).read().decode()
    check("the debug pages answer on the loopback", "web.shop" in page, page)


def removal():
    stop("web-1", signal.SIGKILL)
    wait_for("the machine's entry goes when it has gone", lambda: (entries() == [], entries()))


def main():
    own_network.enter()
    for ip in (GATEWAY, MACHINE, THIEF):
        subprocess.run(["ip", "address", "add", ip + "/32", "dev", "lo"], check=True)
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    upstream = server.server_address[1]
    try:
        release(1, {"plane.yaml": PLANE, "shop/shop.yaml": SHOP.replace("UPSTREAM", str(upstream)), "edge/gateway.yml": EDGE,
                    "edge/route.yaml": ROUTE % "first"})
        weftd()
        traffic(upstream)
        edits(upstream)
        health()
        secrets()
        restart()
        modes()
        removal()
    finally:
        for child in children.values():
            child.kill()
            child.wait()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
