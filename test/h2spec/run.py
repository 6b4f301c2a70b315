#!/usr/bin/env python3
"""h2spec against weft-proxy, as a server and as a client; prints its closing lines.

usage: run.py PROGRAMS BIN [-v]
PROGRAMS is the folder with h2spec and h2specd, BIN that with weft-proxy. As a server: h2spec connects to a listener. As a client: for
each case h2specd waits on a port of its own, and a proxy whose clusters speak HTTP/2 there is sent a request. -v: all that they say.
Exit 1 when a case fails.
"""
import http.server, json, os, re, socket, subprocess, sys, tempfile, threading, time

TYPE = "type.googleapis.com/envoy.extensions."
TIMEOUT_S = 4
FIRST_PORT, CASES_MAX = 24000, 70 # of h2specd: a port for each case

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

def cluster(name, port, http2):
    options = {"typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": TYPE + "upstreams.http.v3.HttpProtocolOptions", "explicit_http_config": {"http2_protocol_options": {}}}}}
    return {"name": name, "type": "STATIC", "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [
        {"endpoint": {"address": address(port)}}]}]}, **(options if http2 else {})}

def config(port, hosts, http2, codec):
    """hosts: domain -> port of the server."""
    hcm = {"@type": TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "s", "codec_type": codec,
           "route_config": {"name": "r", "virtual_hosts": [{"name": d, "domains": [d], "routes": [
               {"match": {"prefix": "/"}, "route": {"cluster": d, "timeout": "2s"}}]} for d in hosts]},
           "http_filters": [{"name": "router", "typed_config": {"@type": TYPE + "filters.http.router.v3.Router"}}]}
    return {"static_resources": {"listeners": [{"name": "l", "address": address(port), "filter_chains": [
        {"filters": [{"name": "h", "typed_config": hcm}]}]}], "clusters": [cluster(d, p, http2) for d, p in hosts.items()]}}

class Proxy:
    """A weft-proxy while it is needed."""
    def __init__(self, binary, hosts, http2, codec):
        self.port, self.dir = free_port(), tempfile.TemporaryDirectory()
        path = os.path.join(self.dir.name, "config.json")
        with open(path, "w") as f:
            json.dump(config(self.port, hosts, http2, codec), f)
        self.process = subprocess.Popen([f"{binary}/weft-proxy", "--config", path, "--admin-port", "0", "--status-port", "0"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
        sys.exit("weft-proxy does not listen")
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.dir.cleanup()

class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        """Whoever answers before the request is whole ends its stream: what comes then is nobody's fault."""
        chunked = self.headers.get("transfer-encoding") == "chunked"
        size = int(self.headers.get("content-length") or 0)
        while chunked and (size := int(self.rfile.readline() or b"0", 16)):
            self.rfile.read(size + 2)
        self.rfile.read(2 if chunked else size)
        self.send_response(200)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello" if self.command != "HEAD" else b"")
    do_POST = do_HEAD = do_GET
    def log_message(self, *_):
        pass

def closing(name, text):
    """Prints the closing line; returns what failed."""
    lines = re.findall(r"^\d+ tests, .*$", text, re.M)
    failed = {m.strip() for m in re.findall(r"× \d+: (.*)$", text, re.M)}
    print(f"{name}: {lines[-1] if lines else 'no result'}")
    return sorted(failed) if lines else ["no result"]

def as_server(programs, binary):
    origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    origin.handle_error = lambda *_: None   # clients break off; that is what they are for
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    with Proxy(binary, {"*": origin.server_port}, False, "HTTP2") as p:
        out = subprocess.run([f"{programs}/h2spec", "-h", "127.0.0.1", "-p", str(p.port), "-o", str(TIMEOUT_S)], capture_output=True, text=True).stdout
    return out

def as_client(programs, binary):
    """curl asks the proxy for the address that h2specd names: each case's port is a host."""
    ports = range(FIRST_PORT, FIRST_PORT + CASES_MAX)
    with Proxy(binary, {f"127.0.0.1:{p}": p for p in ports}, True, "HTTP1") as p:
        curl = f"curl -s -o /dev/null --noproxy none --proxy http://127.0.0.1:{p.port}"
        return subprocess.run([f"{programs}/h2specd", "-h", "127.0.0.1", "-p", str(free_port()), "-f", str(FIRST_PORT), "-o", "1",
                               "-e", curl], capture_output=True, text=True).stdout

def main():
    programs, binary = sys.argv[1], os.path.abspath(sys.argv[2])
    server, client = as_server(programs, binary), as_client(programs, binary)
    if "-v" in sys.argv:
        print(server, client)
    failed = closing("as a server", server) + closing("as a client", client)
    for name in failed:
        print(f"failed: {name}")
    return 1 if failed else 0

if __name__ == "__main__":
    sys.exit(main())
