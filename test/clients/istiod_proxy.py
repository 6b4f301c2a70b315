"""weft-proxy under Istio's own istiod: it gets a certificate, is ready, takes all that it is sent, and does with requests what objects say."""
import http.server, json, os, re, ssl, subprocess, threading, urllib.error, urllib.request

from operated import BIN, TMP, check, kubectl, start, until
from own_network import free_port

NS = "istio-system"
# Where what istiod sends is kept, for test/unit/config/istiod_test.c, which is content with fewer services.
RECORD = os.environ.get("RECORD")
SERVICES = 8 if RECORD else 1000
PORT, HOST = 18080, "shop.example"
DEFAULT_LINE = r'^\[\S+Z\] "GET /old/x\?n=1 HTTP/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "127\.0\.0\.1" "probe/1" "[0-9a-f-]{36}" "shop\.example" ' \
    r'"127\.0\.0\.1:\d+" outbound\|80\|\|app\.example \S+:\d+ 127\.0\.0\.1:18080 127\.0\.0\.1:\d+ - -$'


class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"path": self.path, "was": self.headers.get("x-was"), "tls": isinstance(self.connection, ssl.SSLSocket)}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def served(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def named(kind, name, api, spec, ns=NS):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": ns}, "spec": spec}


NETWORKING, SECURITY = "networking.istio.io/v1", "security.istio.io/v1"


def entry(name, port, number, protocol="HTTP"):
    return named("ServiceEntry", name, NETWORKING, {
        "hosts": [name + ".example"], "resolution": "STATIC", "location": "MESH_EXTERNAL", "ports": [{"number": number, "name": "p", "protocol": protocol, "targetPort": port}],
        "endpoints": [{"address": "127.0.0.1"}]})


def objects(app, secure):
    """A gateway before two services that stand for themselves; the second is spoken to in TLS, by the system's authorities."""
    route = lambda prefix, host, number, **more: {"match": [{"uri": {"prefix": prefix}}], "route": [{"destination": {"host": host, "port": {"number": number}}}], **more}
    policy = lambda name, **spec: {"selector": {"matchLabels": {"istio": "ingress"}}, **spec}
    return [
        named("Gateway", "front", NETWORKING, {"selector": {"istio": "ingress"}, "servers": [{"port": {"number": PORT, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}]}),
        entry("app", app, 80), entry("secure", secure, 8443),
        named("DestinationRule", "secure", NETWORKING, {"host": "secure.example", "trafficPolicy": {"tls": {
            "mode": "SIMPLE", "caCertificates": "system", "sni": "secure.example", "subjectAltNames": ["secure.example"]}}}),
        named("DestinationRule", "app", NETWORKING, {"host": "app.example", "trafficPolicy": {
            "outlierDetection": {"consecutive5xxErrors": 5}, "connectionPool": {"http": {"maxRequestsPerConnection": 100}}, "loadBalancer": {"simple": "ROUND_ROBIN"}}}),
        named("VirtualService", "shop", NETWORKING, {"hosts": [HOST], "gateways": ["front"], "http": [
            route("/secure", "secure.example", 8443),
            route("/fault", "app.example", 80, fault={"abort": {"percentage": {"value": 100}, "httpStatus": 418}}),
            route("/old", "app.example", 80, rewrite={"uri": "/new"}, headers={"request": {"set": {"x-was": "old"}}}, retries={"attempts": 2, "retryOn": "5xx"}, timeout="5s"),
            route("/", "app.example", 80)]}),
        named("AuthorizationPolicy", "closed", SECURITY, policy("closed", action="DENY", rules=[{"to": [{"operation": {"paths": ["/secret*"]}}]}])),
        named("PeerAuthentication", "default", SECURITY, {"mtls": {"mode": "STRICT"}}),
    ]


def many():
    return [named("ServiceEntry", f"svc-{i}", NETWORKING, {
        "hosts": [f"svc-{i}.shop.example"], "resolution": "STATIC", "ports": [{"number": 80 if i % 4 else 9000 + i, "name": "p", "protocol": "HTTP" if i % 4 else "TCP"}],
        "addresses": [f"10.97.{i // 250}.{i % 250 + 1}"], "endpoints": [{"address": f"10.200.{i // 250}.{k + 1}"} for k in range(3)]}, ns="shop") for i in range(SERVICES)]


def folder(name, labels):
    d = os.path.join(TMP, name)
    os.makedirs(d)
    for file, pairs in (("labels", labels), ("annotations", {})):
        open(os.path.join(d, file), "w").write("".join(f'{k}="{v}"\n' for k, v in pairs.items()))
    return d


def proxy(name, kind, ports, root, ns, address, labels, system=None):
    """A weft-proxy as a pod's: the token is its service account's, the control plane goes by its name. system: the authorities there."""
    within = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"', system] if system else []
    d = folder(name, labels)
    token = kubectl("-n", ns, "create", "token", "default", "--audience=istio-ca")[1].strip()
    for file, text in (("token", token), ("root.pem", root)):
        open(os.path.join(d, file), "w").write(text)
    own = {k: free_port() for k in ("admin", "status")}
    program = start(name, *within, BIN + "/weft-proxy", "proxy", kind, "--concurrency", "1", "--admin-port", str(own["admin"]), "--status-port", str(own["status"]), "--domain", f"{ns}.svc.cluster.local",
          CA_ADDR=f"localhost:{ports['secureGRPC']}", WEFT_TOKEN_PATH=os.path.join(d, "token"), XDS_ROOT_CA=os.path.join(d, "root.pem"), WEFT_STATE_DIR=d, WEFT_PODINFO_DIR=d,
          POD_NAME=name + "-1", POD_NAMESPACE=ns, SERVICE_ACCOUNT="default", INSTANCE_IP=address, ISTIO_META_CLUSTER_ID="Kubernetes")
    return own, program


def ask(path, port=PORT, host=HOST):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"host": host, "user-agent": "probe/1"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def log(name):
    return open(os.path.join(TMP, name + ".log")).read()


def signed():
    """A server's certificate by an authority of its own; the paths of that authority and of certificate with key."""
    path = lambda name: os.path.join(TMP, name)
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for command in ([*new, "-x509", "-days", "1", "-subj", "/CN=system", "-keyout", path("system-key.pem"), "-out", path("system.pem")],
                    [*new, "-subj", "/CN=secure", "-addext", "subjectAltName=DNS:secure.example", "-keyout", path("secure-key.pem"), "-out", path("secure.csr")],
                    ["openssl", "x509", "-req", "-in", path("secure.csr"), "-CA", path("system.pem"), "-CAkey", path("system-key.pem"), "-days", "1", "-copy_extensions", "copy", "-out", path("secure.pem")]):
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path("secure.pem"), path("secure-key.pem"))
    return path("system.pem"), context


def ready(own):
    return urllib.request.urlopen(f"http://127.0.0.1:{own['status']}/healthz/ready", timeout=5).status == 200, ""


def dump(own):
    return json.loads(urllib.request.urlopen(f"http://127.0.0.1:{own['admin']}/config_dump", timeout=10).read())


def names(found, key="name"):
    """Every value of that member, however deep."""
    if isinstance(found, dict):
        return {v for k, v in found.items() if k == key and isinstance(v, str)}.union(*[names(v, key) for v in found.values()])
    return set().union(*[names(v, key) for v in found]) if isinstance(found, list) else set()


def rejected(ports):
    page = urllib.request.urlopen(f"http://127.0.0.1:{ports['monitoring']}/metrics", timeout=5).read().decode()
    return [line for line in page.splitlines() if "_rejects" in line and not line.startswith("#") and not line.endswith(" 0")]


def record(name):
    """What the proxy keeps of what it was sent: entries of type (u8), lengths of name and bytes (u32), name, bytes."""
    files = [os.path.join(TMP, name, f"weft-state-{kind}.bin") for kind in ("CDS", "EDS", "LDS", "RDS")]
    until("what was sent is kept", lambda: (all(os.path.exists(f) for f in files), ""))
    with open(os.path.join(RECORD, name + ".bin"), "wb") as out:
        for f in files:
            out.write(open(f, "rb").read()[len("WEFTSTATE1\n"):-8])


def requests():
    code, body = ask("/old/x?n=1")
    check("a request goes the way that a VirtualService says", code == 200 and json.loads(body) == {"path": "/new/x?n=1", "was": "old", "tls": False}, (code, body))
    until("the log has it in Istio's default format", lambda: (re.search(DEFAULT_LINE, log("front"), re.M) is not None, log("front")))
    code, body = ask("/secure/x")
    check("TLS by the system's authorities", code == 200 and json.loads(body)["tls"], (code, body))
    code, body = ask("/fault")
    check("a fault is injected", code == 418, (code, body))
    code, body = ask("/secret/x")
    check("a policy denies", (code, body) == (403, "RBAC: access denied"), (code, body))


def change():
    route = [{"route": [{"destination": {"host": "app.example", "port": {"number": 80}}}], "headers": {"request": {"set": {"x-was": "later"}}}}]
    kubectl("apply", "-f", "-", text=json.dumps(named("VirtualService", "shop", NETWORKING, {"hosts": [HOST], "gateways": ["front"], "http": route})))
    until("a change arrives", lambda: ((lambda a: (a[0] == 200 and json.loads(a[1])["was"] == "later", a))(ask("/old/x"))))


def run(ports):
    """ports: istiod's. The service account's tokens, and the root, are those of the API server and of istiod."""
    root = json.loads(kubectl("-n", "shop", "get", "configmap", "istio-ca-root-cert", "-o", "json")[1])["data"]["root-cert.pem"]
    authority, context = signed()
    app, secure = served(), served(context)
    code, _, err = kubectl("create", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects(app, secure) + many()}))
    check(f"{SERVICES} services, a gateway and its rules", code == 0, err)
    front, program = proxy("front", "router", ports, root, NS, "10.244.9.8", {"istio": "ingress", "app": "front"}, authority)
    until("weft-proxy is ready as a gateway", lambda: ready(front))
    until("and listens", lambda: (ask("/")[0] == 200, ask("/")))
    requests()
    if RECORD:
        record("front")
    change()
    program.terminate()  # some ports are the same for all proxies
    program.wait(30)
    side, _ = proxy("side", "sidecar", ports, root, "shop", "10.244.9.9", {"app": "side"})
    until("weft-proxy is ready as a sidecar", lambda: ready(side))
    wanted = lambda got: sum(f"svc-{i}.shop.example" in got for i in range(SERVICES))
    clusters = lambda: {n.split("|")[3] for n in names(dump(side)) if n.startswith("outbound|")}
    until("it has all services", lambda: ((lambda n: (n == SERVICES, n))(wanted(clusters()))))
    if RECORD:
        record("side")
    check("nothing was refused", not rejected(ports) and not re.search("refused|NACK", log("front") + log("side")), (rejected(ports), log("front")[-300:], log("side")[-300:]))
