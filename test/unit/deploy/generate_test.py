#!/usr/bin/env python3
"""What is generated from deploy/ and crds/ is what is in the tree; a change of any file of it is noticed."""
import os
import shutil
import subprocess
import sys
import traceback

ROOT = os.environ.get("ROOT", os.getcwd())
TMP = os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(ROOT, "deploy/generate"))
import objects
import overlays

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
    assert generate("--root", root).returncode == 0 and generate("--check", "--root", root).returncode == 0
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


passed = failed = 0
for case in (tree_is_as_generated, every_change_is_noticed, variants_are_merged, namespace_is_moved_everywhere, production_is_twice,
             stable_is_openshift):
    try:
        case()
        passed += 1
    except Exception:
        failed += 1
        print(f"FAIL {case.__name__}\n{traceback.format_exc()}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
