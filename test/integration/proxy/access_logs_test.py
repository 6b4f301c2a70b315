#!/usr/bin/python3
"""Access logs over gRPC: Python's grpcio collects what a proxy says of a request and of a connection, as OTLP's logs and by Envoy's
AccessLogService; and what a stock Envoy with the same configuration says of the same (it is the one that `make oracle` takes from PyPI;
one line where it cannot be had). BIN names the programs, TEST_TMP a scratch directory. Prints "N passed, N failed" last.
"""
import concurrent.futures, http.client, http.server, json, os, queue, socket, subprocess, sys, threading, time

import grpc

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BIN, TMP = os.environ["BIN"], os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(ROOT, "test/lib"))
sys.path.insert(0, os.path.join(ROOT, "test/scenario"))
sys.dont_write_bytecode = True
import own_network
from own_network import free_port
from oracle import install
from wire_format import fields
EXT, TYPE = "envoy.extensions.", "type.googleapis.com/envoy.extensions."
H2 = {EXT + "upstreams.http.v3.HttpProtocolOptions": {"@type": TYPE + "upstreams.http.v3.HttpProtocolOptions",
                                                     "explicit_http_config": {"http2_protocol_options": {}}}}
WAIT_S = 120
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BINARY = ("trace_id", "span_id")
failed = passed = 0

def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-1500:]}"), flush=True)

# --- protobuf by the schema of the public API: number -> name, or (name, message); what is not here fails ---

ADDRESS = {1: ("socket", {2: "address", 3: "port"})}
TIME = {1: "s", 2: "ns"}
TEXT = {1: "key", 2: "value"}
FLAGS = {n: f"flag{n}" for n in range(1, 29)}
NODE = {1: "id", 2: "cluster"}
COMMON = {2: ("remote", ADDRESS), 3: ("local", ADDRESS), 5: ("start", TIME), 6: ("last_rx", TIME), 7: ("up_tx", TIME), 8: ("up_tx_end", TIME),
          9: ("up_rx", TIME), 10: ("up_rx_end", TIME), 11: ("tx", TIME), 12: ("tx_end", TIME), 13: ("upstream", ADDRESS),
          14: ("upstream_local", ADDRESS), 15: "cluster", 16: ("flags", FLAGS), 18: "failure", 19: "route", 20: ("direct", ADDRESS),
          23: ("duration", TIME), 24: "tries", 26: "stream_id", 29: "wire_sent", 30: "wire_received", 31: "up_wire_sent",
          32: "up_wire_received", 33: "type"}
REQUEST = {1: "method", 2: "scheme", 3: "authority", 5: "path", 6: "user_agent", 7: "referer", 8: "forwarded_for", 9: "request_id",
           10: "original_path", 11: "headers_bytes", 12: "body_bytes", 13: ("headers", TEXT), 14: "up_header_bytes", 15: "down_header_bytes"}
RESPONSE = {1: ("code", {1: "value"}), 2: "headers_bytes", 3: "body_bytes", 4: ("headers", TEXT), 5: ("trailers", TEXT), 6: "details",
            7: "up_header_bytes", 8: "down_header_bytes"}
HTTP = {1: ("common", COMMON), 2: "version", 3: ("request", REQUEST), 4: ("response", RESPONSE)}
TCP = {1: ("common", COMMON), 2: ("connection", {1: "received", 2: "sent"})}
STREAM = {1: ("identifier", {1: ("node", None), 2: "log_name"}), 2: ("http", {1: ("entry", HTTP)}), 3: ("tcp", {1: ("entry", TCP)})}
VALUE = {1: "text"}
PAIR = {1: "key", 2: ("value", VALUE)}
RECORD = {1: "time", 5: ("body", VALUE), 6: ("attributes", PAIR), 9: "trace_id", 10: "span_id"}
EXPORT = {1: ("resource_logs", {1: ("resource", {1: ("attributes", PAIR)}), 2: ("scope_logs", {1: ("scope", None), 2: ("records", RECORD)})})}

def decode(b, schema, out=None, path=""):
    """Path of names -> list of values."""
    out = {} if out is None else out
    for number, value in fields(b):
        row = schema[number]
        name = row if isinstance(row, str) else row[0]
        if isinstance(row, str):
            text = (bytes.hex if name in BINARY else bytes.decode)(value) if isinstance(value, bytes) else value
            out.setdefault(path + name, []).append(text)
        elif row[1] is not None:
            decode(value, row[1], out, path + name + ".")
    return out

# --- peers ---

class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    traceparent = ""    # of the last request

    def do_GET(self):
        App.traceparent = self.headers.get("traceparent", "")
        self.send_response(200)
        self.send_header("content-length", "5")
        self.send_header("x-answer", "forty-two")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass

