#!/usr/bin/python3
"""Programs that others wrote, on both ends of a pair of proxies with mutual TLS in between, as two sidecars are.

   client -> outer -> mutual TLS -> inner -> server

nginx, HAProxy, PostgreSQL, Redis, MariaDB and a WebSocket server serve; curl, psql, redis-cli, mariadb, openssl, and Python's
libraries of HTTP/2 and WebSocket ask. BIN names the programs, TEST_TMP a scratch directory. Prints "N passed, N failed" last.
"""
import asyncio, json, os, shutil, socket, ssl, subprocess, sys, threading, time

import h2.connection, h2.events
import websockets

BIN, TMP = os.environ["BIN"], os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(os.environ.get("ROOT") or os.getcwd(), "test/lib"))
sys.dont_write_bytecode = True
import own_network
from own_network import free_port
TYPE = "type.googleapis.com/envoy.extensions."
ME = "spiffe://cluster.local/ns/shop/sa/app"
failed = passed = 0
running = []

def check(name, ok, seen=""):
    global failed, passed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {str(seen)[-600:]}"), flush=True)

def path(*names):
    return os.path.join(TMP, *names)

def run(*command, **how):
    p = subprocess.run(command, capture_output=True, text=True, timeout=120, **how)
    return p.stdout + p.stderr

# Servers that will not run as root run as their own user.
def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if os.getuid() == 0 else []

def start(name, *command):
    log = open(path(name + ".log"), "w")
    p = subprocess.Popen(command, stdout=log, stderr=log)
    running.append(p)
    return p

def wait_for(port, process):
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{process.args[:6]} does not listen")

# ---- servers ----

def start_nginx(port):
    conf = path("nginx.conf")
    with open(conf, "w") as f:
        f.write(f"""daemon off; worker_processes 1; pid {path('nginx.pid')}; error_log {path('nginx-error.log')};
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {path('nb')}; proxy_temp_path {path('np')}; fastcgi_temp_path {path('nf')};
  uwsgi_temp_path {path('nu')}; scgi_temp_path {path('ns')};
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "nginx $request_method $http_x_a"; }} }} }}
""")
    return start("nginx", shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", conf, "-p", TMP)

def start_haproxy(port):
    conf = path("haproxy.cfg")
    with open(conf, "w") as f:
        f.write(f"""defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend f
  bind 127.0.0.1:{port}
  http-request return status 200 content-type text/plain string haproxy
""")
    return start("haproxy", shutil.which("haproxy", path="/usr/sbin:/usr/bin"), "-f", conf)

def start_redis(port):
    return start("redis", "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", TMP)

def start_postgres(port):
    data, sockets = path("pg"), path("pgs")
    programs = next(d for d in ("/usr/lib/postgresql/15/bin", "/usr/bin") if os.path.exists(d + "/initdb"))
    for d in (data, sockets):
        os.makedirs(d)
        if as_user("postgres"):
            shutil.chown(d, "postgres", "postgres")
    out = run(*as_user("postgres"), programs + "/initdb", "-D", data, "-A", "trust", "-U", "test", "-N", cwd="/")
    if not os.path.exists(data + "/PG_VERSION"):
        sys.exit(out)
    return start("postgres", *as_user("postgres"), programs + "/postgres", "-D", data, "-p", str(port), "-c",
                 "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={sockets}", "-c", "fsync=off")

def start_mariadb(port):
    data = path("maria")
    os.makedirs(data)
    if as_user("mysql"):
        shutil.chown(data, "mysql", "mysql")
    run(*as_user("mysql"), "mariadb-install-db", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", cwd="/")
    return start("mariadb", *as_user("mysql"), "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}",
                 "--bind-address=127.0.0.1", f"--socket={data}/s", "--skip-name-resolve", "--skip-grant-tables", "--skip-networking=0")

def start_websocket(port):
    async def echo(ws, *_):
        async for message in ws:
            await ws.send(message)
    async def serve():
        async with websockets.serve(echo, "127.0.0.1", port):
            await asyncio.Future()
    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()

# ---- the pair ----

def make_certificates():
    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-days", "1", "-subj", "/O=cluster.local", "-keyout", path("ca.key"), "-out", path("ca.pem"))
    openssl("req", *key, "-subj", "/", "-keyout", path("key.pem"), "-out", path("csr.pem"))
    with open(path("ext"), "w") as f:
        f.write(f"subjectAltName=URI:{ME},DNS:localhost\n")
    openssl("x509", "-req", "-in", path("csr.pem"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "1",
            "-extfile", path("ext"), "-out", path("cert.pem"))
    # The proxy reads its key; of what servers of other users need nothing is here.
    os.chmod(TMP, 0o755)

def tls(side, **more):
    common = {"tls_certificates": [{"certificate_chain": {"filename": path("cert.pem")}, "private_key": {"filename": path("key.pem")}}],
              "validation_context": {"trusted_ca": {"filename": path("ca.pem")}, "match_typed_subject_alt_names": [
                  {"san_type": "URI", "matcher": {"exact": ME}}]}}
    return {"name": "tls", "typed_config": {"@type": TYPE + f"transport_sockets.tls.v3.{side}TlsContext", "common_tls_context": common, **more}}

def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

def http_filter(cluster):
    return {"name": "http", "typed_config": {
        "@type": TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": cluster,
        "upgrade_configs": [{"upgrade_type": "websocket"}], "route_config": {"name": cluster, "virtual_hosts": [
            {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": cluster}}]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": TYPE + "filters.http.router.v3.Router"}}]}}

def tcp_filter(cluster):
    return {"name": "tcp", "typed_config": {"@type": TYPE + "filters.network.tcp_proxy.v3.TcpProxy", "stat_prefix": cluster, "cluster": cluster}}

def listener(port, cluster, http, **chain):
    return {"name": f"l{port}", "address": address(port), "filter_chains": [
        {"filters": [http_filter(cluster) if http else tcp_filter(cluster)], **chain}]}

def cluster(name, port, **more):
    return {"name": name, "type": "STATIC", "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [
        {"endpoint": {"address": address(port)}}]}]}, **more}

