#!/usr/bin/env python3
"""ServiceMeshControlPlanes of maistra.io/v1 with kubectl, the operator and the embedded API server: what was written for OpenShift
Service Mesh 1.1 is taken, reconciled, read back as it was written, and told by path where nobody knows it any more; without the
operator v2 is read as before, and v1 says why not."""
import json, os, subprocess, sys, time

sys.path.insert(0, os.path.join(os.environ.get("ROOT", os.getcwd()), "test/lib"))
import own_network

own_network.enter()
import yaml

ROOT, BIN, TMP = os.environ.get("ROOT", os.getcwd()), os.environ["BIN"], os.environ["TEST_TMP"]
OPERATORS = "openshift-operators"
WAIT_S = 120
passed = failed = 0
children = []

# The basic-install of OpenShift Service Mesh 1.1, with a value that no version of today knows.
BASIC = """
apiVersion: maistra.io/v1
kind: ServiceMeshControlPlane
metadata: {name: basic-install, namespace: istio-system}
spec:
  istio:
    gateways:
      istio-egressgateway: {autoscaleEnabled: false}
      istio-ingressgateway: {autoscaleEnabled: false, ior_enabled: false}
    mixer:
      policy: {autoscaleEnabled: false}
      telemetry: {autoscaleEnabled: false}
    pilot: {autoscaleEnabled: false, traceSampling: 100}
    kiali: {enabled: false}
    grafana: {enabled: false}
    tracing: {enabled: true, jaeger: {template: all-in-one}}
    global:
      proxy: {accessLogFile: /dev/stdout}
      omitSidecarInjectorConfigMap: true
"""


def check(what, good, seen=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
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


def cluster():
    data = os.path.join(TMP, "lab")
    os.environ["KUBECONFIG"] = os.path.join(data, "kubeconfig")
    start("lab", BIN + "/weft-lab", "up", "--api-only", "--data", data)
    until("the API server is there", lambda: (kubectl("get", "namespace", "default")[0] == 0, ""))
    kubectl("create", "namespace", "istio-system")
    code, _, err = kubectl("apply", "-f", os.path.join(ROOT, "deploy/operator/overlays/openshift/weft-operator.yaml"))
    check("the operator's objects are applied", code == 0, err)
    kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
    # no node runs pods here: the Service leads to the operator beside the API server
    kubectl("-n", OPERATORS, "patch", "service", "maistra-admission-controller", "--type=json", "-p", '[{"op":"remove","path":"/spec/selector"}]')
    kubectl("apply", "-f", "-", text=json.dumps({
        "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "maistra-admission-controller", "namespace": OPERATORS},
        "subsets": [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"name": "admission", "port": 11999}]}]}))


def operator():
    return start("operator", BIN + "/weft-operator", "--kubeconfig", os.environ["KUBECONFIG"], "--namespace", OPERATORS, POD_NAME="here")


def condition(smcp, name):
    return next((c for c in smcp.get("status", {}).get("conditions", []) if c["type"] == name), {})


def written_in_v1():
    said = yaml.safe_load(BASIC)["spec"]["istio"]
    until("basic-install of 1.1 is taken", lambda: (lambda r: (r[0] == 0, r))(kubectl("apply", "-f", "-", text=BASIC)))
    v2 = get("smcp", "basic-install")
    check("it is stored as v2", v2["apiVersion"] == "maistra.io/v2" and v2["spec"]["tracing"] == {"type": "Jaeger", "sampling": 10000}, v2)
    check("with the version that is installed today", v2["spec"]["version"] == "v2.6" and v2["spec"]["profiles"] == ["default"], v2["spec"])
    v1 = get("servicemeshcontrolplanes.v1.maistra.io", "basic-install")
    check("v1 reads as it was written", v1["apiVersion"] == "maistra.io/v1" and v1["spec"]["istio"] == said, v1["spec"])
    code, out, err = kubectl("apply", "-f", "-", text=BASIC)
    check("applied again nothing changes", code == 0 and "unchanged" in out, (out, err))
    until("the operator carries it out", lambda: (kubectl("-n", "istio-system", "get", "deployment", "istiod-basic-install")[0] == 0, ""))
    until("what nobody knows any more is told by its path", lambda: (lambda c: (
        "spec.techPreview.global.omitSidecarInjectorConfigMap" in c.get("message", ""), c))(condition(get("smcp", "basic-install"), "SpecHonored")))
    code, out, err = kubectl("-n", "istio-system", "get", "servicemeshcontrolplanes.v1.maistra.io")
    check("the columns of v1", code == 0 and out.split("\n")[0].split() == ["NAME", "READY", "STATUS", "TEMPLATE", "VERSION", "AGE"]
          and " default " in out and " v2.6 " in out, (out, err))
    status = until("the status of v1", lambda: (lambda s: ("reconciledVersion" in s, s))(get("servicemeshcontrolplanes.v1.maistra.io", "basic-install")["status"]))
    check("names what was applied", status["lastAppliedConfiguration"]["istio"]["tracing"]["provider"] == "jaeger", status)


