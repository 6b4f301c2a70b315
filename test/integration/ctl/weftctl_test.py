#!/usr/bin/python3
"""weftctl against an API server that this script plays: explain --request-id, bug-report without any secret, proxy-config log,
dashboard on the loopback alone. Prints "N passed, N failed" last.
"""
import http.server, io, json, os, re, signal, socket, subprocess, sys, tarfile, threading, urllib.parse

BIN, TMP = os.environ["BIN"], os.environ["TEST_TMP"]
ID = "5a1b0c7e-6b0f-4d0e-9d53-0d6f9f4f1c1a"
KEY = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0b25l\n-----END EC PRIVATE KEY-----"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWNyZXR0d28ifQ.c2VjcmV0dGhyZWU"
SECRETS = ["c2VjcmV0b25l", TOKEN, "secret-four", "secret-five", "secret-six", "secret-seven", "secret-eight", "secret-nine"]
failed = passed = 0

def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-800:]}"), flush=True)

def line(second, code, flags="-", detail="via_upstream", id=ID):
    return (f'[2026-01-01T10:00:0{second}.000Z] "GET /items?token=secret-four HTTP/1.1" {code} {flags} {detail} - "-" 0 2 3 2 "-" "curl" "{id}" '
            '"cart" "10.0.0.1:8080" outbound|80||cart.shop.svc.cluster.local 10.0.0.2:1 10.0.0.3:80 10.0.0.2:2 - default\n')

def pod(ns, name, container, args=(), app="", **more):
    return {"metadata": {"name": name, "namespace": ns, "labels": {"app": app}, "annotations":
                         {"kubectl.kubernetes.io/last-applied-configuration": '{"password":"secret-five"}'}},
            "spec": {"containers": [{"name": container, "image": "x", "args": list(args)},
                                    {"name": "app", "args": ["--password=secret-six"], "env": [{"name": "DB", "value": "secret-seven"}]}]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}, **more}

PODS = [pod("istio-system", "istiod-1", "discovery", app="istiod"), pod("istio-system", "gw-1", "istio-proxy", ["proxy", "router"]),
        pod("shop", "web-1", "istio-proxy"), pod("shop", "cart-1", "istio-proxy"), pod("other", "plain", "c")]
LISTS = {
    "/api/v1/pods": PODS,
    "/api/v1/configmaps": [{"metadata": {"name": "istio-default", "namespace": "istio-system"}, "data": {"mesh": "a: b\n" + KEY}},
                           {"metadata": {"name": "application", "namespace": "shop"}, "data": {"x": "secret-eight"}}],
    "/api/v1/secrets": [{"metadata": {"name": "s", "namespace": "shop"}, "data": {"tls.key": "secret-nine"}}],
    "/api/v1/services": [{"metadata": {"name": "cart", "namespace": "shop"}, "spec": {"ports": [{"name": "http", "port": 80}]}}],
    "/api/v1/events": [{"metadata": {"name": "e", "namespace": "shop"}, "involvedObject": {"name": "x"}, "message": "Bearer " + TOKEN}],
    "/apis/security.istio.io/v1beta1/requestauthentications":
        [{"metadata": {"name": "jwt", "namespace": "shop"}, "spec": {"jwtRules": [{"issuer": "i", "jwks": "secret-eight"}]}}],
}
LOGS = {"gw-1": line(1, 503, "UF", "upstream_reset_before_response_started{connection_failure}") + line(1, 200, id="other-id-of-others"),
        "cart-1": line(3, 503), "web-1": "starting\n" + line(2, 503), "istiod-1": "authority " + KEY + "\n"}
asked = []

class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def answer(self, status, body, kind="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def status(self, code, reason):
        self.answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": reason})
    def do_GET(self):
        path = urllib.parse.urlparse(self.path).path
        asked.append(self.path)
        log = re.fullmatch(r"/api/v1/namespaces/[^/]+/pods/([^/]+)/log", path)
        if log and log[1] in LOGS:
            return self.answer(200, LOGS[log[1]], "text/plain")
        if path == "/version":
            return self.answer(200, {"gitVersion": "v1.29.0"})
        if path in LISTS:
            app = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).get("labelSelector", [""])[0]
            items = [o for o in LISTS[path] if not app or "app=" + o["metadata"]["labels"]["app"] == app]
            return self.answer(200, {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items})
        self.status(404, "NotFound")
    def do_POST(self):
        asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.status(403, "Forbidden")

class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):     # of clients that end as they like
        pass

server = Server(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
config = os.path.join(TMP, "kubeconfig")
with open(config, "w") as f:
    json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
               "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
               "users": [{"name": "u", "user": {}}]}, f)

def weftctl(*args):
    r = subprocess.run([BIN + "/weftctl", *args, "--kubeconfig", config], text=True, capture_output=True, timeout=120)
    return r.returncode, r.stdout, r.stderr

