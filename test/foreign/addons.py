#!/usr/bin/env python3
"""Kiali and Jaeger objects as the operator makes them, against the definitions of those projects' operators.

The operator and the embedded API server, which serves both kinds without a schema, make them of control planes with every setting that
leads into them. Then an API server with the real definitions judges each, strictly: what it does not know, or has another type for, is
an error. That is the embedded one, or the one of KUBECONFIG. Definitions are fetched once into build/foreign/definitions, or lie there
already; their sums are below. Nothing of theirs is kept in the tree. Where they cannot be had it says so in one line.
"""
import copy, hashlib, json, os, re, sys, tempfile, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("ROOT", ROOT)
os.environ.setdefault("BIN", os.path.join(ROOT, "build/bin"))
os.environ.setdefault("TEST_TMP", tempfile.mkdtemp(prefix="weft-addons-"))
sys.path.insert(0, os.path.join(ROOT, "test/lib"))
TARGET = os.environ.pop("KUBECONFIG", "")
if not TARGET:  # else we are in that cluster's network
    import own_network
    own_network.enter()
import yaml

from operated import check, cluster, comes, end, get, kubectl, operator, until

FOLDER = os.path.join(ROOT, "build/foreign/definitions")
KIALI = "https://raw.githubusercontent.com/kiali/kiali-operator/{}/crd-docs/crd/kiali.io_kialis.yaml"
JAEGER = "https://raw.githubusercontent.com/jaegertracing/jaeger-operator/{}/config/crd/bases/jaegertracing.io_jaegers.yaml"
# kind, version, where, sha256. The first of a kind is what OpenShift Service Mesh 2.4 to 2.6 came with.
DEFINITIONS = [
    ("kiali", "v1.73.10", KIALI, "79a5f83377ea277540c44763b4d71fd68f9947f26bb308a4b527283ae4707f0f"),
    ("kiali", "v1.65.11", KIALI, "11b88852997720f1ca2de94bd1aa604ee8222e0e400b3b80e002d030507652d3"),
    ("kiali", "v1.89.10", KIALI, "975aea78c01e2d18f216c6cb30a6e6cb57a2c6d3184aa831384efd352b1fb260"),
    ("jaeger", "v1.57.0", JAEGER, "5ca4ebf4727391f6159f889d4c36d9820ad63c0fe25a48a6b0e1560629cec630"),
    ("jaeger", "v1.65.0", JAEGER, "5bcc7d7f02f0e91c39f0bfd573d1e2f13c9f204c86cf7d9c6f61e1de59121adb"),
]
# What an old definition does not know, and API servers leave out: the control plane's status says so (smcp_foreign.c).
UNKNOWN = {"v1.65.11": {"spec.deployment.cluster_wide_access", "spec.server.node_port"}, "v1.73.10": {"spec.server.node_port"}}
PLURALS = {"kiali": ("kialis", "kiali.io", "v1alpha1", "Kiali"), "jaeger": ("jaegers", "jaegertracing.io", "v1", "Jaeger")}

PLACED = {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
              {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}]}},
              "podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": {"topologyKey": "k", "labelSelector": {"matchLabels": {"a": "b"}}}}]},
              "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "k", "labelSelector": {"matchLabels": {"a": "b"}}}]}},
          "nodeSelector": {"a": "b"}, "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 5}]}
RESOURCES = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"cpu": 1, "memory": "1Gi"}}
RUNTIME = {"pod": {"metadata": {"labels": {"l": "m"}, "annotations": {"n": "o"}}, "priorityClassName": "p", "nodeSelector": {"a": "b"},
                   "tolerations": PLACED["tolerations"]},
           "container": {"imagePullPolicy": "Always", "resources": RESOURCES}}
AFFINE = {**RUNTIME, "pod": {**RUNTIME["pod"], "affinity": {"nodeAffinity": PLACED["affinity"]["nodeAffinity"]}}}
WAY = {"metadata": {"annotations": {"a": "b"}, "labels": {"c": "d"}}}
# A control plane with hardly a setting, with all that one can say, and with Elasticsearch.
PLANES = {
    "plain": {"tracing": {"type": "Jaeger"}, "addons": {"jaeger": {"install": {}}, "kiali": {"enabled": True}}},
    "rich": {"tracing": {"type": "Jaeger"}, "mode": "ClusterWide", "runtime": {"components": {"kiali": AFFINE, "tracing.jaeger": RUNTIME}},
             "addons": {"prometheus": {"address": "http://p:9090"}, "grafana": {"address": "http://g:3000"},
                        "jaeger": {"install": {"storage": {"type": "Memory", "memory": {"maxTraces": 7}}, "ingress": {"enabled": True, **WAY}}},
                        "kiali": {"enabled": True, "install": {
                            "dashboard": {"viewOnly": True, "enableGrafana": True, "enableTracing": True},
                            "deployment": {**PLACED, "resources": RESOURCES},
                            "service": {"nodePort": 30999, **WAY, "ingress": {"enabled": True, "hosts": ["kiali.example"], "contextPath": "/kiali", **WAY, "tls": {"termination": "edge"}}}}}}},
    "stored": {"tracing": {"type": "Jaeger"}, "addons": {"kiali": {"enabled": True, "install": {"service": {"ingress": {"enabled": False}}}}, "jaeger": {"install": {
        "ingress": {"enabled": False}, "storage": {"type": "Elasticsearch", "elasticsearch": {
            "nodeCount": 3, "storage": {"storageClassName": "fast", "size": "5Gi"}, "redundancyPolicy": "SingleRedundancy",
            "indexCleaner": {"enabled": True, "numberOfDays": 7, "schedule": "55 23 * * *"}}}}}}},
}