def changed_in_both():
    kubectl("-n", "istio-system", "patch", "smcp", "basic-install", "--type=merge", "-p", '{"spec":{"proxy":{"accessLogging":{"file":{"name":"/tmp/log"}}}}}')
    v1 = get("servicemeshcontrolplanes.v1.maistra.io", "basic-install")
    check("a change in v2 is seen in v1", v1["spec"]["istio"]["global"]["proxy"]["accessLogFile"] == "/tmp/log", v1["spec"])
    code, _, err = kubectl("-n", "istio-system", "patch", "servicemeshcontrolplanes.v1.maistra.io", "basic-install", "--type=merge",
                           "-p", '{"spec":{"istio":{"pilot":{"traceSampling":50}}}}')
    v2 = get("smcp", "basic-install")
    check("a change in v1 is seen in v2, and takes nothing along", code == 0 and v2["spec"]["tracing"]["sampling"] == 5000
          and v2["spec"]["proxy"]["accessLogging"]["file"]["name"] == "/tmp/log" and v2["status"].get("chartVersion"), (err, v2["spec"]))


def refused():
    for what, spec, why in (("a version that is not installed any more", {"version": "v1.1"}, "Only '[v2.2 v2.3 v2.4 v2.5 v2.6]' versions are supported"),
                            ("Mixer", {"istio": {"mixer": {"policy": {"enabled": True}}}}, "Mixer"),
                            ("a value of another type", {"istio": {"pilot": {"podLabels": {"a": [1]}}}},
                             "could not be converted: runtime.components[pilot].pod.metadata.labels[a]")):
        o = {"apiVersion": "maistra.io/v1", "kind": "ServiceMeshControlPlane", "metadata": {"name": "other", "namespace": "default"}, "spec": spec}
        code, out, err = kubectl("create", "-f", "-", text=json.dumps(o))
        check(f"{what} is refused by its name", code != 0 and why in err, (out, err))


def without_operator(process):
    process.terminate()
    process.wait()
    code, out, err = kubectl("-n", "istio-system", "get", "smcp")
    check("without the operator v2 is read", code == 0 and "basic-install" in out, err)
    for args in (["get", "servicemeshcontrolplanes.v1.maistra.io"], ["get", "servicemeshcontrolplanes.v1.maistra.io", "basic-install"]):
        code, out, err = kubectl("-n", "istio-system", *args)
        check("v1 says why not", code != 0 and "conversion webhook for maistra.io/v2, Kind=ServiceMeshControlPlane failed: " in err
              and "/convert-smcp" in err, (out, err))
    again = operator()
    until("with it v1 is back", lambda: (kubectl("-n", "istio-system", "get", "servicemeshcontrolplanes.v1.maistra.io")[0] == 0, ""))
    return again


def main():
    try:
        cluster()
        process = operator()
        written_in_v1()
        changed_in_both()
        refused()
        without_operator(process)
        code, _, err = kubectl("-n", "istio-system", "delete", "servicemeshcontrolplanes.v1.maistra.io", "basic-install", "--timeout=60s")
        check("deleted as v1", code == 0, err)
    finally:
        for p in reversed(children):
            p.terminate()
            p.wait()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
