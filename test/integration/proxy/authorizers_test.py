#!/usr/bin/python3
"""Authorizers that others wrote: Python's HTTP server and grpcio are asked by a proxy with the configuration that weftd makes of
extension providers, for requests and for connections. BIN names the programs, TEST_TMP a scratch directory. Prints "N passed, N failed" last.
"""
import concurrent.futures, http.client, http.server, json, os, socket, subprocess, sys, threading, time

import grpc

BIN, TMP = os.environ["BIN"], os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(os.environ.get("ROOT") or os.getcwd(), "test/lib"))
sys.dont_write_bytecode = True
import own_network
from own_network import free_port
EXT, TYPE = "envoy.extensions.", "type.googleapis.com/envoy.extensions."
H2 = {EXT + "upstreams.http.v3.HttpProtocolOptions": {"@type": TYPE + "upstreams.http.v3.HttpProtocolOptions",
                                                     "explicit_http_config": {"http2_protocol_options": {}}}}
failed = passed = 0

def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-600:]}"), flush=True)

class Server(http.server.BaseHTTPRequestHandler):
    """The application: says what it was sent."""
    protocol_version = "HTTP/1.1"

    def answer(self, status, fields, body):
        self.send_response(status)
        for k, v in {**fields, "content-length": str(len(body))}.items():
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {}, json.dumps({k.lower(): v for k, v in self.headers.items()}).encode())

    def log_message(self, *_):
        pass

class Authorizer(Server):
    protocol_version = "HTTP/1.0"       # no connection is kept, which would outlive the server

    def do_GET(self):
        ok = self.headers.get("x-pass") == "yes" and self.path.startswith("/check/")
        self.answer(200 if ok else 401, {"x-user": "ann", "x-why": "no pass"}, b"" if ok else b"who are you")

def serve(handler):
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s

asked = []

def decide(message, _):
    """A CheckRequest as bytes: yes to whoever has a pass, and to connections of a port that is open."""
    asked.append(message)
    return b"" if b"x-pass" in message or (b"HTTP/" not in message and open_tcp) else b"\x0a\x02\x08\x07"

open_tcp = False

def serve_grpc():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
        "envoy.service.auth.v3.Authorization", {"Check": grpc.unary_unary_rpc_method_handler(decide)}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port

def cluster(name, port, **more):
    return {"name": name, "type": "STATIC", "connect_timeout": "5s", "load_assignment": {"cluster_name": name, "endpoints": [
        {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}]}]}, **more}

def enabled(filter_name):
    return {"filter": filter_name, "path": [{"key": "istio_ext_authz_shadow_effective_policy_id"}],
            "value": {"string_match": {"prefix": "istio-ext-authz"}}}

RULES = {"shadow_rules_stat_prefix": "istio_ext_authz_", "shadow_rules": {"action": "DENY", "policies": {"istio-ext-authz-x": {
    "permissions": [{"any": True}], "principals": [{"any": True}]}}}}

def listener(name, port, filters):
    return {"name": name, "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}, "filter_chains": [{"filters": filters}]}

def http_listener(name, port, authz):
    named = lambda n, t, c: {"name": n, "typed_config": {"@type": TYPE + t, **c}}
    authz = {**authz, "filter_enabled_metadata": enabled("envoy.filters.http.rbac")}
    return listener(name, port, [named("h", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
        "stat_prefix": name, "http_filters": [
            named("envoy.filters.http.rbac", "filters.http.rbac.v3.RBAC", RULES),
            named("envoy.filters.http.ext_authz", "filters.http.ext_authz.v3.ExtAuthz", authz),
            named("r", "filters.http.router.v3.Router", {})],
        "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "app"}}]}]}})])

def tcp_listener(name, port, service):
    named = lambda n, t, c: {"name": n, "typed_config": {"@type": TYPE + t, **c}}
    return listener(name, port, [
        named("rbac", "filters.network.rbac.v3.RBAC", {"stat_prefix": "t", **RULES}),
        named("authz", "filters.network.ext_authz.v3.ExtAuthz", {"stat_prefix": "t", "transport_api_version": "V3", "grpc_service": service,
              "filter_enabled_metadata": enabled("envoy.filters.network.rbac")}),
        named("tcp", "filters.network.tcp_proxy.v3.TcpProxy", {"stat_prefix": "t", "cluster": "app"})])

def get(port, fields):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request("GET", "/a", headers=fields)
    r = c.getresponse()
    out = r.status, dict((k.lower(), v) for k, v in r.getheaders()), r.read()
    c.close()
    return out

def main():
    own_network.enter()
    global open_tcp
    app, authorizer, (server, grpc_port) = serve(Server), serve(Authorizer), serve_grpc()
    ports = {n: free_port() for n in ("http", "grpc", "tcp")}
    service = {"envoy_grpc": {"cluster_name": "grpc"}, "timeout": "30s"}
    config = {"static_resources": {
        "listeners": [
            http_listener("http", ports["http"], {"http_service": {
                "server_uri": {"uri": "http://a", "cluster": "http", "timeout": "30s"}, "path_prefix": "/check",
                "authorization_request": {"allowed_headers": {"patterns": [{"exact": "x-pass"}]}},
                "authorization_response": {"allowed_upstream_headers": {"patterns": [{"exact": "x-user"}]},
                                           "allowed_client_headers": {"patterns": [{"exact": "x-why"}]}}}}),
            http_listener("grpc", ports["grpc"], {"transport_api_version": "V3", "grpc_service": service}),
            tcp_listener("tcp", ports["tcp"], service)],
        "clusters": [cluster("app", app.server_port), cluster("http", authorizer.server_port),
                     cluster("grpc", grpc_port, typed_extension_protocol_options=H2)]}}
    path = os.path.join(TMP, "proxy.json")
    with open(path, "w") as f:
        json.dump(config, f)
    with open(os.path.join(TMP, "proxy.log"), "w") as log:
        proxy = subprocess.Popen([BIN + "/weft-proxy", "--config", path], stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and proxy.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", ports["http"]), 1).close()
                break
            except OSError:
                time.sleep(0.02)        # there is nothing to wait on
        status, fields, body = get(ports["http"], {"x-pass": "yes", "x-user": "forged"})
        check("HTTP: a yes, and who it is for the application", status == 200 and json.loads(body).get("x-user") == "ann", (status, body))
        status, fields, body = get(ports["http"], {})
        check("HTTP: a no with its words", (status, body, fields.get("x-why")) == (401, b"who are you", "no pass"), (status, fields, body))
        check("gRPC: a yes", get(ports["grpc"], {"x-pass": "yes"})[0] == 200)
        check("gRPC: a no", get(ports["grpc"], {})[0] == 403)
        check("gRPC: it was told of the request", any(b":path" in m and b"/a" in m for m in asked), asked)
        with socket.create_connection(("127.0.0.1", ports["tcp"]), 60) as s:
            check("TCP: a no closes", s.recv(1) == b"")
        open_tcp = True
        check("TCP: a yes lets through", get(ports["tcp"], {})[0] == 200)
        authorizer.shutdown()
        authorizer.server_close()
        server.stop(None).wait()
        check("HTTP: nobody there", get(ports["http"], {"x-pass": "yes"})[0] == 403)
        check("gRPC: nobody there", get(ports["grpc"], {"x-pass": "yes"})[0] == 403)
    finally:
        proxy.terminate()
        proxy.wait()
        app.shutdown()
    print(f"{passed} passed, {failed} failed")
    return failed > 0

sys.exit(main())
