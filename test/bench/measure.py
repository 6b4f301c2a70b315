#!/usr/bin/env python3
"""Runs the peers against one another and prints tables: CPU time per request, throughput, latency.

usage: measure.py DIR BIN BASE-PORT ORIGIN-PORT ROUNDS SECONDS [ROW...]
Rounds are interleaved (each peer once per round); medians and ranges are shown, so that a machine's changing speed hits
all alike. Load comes from wrk and h2load.
"""
import functools, json, os, statistics, subprocess, sys

import configs, features, idle, instructions
from peers import RATE, RATE_CONNECTIONS, STREAMS, Peer, Running, at_rate, busy_neighbours, grpc, h2load, stop, wait_port, wrk

DIR, BIN, BASE, ORIGIN = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
ROUNDS, SECONDS = int(sys.argv[5]), int(sys.argv[6])
ROWS = ("h1", "rate", "h2", "h2-h2", "grpc", "pair", "jwt", "rules", "tracing", "idle")
# Only when asked for: it takes minutes more, and minds no other program.
MORE_ROWS = ("instructions",)
WANTED = sys.argv[7:] or ROWS
BENCH = os.path.join(os.path.dirname(BIN), "test/bench")
PORTS = {name: BASE + n for name, n in configs.PORTS.items()}
# Where `make oracle` has installed it.
ENVOY = os.path.join(os.path.dirname(BIN), "oracle/bin/envoy")

def weft(config, bin=BIN):
    return [f"{bin}/weft-proxy", "--config", config, "--concurrency", "1", "--admin-port", "0", "--status-port", "0"]

def envoy(config):
    return [ENVOY, "-c", config, "--concurrency", "1", "--disable-hot-restart", "--log-level", "off"]

def nginx(config):
    return ["nginx", "-p", DIR, "-c", config]

def haproxy(config):
    return ["haproxy", "-db", "-q", "-f", config]

def with_envoy(peers, name, port, *commands, **more):
    if os.path.exists(ENVOY):
        peers[name] = Peer(PORTS[port], *commands, **more)
    return peers

GATEWAY = Peer(PORTS["weft"], weft("weft.json"))
GATEWAYS = with_envoy({
    "relay (floor)": Peer(PORTS["relay"], [f"{BENCH}/relay", str(PORTS["relay"]), str(ORIGIN)]),
    "nginx": Peer(PORTS["nginx"], nginx("nginx.conf")),
    "HAProxy": Peer(PORTS["haproxy"], haproxy("haproxy.cfg")),
    "weft-proxy": GATEWAY,
    "weft-proxy, metrics": Peer(PORTS["metrics"], weft("weft-metrics.json")),
}, "Envoy", "envoy", envoy("envoy.json"))
PAIRS = with_envoy({
    "HAProxy pair": Peer(PORTS["haproxy-client"], haproxy("haproxy-client.cfg"), haproxy("haproxy-server.cfg")),
    "weft-proxy pair": Peer(PORTS["weft-client"], weft("weft-client.json"), weft("weft-server.json")),
}, "Envoy pair", "envoy-client", envoy("envoy-client.json"), envoy("envoy-server.json"))
# HTTP/2 from the client, HTTP/1.1 to the origin.
GATEWAYS_H2 = with_envoy({
    "nginx": Peer(PORTS["nginx-h2"], nginx("nginx.conf")),
    "HAProxy": Peer(PORTS["haproxy-h2"], haproxy("haproxy.cfg")),
    "weft-proxy": GATEWAY,
}, "Envoy", "envoy", envoy("envoy.json"))
H2_H2 = with_envoy({
    "HAProxy": Peer(PORTS["haproxy-h2-h2"], haproxy("haproxy-h2.cfg")),
    "weft-proxy": Peer(PORTS["weft-h2"], weft("weft-h2.json")),
}, "Envoy", "envoy-h2", envoy("envoy-h2.json"))
GRPC = with_envoy({
    "HAProxy": Peer(PORTS["haproxy-grpc"], haproxy("haproxy-grpc.cfg")),
    "nginx": Peer(PORTS["nginx-grpc"], nginx("nginx-grpc.conf")),
    "weft-proxy": Peer(PORTS["weft-grpc"], weft("weft-grpc.json")),
}, "Envoy", "envoy-grpc", envoy("envoy-grpc.json"))
JWT = {"without": GATEWAY, f"{features.TOKENS} tokens": Peer(PORTS["jwt"], weft("weft-jwt.json"))}
RULES = {f"{n} by path": Peer(PORTS[f"rules-{n}"], weft(f"weft-rules-{n}.json")) for n in (1, features.RULES)}
CLIENTS = {f"{n} by client": Peer(PORTS[f"who-{n}-client"], weft(f"weft-who-{n}-client.json"), weft(f"weft-who-{n}-server.json"),
                                 measured=1) for n in (1, features.RULES)}
