"""The operator beside the embedded API server, without a node: what tests of it share. The operator's Service leads to it. With
KUBECONFIG set it is that cluster, whose nodes run the operator, and it gets everything back as it was."""
import json, os, subprocess, time

import own_network

ROOT, BIN, TMP = os.environ.get("ROOT", os.getcwd()), os.environ["BIN"], os.environ["TEST_TMP"]
OPERATORS = "openshift-operators"
WAIT_S = 120
REAL = bool(os.environ.get("KUBECONFIG")) and not os.environ.get(own_network.MARK)
OVERLAY = os.path.join(ROOT, "deploy/operator/overlays/openshift/weft-operator.yaml")
counts = {True: 0, False: 0}
children = []
began = []  # what a cluster that stays has of us


def enter():
    """A network of its own for what begins here."""
    if not REAL:
        own_network.enter()


def check(what, good, seen=""):
    counts[bool(good)] += 1
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else ': ' + str(seen)[-900:]}", flush=True)


def kubectl(*args, text=None):
    r = subprocess.run(["kubectl", "--cache-dir", os.path.join(TMP, "cache"), *args], input=text, text=True, capture_output=True)
    return r.returncode, r.stdout, r.stderr


def get(*args):
    code, out, err = kubectl("-n", "istio-system", "get", *args, "-o", "json")
    if code:
        raise OSError(err)
    return json.loads(out)


def until(what, probe):
    end, seen = time.monotonic() + WAIT_S, None
    while time.monotonic() < end:
        try:
            done, seen = probe()
            if done:
                check(what, True)
                return seen
        except (OSError, KeyError, ValueError) as e:
            seen = e
        time.sleep(0.05)
    check(what, False, seen)
    return None


def start(name, *command, **env):
    log = open(os.path.join(TMP, name + ".log"), "w")
    children.append(subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **env}))
    return children[-1]


def api_server():
    """The embedded one, without a node."""
    data = os.path.join(TMP, "lab")
    os.environ["KUBECONFIG"] = os.path.join(data, "kubeconfig")
    start("lab", BIN + "/weft-lab", "up", "--api-only", "--data", data)
    until("the API server is there", lambda: (kubectl("get", "namespace", "default")[0] == 0, ""))


def cluster():
    if not REAL:
        api_server()
    kubectl("create", "namespace", "istio-system")
    code, _, err = kubectl("apply", "-f", OVERLAY)
    check("the operator's objects are applied", code == 0, err)
    kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
    if REAL:
        began.append(OVERLAY)
        Installed().terminate()
        return
    # no node runs pods here: the Service leads to the operator beside the API server
    kubectl("-n", OPERATORS, "patch", "service", "maistra-admission-controller", "--type=json", "-p", '[{"op":"remove","path":"/spec/selector"}]')
    kubectl("apply", "-f", "-", text=json.dumps({
        "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "maistra-admission-controller", "namespace": OPERATORS},
        "subsets": [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"name": "admission", "port": 11999}]}]}))


class Installed:
    """The operator of a cluster that runs it, as if it were a process here."""

    def start(self):
        kubectl("-n", OPERATORS, "set", "env", "deployment/istio-operator", *(f"{v}={os.environ[v]}" for v in ("CNI_BIN_DIR", "CNI_CONF_DIR") if v in os.environ))
        kubectl("-n", OPERATORS, "scale", "deployment/istio-operator", "--replicas=1")
        code, _, err = kubectl("-n", OPERATORS, "rollout", "status", "deployment/istio-operator", f"--timeout={WAIT_S}s")
        check("the operator runs", code == 0, err)
        return self

    def terminate(self):
        kubectl("-n", OPERATORS, "scale", "deployment/istio-operator", "--replicas=0")

    def wait(self):
        kubectl("-n", OPERATORS, "wait", "--for=delete", f"--timeout={WAIT_S}s", "pod", "-l", "name=istio-operator")


def operator():
    if REAL:
        return Installed().start()
    return start("operator", BIN + "/weft-operator", "--kubeconfig", os.environ["KUBECONFIG"], "--namespace", OPERATORS, POD_NAME="here")


def say_ready():
    """What a node would say of the control plane's pods; the controllers count them."""
    if REAL:
        return
    _, out, _ = kubectl("-n", "istio-system", "get", "pods", "-o", "json")
    for o in json.loads(out or '{"items": []}')["items"]:
        if not any(c["type"] == "Ready" and c["status"] == "True" for c in o.get("status", {}).get("conditions", [])):
            kubectl("-n", "istio-system", "patch", "pod", o["metadata"]["name"], "--subresource=status", "--type=merge", "-p", json.dumps(
                {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}))


def comes(what, probe):
    """While all that is there gets ready."""
    return until(what, lambda: (say_ready(), probe())[1])


def give_back(namespaces, definitions):
    """Takes all of it away from a cluster that stays. The operator must run: it takes back what it made in members."""
    for kind in ("smmr", "smcp"):
        kubectl("-n", "istio-system", "delete", kind, "--all", f"--timeout={WAIT_S}s")
    kubectl("delete", "-f", OVERLAY, "--ignore-not-found", f"--timeout={WAIT_S}s")
    kubectl("delete", "namespace", "istio-system", *namespaces, "--ignore-not-found", f"--timeout={WAIT_S}s")
    for name in definitions:
        kubectl("delete", "crd", name, "--ignore-not-found", f"--timeout={WAIT_S}s")


def end(namespaces=(), definitions=()):
    """Ends all that was started, and takes away what a cluster that stays has of the test; the exit status."""
    if began:
        give_back(namespaces, definitions)
    for p in reversed(children):
        p.terminate()
        p.wait()
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0
