"""What a request costs in instructions of the program alone and in lines of memory that the processor's first and second cache lack.

valgrind's callgrind counts them (the kernel's are not among them), so other programs on the machine do not matter. Each load runs
with N and with 2 N requests, and the difference counts: what was begun or opened once is in both.
"""
import collections, glob, os, re, subprocess, time

from peers import Peer, Running

REQUESTS = 2000
WAIT_S = 120
# The caches of one core of today's servers; what the second one lacks costs ten times what the first one lacks.
CACHES = ["--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=524288,8,64"]

def command(argv, d):
    # Instructions are counted from when it serves: reading the configuration would take minutes.
    return ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", *CACHES, f"--callgrind-out-file={d}/callgrind.%p", *argv]

def control(what, pid):
    subprocess.run(["callgrind_control", *what.split(), str(pid)], check=True, capture_output=True, timeout=WAIT_S)

def read(path):
    """Instructions, and lines missed in the first caches and in the second; a dump is whole when its totals are there."""
    text = open(path).read()
    sums, events = re.search(r"^totals: (.*)", text, re.M), re.search(r"^events: (.*)", text, re.M)
    if not sums or not events:
        return None
    of = collections.Counter(dict(zip(events[1].split(), map(int, sums[1].split()))))   # zeros at the end are left out
    return [of["Ir"], of["I1mr"], of["D1mr"] + of["D1mw"], of["ILmr"] + of["DLmr"] + of["DLmw"]]

def totals(d, pid, n):
    """Of the n-th dump: the worker's thread, which is the program's second; the first one looks after the process."""
    path, end = f"{d}/callgrind.{pid}.{n}-02", time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = read(path) if os.path.exists(path) else None
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"bench: instructions: no {path}")

def load(port, connections, requests, more):
    out = subprocess.run(["h2load", "--h1", f"-c{connections}", f"-n{requests}", *more, "-H:authority: host517.example",
                          f"http://127.0.0.1:{port}/route7/x"], capture_output=True, text=True, timeout=600).stdout
    if f"{requests} succeeded" not in out:
        raise SystemExit(f"bench: instructions: {out[-500:]}")

def warm_up(port, connections, more):
    """Many handshakes at once may take longer here than a client waits: those that failed are made once more."""
    try:
        load(port, connections, REQUESTS, more)
    except SystemExit:
        load(port, connections, REQUESTS, more)

def wait_served(port, more):
    """What stands behind the port may begin to serve later."""
    end = time.monotonic() + WAIT_S
    while True:
        try:
            load(port, 1, 1, more)
            return
        except SystemExit:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)

def measure(peer, which, d, log, connections, more):
    """Per request, of the which-th of the peer's commands."""
    commands = list(peer.commands)
    commands[which] = command(commands[which], d)
    running = Running(Peer(peer.port, *commands), d, log)
    pid = running.procs[len(commands) - 1 - which].pid
    try:
        wait_served(peer.port, more)
        control("-i on", pid)
        warm_up(peer.port, connections, more)
        control("-d", pid)   # which zeroes, too
        seen = []
        for n in (1, 2):
            load(peer.port, connections, n * REQUESTS, more)
            control("-d", pid)
            seen.append(totals(d, pid, n + 1))
        return [(b - a) / REQUESTS for a, b in zip(*seen)]
    finally:
        running.stop()
        for path in glob.glob(f"{d}/callgrind.{pid}*"):
            keep = os.environ.get("KEEP_CALLGRIND")
            os.rename(path, os.path.join(keep, os.path.basename(path))) if keep else os.unlink(path)

def table(rows, d, log, counts=(32, 256)):
    """Rows: name, peer, which of its commands, what h2load is told besides."""
    print(f"\nInstructions of a request, and lines that are not in the caches; the program alone, {REQUESTS} requests")
    print(f"{'program':30} {'connections':>11} {'instructions':>13} {'I1':>7} {'D1':>7} {'second':>8}")
    for name, peer, which, more in rows:
        for connections in counts:
            of = measure(peer, which, d, log, connections, more)
            print(f"{name:30} {connections:11d} {of[0]:13.0f} {of[1]:7.1f} {of[2]:7.1f} {of[3]:8.2f}", flush=True)
