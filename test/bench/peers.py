"""Starts peers, puts load on them, and reads what it cost: CPU time is utime + stime of the peer's processes from /proc."""
import contextlib, os, re, signal, socket, subprocess, sys, time

TICK = os.sysconf("SC_CLK_TCK")
STREAMS = 100   # at once on each connection of HTTP/2
# Of requests that come whether or not others were answered.
RATE, RATE_CONNECTIONS = 10000, 250

class Peer:
    """Commands that serve on a port; measured: of which of them CPU time and memory count (all, if not said)."""
    def __init__(self, port, *commands, measured=None):
        self.port, self.commands, self.measured = port, commands, measured

class Running:
    """A peer's processes, the first command's last, so that what it needs is there already."""
    def __init__(self, peer, d, log):
        self.peer = peer
        self.procs = [subprocess.Popen(c, cwd=d, stdout=log, stderr=log, stdin=subprocess.DEVNULL) for c in reversed(peer.commands)]
        try:
            wait_port(peer.port, self.procs[-1])
        except BaseException:
            self.stop()
            raise
        measured = self.procs if peer.measured is None else [self.procs[len(self.procs) - 1 - peer.measured]]
        self.roots = [p.pid for p in measured]

    def pids(self):
        """Anew each time: nginx listens before its worker is there."""
        return [q for root in self.roots for q in tree(root)]

    def cpu_us(self):
        ticks = 0
        for pid in self.pids():
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK * 1e6

    def rss_kb(self):
        return sum(int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{p}/status").read())[1]) for p in self.pids())

    def stop(self):
        stop(self.procs)

def stop(procs):
    for p in procs:
        p.send_signal(signal.SIGTERM)
    for p in procs:
        try:
            p.wait(10)
        except subprocess.TimeoutExpired:
            p.kill()

def wait_port(port, p):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if p.poll() is not None:
            sys.exit(f"bench: {' '.join(map(str, p.args))} ended with {p.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"bench: {p.args[0]}: nothing listens on {port}")

def tree(pid):
    """The process and its children."""
    kids = open(f"/proc/{pid}/task/{pid}/children").read().split()
    return [pid] + [k for c in kids for k in tree(int(c))]

def to_ms(text):
    n, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(n) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

# ---- load: each returns requests, p50, p99 (ms), bad and what else there is to say ----

def wrk(d, port, connections, seconds, script=None):
    more = ["-s", os.path.join(d, script)] if script else []
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *more, "-H", "Host: host517.example",
                          f"http://127.0.0.1:{port}/route7/x"], capture_output=True, text=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    lat = dict(re.findall(r"(50|99)%\s+(\S+)", out))
    return {"requests": int(re.search(r"(\d+) requests in", out)[1]), "p50": to_ms(lat["50"]), "p99": to_ms(lat["99"]),
            "bad": int(bad[1]) if bad else 0, "errors": errors[1] if errors else ""}

def h2load(d, port, connections, seconds, path="/route7/x", *more, how=(f"-m{STREAMS}",)):
    """HTTP/2 without TLS, unless it is told otherwise."""
    times = os.path.join(d, "h2load.log")
    if os.path.exists(times):
        os.unlink(times)
    out = subprocess.run(["h2load", f"-c{connections}", f"-D{seconds}", f"--log-file={times}", *how, *more,
                          "-H:authority: host517.example", f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    lat = sorted(int(line.split()[2]) / 1000 for line in open(times)) or [0]
    at = lambda share: lat[min(int(len(lat) * share), len(lat) - 1)]
    # What was under way at the end was dropped by the client: it is no failure of the peer.
    codes = [int(n) for n in re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", out).groups()]
    return {"requests": codes[0], "p50": at(0.5), "p99": at(0.99), "bad": sum(codes[1:]), "errors": ""}

def at_rate(d, port, connections, seconds):
    """RATE requests a second of HTTP/1.1, evenly over the connections."""
    return h2load(d, port, connections, seconds, how=("--h1", f"--rps={RATE / connections:g}"))

@contextlib.contextmanager
def busy_neighbours():
    """A program for each core that computes without end, of the same priority as everybody."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for p in spinning:
            p.kill()
            p.wait()

def grpc(d, port, connections, seconds):
    """Unary calls of 64 bytes; h2load sees the HTTP status only, so one call before looks at gRPC's."""
    frame = os.path.join(d, "grpc.bin")
    if not os.path.exists(frame):
        with open(frame, "wb") as out:
            out.write(b"\0" + (64).to_bytes(4, "big") + b"x" * 64)
    head = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    one = subprocess.run(["curl", "-sv", "-o", "/dev/null", "--http2-prior-knowledge", "--data-binary", f"@{frame}", *head,
                          "-H", "Host: host517.example", f"http://127.0.0.1:{port}/bench.Echo/Unary"], capture_output=True, text=True).stderr
    if "grpc-status: 0" not in one:
        sys.exit(f"bench: no gRPC on {port}:\n{one}")
    return h2load(d, port, connections, seconds, "/bench.Echo/Unary", f"--data={frame}", *head)
