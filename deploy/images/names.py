"""The names of images.toml in the files that say them: between two marks, or a whole file."""
import os
import re
import sys
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEGIN, END = "# images: begin (make image-names)", "# images: end"
DEPLOYMENT = "deploy/operator/base/deployment.yaml"
HEADER = "lib/operator/render/images.h"
DEMO = "demo/{0}/gitops/coolstore-{0}/apps/app-coolstore-{0}/base/kustomization.yaml"
KUSTOMIZATIONS = {
    DEMO.format("catalog"): "coolstore-catalog",
    DEMO.format("inventory"): "coolstore-inventory",
}
# What the objects are written with, before kustomize puts the names in.
WRITTEN = "quay.io/weft"


def related(table):
    """[(name, reference)]: what the operator renders."""
    ours = [(n, f"{table['registry']}/{n}:{table['tag']}") for n, spec in table["images"].items() if spec.get("related")]
    return ours + list(table["related"].items())


def variable(name):
    return "RELATED_IMAGE_" + name.upper().replace("-", "_")


def constant(name):
    return "IMAGE_" + name.upper().replace("-", "_")


def header(table):
    rows = "".join(f'\tX({n}, "{variable(n)}", {constant(n)}) \\\n' for n, _ in related(table))
    constants = "".join(f'#define {constant(n)} "{ref}"\n' for n, ref in related(table))
    return (
        "/* Written by make image-names from deploy/images/images.toml: X(name, environment variable, default). */\n"
        "#ifndef OPERATOR_IMAGES_H\n#define OPERATOR_IMAGES_H\n\n" + constants + "\n"
        "/* clang-format off */\n#define OPERATOR_IMAGES(X) \\\n" + rows.removesuffix(" \\\n") + "\n/* clang-format on */\n\n#endif\n"
    )


def variables(table):
    return "".join(f"        - {{name: {variable(n)}, value: \"{ref}\"}}\n" for n, ref in related(table))


def transformer(table, name):
    return f"images:\n- name: {WRITTEN}/{name}\n  newName: {table['registry']}/{name}\n  newTag: {table['tag']}\n"


def deployment(text, table):
    """The operator's own image, and what it renders."""
    named = re.sub(r"^( *image: ).*", rf"\g<1>{table['registry']}/operator:{table['tag']}", text, flags=re.M)
    return between(named, DEPLOYMENT, variables(table))


def between(text, path, new):
    pattern = re.compile(rf"^( *){re.escape(BEGIN)}\n.*?^ *{re.escape(END)}\n", re.M | re.S)
    if len(pattern.findall(text)) != 1:
        sys.exit(f"images: {path} must have the marks '{BEGIN}' and '{END}' once")
    return pattern.sub(lambda m: f"{m[1]}{BEGIN}\n{new}{m[1]}{END}\n", text)


def main(table_path, check):
    with open(table_path, "rb") as f:
        table = tomllib.load(f)
    wanted = {HEADER: lambda _: header(table), DEPLOYMENT: lambda t: deployment(t, table)}
    for path, name in KUSTOMIZATIONS.items():
        wanted[path] = lambda t, path=path, name=name: between(t, path, transformer(table, name))
    stale = []
    for path, make in wanted.items():
        whole = os.path.join(ROOT, path)
        old = open(whole).read() if os.path.exists(whole) else ""
        new = make(old)
        if new != old:
            stale.append(path)
            if not check:
                with open(whole, "w") as f:
                    f.write(new)
    if check and stale:
        sys.exit(f"images: not as in deploy/images/images.toml, run make image-names: {' '.join(stale)}")
    return 0
