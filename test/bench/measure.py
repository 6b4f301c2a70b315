#!/usr/bin/env python3
"""Runs the peers against one another and prints tables: CPU time per request, throughput, latency.

usage: measure.py DIR BIN BASE-PORT ORIGIN-PORT [ROUNDS] [SECONDS]
Rounds are interleaved (each peer once per round) and the medians are shown, so that a machine's changing speed hits all alike.
CPU time is utime + stime of the peer's processes from /proc; load comes from wrk.
"""
import os, re, signal, statistics, subprocess, sys, time, socket

DIR, BIN, BASE, ORIGIN = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
ROUNDS = int(sys.argv[5]) if len(sys.argv) > 5 else 5
SECONDS = int(sys.argv[6]) if len(sys.argv) > 6 else 3
TICK = os.sysconf("SC_CLK_TCK")
BENCH = os.path.join(os.path.dirname(BIN), "test/bench")

def proxy(config, bin=BIN):
    return [f"{bin}/weft-proxy", "--config", config, "--concurrency", "1", "--admin-port", "0", "--status-port", "0"]

def envoy(config):
    return [ENVOY, "-c", config, "--concurrency", "1", "--disable-hot-restart", "--log-level", "off"]

# Where `make oracle` has installed it.
ENVOY = os.path.join(os.path.dirname(BIN), "oracle/bin/envoy")

GATEWAYS = {
    "relay (floor)": (BASE, [[f"{BENCH}/relay", str(BASE), str(ORIGIN)]]),
    "nginx": (BASE + 1, [["nginx", "-p", DIR, "-c", "nginx.conf"]]),
    "HAProxy": (BASE + 2, [["haproxy", "-db", "-q", "-f", "haproxy.cfg"]]),
    "weft-proxy": (BASE + 3, [proxy("weft.json")]),
}
PAIRS = {
    "HAProxy pair": (BASE + 4, [["haproxy", "-db", "-q", "-f", "haproxy-client.cfg"], ["haproxy", "-db", "-q", "-f", "haproxy-server.cfg"]]),
    "weft-proxy pair": (BASE + 6, [proxy("weft-client.json"), proxy("weft-server.json")]),
}
if os.path.exists(ENVOY):
    GATEWAYS["Envoy"] = (BASE + 10, [envoy("envoy.json")])
    PAIRS["Envoy pair"] = (BASE + 11, [envoy("envoy-client.json"), envoy("envoy-server.json")])

# HTTP/2 from the client, HTTP/1.1 to the origin.
PORTS_H2 = {"nginx": BASE + 8, "HAProxy": BASE + 9, "weft-proxy": BASE + 3, "Envoy": BASE + 10}
GATEWAYS_H2 = {name: (port, GATEWAYS[name][1]) for name, port in PORTS_H2.items() if name in GATEWAYS}
STREAMS = 100

# The same proxy as another commit builds it: compared with today's alone.
BASE_BIN = os.environ.get("BENCH_BASE_BIN")
VERSIONS_GATEWAY = {"before": (BASE + 3, [proxy("weft.json", BASE_BIN)]), "now": (BASE + 3, [proxy("weft.json")])}
VERSIONS_PAIR = {"before": (BASE + 6, [proxy("weft-client.json", BASE_BIN), proxy("weft-server.json", BASE_BIN)]),
                 "now": (BASE + 6, [proxy("weft-client.json"), proxy("weft-server.json")])}

def wait_port(port, p):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if p.poll() is not None:
            sys.exit(f"{p.args[0]} ended with {p.returncode}; see {DIR}/bench.log")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"{p.args[0]}: nothing listens on {port}")

def tree(pid):
    """The process and its children: nginx works in one."""
    kids = open(f"/proc/{pid}/task/{pid}/children").read().split()
    return [pid] + [k for c in kids for k in tree(int(c))]

def cpu_ticks(pids):
    total = 0
    for pid in pids:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total

