#!/usr/bin/python3
"""weft-console as a collector, over sockets: spans in all forms, whole, gzipped and broken; Jaeger's query API; who may ask.

The API server is that of the embedded cluster, without a node; the console is the sanitized build. Prints "N passed, N failed".
"""
import gzip, http.client, json, os, socket, subprocess, sys, time, urllib.request, urllib.error

import grpc

BIN, ASAN, TMP = os.environ["BIN"], os.environ["BIN_ASAN"], os.environ["TEST_TMP"]
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

def ask(port, path, body=None, method=None, **fields):
    """(status, body, fields) of one request."""
    r = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method,
                               headers={k.replace("_", "-"): v for k, v in fields.items()})
    try:
        with urllib.request.urlopen(r, timeout=WAIT_S) as a:
            return a.status, a.read(), a.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read(), e.headers

def start(name, *flags):
    ports = [free_port() for _ in range(4)]
    names = ["port", "zipkin-port", "otlp-port", "grpc-port"]
    log = open(os.path.join(TMP, name + ".log"), "w")
    p = subprocess.Popen([os.path.join(ASAN, "weft-console"), "collector", "--host=127.0.0.1", "--namespace=istio-system",
                          *[f"--{n}={q}" for n, q in zip(names, ports)], *flags], stdout=log, stderr=log)
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and p.poll() is None:
        try:
            if ask(ports[0], "/healthz")[0] == 200:
                break
        except OSError:
            time.sleep(0.02)        # between looks: there is nothing to wait on
    return p, ports

def stop(p, name):
    p.terminate()
    code = p.wait(WAIT_S)
    check(f"{name} ends cleanly", code == 0, open(os.path.join(TMP, name + ".log")).read())

def kubectl(*args, text=None):
    r = subprocess.run(["kubectl", *args], input=text, text=True, capture_output=True)
    if r.returncode:
        raise OSError(r.stderr)
    return r.stdout.strip()

NOW = int(time.time() * 1e6)
def zipkin(trace, span, service, **more):
    return {"traceId": trace, "id": span, "timestamp": NOW, "duration": 1000, "name": "get", "kind": "SERVER",
            "localEndpoint": {"serviceName": service}, **more}

def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])

def field(n, data):
    return varint(n << 3 | 2) + varint(len(data)) + data

def otlp(trace, span, service):
    value = field(1, b"service.name") + field(2, field(1, service.encode()))
    t = (NOW * 1000).to_bytes(8, "little")
    s = field(1, bytes.fromhex(trace)) + field(2, bytes.fromhex(span)) + field(5, b"op") + b"\x30\x02" + b"\x39" + t + b"\x41" + t
    return field(1, field(1, field(1, value)) + field(2, field(2, s)))

