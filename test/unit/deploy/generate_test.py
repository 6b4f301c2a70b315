#!/usr/bin/env python3
"""What is generated from deploy/ and crds/ is what is in the tree; a change of any file of it is noticed."""
import json
import os
import re
import shutil
import subprocess
import sys
import traceback

ROOT = os.environ.get("ROOT", os.getcwd())
TMP = os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(ROOT, "deploy/generate"))
import bundle
import chart
import objects
import overlays
import yaml

GENERATE = os.path.join(ROOT, "deploy/generate/generate.py")


def generate(*args):
    return subprocess.run([sys.executable, GENERATE, *args], capture_output=True, text=True)


def overlay(path):
    return next(o for o in overlays.table() if o["path"] == path)


def find(found, kind, name):
    return next(o for o in found if objects.identity(o) == (kind, name))


def tree_is_as_generated():
    r = generate("--check")
    assert r.returncode == 0, r.stderr


def every_change_is_noticed():
    root = f"{TMP}/tree"
    assert generate("--root", root).returncode == 0
    changed, gone = "deploy/operator/overlays/stable/weft-operator.yaml", "deploy/instance/overlays/minimal/kustomization.yaml"
    with open(f"{root}/{changed}", "a") as f:
        f.write("# more\n")
    os.unlink(f"{root}/{gone}")
    extra = "deploy/operator/overlays/forgotten/kustomization.yaml"
    os.makedirs(os.path.dirname(f"{root}/{extra}"))
    shutil.copy(__file__, f"{root}/{extra}")
    r = generate("--check", "--root", root)
    assert r.returncode != 0 and all(p in r.stderr for p in (changed, gone, extra)) and "make crds" in r.stderr, r.stderr
    assert generate("--root", root).returncode == 0 and generate("--check", "--root", root).returncode == 0
    assert not os.path.exists(f"{root}/{extra}")


def variants_are_merged():
    base = [{"kind": "A", "metadata": {"name": "a"}, "spec": {"keep": 1, "gone": 2, "containers": [{"name": "x", "image": "i"}, {"name": "y"}]}}]
    variant = [{"kind": "A", "metadata": {"name": "a"}, "spec": {"gone": None, "containers": [{"name": "x", "cpu": 1}, {"name": "z"}], "list": [2]}},
               {"kind": "B", "metadata": {"name": "a"}}]
    a, b = objects.vary(base, variant)
    assert a["spec"] == {"keep": 1, "containers": [{"name": "x", "image": "i", "cpu": 1}, {"name": "y"}, {"name": "z"}], "list": [2]}, a
    assert b == variant[1]