TRACING = {"none": GATEWAY, **{f"{p} % of requests": Peer(PORTS[f"tracing-{p}"], weft(f"weft-tracing-{p}.json")) for p in (1, 100)}}
IDLE = with_envoy({"nginx": GATEWAYS["nginx"], "HAProxy": GATEWAYS["HAProxy"], "weft-proxy": GATEWAY}, "Envoy", "envoy", envoy("envoy.json"))
IDLE_TLS = with_envoy({
    "HAProxy": Peer(PORTS["haproxy-server"], haproxy("haproxy-server.cfg")),
    "weft-proxy": Peer(PORTS["weft-server"], weft("weft-server.json")),
}, "Envoy", "envoy-server", envoy("envoy-server.json"))

# The same proxy as another commit builds it: compared with today's alone.
BASE_BIN = os.environ.get("BENCH_BASE_BIN")

def load(running, how, connections, seconds=SECONDS):
    before = running.cpu_us()
    r = how(DIR, running.peer.port, connections, seconds)
    r["us"] = (running.cpu_us() - before) / max(r["requests"], 1)
    r["rps"] = r["requests"] / seconds
    return r

def report(title, results, rss_mb):
    """Ratios are to the first peer, and of each round's two values: what slows the machine down slows both."""
    print(f"\n{title}; {ROUNDS} interleaved rounds of {SECONDS} s: median (least to most)")
    print(f"{'peer':20} {'CPU us/req':>24} {'ratio':>20} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'RSS MB':>7} {'not 2xx':>8}")
    first = next(iter(results.values()))
    for name, rows in results.items():
        med = lambda k: statistics.median(r[k] for r in rows)
        span = lambda v, digits: f"{statistics.median(v):.{digits}f} ({min(v):.{digits}f} to {max(v):.{digits}f})"
        ratio = [r["us"] / (f["us"] or 1) for r, f in zip(rows, first)]
        print(f"{name:20} {span([r['us'] for r in rows], 2):>24} {span(ratio, 2):>20} {med('rps'):8.0f} {med('p50'):8.3f} {med('p99'):8.3f}"
              f" {rss_mb[name]:7.1f} {sum(r['bad'] for r in rows):8d} {rows[-1]['errors']}", flush=True)

def table(title, peers, how, connections, log):
    running = {}
    try:
        for name, peer in peers.items():
            running[name] = Running(peer, DIR, log)
        for r in running.values():
            load(r, how, connections, 1)   # warm-up
        results = {name: [] for name in peers}
        for _ in range(ROUNDS):
            for name, r in running.items():
                results[name].append(load(r, how, connections))
        report(f"{title}, {connections} connections", results, {name: r.rss_kb() / 1024 for name, r in running.items()})
    finally:
        for r in running.values():
            r.stop()

def compare(title, config, connections, log):
    """Both versions listen on the same ports, so each runs for its round alone; who is first alternates."""
    rows = {"before": [], "now": []}
    for n in range(ROUNDS):
        for name in sorted(rows, reverse=n % 2 == 0):
            port, files = config
            r = Running(Peer(port, *(weft(f, BASE_BIN if name == "before" else BIN) for f in files)), DIR, log)
            try:
                load(r, wrk, connections, 1)   # warm-up
                rows[name].append(load(r, wrk, connections))
            finally:
                r.stop()
    print(f"\n{title}, {connections} connections; {ROUNDS} interleaved rounds of {SECONDS} s: median (least to most)")
    for key, what, digits in (("us", "CPU us/req", 2), ("rps", "req/s", 0), ("p99", "p99 ms", 3)):
        ratio = sorted(b[key] / a[key] for a, b in zip(rows["before"], rows["now"]))
        show = lambda v: f"{statistics.median(v):.{digits}f} ({min(v):.{digits}f} to {max(v):.{digits}f})"
        print(f"{what:12} before {show([r[key] for r in rows['before']]):32} now {show([r[key] for r in rows['now']]):32}"
              f" now/before {statistics.median(ratio):.3f} ({ratio[0]:.3f} to {ratio[-1]:.3f})")