def start_proxy(name, listeners, clusters):
    with open(path(name + ".json"), "w") as f:
        json.dump({"static_resources": {"listeners": listeners, "clusters": clusters}}, f)
    return start(name, f"{BIN}/weft-proxy", "--config", path(name + ".json"), "--admin-port", "0", "--status-port", "0")

def start_pair(servers):
    """name -> (port, is it HTTP); returns the ports that clients use."""
    entry, between = {n: free_port() for n in servers}, {n: free_port() for n in servers}
    inner = start_proxy("inner", [listener(between[n], n, http, transport_socket=tls("Downstream", require_client_certificate=True))
                                  for n, (_, http) in servers.items()], [cluster(n, port) for n, (port, _) in servers.items()])
    outer = start_proxy("outer", [listener(entry[n], n, http) for n, (_, http) in servers.items()],
                        [cluster(n, between[n], transport_socket=tls("Upstream")) for n in servers])
    for n in servers:
        wait_for(between[n], inner)
        wait_for(entry[n], outer)
    return entry, between, (inner, outer)

# ---- clients ----

def http_checks(port):
    curl = ("curl", "-s", "--noproxy", "*", "--max-time", "60")
    url = f"http://127.0.0.1:{port['nginx']}/"
    check("curl to nginx", run(*curl, "-H", "x-a: b", url) == "nginx GET b")
    check("curl posts to nginx", run(*curl, "-d", "x" * 100000, url).startswith("nginx POST"))
    check("curl speaks HTTP/2 to nginx behind", run(*curl, "--http2-prior-knowledge", "-w", " %{http_version}", url) == "nginx GET  2")
    check("curl to HAProxy", run(*curl, f"http://127.0.0.1:{port['haproxy']}/") == "haproxy")

