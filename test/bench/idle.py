"""What an idle connection costs: memory of a peer with COUNT idle clients and as many idle connections to the origin."""
import os, resource, select, signal, socket, ssl, statistics, time

COUNT = 1000
REQUEST = b"GET /route7/x HTTP/1.1\r\nHost: host517.example\r\n\r\n"
WAIT_S = 60      # for anything
SETTLE_S = 12    # buffers that nobody needs any more are given back after a while

def connect(port, tls):
    s = socket.create_connection(("127.0.0.1", port), WAIT_S)
    if not tls:
        return s
    return tls.wrap_socket(s, server_hostname="server.example")

def context(d):
    c = ssl.create_default_context(cafile=os.path.join(d, "ca.pem"))
    c.minimum_version = ssl.TLSVersion.TLSv1_3
    c.load_cert_chain(os.path.join(d, "both.pem"))
    c.set_alpn_protocols(["istio", "http/1.1"])
    return c

def established_to(port):
    """Connections of this machine to the port that are open: state 01 of /proc/net/tcp."""
    want = f":{port:04X}"
    rows = (line.split() for line in open("/proc/net/tcp").readlines()[1:])
    return sum(r[2].endswith(want) and r[3] == "01" for r in rows)

def wait_for(what, condition):
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"bench: idle: {what} within {WAIT_S} s")
        time.sleep(0.02)

def readable(left):
    p = select.poll()
    for fd in left:
        p.register(fd, select.POLLIN)
    return [fd for fd, _ in p.poll(1000)]

def read_answers(clients):
    left = {c.fileno(): (c, bytearray()) for c in clients}
    end = time.monotonic() + WAIT_S
    while left and time.monotonic() < end:
        for fd in readable(left):
            c, got = left[fd]
            got += c.recv(65536)
            body = got.find(b"\r\n\r\n")
            if body >= 0 and len(got) >= body + 4 + 1024:
                if not got.startswith(b"HTTP/1.1 200"):
                    raise SystemExit(f"bench: idle: {bytes(got[:60])}")
                del left[fd]
    if left:
        raise SystemExit(f"bench: idle: {len(left)} requests had no answer")

def settled_kb(running):
    """The least that was seen: memory given back late is not the connections'."""
    least, end = running.rss_kb(), time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        time.sleep(0.2)
        least = min(least, running.rss_kb())
    return least

def each_has_its_own(running, clients, origin, origin_port, before):
    """The origin stands still until each client's request has a connection of its own to it; then all are answered."""
    origin.send_signal(signal.SIGSTOP)
    try:
        for c in clients:
            c.sendall(REQUEST)
        wait_for(f"{running.peer.commands[0][0]}: fewer than {len(clients)} connections to the origin", lambda: established_to(origin_port) - before >= len(clients))
    finally:
        origin.send_signal(signal.SIGCONT)
    read_answers(clients)

def measure(running, d, origin, origin_port, tls):
    """KiB for each pair of connections: what a second COUNT of them costs, so that the burst itself is in both figures."""
    context_ = context(d) if tls else None
    before, rss, clients = established_to(origin_port), [], []
    try:
        for _ in range(2):
            clients += [connect(running.peer.port, context_) for _ in range(COUNT)]
            each_has_its_own(running, clients, origin, origin_port, before)
            rss.append(settled_kb(running))
        return (rss[1] - rss[0]) / COUNT
    finally:
        for c in clients:
            c.close()

def table(title, peers, start, rounds, d, origin, origin_port, tls):
    """Each round with new processes: what was allocated once stays."""
    results = {name: [] for name in peers}
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    for _ in range(rounds):
        for name, peer in peers.items():
            running = start(peer)
            try:
                results[name].append(measure(running, d, origin, origin_port, tls))
            finally:
                running.stop()
    print(f"\n{title}; {COUNT} idle clients, each with an idle connection to the origin; {rounds} rounds")
    print(f"{'peer':22} {'KiB/pair':>9} {'least':>8} {'most':>8}")
    for name, rows in results.items():
        print(f"{name:22} {statistics.median(rows):9.2f} {min(rows):8.2f} {max(rows):8.2f}")
