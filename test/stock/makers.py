"""Kiali and Jaeger as their makers wrote them: programs built from their Go modules, kept in the user's cache folder, and packed
as the images that the operator asks for. What cannot be had is told in one line."""
import json, os, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "test/cluster")]
import layer, programs

CACHE = os.path.join(os.path.dirname(programs.CACHE), "stock")
PATH = "PATH=/usr/bin:/bin"
# name: module, version, its sum, package, image
TOOLS = {
    "kiali": ("github.com/kiali/kiali", "v1.73.0", "h1:LQPQ4GmlpCV1JCI/e+DX6u+EGMczrbfT0RBb+CE+4iU=", ".", "localhost/kiali:v1.73"),
    "jaeger": ("github.com/jaegertracing/jaeger", "v1.76.0", "h1:sWCOOF1dr+NL0PLil7mFo3BqqQL8k4WiM7aguFbc14g=", "./cmd/all-in-one", "localhost/jaeger:1.76"),
}
# Kiali reads its page at the start, to say where it is mounted; its makers' image has it built by other tools.
PAGE = b"<!doctype html><html><head><base href=\"/\"></head><body>API only</body></html>"


def program(name):
    """The path of the program, or None with a line that says why. KIALI_PROGRAM and JAEGER_PROGRAM name one that is there already."""
    module, version, checksum, package, _ = TOOLS[name]
    given = os.environ.get(name.upper() + "_PROGRAM")
    if given:
        return os.path.abspath(given)
    path = os.path.join(CACHE, f"{name}-{version}-go{programs.GO}")
    if os.access(path, os.X_OK):
        return path
    os.makedirs(CACHE, exist_ok=True)
    os.makedirs(programs.CACHE, exist_ok=True)
    go, env = programs.toolchain(), programs.environment()
    r = subprocess.run([go, "mod", "download", "-json", f"{module}@{version}"], cwd=CACHE, env={**env, "GOFLAGS": "-mod=mod"}, text=True, capture_output=True)
    found = json.loads(r.stdout or "{}")
    if found.get("Sum") != checksum:
        print(f"{name}: not had: {found.get('Error') or r.stderr.strip()[-200:] or 'its sum is another one'}")
        return None
    r = subprocess.run(["nice", go, "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-gcflags=all=-dwarf=false", "-o", path + ".new", package],
                       cwd=found["Dir"], env=env, text=True, capture_output=True)
    if r.returncode:
        print(f"{name}: not built: {r.stderr.strip()[-400:]}")
        return None
    os.replace(path + ".new", path)
    return path


def archive(name, built, folder):
    """An image of the program alone, where its makers' image has it."""
    image, l = TOOLS[name][4], layer.Layer()
    if name == "kiali":
        l.copy(built, "/opt/kiali/kiali")
        for page in ("index.html", "env.js"):
            l.file("/opt/kiali/console/" + page, PAGE if page == "index.html" else b"")
        config = {"Entrypoint": ["/opt/kiali/kiali"], "WorkingDir": "/opt/kiali", "User": "1000", "Env": [PATH]}
    else:
        l.copy(built, "/go/bin/all-in-one-linux")
        config = {"Entrypoint": ["/go/bin/all-in-one-linux"], "User": "10001", "Env": [PATH]}
    path = os.path.join(folder, name + ".tar")
    layer.save(path, image, l, config)
    return path
