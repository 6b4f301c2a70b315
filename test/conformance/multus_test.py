#!/usr/bin/env python3
"""Where Multus' NetworkAttachmentDefinitions are served, the operator and the embedded API server: each namespace of a mesh whose
pods are redirected by the CNI plugin has the network that Multus calls it for, and loses it when it leaves; where they are not
served, or the mesh has init containers, there is none. Multus itself does not run. With KUBECONFIG set on that cluster."""
import json, os, sys

sys.path.insert(0, os.path.join(os.environ.get("ROOT", os.getcwd()), "test/lib"))
import operated

operated.enter()
from operated import OPERATORS, check, cluster, comes, end, kubectl, operator, until

NETWORK = "v2-5-istio-cni"
FOLDER = (operated.REAL and os.environ.get("CNI_CONF_DIR")) or "/etc/cni/multus/net.d"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "network-attachment-definitions.k8s.cni.cncf.io"},
    "spec": {"group": "k8s.cni.cncf.io", "scope": "Namespaced",
             "names": {"plural": "network-attachment-definitions", "singular": "network-attachment-definition",
                       "kind": "NetworkAttachmentDefinition", "shortNames": ["net-attach-def"]},
             "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                 "type": "object", "properties": {"spec": {"type": "object", "properties": {"config": {"type": "string"}}}}}}}]}}


def apply(o):
    code, _, err = kubectl("apply", "-f", "-", text=json.dumps(o))
    return code == 0, err


def networks(ns):
    code, out, err = kubectl("-n", ns, "get", "network-attachment-definitions", "-o", "json")
    return {o["metadata"]["name"]: o for o in json.loads(out)["items"]} if code == 0 else err


def smcp(kind):
    return {"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": {"name": "basic", "namespace": "istio-system"},
            "spec": {"version": "v2.5", "tracing": {"type": "None"}, "gateways": {"enabled": False},
                     "proxy": {"networking": {"initialization": {"type": kind}}},
                     "addons": {a: {"enabled": False} for a in ("prometheus", "grafana", "kiali")}}}


def roll(*members):
    return {"apiVersion": "maistra.io/v1", "kind": "ServiceMeshMemberRoll", "metadata": {"name": "default", "namespace": "istio-system"},
            "spec": {"members": list(members)}}


def said(path):
    code, out, _ = kubectl("-n", OPERATORS, "get", "daemonset", "istio-cni-node", "-o", "jsonpath=" + path)
    return out if code == 0 else ""


def values():
    _, out, _ = kubectl("-n", "istio-system", "get", "configmap", "istio-sidecar-injector-basic", "-o", "jsonpath={.data.values}")
    return out


def main():
    try:
        cluster()
        for ns in ("shop", "till"):
            kubectl("create", "namespace", ns)
        operator()
        until("the control plane is taken", lambda: apply(smcp("CNI")))
        apply(roll("shop", "till"))
        comes("without Multus the plugin is chained", lambda: ("install" in said("{..args}") and "multus" not in said("{..args}"), said("{..args}")))
        check("and no network is named", NETWORK not in values(), values())
        apply(DEFINITION)
        kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", DEFINITION["metadata"]["name"])
        for ns in ("istio-system", "shop", "till"):
            comes(f"{ns} has the network when Multus comes", lambda: (NETWORK in networks(ns), networks(ns)))
        config = json.loads(networks("shop")[NETWORK]["spec"]["config"])
        check("it calls the plugin with the node's kubeconfig", config == {
            "cniVersion": "0.3.1", "name": NETWORK, "type": "weft-cni", "kubeconfig": FOLDER + "/ZZZ-weft-cni-kubeconfig"}, config)
        comes("the plugin is installed for Multus alone", lambda: ("--multus" in said("{..args}") and FOLDER in said("{..hostPath.path}"),
                                                                   said("{..args}")))
        comes("the injector names it", lambda: (f"network: {NETWORK}" in values() or f'"network":"{NETWORK}"' in values(), values()))
        kubectl("-n", "shop", "delete", "network-attachment-definitions", NETWORK)
        comes("deleted by hand it comes back", lambda: (NETWORK in networks("shop"), networks("shop")))
        apply({"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "metadata": {"name": "own", "namespace": "shop"}, "spec": {"config": "{}"}})
        apply(roll("till"))
        comes("whoever leaves loses it, and nothing else", lambda: (list(networks("shop")) == ["own"], networks("shop")))
        check("the others keep it", NETWORK in networks("till"), networks("till"))
        until("the mesh goes over to init containers", lambda: apply(smcp("InitContainer")))
        for ns in ("istio-system", "till"):
            comes(f"with init containers {ns} has none", lambda: (networks(ns) == {}, networks(ns)))
    finally:
        status = end(("shop", "till"), (DEFINITION["metadata"]["name"],))
    return status


sys.exit(main())
