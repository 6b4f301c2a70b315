#!/usr/bin/env python3
"""What a release carries, in one folder: programs, images with the lists of what they hold, manifests, checksums.

usage: dist.py --version V --arch A --bin DIR --images DIR --out DIR
The same files give the same bytes: entries are sorted, owned by nobody, and as old as SOURCE_DATE_EPOCH says."""
import argparse
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What a user's shell, or a bare machine, runs; the rest comes in images.
PROGRAMS = ["weftctl", "weft-lab", "weft-shim", "weft-proxy", "weft-init", "weft-cni", "weft-cni-launch", "weft-operator", "weftd", "coolstore-catalog", "coolstore-inventory"]
TEXTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
# Archive: folders and files of the tree that it holds.
TREES = {
    "weft-manifests": ["crds", "deploy/operator/overlays", "deploy/instance/overlays", "demo/istio"],
    "weft-bundle": ["manifests/bundle"],
}
CHART = "deploy/helm/weft-operator"


def entries(top, at):
    """[(name in the archive, path)] of a file, or of all files below a folder."""
    if os.path.isfile(top):
        return [(at, top)]
    return [(os.path.join(at, os.path.relpath(os.path.join(d, f), top)), os.path.join(d, f)) for d, _, names in os.walk(top) for f in names]


def pack(path, found, epoch):
    """A .tar.gz without anything of this machine or this moment."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, source in sorted(found):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = os.path.getsize(source), epoch
            info.mode = 0o755 if os.access(source, os.X_OK) else 0o644
            with open(source, "rb") as f:
                tar.addfile(info, f)
    with open(path, "wb") as out, gzip.GzipFile(fileobj=out, mode="wb", filename="", mtime=epoch) as packed:
        packed.write(raw.getvalue())


def completions(weftctl, folder):
    os.makedirs(folder, exist_ok=True)
    for shell, name in (("bash", "weftctl.bash"), ("zsh", "_weftctl"), ("fish", "weftctl.fish")):
        with open(os.path.join(folder, name), "wb") as f:
            subprocess.run([weftctl, "completion", shell], check=True, stdout=f)


def stripped(source, target, strip):
    """Without what depends on where it was built."""
    shutil.copy(source, target)
    if strip:
        subprocess.run([strip, "--strip-debug", "--remove-section=.note.gnu.build-id", target], check=True)
    os.chmod(target, 0o755)


def programs(a, work, epoch):
    top = f"weft-{a.version}-linux-{a.arch}"
    os.makedirs(os.path.join(work, "bin"))
    missing = [p for p in PROGRAMS if not os.path.exists(os.path.join(a.bin, p))]
    if missing:
        sys.exit(f"dist: not built: {' '.join(missing)}")
    for p in PROGRAMS:
        stripped(os.path.join(a.bin, p), os.path.join(work, "bin", p), a.strip)
    completions(os.path.join(a.bin, "weftctl"), os.path.join(work, "completions"))
    found = entries(work, top) + [(f"{top}/{t}", os.path.join(ROOT, t)) for t in TEXTS]
    pack(os.path.join(a.out, f"{top}.tar.gz"), found, epoch)


def manifests(a, epoch):
    for name, tops in TREES.items():
        found = [e for top in tops for e in entries(os.path.join(ROOT, top), f"{name}-{a.version}/{top}")]
        pack(os.path.join(a.out, f"{name}-{a.version}.tar.gz"), found, epoch)
    pack(os.path.join(a.out, f"{os.path.basename(CHART)}-{a.version}.tgz"), entries(os.path.join(ROOT, CHART), os.path.basename(CHART)), epoch)


def images(a):
    names = sorted(n for n in os.listdir(a.images) if n.endswith((".tar", ".json")))
    if not any(n.endswith(".tar") for n in names):
        sys.exit(f"dist: no images in {a.images}")
    for n in names:
        shutil.copy(os.path.join(a.images, n), os.path.join(a.out, f"{a.arch}-{n}"))


def checksums(folder):
    names = sorted(n for n in os.listdir(folder) if n != "SHA256SUMS")
    with open(os.path.join(folder, "SHA256SUMS"), "w") as out:
        for n in names:
            with open(os.path.join(folder, n), "rb") as f:
                out.write(f"{hashlib.file_digest(f, 'sha256').hexdigest()}  {n}\n")


def main():
    ap = argparse.ArgumentParser()
    for name in ("--version", "--arch", "--bin", "--images", "--out"):
        ap.add_argument(name, required=True)
    ap.add_argument("--strip", default="")
    a = ap.parse_args()
    epoch, work = int(os.environ.get("SOURCE_DATE_EPOCH", "0")), os.path.join(a.out, ".work")
    shutil.rmtree(a.out, ignore_errors=True)
    os.makedirs(work)
    programs(a, work, epoch)
    shutil.rmtree(work)
    manifests(a, epoch)
    images(a)
    checksums(a.out)


if __name__ == "__main__":
    main()
