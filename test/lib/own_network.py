"""A test's own network: only its own programs listen there, whatever else runs on the machine."""
import os, socket, subprocess, sys

MARK = "WEFT_TEST_NETWORK"
_given = set()

def enter():
    """Runs this very program anew in a network namespace of its own with a loopback. What needs the outside comes before.
    Where the rights are missing it goes on as it is."""
    if os.environ.get(MARK):
        return
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        return
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv])

def free_port():
    """A port of the loopback that nobody listens on, and that was not given before."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port
