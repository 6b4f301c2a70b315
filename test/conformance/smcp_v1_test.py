#!/usr/bin/env python3
"""ServiceMeshControlPlanes of maistra.io/v1 with kubectl, the operator and the embedded API server: what was written for OpenShift
Service Mesh 1.1 is taken, reconciled, read back as it was written, and told by path where nobody knows it any more; without the
operator v2 is read as before, and v1 says why not. With KUBECONFIG set on that cluster."""
import json, os, sys

sys.path.insert(0, os.path.join(os.environ.get("ROOT", os.getcwd()), "test/lib"))
import operated

operated.enter()
import yaml

from operated import check, cluster, end, get, kubectl, operator, until

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
          and v2["spec"]["proxy"]["accessLogging"]["file"]["name"] == "/tmp/log" and v2["status"].get("operatorVersion"), (err, v2["spec"]))


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
    # a current API server may have a list in its cache, as it was converted before
    for name in [["basic-install"]] + [[]] * (not operated.REAL):
        code, out, err = kubectl("-n", "istio-system", "get", "servicemeshcontrolplanes.v1.maistra.io", *name)
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
        status = end()
    return status


sys.exit(main())