class Collector:
    def __init__(self):
        self.got = {"otlp": queue.Queue(), "http": queue.Queue(), "tcp": queue.Queue()}
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
        self.server.add_generic_rpc_handlers((
            grpc.method_handlers_generic_handler("opentelemetry.proto.collector.logs.v1.LogsService",
                {"Export": grpc.unary_unary_rpc_method_handler(self.export)}),
            grpc.method_handlers_generic_handler("envoy.service.accesslog.v3.AccessLogService",
                {"StreamAccessLogs": grpc.stream_unary_rpc_method_handler(self.stream)})))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def export(self, message, _):
        self.got["otlp"].put(message)
        return b""

    def stream(self, messages, _):
        for m in messages:
            self.got["tcp" if any(k.startswith("tcp.") for k in decode(m, STREAM)) else "http"].put(m)
        return b""

def serve_app():
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s.server_port

# --- one configuration for both proxies ---

def cluster(name, port, **more):
    return {"name": name, "type": "STATIC", "connect_timeout": "5s", "load_assignment": {"cluster_name": name, "endpoints": [
        {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}]}]}, **more}

def named(name, type, **config):
    return {"name": name, "typed_config": {"@type": TYPE + type, **config}}

def common(log_name):
    return {"log_name": log_name, "transport_api_version": "V3", "buffer_flush_interval": "0.1s",
            "grpc_service": {"envoy_grpc": {"cluster_name": "collector"}}}

def listener(name, port, filter):
    return {"name": name, "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}, "filter_chains": [{"filters": [filter]}]}

def text(value):
    return {"string_value": value}

def configuration(ports, app, collector):
    logs = [
        named("otlp", "access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig", common_config=common("lines"),
              body=text("%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESP(X-ANSWER)%"),
              attributes={"values": [{"key": "agent", "value": text("%REQ(USER-AGENT)%")}]},
              resource_attributes={"values": [{"key": "team", "value": text("shop")}]}),
        named("http", "access_loggers.grpc.v3.HttpGrpcAccessLogConfig", common_config=common("requests"),
              additional_request_headers_to_log=["X-Asked"], additional_response_headers_to_log=["X-Answer", "x-none"])]
    tracer = {"name": "envoy.tracers.opentelemetry", "typed_config": {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig", "service_name": "shop",
        "grpc_service": {"envoy_grpc": {"cluster_name": "collector"}}}}
    hcm = named("h", "filters.network.http_connection_manager.v3.HttpConnectionManager", stat_prefix="h", access_log=logs,
                tracing={"provider": tracer},
                http_filters=[named("r", "filters.http.router.v3.Router")],
                route_config={"virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [
                    {"name": "all", "match": {"prefix": "/"}, "route": {"cluster": "app"}}]}]})
    tcp = named("t", "filters.network.tcp_proxy.v3.TcpProxy", stat_prefix="t", cluster="app",
                access_log=[named("tcp", "access_loggers.grpc.v3.TcpGrpcAccessLogConfig", common_config=common("connections"))])
    return {"node": {"id": "node-1", "cluster": "shop-web"}, "static_resources": {
        "listeners": [listener("http", ports[0], hcm), listener("tcp", ports[1], tcp)],
        "clusters": [cluster("app", app), cluster("collector", collector, typed_extension_protocol_options=H2)]}}

def get(port):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    c.request("GET", "/a?b=c", headers={"User-Agent": "test", "X-Asked": "why", "Host": "shop", "traceparent": f"00-{TRACE}-{PARENT}-00"})
    body = c.getresponse().read()
    c.close()
    return body

def wait_open(port):
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), WAIT_S).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)    # until it listens

