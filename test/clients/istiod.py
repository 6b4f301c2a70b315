"""Istio's own istiod beside an API server: it takes Istio's definitions from it, becomes ready, and what it then does for a proxy, for who
writes a VirtualService and for who asks for a certificate is what objects, tokens and webhooks of that API server make it do."""
import json, os, queue, re, subprocess, threading, urllib.request

import grpc

import istiod_proxy, programs
from operated import TMP, check, kubectl, start, until
from own_network import free_port
from wire_format import field, fields

HERE = os.path.dirname(os.path.abspath(__file__))
NS, HOST = "istio-system", "istiod.istio-system.svc"
RESOURCE = "type.googleapis.com/envoy.config."
ROUTES, CLUSTERS, ENDPOINTS = RESOURCE + "route.v3.RouteConfiguration", RESOURCE + "cluster.v3.Cluster", RESOURCE + "endpoint.v3.ClusterLoadAssignment"
ROUTE, WEB = "80", "outbound|80||web.shop.svc.cluster.local"


def apply(*objects):
    code, _, err = kubectl("apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    return code, err


def definitions():
    """Istio's definitions, of the module that istiod is built from."""
    version = re.search(r"istio\.io/istio (v\S+)", open(os.path.join(HERE, "istiod/go.mod")).read())[1]
    return os.path.join(programs.CACHE, "mod/istio.io/istio@" + version, "manifests/charts/base/files/crd-all.gen.yaml")


def virtual_service(header, **match):
    rule = {"route": [{"destination": {"host": "web"}}], "headers": {"request": {"set": {"x-was": header}}}, **match}
    return {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"hosts": ["web"], "http": [rule]}}


def shop():
    """A service with an endpoint that no node runs."""
    return [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"ports": [{"name": "http", "port": 80}], "clusterIP": "10.96.7.7"}},
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "metadata": {"name": "web-1", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}},
             "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}], "endpoints": [{"addresses": ["10.244.3.4"], "conditions": {"ready": True}}]}]


class Proxy:
    """What a sidecar asks of istiod, over plain text: state of the world."""

    def __init__(self, port):
        self.node = field(1, "sidecar~10.244.9.9~client.shop~shop.svc.cluster.local") + field(2, "client.shop")
        self.asked, self.latest, self.answers = queue.Queue(), {}, 0
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", 64 << 20)])
        self.stream = channel.stream_stream("/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources")(iter(self.asked.get, None))
        threading.Thread(target=self.read, daemon=True).start()
        self.ask(CLUSTERS)
        self.ask(ENDPOINTS, names=[WEB])
        self.ask(ROUTES, names=[ROUTE])

    def ask(self, kind, version="", nonce="", names=()):
        self.asked.put(field(1, version) + field(2, self.node) + b"".join(field(3, n) for n in names) + field(4, kind) + field(5, nonce))

    def read(self):
        try:
            for answer in self.stream:
                kind, version, nonce = ((fields(answer, n) or [b""])[0].decode() for n in (4, 1, 5))
                self.latest[kind] = b"".join(fields(answer, 2))
                self.answers += 1
                self.ask(kind, version, nonce, {ENDPOINTS: [WEB], ROUTES: [ROUTE]}.get(kind, ()))
        except grpc.RpcError:
            pass

    def has(self, kind, text):
        return lambda: (text.encode() in self.latest.get(kind, b""), (kind, text, len(self.latest.get(kind, b""))))


def certificate(port, token, root):
    """What a sidecar's agent asks for, with a token of its service account; the names in the certificate, or the error."""
    key, csr = os.path.join(TMP, "key.pem"), os.path.join(TMP, "csr.pem")
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", csr, "-subj", "/"], check=True, capture_output=True)
    channel = grpc.secure_channel(f"127.0.0.1:{port}", grpc.ssl_channel_credentials(root.encode()), options=[("grpc.ssl_target_name_override", HOST)])
    try:
        answer = channel.unary_unary("/istio.v1.auth.IstioCertificateService/CreateCertificate")(
            field(1, open(csr).read()), metadata=[("authorization", "Bearer " + token), ("clusterid", "Kubernetes")], timeout=30, wait_for_ready=True)
    except grpc.RpcError as e:
        return str(e.code())
    r = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=fields(answer, 1)[0], capture_output=True)
    return r.stdout.decode()


def token(*audience):
    return kubectl("-n", "shop", "create", "token", "default", *[f"--audience={a}" for a in audience])[1].strip()


def webhook(port):
    """istiod's webhook, and a Service that leads to it: no node runs pods here."""
    rule = {"operations": ["CREATE", "UPDATE"], "apiGroups": ["networking.istio.io"], "apiVersions": ["*"], "resources": ["*"]}
    named = {"name": "istiod", "namespace": NS}
    return [{"apiVersion": "v1", "kind": "Service", "metadata": named, "spec": {"ports": [{"name": "https", "port": 443}]}},
            {"apiVersion": "v1", "kind": "Endpoints", "metadata": named, "subsets": [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"name": "https", "port": port}]}]},
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
             "metadata": {"name": "istio-validator-istio-system", "labels": {"app": "istiod", "istio.io/rev": "default"}},
             "webhooks": [{"name": "rev.validation.istio.io", "clientConfig": {"service": {**named, "path": "/validate", "port": 443}}, "rules": [rule],
                           "failurePolicy": "Ignore", "sideEffects": "None", "admissionReviewVersions": ["v1"]}]}]


