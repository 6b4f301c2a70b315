#!/usr/bin/env python3
"""A current Kubernetes on this machine, in namespaces of its own: for tests that want to see the real thing.

usage: cluster.py build           the programs and images, into the user's cache folder
       cluster.py up [--nodes N]  builds what is missing, starts; N is 1, or 0: an API server with its controllers, no pods;
                                  --without "storage load-balancer": a cluster that has no StorageClass, gives no addresses
       cluster.py down            ends it; nothing is left of it
       cluster.py env             prints what a shell wants to know of it
       cluster.py load FILE...    image archives, OCI's or docker's, into its node
       cluster.py run COMMAND...  runs a command inside of its network
       cluster.py stop|start PART kills or starts one of its processes (kube-apiserver, etcd ...)
"""
import argparse, fcntl, glob, hashlib, os, shlex, signal, subprocess, sys, time

import images, parts, pki, programs, space

ROOT = space.ROOT
BEGIN = time.monotonic()


def say(text):
    print(f"{time.monotonic() - BEGIN:6.1f} s  {text}", file=sys.stderr, flush=True)


def kubectl(*words, **more):
    return space.run([f"{ROOT}/bin/kubectl", "--kubeconfig", f"{parts.PKI}/admin.conf", "--cache-dir", f"{ROOT}/kubectl-cache", *words], text=True, **more)


def quiet(*words):
    return kubectl(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def apply(manifest):
    kubectl("apply", "-f", "-", input=parts.fill(os.path.join(space.HERE, "manifests", manifest)), check=True, stdout=subprocess.DEVNULL)


def control_plane():
    parts.start("etcd")
    parts.start("kube-apiserver")  # waits for etcd itself
    space.until("the API server", 120, lambda: quiet("get", "--raw", "/readyz"), 0.2)
    parts.start("kube-controller-manager")
    space.until("the default service account", 60, lambda: quiet("get", "serviceaccount", "default"), 0.2)
    say("API server ready")


def load(archive):
    """An image archive into the node, once."""
    with open(archive, "rb") as f:
        stamp = hashlib.file_digest(f, "sha256").hexdigest()
    done = f"{ROOT}/loaded"
    if os.path.exists(done) and stamp in open(done).read().split("\n"):
        return
    with open(archive, "rb") as f:  # by standard input: the space has a /tmp of its own
        r = space.run([f"{ROOT}/bin/ctr", "-n", "k8s.io", "images", "import", "--digests=false", "-"], stdin=f, capture_output=True)
    if r.returncode:
        sys.exit(f"{archive}: {r.stderr.decode()}")
    with open(done, "a") as f:
        f.write(stamp + "\n")


def node(archives, without):
    with open(f"{ROOT}/archives.new", "w") as f:
        f.write("".join(os.path.realpath(a) + "\n" for a in archives))
    os.replace(f"{ROOT}/archives.new", f"{ROOT}/archives")
    parts.start("registry")
    parts.start("containerd")
    parts.start("kube-scheduler")
    space.until("containerd", 30, lambda: space.run([f"{ROOT}/bin/ctr", "version"], capture_output=True).returncode == 0, 0.1)
    for archive in archives:
        load(archive)
    say("images loaded")
    parts.start("kubelet")
    parts.start("kube-proxy")
    apply("coredns.yaml")
    if "storage" not in without:
        apply("storage.yaml")
    with open(f"{ROOT}/cloud", "w") as f:
        f.write(" ".join(kind for what, kind in (("load-balancer", "services"), ("storage", "persistentvolumeclaims")) if what not in without))
    parts.start("cloud")
    space.until("the node", 90, lambda: quiet("wait", "--for=condition=Ready", "--timeout=5s", f"node/{parts.NODE}"), 0.2)
    say("node Ready")
    if not quiet("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s"):
        sys.exit("CoreDNS does not come up")
    say("CoreDNS ready")


def build(nodes):
    names = list(programs.PROGRAMS) if nodes else programs.CONTROL_PLANE
    programs.build(names, say)
    return names, images.provide(say) if nodes else []


def up(nodes, without):
    names, archives = build(nodes)
    space.make(parts.ADDRESS)
    if not os.path.exists(parts.PKI):
        pki.make(parts.PKI + ".new", parts.NODE, parts.ADDRESS, parts.API)
        os.rename(parts.PKI + ".new", parts.PKI)
    parts.write_settings()
    parts.link_programs(names)
    control_plane()
    if nodes:
        node(archives + sorted(glob.glob(os.path.join(space.HERE, "../../build/images/*.tar"))), without)
    say("up: eval \"$(make -s cluster-env)\"; $CLUSTER_RUN kubectl get nodes")


def variables():
    if not space.first():
        sys.exit("no cluster runs: make cluster-up")
    # kubectl's cache goes by address and port, which another cluster may have had.
    return {"KUBECONFIG": f"{parts.PKI}/admin.conf", "KUBECACHEDIR": f"{ROOT}/kubectl-cache", "GATEWAY_URL": "istio-ingressgateway.apps.test",
            "GATEWAY_ADDR": parts.GATEWAY, "APPS_DOMAIN_PORT": "80", "CASE_IMAGE": images.TOOLS,
            "CNI_BIN_DIR": f"{ROOT}/cni-bin", "CNI_CONF_DIR": f"{ROOT}/cni",
            "CLUSTER_RUN": " ".join(space.command([], mounts=False))}


def env():
    for name, value in variables().items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'export PATH={ROOT}/bin:"$PATH"')


def run(words):
    os.environ.update(variables(), PATH=f"{ROOT}/bin:" + os.environ["PATH"])
    argv = space.command(words, mounts=False)
    os.execvp(argv[0], argv)


def stop(part):
    pids = parts.running(part)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    space.until(f"the end of {part}", 30, lambda: not parts.running(part))


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    sub = ap.add_subparsers(dest="action", required=True)
    for action in ("build", "up"):
        p = sub.add_parser(action)
        p.add_argument("--nodes", type=int, choices=[0, 1], default=1)
        p.add_argument("--without", default="")
    for action in ("down", "env"):
        sub.add_parser(action)
    for action in ("run", "load", "start", "stop"):
        sub.add_parser(action).add_argument("words", nargs=argparse.REMAINDER)
    a = ap.parse_args()
    if a.action == "env":
        return env()
    if a.action == "run":
        return run(a.words)
    os.makedirs(programs.CACHE, exist_ok=True)
    with open(os.path.join(programs.CACHE, "cluster.lock"), "w") as lock:  # who comes second waits
        fcntl.flock(lock, fcntl.LOCK_EX)
        if a.action == "build":
            build(a.nodes)
        elif a.action == "up":
            up(a.nodes, a.without.split())
        elif a.action == "down":
            space.end()
        elif a.action == "load":
            for archive in a.words:
                load(os.path.realpath(archive))
        else:
            {"start": parts.start, "stop": stop}[a.action](*a.words)


if __name__ == "__main__":
    main()