def library_of_http2(port):
    conn, body, ended = h2.connection.H2Connection(), b"", False
    with socket.create_connection(("127.0.0.1", port), 60) as s:
        conn.initiate_connection()
        conn.send_headers(1, [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "a"), ("x-a", "c")], end_stream=True)
        s.sendall(conn.data_to_send())
        while not ended:
            for e in conn.receive_data(s.recv(65536)):
                if isinstance(e, h2.events.DataReceived):
                    body += e.data
                ended = ended or isinstance(e, (h2.events.StreamEnded, h2.events.ConnectionTerminated))
            s.sendall(conn.data_to_send())
    check("the library h2 to nginx", body == b"nginx GET c", body)

async def websocket_client(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}/chat") as ws:
        for message in ("hello", "x" * 200000, b"\0\1\2"):
            await ws.send(message)
            if await ws.recv() != message:
                return False
    return True

def database_checks(port):
    # A pipe: what is asked of the server may not wait for what it says first.
    out = run("psql", "-h", "127.0.0.1", "-p", str(port["postgres"]), "-U", "test", "-Atc", "select 6 * 7; select repeat('x', 100000)", "postgres")
    check("psql", out.startswith("42\n" + "x" * 1000) and out.count("x") == 100000, out[:300])
    cli = ("redis-cli", "-h", "127.0.0.1", "-p", str(port["redis"]))
    check("redis-cli", (run(*cli, "set", "a", "b"), run(*cli, "get", "a")) == ("OK\n", "b\n"))
    check("redis-cli, a thousand at once", run(*cli, "--pipe", input="PING\r\n" * 1000).find("errors: 0, replies: 1000") >= 0)
    out = run("mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(port["mariadb"]), "--skip-ssl", "-u", "root", "-Ne", "select 6 * 7")
    check("mariadb, where the server speaks first", out.strip() == "42", out)

def tls_checks(between):
    at = ("-connect", f"127.0.0.1:{between['nginx']}", "-CAfile", path("ca.pem"), "-verify_return_error", "-brief")
    out = run("openssl", "s_client", *at, "-cert", path("cert.pem"), "-key", path("key.pem"), input="")
    check("openssl with a certificate", "Verification: OK" in out and "TLSv1.3" in out, out)
    context = ssl.create_default_context(cafile=path("ca.pem"))
    try:
        with context.wrap_socket(socket.create_connection(("127.0.0.1", between["nginx"]), 60), server_hostname="localhost") as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            seen = s.recv(100)
    except (ssl.SSLError, ConnectionError) as e:
        seen = b""
    check("Python's TLS without one is let in nowhere", seen == b"", seen)

def main():
    own_network.enter()
    make_certificates()
    names = {"nginx": True, "haproxy": True, "websocket": True, "postgres": False, "redis": False, "mariadb": False}
    servers = {n: (free_port(), http) for n, http in names.items()}
    starts = {"nginx": start_nginx, "haproxy": start_haproxy, "postgres": start_postgres, "redis": start_redis, "mariadb": start_mariadb}
    try:
        started = [(servers[n][0], fn(servers[n][0])) for n, fn in starts.items()]
        start_websocket(servers["websocket"][0])
        for port, process in started:
            wait_for(port, process)
        entry, between, pair = start_pair(servers)
        http_checks(entry)
        library_of_http2(entry["nginx"])
        check("a WebSocket client", asyncio.run(websocket_client(entry["websocket"])))
        database_checks(entry)
        tls_checks(between)
        for p in pair:
            p.terminate()
        check("the proxies end well", [p.wait(30) for p in pair] == [0, 0])
    finally:
        for p in running:
            if p.poll() is None:
                p.terminate()
        for p in running:
            try:
                p.wait(30)
            except subprocess.TimeoutExpired:
                p.kill()
    print(f"{passed} passed, {failed} failed", flush=True)
    os._exit(1 if failed else 0)

main()