def mesh():
    """Its settings: proxies log to their standard output, in its default format."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": NS}, "data": {"mesh": "accessLogFile: /dev/stdout\n", "meshNetworks": "networks: {}"}}


def begin(program):
    """istiod, and its ports."""
    ports = {name: free_port() for name in ("http", "https", "grpc", "secureGRPC", "monitoring")}
    start("istiod", program, "discovery", "--kubeconfig", os.environ["KUBECONFIG"], "--ctrlz_port", "0", "--shutdownDuration", "1s", "--domain", "cluster.local",
          *[word for name, port in ports.items() for word in (f"--{name}Addr", f"127.0.0.1:{port}")],
          POD_NAMESPACE=NS, POD_NAME="istiod-0", CLUSTER_ID="Kubernetes", REVISION="default", PILOT_CERT_PROVIDER="istiod", ISTIOD_CUSTOM_HOST="localhost", VALIDATION_WEBHOOK_CONFIG_NAME="istio-validator")
    return ports


def run(program):
    for ns in (NS, "shop"):
        kubectl("create", "namespace", ns)
    code, _, err = kubectl("create", "-f", definitions())
    check("Istio's definitions are taken", code == 0, err)
    code, _, err = kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
    check("and served", code == 0, err)
    code, err = apply(mesh(), *shop(), virtual_service("first"))
    check("a service and a VirtualService", code == 0, err)
    os.chdir(TMP)  # where it puts its certificates
    ports = begin(program)
    page = lambda port, path: urllib.request.urlopen(f"http://127.0.0.1:{ports[port]}{path}", timeout=5).read().decode()
    until("istiod is ready", lambda: (page("http", "/ready") is not None, ""))
    proxy = Proxy(ports["grpc"])
    until("a proxy is sent the service", proxy.has(CLUSTERS, WEB))
    until("its endpoint", proxy.has(ENDPOINTS, "10.244.3.4"))
    until("and the VirtualService's route", proxy.has(ROUTES, "first"))
    until("it is synchronized", lambda: (any(p["proxy"] == "client.shop" and p.get("route_acked") for p in json.loads(page("http", "/debug/syncz"))), page("http", "/debug/syncz")))
    apply(virtual_service("second"))
    until("a change is pushed", proxy.has(ROUTES, "second"))
    kubectl("-n", "shop", "delete", "virtualservice", "web")
    until("without it the route is as it was", lambda: (b"x-was" not in proxy.latest[ROUTES], ""))
    slices = shop()[1]
    slices["endpoints"].append({"addresses": ["10.244.3.5"], "conditions": {"ready": True}})
    apply(slices)
    until("another endpoint is pushed", proxy.has(ENDPOINTS, "10.244.3.5"))
    tokens(ports)
    istiod_proxy.run(ports)
    if "EMBEDDED" in os.environ:
        validation(ports)
    lease = lambda: kubectl("-n", NS, "get", "leases,configmaps", "-o", "name")[1].split()
    until("it leads what is led", lambda: (any("leader" in o or "election" in o for o in lease()), lease()))


def tokens(ports):
    """The root comes to each namespace, and certificates to who has a token that the API server vouches for."""
    data = lambda: json.loads(kubectl("-n", "shop", "get", "configmap", "istio-ca-root-cert", "-o", "json")[1])["data"]["root-cert.pem"]
    root = until("the root certificate is in each namespace", lambda: (bool(data()), data()))
    names = certificate(ports["secureGRPC"], token("istio-ca"), root or "")
    check("a token gets a certificate", "URI:spiffe://cluster.local/ns/shop/sa/default" in names, names)
    for what, bad in (("for another audience", token("others")), ("that nobody signed", token("istio-ca")[:-8] + "AAAAAAAA")):
        names = certificate(ports["secureGRPC"], bad, root or "")
        check(f"not one {what}", names == "StatusCode.UNAUTHENTICATED", names)


def validation(ports):
    """istiod puts its authority into the webhook, and the API server asks it."""
    code, err = apply(*webhook(ports["https"]))
    check("its webhook", code == 0, err)
    get = lambda: json.loads(kubectl("get", "validatingwebhookconfiguration", "istio-validator-istio-system", "-o", "json")[1])["webhooks"][0]
    until("istiod's authority is in its webhook", lambda: (bool(get()["clientConfig"].get("caBundle")) and get()["failurePolicy"] == "Fail", get()))
    bad = virtual_service("third", match=[{"uri": {"regex": "("}}])
    until("a bad VirtualService is refused by istiod", lambda: ((lambda code, err: (code != 0 and "admission webhook" in err, err))(*apply(bad))))
    code, err = apply(virtual_service("third"))
    check("a good one is not", code == 0, err)
