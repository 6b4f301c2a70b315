"""The programs of a current Kubernetes, built once from the Go module proxy and kept in the user's cache folder.

Each program is built from one of the modules in modules/, whose go.mod and go.sum pin everything that is fetched; so is
the toolchain. A program is kept under the hash of what it is made of: an interrupted build goes on where it was, and an
unchanged one costs nothing."""
import fcntl, hashlib, os, shutil, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "weft", "cluster")

GO = "1.26.8"
TOOLCHAIN = f"golang.org/toolchain@v0.0.1-go{GO}.linux-amd64"
TOOLCHAIN_SUM = "h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM="
KUBERNETES = "v1.37.2"

VERSION = "k8s.io/component-base/version"
# module folder: flags of its own. Kubernetes' own packages are half of what is compiled: unoptimised they take half as long.
MODULES = {
    "kubernetes": ["-gcflags=k8s.io/kubernetes/...=-N -l -dwarf=false",
                   f"-ldflags=-s -w -X {VERSION}.gitVersion={KUBERNETES} -X {VERSION}.gitMajor=1 "
                   f"-X {VERSION}.gitMinor={KUBERNETES.split('.')[1]}"],
    "coredns": ["-ldflags=-s -w"],
    "containerd": ["-ldflags=-s -w"],
}
# program: module folder, package. In the order in which one wants them: an API server alone is already of use.
PROGRAMS = {
    "etcd": ("kubernetes", "go.etcd.io/etcd/server/v3"),
    "kubectl": ("kubernetes", "k8s.io/kubernetes/cmd/kubectl"),
    "kube-apiserver": ("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver"),
    "kube-controller-manager": ("kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    "kube-scheduler": ("kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler"),
    "kubelet": ("kubernetes", "k8s.io/kubernetes/cmd/kubelet"),
    "kube-proxy": ("kubernetes", "k8s.io/kubernetes/cmd/kube-proxy"),
    "containerd": ("containerd", "github.com/containerd/containerd/v2/cmd/containerd"),
    "containerd-shim-runc-v2": ("containerd", "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"),
    "ctr": ("containerd", "github.com/containerd/containerd/v2/cmd/ctr"),
    "coredns": ("coredns", "."),
}
CONTROL_PLANE = ["etcd", "kubectl", "kube-apiserver", "kube-controller-manager"]


def flags(module):
    return ["-mod=readonly", "-buildvcs=false", "-trimpath", "-gcflags=all=-dwarf=false"] + MODULES[module]


def key(program):
    """What the program is made of, in one word."""
    module, package = PROGRAMS[program]
    h, folder = hashlib.sha256(repr([GO, package, flags(module)]).encode()), os.path.join(HERE, "modules", module)
    for f in sorted(os.listdir(folder)):  # go.mod, go.sum, and a main of our own
        with open(os.path.join(folder, f), "rb") as source:
            h.update(source.read())
    return h.hexdigest()[:16]


def path(program):
    return os.path.join(CACHE, "bin", key(program), program)


def missing(names):
    return [n for n in names if not os.access(path(n), os.X_OK)]


def environment():
    """Nothing of the user's own settings but where modules come from."""
    keep = {k: v for k, v in os.environ.items() if k not in ("GOFLAGS", "GOWORK", "GOENV", "GOROOT", "GOOS", "GOARCH")}
    return dict(keep, GOFLAGS="", GOWORK="off", CGO_ENABLED="0", GOTOOLCHAIN="local", GOGC="400", GO111MODULE="on",
                GOMODCACHE=os.path.join(CACHE, "mod"), GOCACHE=os.path.join(CACHE, "go-build"))


def bootstrap():
    """Any go will do to fetch the one of the wanted version."""
    go = shutil.which("go") or (os.access("/usr/local/go/bin/go", os.X_OK) and "/usr/local/go/bin/go")
    if not go:
        sudo = [] if os.getuid() == 0 else ["sudo"]
        subprocess.run(sudo + ["apt-get", "update", "-q"], check=True)
        subprocess.run(sudo + ["apt-get", "install", "-y", "-q", "--no-install-recommends", "golang-go"], check=True)
        go = shutil.which("go")
    return go


def toolchain():
    """The go of the wanted version, as a module: checked by its sum and, as modules carry no modes, made executable."""
    where = os.path.join(CACHE, "mod", TOOLCHAIN)
    go = os.path.join(where, "bin", "go")
    if not os.access(go, os.X_OK):
        r = subprocess.run([bootstrap(), "mod", "download", "-json", TOOLCHAIN], cwd=CACHE, env=environment(), text=True,
                           stdout=subprocess.PIPE)
        if r.returncode or f'"{TOOLCHAIN_SUM}"' not in r.stdout:
            sys.exit(f"{TOOLCHAIN}: not fetched, or not the one with the sum {TOOLCHAIN_SUM}\n{r.stdout}")
        for top in ("pkg/tool", "bin"):  # bin last: it says that all is done
            for d, _, files in os.walk(os.path.join(where, top)):
                for f in files:
                    os.chmod(os.path.join(d, f), 0o555)
    return go


def packages(go, module, package):
    """How many packages a program has, to say how far a build has come."""
    r = subprocess.run([go, "list", "-mod=readonly", "-deps", package], cwd=os.path.join(HERE, "modules", module),
                       env=environment(), text=True, stdout=subprocess.PIPE)
    if r.returncode:
        sys.exit(f"{package}: its packages cannot be fetched")
    return r.stdout.count("\n")


def compile_program(go, program, say):
    module, package = PROGRAMS[program]
    target = path(program)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    total, begin, seen = packages(go, module, package), time.monotonic(), 0
    command = ["nice", "-n", "10", go, "build", "-v", "-p", "2", *flags(module), "-o", target + ".new", package]
    p = subprocess.Popen(command, cwd=os.path.join(HERE, "modules", module), env=environment(), text=True,
                         stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said, told = begin, []
    for line in p.stderr:  # -v names each package that is compiled anew
        told.append(line)
        seen += 1
        if time.monotonic() - said > 20:
            said = time.monotonic()
            say(f"{program}: {seen} packages compiled, of {total} at most, {said - begin:.0f} s")
    if p.wait():
        sys.exit(f"{program}: the build failed\n{''.join(told[-20:])}")
    os.replace(target + ".new", target)
    say(f"{program}: built in {time.monotonic() - begin:.0f} s, {os.path.getsize(target) / 1e6:.0f} MB")


def build(names, say=print):
    """Builds what is missing of the named programs; one build at a time for a user."""
    if not missing(names):
        return
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "build.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build is under way: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        todo = missing(names)
        if todo:
            say(f"{len(todo)} programs to build ({', '.join(todo)}): this takes a while, once")
            go = toolchain()
            for n in todo:
                compile_program(go, n, say)


if __name__ == "__main__":
    build(sys.argv[1:] or list(PROGRAMS), lambda text: print(text, flush=True))
