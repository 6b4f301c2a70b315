"""The other side of grpc_interop_test: gRPC's own implementation, as client of, or server for, raw byte messages.

usage: peer.py client ADDRESS [CERTS]   |   peer.py server [CERTS]    (prints its port)
CERTS is a directory with root.pem, cert.pem and key.pem.
"""
import concurrent.futures, os, sys
import grpc

def raw(x):
    return x

def read(certs, name):
    with open(os.path.join(certs, name), "rb") as f:
        return f.read()

class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/t.T/Echo":
            return grpc.stream_stream_rpc_method_handler(self.echo, raw, raw)
        if details.method == "/t.T/Fail":
            return grpc.unary_unary_rpc_method_handler(self.fail, raw, raw)
        return None
    def echo(self, messages, context):
        for m in messages:
            yield m
    def fail(self, message, context):
        md = dict(context.invocation_metadata())
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "100% nö " + md.get("authorization", ""))

def client(address, certs):
    if certs:
        cred = grpc.ssl_channel_credentials(read(certs, "root.pem"), read(certs, "key.pem"), read(certs, "cert.pem"))
        ch = grpc.secure_channel(address, cred, [("grpc.ssl_target_name_override", "weftd.svc")])
    else:
        ch = grpc.insecure_channel(address)
    echo = ch.stream_stream("/t.T/Echo", raw, raw)
    got = list(echo(iter([b"a" * n for n in (0, 1, 100, 70000, 1000000)]), timeout=20))
    assert [len(m) for m in got] == [0, 1, 100, 70000, 1000000], [len(m) for m in got]
    many = list(echo((b"%d" % i for i in range(3000)), timeout=20))
    assert many == [b"%d" % i for i in range(3000)]
    def status(method, **kw):
        try:
            ch.unary_unary(method, raw, raw)(b"x", **kw)
        except grpc.RpcError as e:
            return e.code(), e.details()
    assert status("/t.T/Refuse", metadata=[("authorization", "Bearer x")]) == (grpc.StatusCode.PERMISSION_DENIED, "100% nö")
    assert status("/t.T/None")[0] == grpc.StatusCode.UNIMPLEMENTED
    assert status("/t.T/Sleep", timeout=0.2)[0] == grpc.StatusCode.DEADLINE_EXCEEDED
    try:  # it says by itself that it takes deflate and gzip: ours is not among them, so it gets plain bytes
        got = ch.unary_unary("/t.T/Packed", raw, raw)(b"x", timeout=20)
        assert got == b"plain" * 1000, got[:20]
        ch.unary_unary("/t.T/Echo", raw, raw)(b"x" * 10000, timeout=20, compression=grpc.Compression.Gzip)
        assert False, "a message compressed by gzip was taken"
    except grpc.RpcError as e:
        assert (e.code(), e.details()) == (grpc.StatusCode.UNIMPLEMENTED, "compressed messages are not supported"), e
    call = ch.unary_unary("/t.T/Sleep", raw, raw).future(b"x", timeout=20)
    call.cancel()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        one = ch.stream_unary("/t.T/Echo", raw, raw)
        assert all(pool.map(lambda i: one(iter([b"%d" % i]), timeout=20) == b"%d" % i, range(500)))

def server(certs):
    s = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    s.add_generic_rpc_handlers((Echo(),))
    if certs:
        cred = grpc.ssl_server_credentials([(read(certs, "key.pem"), read(certs, "cert.pem"))], read(certs, "root.pem"), True)
        port = s.add_secure_port("127.0.0.1:0", cred)
    else:
        port = s.add_insecure_port("127.0.0.1:0")
    s.start()
    print(port, flush=True)
    sys.stdin.read()
    s.stop(0)

if sys.argv[1] == "client":
    client(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
else:
    server(sys.argv[2] if len(sys.argv) > 2 else None)
