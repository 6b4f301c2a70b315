"""The first process of the cluster's namespaces: sets them up and reaps. When it ends, all in them ends.
usage: init.py ROOT ADDRESS"""
import os, signal, subprocess, sys

root, address = sys.argv[1:]


def run(line):
    subprocess.run(line.split(), check=True)


# Changes of mounts inside are seen by containers that ask for it, and by nothing outside.
run("mount --make-rshared /")
run(f"mount --bind {root}/var-lib /var/lib")
run(f"mount --bind {root}/var-log /var/log")
run(f"mount --bind {root}/tmp /tmp")
run("mount -t tmpfs tmpfs /run")
# The node's address is on a pair of devices whose other end nobody reads: all that leaves the cluster is lost there.
run("ip link set lo up")
run("ip link add node0 type veth peer name sink0")
run(f"ip address add {address}/24 dev node0")
run("ip link set node0 up")
run("ip link set sink0 up")
run("ip route add default dev node0")
with open("/proc/sys/net/ipv4/ip_forward", "w") as f:
    f.write("1")
open(f"{root}/ready", "w").close()

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
while True:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    signal.sigwait({signal.SIGCHLD})
