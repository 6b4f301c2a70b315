"""The images that the test bed provides, from Debian's packages and the programs of programs.py: kept in the cache folder,
made anew when what they are made of has another version."""
import hashlib, os, subprocess, sys

import layer, programs

HERE = programs.HERE
FOLDER = os.path.join(programs.CACHE, "images")
PAUSE, COREDNS, TOOLS = "localhost/pause:1", "localhost/coredns:1", "localhost/weft-tools:1"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELL = ["dash", "bash", "coreutils", "grep", "sed", "findutils", "libc-bin", "util-linux"]
POSTGRES = "/usr/lib/postgresql/15/bin"


def pause(l):
    """Holds a pod's namespaces: sleeps, and reaps whose parent is gone."""
    target = os.path.join(FOLDER, "pause")
    subprocess.run(["gcc", "-O2", "-static", "-o", target, os.path.join(HERE, "images", "pause.c")], check=True)
    l.copy(target, "/pause")
    return {"Entrypoint": ["/pause"], "User": "65535:65535", "Env": [PATH]}


def coredns(l):
    l.copy(programs.path("coredns"), "/coredns")
    return {"Entrypoint": ["/coredns"], "Env": [PATH]}


def postgres(l):
    """As the official one is used: entrypoint, variables, folders and users."""
    for p in SHELL:
        l.package(p)
    l.package("postgresql-15", without=("llvmjit", "/bitcode/"))
    l.package("postgresql-client-15")
    l.package("tzdata")
    with open(os.path.join(HERE, "images", "postgres.sh")) as f:
        l.file("/usr/local/bin/entrypoint", f.read().encode(), 0o755)
    for name, mode in (("/var/lib/postgresql", 0o1777), ("/var/lib/postgresql/data", 0o1777), ("/run/postgresql", 0o3777)):
        l.own_dir(name, mode, 999)
    l.link("/var/run", "../run")
    return {"Entrypoint": ["/usr/local/bin/entrypoint"], "Cmd": ["postgres"], "StopSignal": "SIGINT",
            "Env": ["PATH=" + POSTGRES + ":" + PATH[5:], "LANG=C.UTF-8", "PG_MAJOR=15", "PGDATA=/var/lib/postgresql/data"]}


def prometheus(l):
    l.copy("/usr/bin/prometheus")
    l.dir("/etc/prometheus")
    l.own_dir("/prometheus", 0o777, 65534)
    return {"Entrypoint": ["/usr/bin/prometheus"], "User": "65534:65534", "WorkingDir": "/prometheus", "Env": [PATH],
            "Cmd": ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]}


def tools(l):
    """What the tests' pods run: python3, curl, openssl, getent and the usual small programs."""
    for p in SHELL + ["mawk", "procps", "iproute2", "curl", "openssl", "python3-minimal", "python3.11-minimal", "libpython3.11-minimal",
                      "libpython3.11-stdlib"]:
        l.package(p, without=("/lib2to3/", "/pydoc_data/"))
    l.link("/usr/bin/awk", "mawk")
    l.copy("/etc/ssl/certs/ca-certificates.crt")
    return {"Cmd": ["bash"], "Env": [PATH, "LANG=C.UTF-8"]}


IMAGES = {  # name: (maker, packages whose versions make a new image)
    PAUSE: (pause, []),
    COREDNS: (coredns, []),
    "docker.io/library/postgres:15": (postgres, SHELL + ["postgresql-15", "postgresql-client-15", "tzdata"]),
    "docker.io/prom/prometheus:v2.42.0": (prometheus, ["prometheus"]),
    TOOLS: (tools, SHELL + ["curl", "openssl", "libssl3", "python3.11-minimal", "procps", "iproute2"]),
}


def key(name):
    h = hashlib.sha256()
    for f in ("layer.py", "images.py", "images/pause.c", "images/postgres.sh", "../../deploy/images/archive.py"):
        with open(os.path.join(HERE, f), "rb") as source:
            h.update(source.read())
    if name == COREDNS:
        h.update(programs.key("coredns").encode())
    packages = IMAGES[name][1]
    if packages:
        h.update(subprocess.run(["dpkg-query", "-W", *packages], check=True, capture_output=True).stdout)
    return h.hexdigest()[:12]


def provide(say=print):
    """The archives of all images, made where they are missing; older ones of the same name go."""
    os.makedirs(FOLDER, exist_ok=True)
    paths = []
    for name, (maker, _) in IMAGES.items():
        short = name.split("/")[-1].split(":")[0]
        path = os.path.join(FOLDER, f"{short}-{key(name)}.tar")
        paths.append(path)
        if os.path.exists(path):
            continue
        for old in os.listdir(FOLDER):
            if old.startswith(short + "-"):
                os.unlink(os.path.join(FOLDER, old))
        l = layer.Layer()
        layer.save(path, name, l, maker(l))
        say(f"image {name}: {os.path.getsize(path) / 1e6:.0f} MB")
    return paths


if __name__ == "__main__":
    provide(lambda text: print(text, flush=True))
    sys.exit(0)