def spans(ports):
    query, z, o, g = ports
    body = json.dumps([zipkin("a1", "1", "gateway.istio-system"), zipkin("a1", "2", "catalog.shop", parentId="1")]).encode()
    check("Zipkin's JSON is taken", ask(z, "/api/v2/spans", body, content_type="application/json")[0] == 202)
    trace = "0af7651916cd43dd8448eb211c80319c"
    seen = ask(o, "/v1/traces", otlp(trace, "b7ad6b7169203331", "otlp.http"), content_type="application/x-protobuf")
    check("OTLP in protobuf is taken", seen[0] == 200 and seen[1] == b"", seen)
    seen = ask(o, "/v1/traces", gzip.compress(otlp(trace, "b7ad6b7169203332", "otlp.gzip")), content_type="application/x-protobuf",
               content_encoding="gzip")
    check("OTLP in gzip is taken", seen[0] == 200, seen)
    text = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "otlp.json"}}]}, "scopeSpans": [
        {"spans": [{"traceId": trace, "spanId": "b7ad6b7169203333", "name": "x", "startTimeUnixNano": str(NOW * 1000)}, {}]}]}]}
    seen = ask(o, "/v1/traces", json.dumps(text).encode(), content_type="application/json; charset=utf-8")
    check("OTLP in JSON is taken, and a broken span told", seen[0] == 200 and json.loads(seen[1])["partialSuccess"]["rejectedSpans"] == "1", seen)
    with grpc.insecure_channel(f"127.0.0.1:{g}") as channel:
        export = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        check("OTLP over gRPC is taken", export(otlp(trace, "b7ad6b7169203334", "otlp.grpc"), timeout=WAIT_S) == b"")
        try:
            export(b"\xff", timeout=WAIT_S)
            check("what is no request is refused", False)
        except grpc.RpcError as e:
            check("what is no request is refused", e.code() == grpc.StatusCode.INVALID_ARGUMENT, e)
    data = json.loads(ask(query, "/api/services")[1])["data"]
    check("all services are listed", data == ["catalog.shop", "gateway.istio-system", "otlp.grpc", "otlp.gzip", "otlp.http", "otlp.json"], data)
    data = json.loads(ask(query, "/api/traces?service=gateway.istio-system&limit=20")[1])["data"]
    check("a trace has both its spans", len(data) == 1 and [p["serviceName"] for p in data[0]["processes"].values()] ==
          ["gateway.istio-system", "catalog.shop"], data)
    seen = ask(query, "/api/traces/" + trace)
    check("a trace is found by its identifier", len(json.loads(seen[1])["data"][0]["spans"]) == 4, seen)
    check("one that is not there is not", ask(query, "/api/traces/abc")[0] == 404)
    check("operations are listed", json.loads(ask(query, "/api/services/otlp.grpc/operations")[1])["data"] == ["op"])
    data = json.loads(ask(query, "/api/dependencies?endTs=%d&lookback=60000" % (NOW // 1000 + 1000))[1])["data"]
    check("dependencies are counted", data == [{"parent": "gateway.istio-system", "child": "catalog.shop", "callCount": 1}], data)
    for wrong in ["", "?service=a&limit=x", "?service=a&minDuration=soon", "?service=a&tags=%7B", "?service=a&tags=%5B%5D"]:
        check(f"/api/traces{wrong} is refused", ask(query, "/api/traces" + wrong)[0] == 400)

def limits(ports):
    query, z = ports[:2]
    check("a broken batch is refused", ask(z, "/api/v2/spans", b"[{")[0] == 400)
    check("one that is no gzip is refused", ask(z, "/api/v2/spans", b"[]", content_encoding="gzip")[0] == 400)
    check("what becomes too large is refused", ask(z, "/api/v2/spans", gzip.compress(b"[" + b" " * (3 << 20) + b"]"), content_encoding="gzip")[0] == 413)
    check("an unknown encoding is refused", ask(z, "/api/v2/spans", b"[]", content_encoding="br")[0] == 415)
    check("spans are not read", ask(z, "/api/v2/spans")[0] == 405)
    check("no other path is there", ask(z, "/api/services")[0] == 404)
    for name, fields, expected in [("a length over the limit", {"Content-Length": str(3 << 20)}, 413), ("chunks", {"Transfer-Encoding": "chunked"}, 411),
                                   ("no number", {"Content-Length": "abc"}, 400)]:
        c = http.client.HTTPConnection("127.0.0.1", z, timeout=WAIT_S)
        c.putrequest("POST", "/api/v2/spans")
        for k, v in fields.items():
            c.putheader(k, v)
        c.endheaders()
        check(f"a body with {name} is refused", c.getresponse().status == expected)
        c.close()
    for n in range(20):     # clients that go before their answer, and in the middle of a body
        with socket.create_connection(("127.0.0.1", (z, query)[n % 2])) as s:
            s.sendall(b"POST /api/v2/spans HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n[" if n % 3 else b"GET /api/services HTTP/1.1\r\nhost: x\r\n\r\n")
    check("those who go cost nothing", ask(query, "/healthz")[0] == 200)
    text = ask(query, "/metrics")[1].decode()
    check("all is counted", "weft_console_batches_broken_total 4" in text and "weft_console_requests_refused_total" in text, text)

def doors(lab):
    p, ports = start("closed")
    query = ports[0]
    check("without a token nothing is told", ask(query, "/api/services")[0] == 401)
    check("nor with a wrong one", ask(query, "/api/services", authorization="Bearer nobody")[0] == 401)
    kubectl("create", "namespace", "istio-system")
    kubectl("create", "serviceaccount", "looker", "-n", "istio-system")
    token = kubectl("create", "token", "looker", "-n", "istio-system")
    seen = ask(query, "/api/services", authorization="Bearer " + token)
    check("who may not see pods sees no traces", seen[0] == 403, seen)
    kubectl("create", "role", "look", "-n", "istio-system", "--verb=get", "--resource=pods")
    kubectl("create", "rolebinding", "look", "-n", "istio-system", "--role=look", "--serviceaccount=istio-system:looker")
    token = kubectl("create", "token", "looker", "-n", "istio-system")
    seen = ask(query, "/api/services", authorization="Bearer " + token)
    check("who may, does", seen[0] == 200, seen)
    check("a login wants a token", ask(query, "/api/login", b"{}")[0] == 400 and ask(query, "/api/login", b'{"token":""}')[0] == 400)
    check("of another site is refused", ask(query, "/api/login", json.dumps({"token": token}).encode(), origin="http://evil.example")[0] == 403)
    seen = ask(query, "/api/login", json.dumps({"token": token}).encode(), origin=f"http://127.0.0.1:{query}")
    cookie = seen[2].get("set-cookie", "")
    check("a login makes a session", seen[0] == 200 and json.loads(seen[1])["user"] == "system:serviceaccount:istio-system:looker" and
          all(x in cookie for x in ("HttpOnly", "SameSite=Strict")), seen)
    cookie = cookie.split(";")[0]
    check("which opens", ask(query, "/api/services", cookie=cookie)[0] == 200)
    check("and ends", ask(query, "/api/logout", b"", cookie=cookie)[0] == 200 and ask(query, "/api/services", cookie=cookie)[0] == 401)
    fields = ask(query, "/healthz")[2]
    check("browsers are told what not to do", "default-src 'none'" in fields["content-security-policy"] and fields["x-content-type-options"] == "nosniff")
    stop(p, "closed")

def main():
    own_network.enter()
    lab = os.path.join(TMP, "lab")
    subprocess.run([os.path.join(BIN, "weft-lab"), "up", "--api-only", "--detach", "--data", lab], check=True, stdout=subprocess.DEVNULL)
    try:
        for line in subprocess.run([os.path.join(BIN, "weft-lab"), "env", "--data", lab], check=True, capture_output=True, text=True).stdout.splitlines():
            if "=" in line:
                k, v = line.removeprefix("export ").split("=", 1)
                os.environ[k] = v.strip("'\"")
        p, ports = start("open", "--anonymous", "--storage=" + os.path.join(TMP, "spans.db"))
        spans(ports)
        limits(ports)
        check("who comes through another's router is a stranger", ask(ports[0], "/api/services", x_forwarded_for="127.0.0.1, 10.1.1.1")[0] == 401)
        stop(p, "open")
        p, ports = start("again", "--anonymous", "--storage=" + os.path.join(TMP, "spans.db"))
        check("spans outlive the program", len(json.loads(ask(ports[0], "/api/services")[1])["data"]) == 6)
        stop(p, "again")
        doors(lab)
    finally:
        subprocess.run([os.path.join(BIN, "weft-lab"), "down", "--data", lab], stdout=subprocess.DEVNULL)
    print(f"{passed} passed, {failed} failed")
    return failed != 0

sys.exit(main())