def namespace_is_moved_everywhere():
    here = overlay("deploy/operator/overlays/kubernetes")
    found = overlays.build(here)
    assert "openshift-operators" not in objects.dump_all(found)
    assert find(found, "Deployment", "istio-operator")["metadata"]["namespace"] == here["namespace"]
    assert find(found, "ClusterRoleBinding", "istio-operator")["subjects"][0]["namespace"] == here["namespace"]
    hooks = [o for o in found if o["kind"].endswith("WebhookConfiguration")]
    assert len(hooks) == 5 and all(h["webhooks"][0]["clientConfig"]["service"]["namespace"] == here["namespace"] for h in hooks)
    assert find(found, "Namespace", here["namespace"])["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def production_is_twice():
    found = overlays.build(overlay("deploy/operator/overlays/production"))
    deployment = find(found, "Deployment", "istio-operator")["spec"]
    assert deployment["replicas"] == 2 and deployment["template"]["spec"]["affinity"]["podAntiAffinity"]
    assert find(found, "PodDisruptionBudget", "istio-operator")["spec"]["minAvailable"] == 1
    assert deployment["template"]["spec"]["containers"][0]["image"], "the variant keeps what the base says"
    mesh = find(overlays.build(overlay("deploy/instance/overlays/production")), "ServiceMeshControlPlane", "istio-system")["spec"]
    for settings in (mesh["runtime"]["components"]["pilot"], mesh["gateways"]["ingress"]["runtime"], mesh["gateways"]["egress"]["runtime"]):
        assert settings["deployment"]["replicas"] == 2 and settings["pod"]["affinity"]["podAntiAffinity"]


def stable_is_openshift():
    stable, openshift = (overlays.build(overlay(f"deploy/operator/overlays/{n}")) for n in ("stable", "openshift"))
    assert stable == openshift


def value_of(values, path):
    for name in path.removeprefix(".Values.").split("."):
        values = values[name]
    return values


def rendered(text, values, namespace):
    """What Helm makes of a template, as far as these templates ask for anything."""
    def tree(m):
        indent = " " * int(m[2])
        return "".join("\n" + indent + line for line in yaml.safe_dump(value_of(values, m[1])).removesuffix("...\n").splitlines())

    text = re.sub(r"\{\{- if (\S+) \}\}\n(.*?)\{\{- end \}\}\n", lambda m: m[2] if value_of(values, m[1]) else "", text, flags=re.S)
    text = re.sub(r" ?\{\{- toYaml (\S+) \| nindent (\d+) \}\}", tree, text)
    text = re.sub(r"\{\{ (\.Values\S+) \}\}", lambda m: str(value_of(values, m[1])), text).replace("{{ .Release.Namespace }}", namespace)
    assert "{{" not in text, text
    return [o for o in yaml.safe_load_all(text) if o]


def chart_objects(change=lambda values: None):
    made = chart.files()
    values = yaml.safe_load(made[f"{chart.CHART}/values.yaml"])
    change(values)
    return [o for path, text in made.items() if "/templates/" in path for o in rendered(text, values, "somewhere")]


def chart_is_the_base_with_values():
    base = [o for o in objects.move(objects.load_folder("deploy/operator/base"), "somewhere") if o["kind"] != "Namespace"]
    pod = find(base, "Deployment", "istio-operator")["spec"]["template"]["spec"]
    pod.update(imagePullSecrets=[], nodeSelector={}, tolerations=[], affinity={})
    by_name = {objects.identity(o): o for o in chart_objects()}
    assert by_name == {objects.identity(o): o for o in base}
    crds = [json.loads(d) for d in chart.files()[f"{chart.CHART}/crds/weft.yaml"].split("\n") if d.startswith("{")]
    assert crds == [objects.definition(path) for _, path in objects.definitions()] and len(crds) == 17


def values_of_the_chart_have_their_effect():
    def change(values):
        values.update(replicas=2, podDisruptionBudget={"enabled": True}, imagePullSecrets=[{"name": "pull"}], nodeSelector={"a": "b"},
                      tolerations=[{"operator": "Exists"}], affinity={"nodeAffinity": {}}, resources={"limits": {"cpu": 1}},
                      image={"registry": "here:5000/x", "tag": "v7", "pullPolicy": "Always"}, related={**values["related"], "prometheus": "here/p:1"})

    found = chart_objects(change)
    assert find(found, "PodDisruptionBudget", "istio-operator")["metadata"]["namespace"] == "somewhere"
    spec = find(found, "Deployment", "istio-operator")["spec"]
    pod, container = spec["template"]["spec"], spec["template"]["spec"]["containers"][0]
    env = {v["name"]: v.get("value") for v in container["env"]}
    assert spec["replicas"] == 2 and container["resources"] == {"limits": {"cpu": 1}} and container["imagePullPolicy"] == "Always"
    assert pod["imagePullSecrets"] == [{"name": "pull"}] and pod["nodeSelector"] == {"a": "b"} and pod["tolerations"] == [{"operator": "Exists"}]
    assert container["image"] == "here:5000/x/operator:v7" and env["RELATED_IMAGE_WEFTD"] == "here:5000/x/weftd:v7", env
    assert env["RELATED_IMAGE_PROMETHEUS"] == "here/p:1"


def helm_agrees():
    """Where HELM names a helm: what it renders is what the checks here take for it."""
    if not os.environ.get("HELM"):
        return
    r = subprocess.run([os.environ["HELM"], "template", "weft", f"{ROOT}/{chart.CHART}", "--namespace", "somewhere"], capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    theirs = {objects.identity(o): o for o in yaml.load_all(r.stdout, Loader=yaml.CSafeLoader) if o}
    assert theirs == {objects.identity(o): o for o in chart_objects()}


def bundle_is_whole():
    made = bundle.files()
    csv = yaml.safe_load(made[f"{bundle.BUNDLE}/manifests/weft-operator.clusterserviceversion.yaml"])
    crds = [yaml.load(t, Loader=yaml.CSafeLoader) for p, t in made.items() if p.endswith(".io.yaml")]
    served = {(c["metadata"]["name"], v["name"], c["spec"]["names"]["kind"]) for c in crds for v in c["spec"]["versions"]}
    owned = {(o["name"], o["version"], o["kind"]) for o in csv["spec"]["customresourcedefinitions"]["owned"]}
    assert served == owned and len(crds) == 17
    base = objects.load_folder("deploy/operator/base")
    install = csv["spec"]["install"]["spec"]
    assert install["deployments"][0]["spec"] == find(base, "Deployment", "istio-operator")["spec"]
    assert install["clusterPermissions"][0]["rules"] == find(base, "ClusterRole", "istio-operator")["rules"]
    hooks = {h["generateName"]: (h["type"], h["webhookPath"]) for h in csv["spec"]["webhookdefinitions"]}
    assert len(hooks) == 6 and hooks["servicemeshcontrolplane.conversion.maistra.io"] == ("ConversionWebhook", "/convert-smcp")
    assert hooks["smcp.validation.maistra.io"] == ("ValidatingAdmissionWebhook", "/validate")
    assert hooks["smcp.mutation.maistra.io"] == ("MutatingAdmissionWebhook", "/mutate")
    examples = {o["kind"] for o in json.loads(csv["metadata"]["annotations"]["alm-examples"])}
    assert {"ServiceMeshControlPlane", "ServiceMeshMemberRoll", "ServiceMeshMember"} == examples
    labels = yaml.safe_load(made[f"{bundle.BUNDLE}/metadata/annotations.yaml"])["annotations"]
    assert labels["operators.operatorframework.io.bundle.channel.default.v1"] in labels["operators.operatorframework.io.bundle.channels.v1"]


passed = failed = 0
for case in (tree_is_as_generated, every_change_is_noticed, variants_are_merged, namespace_is_moved_everywhere, production_is_twice,
             stable_is_openshift, chart_is_the_base_with_values, values_of_the_chart_have_their_effect, helm_agrees, bundle_is_whole):
    try:
        case()
        passed += 1
    except Exception:
        failed += 1
        print(f"FAIL {case.__name__}\n{traceback.format_exc()}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
