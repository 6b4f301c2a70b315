"""The namespaces that the cluster lives in: network, mounts and processes of its own, with no route out. Its first process
(init.py) ends, and with it whatever runs in there; what the kernel keeps outside of namespaces (cgroups) is removed by hand."""
import os, shutil, signal, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = "/var/tmp/weft-cluster"   # one place, so one cluster on a machine
CGROUP = "weft-cluster"
CGROUPS = "/sys/fs/cgroup"


def until(what, seconds, condition, pause=0.05):
    """Waits for a condition; sys.exit with what it was when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {seconds} s")
        time.sleep(pause)


def namespace(pid, kind="pid"):
    try:
        return os.readlink(f"/proc/{pid}/ns/{kind}")
    except OSError:
        return None


def first():
    """The first process of the space, as seen from here; None when there is none."""
    try:
        with open(f"{ROOT}/init") as f:
            pid, where = f.read().split()
    except (OSError, ValueError):
        return None
    return int(pid) if namespace(pid) == where else None


def processes():
    """All processes inside, by pid: the words of their command lines."""
    init, found = first(), {}
    where = namespace(init) if init else None
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if where and namespace(pid) == where:
            try:
                with open(f"/proc/{pid}/cmdline") as f:
                    found[int(pid)] = f.read().split("\0")[:-1]
            except OSError:
                pass
    return found


def command(words, mounts=True):
    return ["nsenter", "-t", str(first()), "-n", *(["-m", "-p"] if mounts else []), "--", *words]


def run(words, **more):
    return subprocess.run(command(words), **more)


def start(words, log):
    """A process in the background, in the space."""
    with open(log, "ab") as out:
        subprocess.Popen(command(words), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/")


def hierarchies():
    """The roots of cgroup hierarchies: one each of version 1, or the only one of version 2."""
    if os.path.exists(f"{CGROUPS}/cgroup.controllers"):
        return [CGROUPS]
    return [d.path for d in os.scandir(CGROUPS) if d.is_dir(follow_symlinks=False)]


def make_cgroups():
    for top in hierarchies():
        mine = f"{top}/{CGROUP}"
        os.makedirs(mine, exist_ok=True)
        for f in ("cpuset.cpus", "cpuset.mems"):  # of version 1: a new one is empty, and takes no process
            if os.path.exists(f"{mine}/{f}") and top != CGROUPS:
                with open(f"{top}/{f}") as source, open(f"{mine}/{f}", "w") as target:
                    target.write(source.read())


def remove_cgroups():
    for top in hierarchies():
        for d, _, _ in os.walk(f"{top}/{CGROUP}", topdown=False):
            try:
                os.rmdir(d)
            except OSError:
                return False
    return True


def make(address):
    if first():
        return
    for d in ("log", "var-lib", "var-log", "tmp"):
        os.makedirs(f"{ROOT}/{d}", exist_ok=True)
    os.chmod(f"{ROOT}/tmp", 0o1777)
    make_cgroups()
    with open(f"{ROOT}/log/init.log", "ab") as out:
        p = subprocess.Popen(["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", sys.executable, f"{HERE}/init.py", ROOT, address],
                             stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/")
    until("namespaces", 10, lambda: os.path.exists(f"{ROOT}/ready") or p.poll() is not None)
    if p.poll() is not None:
        with open(f"{ROOT}/log/init.log") as f:
            sys.exit("namespaces: " + f.read())
    with open(f"/proc/{p.pid}/task/{p.pid}/children") as f:
        pid = f.read().split()[0]
    with open(f"{ROOT}/init", "w") as f:
        f.write(f"{pid} {namespace(pid)}")


def end():
    """Ends every process in there and removes what is left."""
    init = first()
    if init:
        where = namespace(init)
        os.kill(init, signal.SIGKILL)
        until("the processes' end", 30, lambda: not any(namespace(p) == where for p in filter(str.isdigit, os.listdir("/proc"))))
    until("the cgroups' removal", 30, remove_cgroups)
    shutil.rmtree(ROOT, ignore_errors=True)
    until(f"removal of {ROOT}", 10, lambda: shutil.rmtree(ROOT, ignore_errors=True) or not os.path.exists(ROOT), 0.5)
