#!/usr/bin/env python3
"""The CNI plugin as a runtime calls it: behind Debian's bridge, in network namespaces, with an API server that holds one pod.

Installed by its own installer, and started from a root file system that holds nothing but the plugin's folder.
"""
import atexit, base64, http.server, json, os, pathlib, shutil, signal, ssl, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("BIN", ROOT / "build/bin"))
TMP = pathlib.Path(os.environ.get("TEST_TMP") or tempfile.mkdtemp())
BRIDGE = "/usr/lib/cni/bridge"
ARGS = ["-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i", "*", "-x", "", "-b", "*", "-d", "15090,15021,15020"]
ok = bad = 0


def check(what, holds, said=""):
    global ok, bad
    ok, bad = ok + bool(holds), bad + (not holds)
    print(("ok   " if holds else "FAIL ") + what + ("" if holds else f": {said}"), flush=True)


def until(seconds, holds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.05)
    return True


def run(*words, **more):
    return subprocess.run([str(w) for w in words], text=True, capture_output=True, **more)


def in_netns(name, *words):
    return run("nsenter", f"--net={TMP}/node/ns/{name}", *words)


# --- an API server with one pod of a mesh ---

def pod(name, sidecar=True):
    proxy = [{"name": "istio-proxy", "args": ["proxy", "sidecar"]}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}",
            "annotations": {"sidecar.istio.io/status": "{}"} if sidecar else {}},
            "spec": {"initContainers": [{"name": "istio-validation", "args": ARGS + ["--run-validation", "--skip-rule-apply"]}] if sidecar else [],
                     "containers": [{"name": "app"}] + (proxy if sidecar else [])}}


class Api(http.server.BaseHTTPRequestHandler):
    pods = {"web": pod("web"), "plain": pod("plain", False)}
    tokens = set()

    def do_GET(self):
        name = self.path.split("/")[-1]
        Api.tokens.add(self.headers.get("Authorization"))
        known = self.path in ("/version", f"/api/v1/namespaces/shop/pods/{name}") and (self.path == "/version" or name in self.pods)
        body = self.pods.get(name, {"major": "1"}) if known else {"kind": "Status", "reason": "NotFound", "message": "no such pod", "code": 404}
        text = json.dumps(body).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def serve():
    key, cert = TMP / "key.pem", TMP / "ca.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=api",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


# --- a container runtime ---

def call(command, netns, name, plugin, conf, prev=None, uid=None):
    """One plugin of the chain; in a root file system that has nothing but the plugin, when it is ours."""
    conf = {"cniVersion": "1.0.0", "name": "pods", **conf, **({"prevResult": prev} if prev else {})}
    env = {"CNI_COMMAND": command, "CNI_CONTAINERID": f"c-{name}", "CNI_NETNS": f"/ns/{netns}", "CNI_IFNAME": "eth0", "CNI_PATH": "/bin",
           "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME={name};K8S_POD_UID={uid or 'uid-' + name}"}
    if plugin == BRIDGE:
        env |= {"CNI_NETNS": f"{TMP}/node/ns/{netns}", "CNI_PATH": "/usr/lib/cni", "PATH": os.environ["PATH"]}
        r = run(BRIDGE, env=env, input=json.dumps(conf))
    else:
        r = run("/usr/sbin/chroot", TMP / "node", "/bin/weft-cni", env=env, input=json.dumps(conf))
    return r, json.loads(r.stdout) if r.stdout.strip() else None


def chain():
    return json.loads((TMP / "node/net.d/10-pods.conflist").read_text())["plugins"]


def start_pod(name):
    """Its network namespace, made by all plugins of the chain; what the last one said."""
    path = TMP / "node/ns" / name
    path.touch()
    subprocess.run(["unshare", f"--net={path}", "true"], check=True)
    atexit.register(lambda: run("umount", path))
    in_netns(name, "ip", "link", "set", "lo", "up")
    bridge, *ours = chain()
    first, result = call("ADD", name, name, BRIDGE, bridge)
    if first.returncode:
        return first, result
    return (*call("ADD", name, name, "weft", ours[0], result), result)[:2] if ours else (first, result)


