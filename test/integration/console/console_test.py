#!/usr/bin/python3
"""weft-console over sockets: the mesh of an API server and of a Prometheus that answers from a table, as different users see it,
pages with their files, and configuration that is written with one's own token. The console is the sanitized build.

The API server is that of the embedded cluster, without a node. Prints "N passed, N failed" last.
"""
import http.server, json, os, socket, subprocess, sys, threading, time, urllib.error, urllib.parse, urllib.request

BIN, ASAN, TMP, ROOT = os.environ["BIN"], os.environ["BIN_ASAN"], os.environ["TEST_TMP"], os.environ.get("ROOT") or os.getcwd()
sys.path.insert(0, os.path.join(os.environ.get("ROOT") or os.getcwd(), "test/lib"))
sys.dont_write_bytecode = True
import own_network
from own_network import free_port
WAIT_S = 120            # for anything at all; the machine may be slow
failed = passed = 0

def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-800:]}"), flush=True)
    return ok

def ask(port, path, body=None, method=None, token=None, **fields):
    """(status, JSON or text, fields) of one request."""
    headers = {k.replace("_", "-"): v for k, v in fields.items()}
    if token:
        headers["authorization"] = "Bearer " + token
    r = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body.encode() if isinstance(body, str) else body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(r, timeout=WAIT_S) as a:
            status, text, head = a.status, a.read().decode(), a.headers
    except urllib.error.HTTPError as e:
        status, text, head = e.code, e.read().decode(), e.headers
    return status, json.loads(text) if text and "json" in head.get("content-type", "") else text, head

def wait_for(name, probe):
    end, seen = time.monotonic() + WAIT_S, None
    while time.monotonic() < end:
        try:
            done, seen = probe()
            if done:
                return check(name, True)
        except (OSError, ValueError, KeyError) as e:
            seen = e
        time.sleep(0.02)        # between looks: there is nothing to wait on
    return check(name, False, seen)

def kubectl(*args, text=None):
    r = subprocess.run(["kubectl", *args], input=text, text=True, capture_output=True)
    if r.returncode:
        raise OSError(r.stderr)
    return r.stdout.strip()

# --- a Prometheus that knows one edge, and whose queries are kept ---

asked, answers = [], True
EDGE = {"reporter": "source", "source_workload": "gateway", "source_workload_namespace": "istio-system", "destination_workload": "catalog",
        "destination_workload_namespace": "shop", "destination_service_name": "catalog", "destination_service_namespace": "shop",
        "response_code": "503", "response_flags": "UO"}

# --- and a proxy, whose address is one of the test's own network ---

PROXY_IP, served = "10.77.0.1", 0
SAYS = ('istio_requests_total{reporter="destination",source_workload="gateway",source_workload_namespace="istio-system",destination_workload="catalog",'
        'destination_workload_namespace="shop",destination_service_name="catalog",destination_service_namespace="shop",request_protocol="http",'
        'response_code="200",connection_security_policy="mutual_tls"} %d\n')

class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global served
        served += 5
        body = (SAYS % served + 'istio_agent_cert_expiry_seconds{resource_name="default"} 4711\n').encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

def proxy():
    """Answers under its own address, as a pod's; None where the network is not the test's own."""
    if subprocess.run(["ip", "address", "add", PROXY_IP + "/32", "dev", "lo"], capture_output=True).returncode:
        return None
    s = http.server.ThreadingHTTPServer((PROXY_IP, 15090), Proxy)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s

# --- and a control plane that knows one proxy ---

DUMP = {"configs": [
    {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "dynamic_active_clusters": [{"cluster": {"name": "outbound|80||catalog.shop.svc.cluster.local", "type": "EDS"}}]},
    {"@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump", "dynamic_endpoint_configs": [{"endpoint_config": {"cluster_name": "outbound|80||catalog.shop.svc.cluster.local", "endpoints": [
        {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "10.1.2.3", "port_value": 80}}}}]}]}}]}]}