def request_id():
    status, out, err = weftctl("explain", "--request-id", ID)
    hops = [m[1] for m in re.finditer(r"^proxy +(\S+)", out, re.M)]
    check("a request is found in all logs, in the order of time", status == 0 and hops == ["istio-system/gw-1", "shop/web-1", "shop/cart-1"],
          (status, out, err))
    check("its flags are explained", "UF" in out and "Look at:" in out, out)
    check("it says how many logs were read", "3 lines in 3 logs." in out, out)
    status, out, err = weftctl("explain", "--request-id", ID, "-o", "json", "--since", "60")
    check("as JSON, too", status == 0 and sum(r["field"] == "proxy" for r in json.loads(out)["items"]) == 3, (out, err))
    check("logs are read as far back as was said", any("sinceSeconds=60" in a for a in asked), asked[-5:])
    status, _, err = weftctl("explain", "--request-id", "nobody-has-this")
    check("one that nobody logged is told", status == 1 and "3 logs were read" in err, err)
    check("what is no id is refused", weftctl("explain", "--request-id", "a b")[0] == 2)

def bug_report():
    path = os.path.join(TMP, "report.tar.gz")
    before = len(asked)
    status, out, err = weftctl("bug-report", "cart-1.shop", "--archive", path)
    check("a report is written", status == 0 and path in out, (status, out, err))
    with tarfile.open(path) as tar:
        entries = {m.name: tar.extractfile(m).read().decode() for m in tar.getmembers()}
    check("nobody else may read it", os.stat(path).st_mode & 0o777 == 0o600)
    for wanted in ("versions.txt", "check.txt", "analyze.txt", "proxy-status.txt", "missing.txt", "objects/pods.yaml", "objects/events.yaml",
                   "objects/configmaps.yaml", "objects/requestauthentications.yaml", "pods/istio-system/istiod-1/discovery.log",
                   "pods/istio-system/gw-1/istio-proxy.log", "pods/shop/cart-1/istio-proxy.log"):
        check(f"it has {wanted}", entries.get(wanted), list(entries))
    check("logs of sidecars that were not chosen stay away", "pods/shop/web-1/istio-proxy.log" not in entries, list(entries))
    whole = "\n".join(entries) + "\n".join(entries.values())
    for secret in SECRETS:
        check(f"{secret[:12]} is not in it", secret not in whole, [n for n, t in entries.items() if secret in t])
    check("what is public stays", "cart-1" in entries["objects/pods.yaml"] and "issuer: i" in entries["objects/requestauthentications.yaml"], whole)
    check("pods of others stay away", "plain" not in entries["objects/pods.yaml"])
    check("what may not be read is told", "config_dump.yaml: port-forward: the API server answers 403" in entries["missing.txt"], entries["missing.txt"])
    status, _, err = weftctl("bug-report", "--archive", path)
    check("no file is written over", status == 1 and "exists" in err, err)
    LOGS["istiod-1"] = "x" * (3 << 20)
    small = os.path.join(TMP, "small.tar.gz")
    check("a small one is written", weftctl("bug-report", "--archive", small, "--max-size", "1")[0] == 0)
    with tarfile.open(small) as tar:
        sizes = {m.name: m.size for m in tar.getmembers()}
        told = tar.extractfile("missing.txt").read().decode()
    check("its size is bounded, which is told", sum(sizes.values()) < (1 << 20) + 65536 and "discovery.log: the archive is full" in told, (sizes, told))

def log_levels():
    asked.clear()
    check("a level that is none is refused", weftctl("proxy-config", "log", "cart-1.shop", "--level", "a b")[0] == 2)
    check("a level is for log alone", weftctl("proxy-config", "routes", "cart-1.shop", "--level", "debug")[0] == 2)
    status, _, err = weftctl("proxy-config", "log", "cart-1.shop", "--level", "debug")
    check("a proxy is asked through the API server", status == 1 and "/api/v1/namespaces/shop/pods/cart-1/portforward" in asked, (asked, err))

def dashboard():
    p = subprocess.Popen([BIN + "/weftctl", "dashboard", "proxy", "cart-1.shop", "--kubeconfig", config], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        said = p.stdout.readline()
        port = int(re.match(r"http://localhost:(\d+)/ leads to shop/cart-1", said)[1])
        with open("/proc/net/tcp") as f:
            listening = [l.split()[1] for l in f if l.split()[3] == "0A" and l.split()[1].endswith(f":{port:04X}")]
        check("it listens on the loopback alone", listening == [f"0100007F:{port:04X}"], listening)
        with socket.create_connection(("127.0.0.1", port)) as s:
            check("a refused connection is closed", s.recv(1) == b"")
        p.send_signal(signal.SIGINT)
        _, err = p.communicate(timeout=60)
        check("it ends when it is interrupted", p.returncode == 0, err)
        check("the refusal is told", "the API server answers 403" in err, err)
    finally:
        if p.poll() is None:
            p.kill()
    status, _, err = weftctl("dashboard", "kiali")
    check("an add-on that is not there is told", status == 1 and "is kiali installed?" in err, err)
    check("a dashboard that is none is refused", weftctl("dashboard", "nothing")[0] == 2)

request_id()
bug_report()
log_levels()
dashboard()
server.shutdown()
print(f"\n{passed} passed, {failed} failed")
sys.exit(failed > 0)