def validate(name):
    return in_netns(name, "setpriv", "--reuid=1337", "--regid=1337", "--clear-groups", "--bounding-set=-all", BIN / "weft-init", *ARGS,
                    "--run-validation", "--skip-rule-apply")


# --- the node ---

def install(server, *words):
    account = TMP / "account"
    account.mkdir(exist_ok=True)
    shutil.copy(TMP / "ca.crt", account / "ca.crt")
    (account / "token").write_text("token-1")
    (account / "namespace").write_text("istio-operator")
    env = {**os.environ, "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.server_address[1])}
    return [str(w) for w in (BIN / "weft-cni", *words, "--cni-bin-dir", TMP / "node/bin", "--cni-conf-dir", TMP / "node/net.d", "--host-conf-dir", "/net.d",
            "--exclude-namespace", "kube-system", "--account-dir", account, "--no-repair")], env


def make_node():
    for d in ("bin", "net.d", "ns", "proc", "dev"):
        (TMP / "node" / d).mkdir(parents=True)
    run("mount", "-t", "proc", "proc", TMP / "node/proc", check=True)
    atexit.register(lambda: run("umount", TMP / "node/proc"))
    conf = {"cniVersion": "1.0.0", "name": "pods", "type": "bridge", "bridge": f"wc{os.getpid() % 10000}", "isGateway": True,
            "ipam": {"type": "host-local", "dataDir": str(TMP / "ipam"), "ranges": [[{"subnet": "10.77.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}
    (TMP / "node/net.d/10-pods.conf").write_text(json.dumps(conf))
    return conf


def installer(server, ready):
    words, env = install(server, "install")
    check("not ready before", run(*install(server, "ready")[0], env=env).returncode == 1)
    p = subprocess.Popen(words, env=env, stderr=open(TMP / "install.log", "w"))
    atexit.register(p.kill)
    check("ready", until(20, ready), (TMP / "install.log").read_text())
    return p


def plugin_tests():
    r, result = start_pod("web")
    check("ADD of a pod with a sidecar", r.returncode == 0, r.stdout + r.stderr)
    check("the result of bridge is passed on", bool(result) and result.get("ips", [{}])[0].get("address", "").startswith("10.77.0."), result)
    v = validate("web")
    check("its traffic is redirected", v.returncode == 0, v.stderr)
    direct = in_netns("web", "iptables-nft-save", "-t", "nat").stdout
    own = in_netns("web", BIN / "weft-init", *ARGS)
    again = in_netns("web", "iptables-nft-save", "-t", "nat").stdout
    rules = [[line for line in text.splitlines() if line.startswith("-A")] for text in (direct, again)]
    check("by the very rules of weft-init", own.returncode == 0 and rules[0] and sorted(rules[0]) == sorted(rules[1]), direct + again)
    ours = chain()[1]
    r, _ = call("CHECK", "web", "web", "weft", ours, result)
    check("CHECK finds them", r.returncode == 0, r.stdout + r.stderr)
    in_netns("web", "iptables-nft", "-t", "nat", "-F", "ISTIO_OUTPUT")
    r, said = call("CHECK", "web", "web", "weft", ours, result)
    check("CHECK misses them", r.returncode == 1 and said["code"] == 102 and "ISTIO_OUTPUT" in said["msg"], r.stdout + r.stderr)
    r, _ = start_pod("plain")
    check("ADD of a pod without", r.returncode == 0 and "ISTIO" not in in_netns("plain", "iptables-nft-save").stdout, r.stdout + r.stderr)
    v = validate("plain")
    check("validation fails there, and says why", v.returncode == 126 and "not redirected" in v.stderr, v.stderr)
    r, said = call("ADD", "plain", "gone", "weft", ours)
    check("ADD of a pod that the API server does not know fails", r.returncode == 1 and said["code"] == 11, r.stdout)
    r, said = call("ADD", "plain", "web", "weft", ours, uid="other")
    check("ADD of another pod of that name fails", r.returncode == 1 and said["code"] == 11, r.stdout)
    r, _ = call("STATUS", "plain", "web", "weft", {**ours, "cniVersion": "1.1.0"})
    check("STATUS", r.returncode == 0, r.stdout + r.stderr)


def repair_tests(server, ready, conf):
    path = TMP / "node/net.d/10-pods.conflist"
    path.write_text(json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": [{k: v for k, v in conf.items() if k not in ("cniVersion", "name")}]}))
    check("put back into a chain that was written anew", until(10, ready) and len(chain()) == 2, path.read_text())
    (TMP / "node/net.d/10-pods.conf").write_text(json.dumps(conf))
    check("a .conf that comes back becomes a list again", until(10, lambda: not (TMP / "node/net.d/10-pods.conf").exists() and ready()))
    (TMP / "node/bin/weft-cni").unlink()
    check("a program that was deleted comes back", until(10, ready))
    (TMP / "account/token").write_text("token-2")
    check("a new token is written", until(10, lambda: "token-2" in (TMP / "node/net.d/ZZZ-weft-cni-kubeconfig").read_text() and ready()))
    mode = (TMP / "node/net.d/ZZZ-weft-cni-kubeconfig").stat().st_mode & 0o777
    check("readable by root alone", mode == 0o600, oct(mode))
    Api.tokens.clear()
    r, _ = call("ADD", "plain", "plain", "weft", chain()[1], {"cniVersion": "1.0.0"})
    check("and used", r.returncode == 0 and Api.tokens == {"Bearer token-2"}, Api.tokens)


def end_tests(server, p):
    ours = chain()[1]
    server.shutdown()
    server.server_close()
    r, said = call("ADD", "plain", "web", "weft", ours)
    check("ADD without an API server fails", r.returncode == 1 and said["code"] == 100, r.stdout + r.stderr)
    r, _ = call("ADD", "plain", "web", "weft", {**ours, "excludeNamespaces": ["shop"]}, {"cniVersion": "1.0.0"})
    check("but for namespaces that are left out", r.returncode == 0, r.stdout + r.stderr)
    r, _ = call("DEL", "plain", "web", "weft", ours)
    check("DEL asks nobody", r.returncode == 0, r.stdout + r.stderr)
    p.send_signal(signal.SIGTERM)
    check("the installer ends", p.wait(10) == 0)
    check("and has taken itself out of the chain", [x["type"] for x in chain()] == ["bridge"] and not (TMP / "node/net.d/ZZZ-weft-cni-kubeconfig").exists()
          and not (TMP / "node/bin/weft-cni.d").exists(), os.listdir(TMP / "node/net.d"))
    r, _ = call("DEL", "plain", "web", "weft", ours)
    check("DEL of pods from before succeeds", r.returncode == 0, r.stdout + r.stderr)
    r, said = call("ADD", "plain", "web", "weft", ours)
    check("ADD fails", r.returncode == 1 and said["code"] == 11, r.stdout + r.stderr)


def multus_tests(server):
    words, env = install(server, "install", "--multus")
    file = TMP / "node/net.d/weft-istio-cni.conf"
    p = subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL)
    atexit.register(p.kill)
    check("for Multus there is a configuration of its own", until(20, lambda: file.exists() and json.loads(file.read_text())["name"] == "weft-istio-cni"))
    check("and the chain stays as it is", [x["type"] for x in chain()] == ["bridge"])
    p.send_signal(signal.SIGTERM)
    check("which goes", p.wait(10) == 0 and not file.exists())


def main():
    # Bridges and mounts in namespaces of the test's own.
    if os.environ.get("CNI_TEST_INSIDE") != "1":
        if os.geteuid() or not os.access(BRIDGE, os.X_OK):
            print("skipped: it needs root and " + BRIDGE)
            print("1 passed, 0 failed")
            return 0
        return subprocess.run(["unshare", "--net", "--mount", "--propagation", "private", sys.executable, __file__], env={**os.environ, "CNI_TEST_INSIDE": "1"}).returncode
    run("ip", "link", "set", "lo", "up")
    conf, server = make_node(), serve()
    words, env = install(server, "ready")
    ready = lambda: run(*words, env=env).returncode == 0
    p = installer(server, ready)
    plugin_tests()
    repair_tests(server, ready, conf)
    end_tests(server, p)
    multus_tests(server)
    print(f"{ok} passed, {bad} failed")
    return bad != 0


sys.exit(main())
