"""Kubernetes objects as the generators see them: lists of dicts, merged by identity, printed the same way every time."""
import functools
import os

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What is applied first, and taken away last. Other kinds come at the end.
ORDER = ["Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Service", "Deployment", "PodDisruptionBudget",
         "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"]
# Members of lists that are merged by a key instead of being replaced, as kubectl's strategic merge does.
KEYS = {"containers": "name", "initContainers": "name", "env": "name", "ports": "name", "volumes": "name"}


class Dumper(yaml.SafeDumper):
    """Without aliases; lists of objects one level in from their key as kubectl prints them."""

    def ignore_aliases(self, data):
        return True


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def load(path):
    return [d for d in yaml.load_all(text(path), Loader=yaml.CSafeLoader) if d]


def in_order(found):
    return sorted(found, key=lambda o: ORDER.index(o["kind"]) if o["kind"] in ORDER else len(ORDER))


def load_folder(path):
    """All objects of a folder's files, in the order in which they are applied."""
    names = sorted(n for n in os.listdir(os.path.join(ROOT, path)) if n.endswith(".yaml") and n != "kustomization.yaml")
    return in_order(o for n in names for o in load(os.path.join(path, n)))


def dump(o):
    return yaml.dump(o, Dumper=Dumper, sort_keys=False, default_flow_style=False, width=1000, allow_unicode=True)


def dump_all(objects):
    return "---\n".join(dump(o) for o in objects)


def identity(o):
    """Namespaces are left out: a variant need not name the one that its base has."""
    return o["kind"], o["metadata"]["name"]


def merge(into, patch):
    """The patch over the value: mappings member by member, some lists by their key, null removes."""
    if not (isinstance(into, dict) and isinstance(patch, dict)):
        return patch
    result = dict(into)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif name in KEYS and isinstance(value, list) and isinstance(result.get(name), list):
            result[name] = merge_list(result[name], value, KEYS[name])
        else:
            result[name] = merge(result.get(name), value)
    return result


def merge_list(into, patch, key):
    known = {item[key] for item in into}
    by_key = {item[key]: item for item in patch}
    return [merge(item, by_key[item[key]]) if item[key] in by_key else item for item in into] + [
        item for item in patch if item[key] not in known]


def vary(objects, variant):
    """The objects with those of a variant merged over them; what is new comes last."""
    changes, known = {identity(v): v for v in variant}, {identity(o) for o in objects}
    return [merge(o, changes[identity(o)]) if identity(o) in changes else o for o in objects] + [
        v for v in variant if identity(v) not in known]


def replace_namespace(value, old, new):
    """Everything that names the namespace: the object itself, its members', and what refers to a service in it."""
    if isinstance(value, dict):
        return {k: new if k == "namespace" and v == old else replace_namespace(v, old, new) for k, v in value.items()}
    if isinstance(value, list):
        return [replace_namespace(v, old, new) for v in value]
    return value


def move(objects, new):
    """The objects of one namespace in another."""
    spaces = [o["metadata"]["name"] for o in objects if o["kind"] == "Namespace"]
    if len(spaces) != 1:
        raise SystemExit(f"one namespace is wanted, there are {spaces}")
    moved = replace_namespace(objects, spaces[0], new)
    for o in moved:
        if o["kind"] == "Namespace":
            o["metadata"]["name"] = new
    return moved


@functools.cache
def definition(path):
    """A CRD, parsed once; not to be changed."""
    return load(path)[0]


def definitions():
    """[(name, path)] of the CRDs."""
    return [(n.removesuffix(".yaml"), os.path.join("crds", n)) for n in sorted(os.listdir(os.path.join(ROOT, "crds")))
            if n != "kustomization.yaml"]