def rss_mb(pids):
    return sum(int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{p}/status").read())[1]) for p in pids) / 1024

def to_ms(text):
    n, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(n) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

def load(port, connections, pids):
    before = cpu_ticks(pids)
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", "Host: host517.example",
                          f"http://127.0.0.1:{port}/route7/x"], capture_output=True, text=True).stdout
    after = cpu_ticks(pids)
    requests = int(re.search(r"(\d+) requests in", out)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    lat = dict(re.findall(r"(50|99)%\s+(\S+)", out))
    return {"us": (after - before) / TICK * 1e6 / max(requests, 1), "rps": requests / SECONDS,
            "p50": to_ms(lat["50"]), "p99": to_ms(lat["99"]), "bad": (int(bad[1]) if bad else 0),
            "errors": errors[1] if errors else ""}

def load_h2(port, connections, pids):
    """HTTP/2 without TLS, STREAMS at once on each connection."""
    times = os.path.join(DIR, "h2load.log")
    if os.path.exists(times):
        os.unlink(times)
    before = cpu_ticks(pids)
    out = subprocess.run(["h2load", f"-c{connections}", f"-m{STREAMS}", f"-D{SECONDS}", f"--log-file={times}",
                          "-H:authority: host517.example", f"http://127.0.0.1:{port}/route7/x"], capture_output=True, text=True).stdout
    after = cpu_ticks(pids)
    requests = int(re.search(r"(\d+) succeeded", out)[1])
    lat = sorted(int(line.split()[2]) / 1000 for line in open(times)) or [0]
    at = lambda share: lat[min(int(len(lat) * share), len(lat) - 1)]
    return {"us": (after - before) / TICK * 1e6 / max(requests, 1), "rps": requests / SECONDS, "p50": at(0.5), "p99": at(0.99),
            "bad": int(re.search(r"(\d+) failed", out)[1]), "errors": ""}

def start(commands, port, log):
    procs = [subprocess.Popen(c, cwd=DIR, stdout=log, stderr=log, stdin=subprocess.DEVNULL) for c in reversed(commands)]
    wait_port(port, procs[-1])
    return procs

def table(title, peers, connections, log, load=load):
    running = {name: start(cmds, port, log) for name, (port, cmds) in peers.items()}
    try:
        results = {name: [] for name in peers}
        pids = {name: [q for p in procs for q in map(int, tree(p.pid))] for name, procs in running.items()}
        for name, (port, _) in peers.items():
            load(port, connections, pids[name])   # warm-up
        for _ in range(ROUNDS):
            for name, (port, _) in peers.items():
                results[name].append(load(port, connections, pids[name]))
        first = None
        print(f"\n{title}, {connections} connections; medians of {ROUNDS} interleaved rounds of {SECONDS} s")
        print(f"{'peer':16} {'CPU us/req':>10} {'ratio':>6} {'req/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'RSS MB':>7} {'not 2xx':>8}")
        for name, rows in results.items():
            med = lambda k: statistics.median(r[k] for r in rows)
            first = first or med("us")
            print(f"{name:16} {med('us'):10.2f} {med('us') / (first or 1):6.2f} {med('rps'):9.0f} {med('p50'):8.3f} {med('p99'):8.3f}"
                  f" {rss_mb(pids[name]):7.1f} {sum(r['bad'] for r in rows):8d} {rows[-1]['errors']}")
    finally:
        stop([p for procs in running.values() for p in procs])

def stop(procs):
    for p in procs:
        p.send_signal(signal.SIGTERM)
    for p in procs:
        try:
            p.wait(10)
        except subprocess.TimeoutExpired:
            p.kill()

def compare(title, versions, connections, log):
    """Both listen on the same ports, so each runs for its round alone; who is first alternates."""
    rows = {name: [] for name in versions}
    for n in range(ROUNDS):
        for name in sorted(versions, reverse=n % 2 == 0):
            port, commands = versions[name]
            procs = start(commands, port, log)
            try:
                load(port, connections, [p.pid for p in procs])   # warm-up
                rows[name].append(load(port, connections, [p.pid for p in procs]))
            finally:
                stop(procs)
    print(f"\n{title}, {connections} connections; {ROUNDS} interleaved rounds of {SECONDS} s: median (least to most)")
    for key, what, digits in (("us", "CPU us/req", 2), ("rps", "req/s", 0), ("p99", "p99 ms", 3)):
        ratio = sorted(b[key] / a[key] for a, b in zip(rows["before"], rows["now"]))
        show = lambda v: f"{statistics.median(v):.{digits}f} ({min(v):.{digits}f} to {max(v):.{digits}f})"
        print(f"{what:12} before {show([r[key] for r in rows['before']]):32} now {show([r[key] for r in rows['now']]):32}"
              f" now/before {statistics.median(ratio):.3f} ({ratio[0]:.3f} to {ratio[-1]:.3f})")

def main():
    with open(f"{DIR}/bench.log", "w") as log:
        origin = subprocess.Popen([f"{BENCH}/origin", str(ORIGIN)], stdout=log, stderr=log)
        try:
            wait_port(ORIGIN, origin)
            if BASE_BIN:
                for connections in (32, 256):
                    compare("HTTP/1.1 gateway, 1,000 virtual hosts of 10 routes, one worker", VERSIONS_GATEWAY, connections, log)
                    compare("Client and server sidecar, TLS 1.3 with client certificates", VERSIONS_PAIR, connections, log)
                return
            for connections in (32, 256):
                table("HTTP/1.1 gateway, 1,000 virtual hosts of 10 routes, one worker, keep-alive", GATEWAYS, connections, log)
            table(f"HTTP/2 gateway without TLS, {STREAMS} streams on each connection, the same routes, HTTP/1.1 to the origin", GATEWAYS_H2, 8, log, load_h2)
            for connections in (32, 256):
                table("Client and server sidecar, TLS 1.3 with client certificates, one worker each", PAIRS, connections, log)
        finally:
            origin.terminate()

main()