def take(q, schema, wanted):
    """The first message of which wanted holds."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        m = decode(q.get(timeout=WAIT_S), schema)
        if wanted(m):
            return m
    return {}

def told(name, command, app):
    """What a proxy says: of a request to OTLP's service and to Envoy's, and of a connection."""
    collector, ports = Collector(), [free_port(), free_port()]
    path = os.path.join(TMP, name + ".json")
    with open(path, "w") as f:
        json.dump(configuration(ports, app, collector.port), f)
    with open(os.path.join(TMP, name + ".log"), "w") as log:
        proxy = subprocess.Popen([a.replace("@CONFIG@", path) for a in command], stdout=log, stderr=log)
    try:
        for p in ports:
            wait_open(p)
        check(f"{name}: a request is answered", get(ports[0]) == b"hello")
        parent = App.traceparent
        c = socket.create_connection(("127.0.0.1", ports[1]), WAIT_S)
        c.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while c.recv(4096):
            pass
        c.close()
        got = collector.got
        line = take(got["otlp"], EXPORT, lambda m: "resource_logs.scope_logs.records.body.text" in m)
        span = line.get("resource_logs.scope_logs.records.span_id")
        check(f"{name}: OTLP: the span is the one that the server is told of", span and [f"00-{TRACE}-{span[0]}-00"] == [parent], (span, parent))
        return (line,
                take(got["http"], STREAM, lambda m: "http.entry.request.path" in m),
                take(got["tcp"], STREAM, lambda m: m.get("tcp.entry.connection.received", [0])[-1] > 0))
    finally:
        proxy.terminate()
        proxy.wait()
        collector.server.stop(0).wait()

# What depends on the moment, on the connection, or on how a proxy counts what it sends.
VARIES = ("start.", "_rx", "_tx", ".tx.", "duration", "port", "stream_id", "wire_", "_bytes", "request_id", "time", "upstream_local", "type",
          "node", "last_rx", "tries", "tx_end", "identifier", "span_id")

def comparable(m):
    own = "resource_logs.resource.attributes."      # by whose names they are: the proxies have others
    m = {**m, own + "value.text": [v for k, v in zip(m.get(own + "key", []), m.get(own + "value.text", []))
                                   if k not in ("node_name", "cluster_name")]}
    return {k: sorted(set(map(str, v))) for k, v in m.items() if not any(w in k for w in VARIES) and any(v)}

def wire(m):
    """Bytes sent to the client, received from it, sent to the server, received from it."""
    return [m.get("tcp.entry.common." + k) for k in ("wire_sent", "wire_received", "up_wire_sent", "up_wire_received")]

def check_ours(otlp, http_entry, tcp_entry):
    pairs = lambda m, at: dict(zip(m.get(at + ".key", []), m.get(at + ".value.text", [])))
    resource = pairs(otlp, "resource_logs.resource.attributes")
    check("OTLP: the line is the body", otlp.get("resource_logs.scope_logs.records.body.text") == ["GET /a?b=c 200 forty-two"], otlp)
    check("OTLP: labels are attributes", pairs(otlp, "resource_logs.scope_logs.records.attributes") == {"agent": "test"}, otlp)
    check("OTLP: the resource says who it is", resource.get("log_name") == "lines" and resource.get("team") == "shop", resource)
    check("OTLP: the request's trace", otlp.get("resource_logs.scope_logs.records.trace_id") == [TRACE], otlp)
    now = time.time()
    check("OTLP: when it began", now - WAIT_S < otlp.get("resource_logs.scope_logs.records.time", [0])[0] / 1e9 <= now + 1, otlp)
    value = lambda k: http_entry.get("http.entry." + k, [None])[0]
    check("HTTP: the name of the log", http_entry.get("identifier.log_name") == ["requests"], http_entry)
    check("HTTP: the request", [value("request." + k) for k in ("method", "authority", "path", "user_agent")] == [1, "shop", "/a?b=c", "test"],
          http_entry)
    check("HTTP: headers that were asked for", (value("request.headers.key"), value("request.headers.value"), value("response.headers.key"),
          value("response.headers.value")) == ("x-asked", "why", "x-answer", "forty-two"), http_entry)
    check("HTTP: the response", (value("response.code.value"), value("response.body_bytes"), value("response.details")) ==
          (200, 5, "via_upstream"), http_entry)
    check("HTTP: where it went", (value("common.cluster"), value("common.route"), value("common.upstream.socket.address")) ==
          ("app", "all", "127.0.0.1"), http_entry)
    check("TCP: bytes of both directions", tcp_entry.get("tcp.entry.connection.received") == [18] and
          tcp_entry.get("tcp.entry.connection.sent", [0])[0] > 5, tcp_entry)
    check("TCP: bytes on the wire", wire(tcp_entry) == [tcp_entry["tcp.entry.connection.sent"], [18], [18], tcp_entry["tcp.entry.connection.sent"]], wire(tcp_entry))
    check("TCP: the name of the log", tcp_entry.get("identifier.log_name") == ["connections"], tcp_entry)

def main():
    own_network.enter()
    app = serve_app()
    ours = told("weft-proxy", [os.path.join(BIN, "weft-proxy"), "--config", "@CONFIG@"], app)
    check_ours(*ours)
    envoy = install()
    if envoy:
        theirs = told("envoy", [envoy, "-c", "@CONFIG@", "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"], app)
        for what, a, b in zip(("OTLP", "HTTP", "TCP"), ours, theirs):
            a, b = comparable(a), comparable(b)
            check(f"{what}: as Envoy says it", a == b, {k: (a.get(k), b.get(k)) for k in a.keys() | b.keys() if a.get(k) != b.get(k)})
        check("TCP: bytes on the wire, as Envoy counts them", wire(ours[2]) == wire(theirs[2]), (wire(ours[2]), wire(theirs[2])))
    else:
        print("skipped: a stock Envoy cannot be installed")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0

if __name__ == "__main__":
    sys.exit(main())