class Istiod(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        known = url.path == "/debug/syncz" or urllib.parse.parse_qs(url.query).get("proxyID") == ["catalog-1.shop"]
        body = json.dumps([{"proxy": "catalog-1.shop", "istio_version": "1.2.3", "cluster_sent": "a", "cluster_acked": "a"}] if url.path == "/debug/syncz" else DUMP).encode() if known else b"Proxy not connected"
        self.send_response(200 if known else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

def pod(port, dev, looker):
    path = "/api/namespaces/shop/pods/catalog-1"
    seen = ask(port, path + "/proxy", token=dev)
    check("a proxy: what it was sent, whether it took it", seen[0] == 200 and seen[1]["clusters"][0]["endpoints"] == [{"address": "10.1.2.3:80", "health": "HEALTHY"}]
          and seen[1]["synced"] is True and seen[1]["version"] == "1.2.3", seen)
    check("a proxy: when its certificate ends", seen[1].get("certificateEndsInSeconds") == 4711, seen)
    check("a proxy: only of those one sees", ask(port, "/api/namespaces/bank/pods/catalog-1/proxy", token=dev)[0] == 404 and ask(port, path.replace("shop", "bank") + "/logs", token=dev)[0] == 404)
    seen = ask(port, path + "/logs")
    check("logs want a token of one's own", seen[0] == 403 and "kubectl -n shop logs catalog-1" in seen[1]["error"], seen)
    seen = ask(port, path + "/logs?container=a", token=dev)
    check("with one that may not read them, the API server's word counts", seen[0] == 403 and "log in" not in seen[1]["error"], seen)
    seen = ask(port, path + "/logs?container=a", token=looker)
    check("with one that may it is asked", seen[0] != 403, seen)
    for wrong, status in [("container=../../../secrets", 404), ("lines=0", 400), ("lines=x", 400)]:
        check(f"logs: {wrong} is refused", ask(port, path + "/logs?" + wrong, token=dev)[0] == status)

def live(port, dev):
    seen = ask(port, "/api/live?type=pods")
    check("live: a wrong type is refused", seen[0] == 400, seen)
    kubectl("apply", "-f", "-", text=POD)
    kubectl("patch", "pod", "catalog-1", "-n", "shop", "--subresource=status", "--type=merge",
            "-p", json.dumps({"status": {"phase": "Running", "podIP": PROXY_IP}}))
    wait_for("live: a proxy that is new is told of, and covers nothing yet",
             lambda: ((s := ask(port, "/api/live?namespaces=shop")[1])["proxies"] == 1 and (s["known"] or s["covered"] == []), s))
    wait_for("live: its second answer gives a rate",
             lambda: ((s := ask(port, "/api/live?namespaces=shop", token=dev)[1])["known"] == 1 and s["covered"] == ["shop/catalog"] and s["edges"][0]["rate"] > 0
                      and s["edges"][0]["mtls"] and s["edges"][0]["target"] == "workload/shop/catalog", s))
    asked_before = served
    for _ in range(20):
        ask(port, "/api/live?namespaces=shop")
    check("live: who asks often does not have it asked often", served - asked_before <= 5 * 15, served - asked_before)
    check("live: only those who may see it", ask(port, "/api/live?namespaces=bank", token=dev)[0] == 403)
    seen = ask(port, "/api/live?namespaces=bank")[1]
    check("live: nothing of others", seen["proxies"] == 0 and seen["edges"] == [], seen)

class Prometheus(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        q = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("query", [""])[0]
        asked.append(q)
        if not answers:
            body = b"no JSON"
        elif "/label/" in self.path:
            body = json.dumps({"status": "success", "data": ["shop" if "namespace" in self.path else "catalog"]}).encode()
        elif "(bad" in q:
            body = json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error"}).encode()
        else:
            many = "query_range" in self.path
            value = {"values": [[time.time() - 60 + 10 * i, str(i)] for i in range(7)]} if many else {"value": [0, "7"]}
            result = [{"metric": EDGE, **value}] if "istio_requests_total" in q else []
            body = json.dumps({"status": "success", "data": {"resultType": "matrix" if many else "vector", "result": result}}).encode()
        self.send_response(400 if b"error" in body else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

OBJECTS = """
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}
- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
- {apiVersion: v1, kind: Namespace, metadata: {name: bank}}
- {apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {clusterIP: None, selector: {app: catalog}, ports: [{name: http, port: 80}]}}
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: catalog, namespace: shop}, spec: {replicas: 0, selector: {matchLabels: {app: catalog}}, template: {metadata: {labels: {app: catalog}}, spec: {containers: [{name: a, image: b}]}}}}
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: vault, namespace: bank}, spec: {replicas: 0, selector: {matchLabels: {app: vault}}, template: {metadata: {labels: {app: vault}}, spec: {containers: [{name: a, image: b}]}}}}
- {apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: catalog, namespace: shop}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: console, namespace: istio-system}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: dev, namespace: shop}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: editor, namespace: shop}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: reader, namespace: shop}}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: read, namespace: shop}, rules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [get]}]}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: read, namespace: shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read}, subjects: [{kind: ServiceAccount, name: reader, namespace: shop}]}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: look, namespace: shop}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: edit, namespace: shop}, rules: [{apiGroups: [networking.istio.io], resources: [virtualservices], verbs: ["*"]}]}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: look, namespace: shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: look}, subjects: [{kind: ServiceAccount, name: dev, namespace: shop}, {kind: ServiceAccount, name: editor, namespace: shop}]}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: edit, namespace: shop}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: edit}, subjects: [{kind: ServiceAccount, name: editor, namespace: shop}]}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: catalog-1, namespace: shop, labels: {app: catalog}}
spec: {containers: [{name: a, image: b}, {name: istio-proxy, image: c}]}
"""
VS = "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: %s, namespace: shop}\nspec: {hosts: [catalog], http: [{timeout: 3s, route: [{destination: {host: catalog}}]}]}\n"

def views(port, dev):
    seen = ask(port, "/api/graph?duration=60s")[1]
    edge = seen["edges"][0]
    check("the graph has its edge", (edge["source"], edge["target"], edge["errorRate"], edge["flags"]) ==
          ("workload/istio-system/gateway", "workload/shop/catalog", 1, {"UO": 7}), seen)
    check("a service's configuration is a badge", {"virtualService"} == {b for n in seen["nodes"] for b in n["badges"]}, seen)
    names = lambda kind, **more: sorted(x["name"] for x in ask(port, "/api/" + kind, **more)[1][kind])
    check("all workloads are listed", names("workloads") == ["catalog", "vault"], names("workloads"))
    check("one namespace's user sees its own", names("workloads", token=dev) == ["catalog"] and names("namespaces", token=dev) == ["shop"], names("namespaces", token=dev))
    check("also of configuration", ask(port, "/api/config?namespace=bank", token=dev)[0] == 403 and [o["name"] for o in ask(port, "/api/config", token=dev)[1]["objects"]] == ["catalog"])
    check("and of details", ask(port, "/api/namespaces/bank/workloads/vault", token=dev)[0] == 404 and ask(port, "/api/namespaces/shop/workloads/catalog", token=dev)[1]["in"]["rate"] == 7)
    asked.clear()
    check("and of the graph", ask(port, "/api/graph?namespaces=bank", token=dev)[0] == 403 and not asked)
    ask(port, "/api/graph", token=dev)
    check("nothing else is asked for", asked and all('=~"shop"' in q for q in asked), asked)
    check("metrics and traces are not of one namespace", ask(port, "/api/query?query=up", token=dev)[0] == 403 and ask(port, "/api/jaeger/services", token=dev)[0] == 403)
    check("names of namespaces are names", ask(port, "/api/graph?namespaces=a%22%7D", token=dev)[0] == 400)
    for wrong in ["duration=1s", "duration=x", "type=pods"]:
        check(f"{wrong} is refused", ask(port, "/api/graph?" + wrong)[0] == 400)
    check("a query's fault is Prometheus' own words", ask(port, "/api/query?query=(bad")[1]["error"] == "parse error")
    check("what is not configured is told", "tracing.type" in ask(port, "/api/jaeger/services")[1]["error"])

LINE = ('[2026-01-01T00:00:00.000Z] "GET / HTTP/1.1" 503 UO upstream_reset_before_response_started{overflow} - "-" 0 81 2 - "-" "curl" '
        '"9c1f7a8e-0000-9000-8000-000000000001" "catalog" "-" outbound|80|v9|catalog.shop.svc.cluster.local - 10.96.0.7:80 10.0.0.3:40000 - default')

def why(port, dev):
    q = lambda t: "/api/why?text=" + urllib.parse.quote(t)
    seen = ask(port, q(LINE))
    steps = {(s["what"], s.get("kind")) for s in seen[1]["line"]["steps"]}
    check("why: a line's way, with its objects", seen[1]["line"]["answered"] and {("route", "VirtualService"), ("cluster", "Service"), ("endpoint", None)} <= steps, seen)
    check("why: without a collector it says so", "tracing.type" in seen[1]["hint"] and "tracing.type" in ask(port, q("0123456789abcdef"))[1]["hint"], seen)
    check("why: a user of one namespace is told of that, and of no traces", "not looked at" in ask(port, q(LINE), token=dev)[1]["hint"] or "tracing.type" in ask(port, q(LINE), token=dev)[1]["hint"])
    check("why: what is none of it is refused in words", ask(port, q("hello"))[0] == 400 and "x-request-id" in ask(port, q("hello"))[1]["error"] and ask(port, "/api/why")[0] == 400)

def writing(port, dev, editor):
    path = "/api/config/VirtualService/shop/new"
    check("anonymous changes nothing", ask(port, path, VS % "new", "POST")[0] == 403)
    check("nor does who may only look", ask(port, path, VS % "new", "POST", token=dev)[0] == 403)
    check("nor another site", ask(port, path, VS % "new", "POST", token=editor, origin="http://evil.example")[0] == 403)
    seen = ask(port, path + "?dryRun=true", VS % "new", "POST", token=editor)
    check("it can be tried", seen[0] == 200 and ask(port, path)[0] == 404, seen)
    check("the path counts", ask(port, path, VS % "other", "POST", token=editor)[0] == 400)
    check("nothing but Istio's kinds", ask(port, "/api/config/Secret/shop/new", VS % "new", "POST", token=editor)[0] == 404)
    check("broken text is told", ask(port, path, "a: [", "POST", token=editor)[0] == 400)
    check("who may, makes it", ask(port, path, VS % "new", "POST", token=editor)[0] == 200)
    wait_for("and sees it", lambda: ((s := ask(port, path, token=dev))[0] == 200 and "timeout: 3s" in s[1]["yaml"], s))
    text = ask(port, path, token=editor)[1]["yaml"]
    check("it is changed", ask(port, path, text.replace("3s", "4s"), "PUT", token=editor)[0] == 200)
    check("but not what is old", ask(port, path, text.replace("3s", "5s"), "PUT", token=editor)[0] == 409)
    check("and goes", ask(port, path, method="DELETE", token=editor)[0] == 200)

def pages(port):
    for path in ["/", "/graph", "/workloads/shop/catalog", "/config", "/why", "/dashboards/mesh", "/traces", "/docs/traces"]:
        s, text, head = ask(port, path, authorization="")
        check(f"{path} is a page", s == 200 and head["content-type"].startswith("text/html") and "main.js" in text, s)
    files = set(__import__("re").findall(r'"(/static/[^"]+)"', ask(port, "/")[1]))
    for module in [f for f in os.listdir(os.path.join(ROOT, "lib/console/page/web")) if f.endswith(".js")]:
        files.add("/static/" + module)
    # All that the pages of the handbook link to one another is served, but for the tables of fields.
    book = {n[:-3] for d, _, names in os.walk(os.path.join(ROOT, "docs/handbook")) if not d.endswith("reference") for n in names if n.endswith(".md")}
    files |= {f"/static/docs/{n}.md" for n in book}
    check("the handbook's menu has each page", all(f'["{n}", ' in ask(port, "/static/docs.js")[1] for n in book), book)
    seen = {f: ask(port, f)[0] for f in files}
    check("all its files are there", len(files) > 8 and set(seen.values()) == {200}, seen)
    tag = ask(port, "/static/main.js")[2]["etag"]
    check("what a browser has is not sent again", ask(port, "/static/main.js", if_none_match=tag)[0] == 304)
    check("nothing else is there", ask(port, "/static/../console.c")[0] in (401, 404) and ask(port, "/etc/passwd")[0] == 404)

def world(lab):
    """The API server with its objects, and a Prometheus; gives the latter's server."""
    subprocess.run([os.path.join(BIN, "weft-lab"), "up", "--api-only", "--detach", "--data", lab], check=True, stdout=subprocess.DEVNULL)
    prometheus = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prometheus)
    threading.Thread(target=prometheus.serve_forever, daemon=True).start()
    for line in subprocess.run([os.path.join(BIN, "weft-lab"), "env", "--data", lab], check=True, capture_output=True, text=True).stdout.splitlines():
        if "=" in line:
            k, v = line.removeprefix("export ").split("=", 1)
            os.environ[k] = v.strip("'\"")
    kubectl("apply", "-k", os.path.join(ROOT, "crds"))
    kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd/virtualservices.networking.istio.io")
    kubectl("apply", "-f", "-", text=OBJECTS)
    return prometheus

def start(prometheus):
    port = free_port()
    istiod = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Istiod)
    threading.Thread(target=istiod.serve_forever, daemon=True).start()
    log = open(os.path.join(TMP, "console.log"), "w")
    p = subprocess.Popen([os.path.join(ASAN, "weft-console"), "console", "--host=127.0.0.1", f"--port={port}", "--anonymous", "--namespace=istio-system",
                          f"--prometheus=http://127.0.0.1:{prometheus.server_address[1]}", f"--istiod=http://127.0.0.1:{istiod.server_address[1]}"], stdout=log, stderr=log)
    wait_for("the console knows the mesh", lambda: ((s := ask(port, "/api/config"))[1]["trouble"] == "" and len(s[1]["objects"]) == 1, s))
    return p, port

def main():
    own_network.enter()
    global answers
    lab = os.path.join(TMP, "lab")
    p = prometheus = None
    try:
        prometheus = world(lab)
        dev, editor = (kubectl("create", "token", n, "-n", "shop") for n in ("dev", "editor"))
        p, port = start(prometheus)
        views(port, dev)
        why(port, dev)
        writing(port, dev, editor)
        if proxy():
            live(port, dev)
            pod(port, dev, kubectl("create", "token", "reader", "-n", "shop"))
        pages(port)
        answers = False
        seen = ask(port, "/api/workloads")
        check("without metrics there are still lists, which say so", seen[0] == 200 and len(seen[1]["workloads"]) == 2 and "Prometheus" in seen[1]["metrics"], seen)
        seen = ask(port, "/api/graph")
        check("a graph without metrics says what is missing", seen[0] == 502 and "Prometheus" in seen[1]["error"], seen)
        p.terminate()
        check("it ends cleanly", p.wait(WAIT_S) == 0, open(os.path.join(TMP, "console.log")).read())
    finally:
        if p and p.poll() is None:
            p.kill()
        if prometheus:
            prometheus.shutdown()
        subprocess.run([os.path.join(BIN, "weft-lab"), "down", "--data", lab], stdout=subprocess.DEVNULL)
    print(f"{passed} passed, {failed} failed")
    return failed != 0

if __name__ == "__main__":
    sys.exit(main())