def definition(kind, version, where, digest):
    """Its file, fetched if need be; or None, with the reason."""
    path = os.path.join(FOLDER, f"{kind}-{version}.yaml")
    if not os.path.exists(path):
        os.makedirs(FOLDER, exist_ok=True)
        try:
            with urllib.request.urlopen(where.format(version), timeout=60) as r:
                text = r.read(8 << 20)
        except OSError as e:
            return None, f"{where.format(version)}: {e}"
        with open(path + ".new", "wb") as f:
            f.write(text)
        os.rename(path + ".new", path)
    with open(path, "rb") as f:
        found = hashlib.sha256(f.read()).hexdigest()
    return (path, "") if found == digest else (None, f"{path}: its sum is {found}, not {digest}")


def open_definition(kind):
    plural, group, version, name = PLURALS[kind]
    keep = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": {"plural": plural, "singular": kind, "kind": name},
                     "versions": [{"name": version, "served": True, "storage": True, "subresources": {"status": {}},
                                   "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": keep, "status": keep}}}}]}}


def plane(spec):
    addons = spec["addons"] | {a: {"enabled": False, **spec["addons"].get(a, {})} for a in ("prometheus", "grafana")}
    return {"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": {"name": "basic", "namespace": "istio-system"},
            "spec": {"version": "v2.6", "gateways": {"enabled": False}, **spec, "addons": addons}}


def apply(o):
    code, _, err = kubectl("apply", "-f", "-", text=json.dumps(o))
    return code == 0, err


def made(name, spec):
    """The two objects as the operator made them of that control plane."""
    until(f"{name}: the control plane is taken", lambda: apply(plane(spec)))
    found = [comes(f"{name}: a {kind} is made", lambda kind=kind: (lambda o: (bool(o), o))(get(f"{PLURALS[kind][0]}.{PLURALS[kind][1]}")["items"])) for kind in PLURALS]
    code, _, err = kubectl("-n", "istio-system", "delete", "smcp", "basic", "--timeout=60s")
    check(f"{name}: the control plane goes", code == 0, err)
    gone = [until(f"{name}: and the {kind}", lambda kind=kind: (lambda o: (not o, o))(get(f"{PLURALS[kind][0]}.{PLURALS[kind][1]}")["items"])) for kind in PLURALS]
    return [{"apiVersion": o["apiVersion"], "kind": o["kind"], "spec": o["spec"],
             "metadata": {"name": name, "namespace": "default", **{k: v for k, v in o["metadata"].items() if k in ("labels", "annotations")}}}
            for objects in found if objects for o in objects]


def judged(target, o):
    code, out, err = kubectl(*target, "create", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-", text=json.dumps(o))
    return code == 0, err, json.loads(out) if code == 0 else None


def without(o, path):
    """The same object; a parent that is empty then stays."""
    *parents, last = path.split(".")
    for p in parents:
        o = o[p]
    del o[last]


def judge(target, kind, version, path, objects):
    code, _, err = kubectl(*target, "create", "-f", path)
    check(f"{kind} {version}: the definition is taken", code == 0, err)
    plural, group = PLURALS[kind][:2]
    kubectl(*target, "wait", "--for=condition=Established", "--timeout=60s", f"crd/{plural}.{group}")
    until(f"{kind} {version} is served", lambda: (kubectl(*target, "-n", "default", "get", f"{plural}.{group}")[0] == 0, ""))
    try:
        for o in objects:
            good, err, kept = judged(target, o)
            unknown = set(re.findall(r'unknown field "([^"]+)"', err))
            if unknown and unknown <= UNKNOWN.get(version, set()):
                for field in unknown:
                    without(o, field)
                good, err, kept = judged(target, o)
            check(f"{kind} {version} takes the one of {o['metadata']['name']}" + "".join(f", without {p}" for p in sorted(unknown)),
                  good and same(kept["spec"], o["spec"]), err or kept)
        good, err, _ = judged(target, {**objects[0], "spec": {**objects[0]["spec"], "nobodyKnows": 1}})
        check(f"{kind} {version} refuses what it does not know", not good and "nobodyKnows" in err, err)
    finally:
        code, _, err = kubectl(*target, "delete", "-f", path, "--timeout=60s")
        check(f"{kind} {version}: the definition goes", code == 0, err)


def same(kept, said):
    """Defaults may be added."""
    if isinstance(said, dict):
        return isinstance(kept, dict) and all(same(kept.get(k), v) for k, v in said.items())
    return kept == said


def main():
    found = [(*d[:2], *definition(*d)) for d in DEFINITIONS]
    for kind in PLURALS:
        if not any(path for k, _, path, _ in found if k == kind):
            print("skipped:", next(why for k, _, _, why in found if k == kind))
            return 0
    try:
        cluster()
        for kind in PLURALS:
            apply(open_definition(kind))
        operator()
        objects = [o for name, spec in PLANES.items() for o in made(name, spec)]
        with open(os.path.join(ROOT, "build/foreign/addons.json"), "w") as f:
            json.dump(objects, f, indent=1)
        for kind in PLURALS:
            kubectl("delete", "crd", f"{PLURALS[kind][0]}.{PLURALS[kind][1]}", "--timeout=60s")
        for kind, version, path, why in found:
            if path:
                judge(["--kubeconfig", TARGET] if TARGET else [], kind, version, path, [copy.deepcopy(o) for o in objects if o["kind"].lower() == kind])
            else:
                print(f"not had: {kind} {version}: {why}")
    finally:
        status = end()
    return status


sys.exit(main())
