#!/usr/bin/python3
"""Programs that others wrote speak HTTP/2 and gRPC through weft-proxy: curl, nghttp, h2load, grpcio.

Two listeners stand in a row, so that each way is gone: clients -> outer -> HTTP/2 -> inner -> HTTP/1.1 -> origin. A third goes to
a server of gRPC. BIN names the programs, TEST_TMP a scratch directory. Prints "N passed, N failed" last.
"""
import concurrent.futures, http.server, json, os, re, socket, subprocess, sys, threading, time

import grpc

BIN, TMP = os.environ["BIN"], os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(os.environ.get("ROOT") or os.getcwd(), "test/lib"))
sys.dont_write_bytecode = True
import own_network
from own_network import free_port
TYPE = "type.googleapis.com/envoy.extensions."
CALL = "/weft.Test/Call"
failed = passed = 0

def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-600:]}"), flush=True)

class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0)) or b"hello"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
    do_POST = do_HEAD = do_GET
    def log_message(self, *args):
        pass

class OriginServer(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

def grpc_server():
    def fail(rq, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
    handlers = {"Call": grpc.unary_unary_rpc_method_handler(lambda rq, c: rq.upper()),
                "Fail": grpc.unary_unary_rpc_method_handler(fail),
                "Chat": grpc.stream_stream_rpc_method_handler(lambda it, c: (m + b"!" for m in it))}
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("weft.Test", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port

def listener(name, port, cluster, **chain):
    hcm = {"@type": TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": name,
           "route_config": {"name": name, "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
               {"match": {"prefix": "/"}, "route": {"cluster": cluster}}]}]},
           "http_filters": [{"name": "router", "typed_config": {"@type": TYPE + "filters.http.router.v3.Router"}}]}
    return {"name": name, "address": address(port), "filter_chains": [{"filters": [{"name": "http", "typed_config": hcm}], **chain}]}

def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

def cluster(name, port, http2):
    options = {"typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": TYPE + "upstreams.http.v3.HttpProtocolOptions", "explicit_http_config": {"http2_protocol_options": {}}}}}
    return {"name": name, "type": "STATIC", "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [
        {"endpoint": {"address": address(port)}}]}]}, **(options if http2 else {})}

def tls(cert, key):
    return {"transport_socket": {"name": "tls", "typed_config": {"@type": TYPE + "transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {"alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [
            {"certificate_chain": {"filename": cert}, "private_key": {"filename": key}}]}}}}

def run(*command):
    p = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return p.stdout + p.stderr

def curl(*args):
    return run("curl", "-s", "--noproxy", "*", "--max-time", "20", "-w", " %{http_version} %{http_code}", *args)

def http_checks(plain, secure, cert):
    url, safe = f"http://127.0.0.1:{plain}/x", f"https://localhost:{secure}/x"
    at = ("--cacert", cert, "--resolve", f"localhost:{secure}:127.0.0.1")
    for name, out, want in (
            ("curl with prior knowledge", curl("--http2-prior-knowledge", url), "hello 2 200"),
            ("curl with HTTP/1.1", curl(url), "hello 1.1 200"),
            ("curl over TLS agrees on HTTP/2", curl("--http2", *at, safe), "hello 2 200"),
            ("curl over TLS asks for HTTP/1.1", curl("--http1.1", *at, safe), "hello 1.1 200"),
            ("curl posts", curl("--http2-prior-knowledge", "-d", "a=b", url), "a=b 2 200"),
            ("curl asks for the head", curl("--http2-prior-knowledge", "-I", "-o", "/dev/null", url), " 2 200")):
        check(name, out == want, out)
    out = run("nghttp", "-nv", url, url + "2")
    check("nghttp", len(re.findall(r":status: 200", out)) == 2, out)
    out = run("h2load", "-n2000", "-c4", "-m20", url)
    check("h2load", "2000 succeeded, 0 failed" in out, out)

def grpc_checks(port):
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
    check("grpc: one message", channel.unary_unary(CALL)(b"ping", timeout=20) == b"PING")
    out = list(channel.stream_stream("/weft.Test/Chat")(iter([b"a", b"b"]), timeout=20))
    check("grpc: a conversation", out == [b"a!", b"b!"], out)
    try:
        channel.unary_unary("/weft.Test/Fail")(b"", timeout=20)
        check("grpc: a status", False)
    except grpc.RpcError as e:
        check("grpc: a status", (e.code(), e.details()) == (grpc.StatusCode.FAILED_PRECONDITION, "not now"), e)
    channel.close()

def wait_for(port, process):
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    sys.exit("weft-proxy does not listen")

def main():
    own_network.enter()
    cert, key, config = (os.path.join(TMP, n) for n in ("cert.pem", "key.pem", "config.json"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert], check=True, capture_output=True)
    origin = OriginServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    server, grpc_port = grpc_server()
    plain, secure, inner, rpc = (free_port() for _ in range(4))
    with open(config, "w") as f:
        json.dump({"static_resources": {
            "listeners": [listener("plain", plain, "inner"), listener("secure", secure, "inner", **tls(cert, key)),
                          listener("inner", inner, "origin"), listener("rpc", rpc, "rpc")],
            "clusters": [cluster("inner", inner, True), cluster("origin", origin.server_port, False), cluster("rpc", grpc_port, True)]}}, f)
    with open(os.path.join(TMP, "proxy.log"), "w") as log:
        proxy = subprocess.Popen([f"{BIN}/weft-proxy", "--config", config, "--admin-port", "0", "--status-port", "0"], stdout=log, stderr=log)
    try:
        for port in (plain, secure, rpc):
            wait_for(port, proxy)
        http_checks(plain, secure, cert)
        grpc_checks(rpc)
    finally:
        proxy.terminate()
        proxy.wait(20)
        server.stop(0)
        origin.shutdown()
    check("the proxy ends well", proxy.returncode == 0, proxy.returncode)
    print(f"{passed} passed, {failed} failed", flush=True)
    os._exit(1 if failed else 0)

main()