def programs():
    """Whose instructions are counted: name, peer, which of its commands, what h2load is told besides."""
    pair = PAIRS["weft-proxy pair"]
    yield "HTTP/1.1 gateway", GATEWAY, 0, []
    yield "HTTP/1.1 gateway, metrics", GATEWAYS["weft-proxy, metrics"], 0, []
    yield "client of a pair", pair, 0, []
    yield "server of a pair", pair, 1, []

def row(name, log, origin):
    one = f"{configs.VHOSTS} virtual hosts of {configs.ROUTES} routes, one worker"
    at = lambda title, peers, how, *counts: [table(title, peers, how, n, log) for n in counts]
    if name == "h1":
        at(f"HTTP/1.1 gateway, {one}, keep-alive", GATEWAYS, wrk, 32, 256)
    elif name == "rate":
        paced = {name: peer for name, peer in GATEWAYS.items() if name != "weft-proxy"}
        at(f"HTTP/1.1 gateway at {RATE} requests a second", paced, at_rate, RATE_CONNECTIONS)
        with busy_neighbours():
            at(f"The same beside a program for each core that never rests", paced, at_rate, RATE_CONNECTIONS)
    elif name == "h2":
        at(f"HTTP/2 gateway without TLS, {STREAMS} streams on each connection, HTTP/1.1 to the origin", GATEWAYS_H2, h2load, 8)
    elif name == "h2-h2":
        at(f"HTTP/2 to HTTP/2, {STREAMS} streams on each connection", H2_H2, h2load, 8)
    elif name == "grpc":
        at(f"gRPC unary, {STREAMS} calls at once on each connection", GRPC, grpc, 8)
    elif name == "pair":
        at("Client and server sidecar, TLS 1.3 with client certificates, one worker each", PAIRS, wrk, 32, 256)
    elif name == "jwt":
        at(f"JWT: {features.TOKENS} tokens in turn (RS256), checked or not", JWT, functools.partial(wrk, script="jwt.lua"), 32)
    elif name == "rules":
        at("Authorization: rules of which the last one lets pass, by path", RULES, wrk, 32)
        at("Authorization: the same by the client's certificate; the server's sidecar alone counts", CLIENTS, wrk, 32)
    elif name == "tracing":
        at("Tracing: spans to a Zipkin collector", TRACING, wrk, 32)
    elif name == "idle":
        start = lambda peer: Running(peer, DIR, log)
        idle.table("Memory, plain", IDLE, start, 1, DIR, origin, ORIGIN, False)
        idle.table("Memory, TLS from the client", IDLE_TLS, start, 1, DIR, origin, ORIGIN, True)
    elif name == "instructions":
        instructions.table(programs(), DIR, log)

def write(name, text):
    with open(os.path.join(DIR, name), "w") as out:
        out.write(text if isinstance(text, str) else json.dumps(text))

def main():
    unknown = [r for r in WANTED if r not in ROWS + MORE_ROWS]
    if unknown:
        sys.exit(f"bench: there is no row {unknown[0]}; there are {', '.join(ROWS + MORE_ROWS)}")
    configs.write_all(write, DIR, ORIGIN, PORTS)
    features.write_all(write, WANTED, DIR, ORIGIN, PORTS)
    with open(f"{DIR}/bench.log", "w") as log:
        start = lambda *command: subprocess.Popen(command, cwd=DIR, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        beside = []
        try:
            beside += [start(f"{BENCH}/origin", str(ORIGIN))]
            wait_port(ORIGIN, beside[0])
            if BASE_BIN:
                for connections in (32, 256):
                    compare("HTTP/1.1 gateway, 1,000 virtual hosts of 10 routes, one worker", (PORTS["weft"], ["weft.json"]), connections, log)
                    compare("Client and server sidecar, TLS 1.3 with client certificates",
                            (PORTS["weft-client"], ["weft-client.json", "weft-server.json"]), connections, log)
                return
            beside += [start(f"{BENCH}/origin_grpc", str(PORTS["origin-grpc"])), start(*nginx("nginx-side.conf"))]
            wait_port(PORTS["origin-grpc"], beside[1])
            wait_port(PORTS["origin-h2"], beside[2])
            for name in WANTED:
                row(name, log, beside[0])
        finally:
            stop(beside)

main()
