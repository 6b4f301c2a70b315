#!/usr/bin/env python3
"""Makes the images of images.toml without a container engine: archives that OCI's tools and docker read.

usage: images.py build --arch ARCH --bin DIR --out DIR --version V --commit C [--root SYSROOT] [--strip PROGRAM] [--table FILE] [NAME...]
       images.py push --registry REGISTRY [--tag TAG] DIR...
       images.py names [--check]

SOURCE_DATE_EPOCH is the time of everything inside. push takes the folders that build wrote, one for each architecture.
"""
import argparse
import datetime
import glob
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib

import archive
import elf
import names
import packages

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_BYTES = 25_000_000
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USERS = {"root": (0, "/root"), "nonroot": (65532, "/home/nonroot"), "istio-proxy": (1337, "/home/istio-proxy"), "nobody": (65534, "/nonexistent")}
NSSWITCH = "passwd: files\ngroup: files\nhosts: files dns\n"
AUTHORITIES = "/usr/share/ca-certificates/mozilla/*.crt"


def die(text):
    sys.exit(f"images: {text}")


def contents(path):
    with open(path, "rb") as f:
        return f.read()


def stripped(program, strip):
    """Without what depends on where it was built."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run([strip, "--strip-all", "--remove-section=.note.gnu.build-id", "--remove-section=.gnu_debuglink", "-o", out.name, program], check=True)
        return contents(out.name)


def add_base(layer):
    layer.file("/etc/passwd", "".join(f"{n}:x:{i}:{i}::{home}:/sbin/nologin\n" for n, (i, home) in USERS.items()).encode())
    layer.file("/etc/group", "".join(f"{n}:x:{i}:\n" for n, (i, _) in USERS.items()).encode())
    layer.file("/etc/nsswitch.conf", NSSWITCH.encode())
    layer.dir("/tmp", 0o1777)


def add_certs(layer, root):
    """The authorities as the package has them, without what an administrator of this machine added."""
    files = sorted(glob.glob(root + AUTHORITIES))
    if not files:
        die("package ca-certificates is not installed")
    layer.file("/etc/ssl/certs/ca-certificates.crt", b"".join(contents(f) for f in files))
    layer.link("/usr/lib/ssl/certs", "/etc/ssl/certs")
    layer.link("/usr/lib/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt")
    return [f[len(root):] for f in files]


def host_files(spec, a):
    found = []
    for pattern in spec.get("files", []):
        paths = glob.glob(a.root + pattern.format(triplet=elf.TRIPLETS[a.arch]))
        if not paths:
            die(f"{pattern}: no such file; `make deps-images` installs what images hold")
        found += sorted(p[len(a.root):] for p in paths)
    return found


def fill(layer, spec, a):
    """Returns the paths of the packages' files."""
    programs = [os.path.join(a.bin, p) for p in spec["programs"]]
    for p in programs:
        if not os.path.exists(p):
            die(f"{p} is missing")
        layer.file("/usr/local/bin/" + os.path.basename(p), stripped(p, a.strip), 0o755)
    add_base(layer)
    plain = host_files(spec, a)
    certs = add_certs(layer, a.root) if spec.get("certs") else []
    libraries = elf.Libraries(a.arch, a.root).closure(programs + [a.root + f for f in plain if elf.is_elf(a.root + f)])
    for path in plain + libraries:
        layer.file(path, contents(a.root + path), os.stat(a.root + path).st_mode & 0o755)
    for path, to in spec.get("links", {}).items():
        layer.link(path, to)
    layer.merge_usr()
    return plain + libraries + certs


def config_of(spec, a, created):
    labels = {"title": spec["title"], "version": a.version, "revision": a.commit, "created": created}
    return {
        "User": spec["user"],
        "Env": ["PATH=" + PATH],
        "Entrypoint": ["/usr/local/bin/" + spec["programs"][0]],
        "WorkingDir": "/",
        "Labels": {"org.opencontainers.image." + k: v for k, v in labels.items()},
    }


def write(path, data):
    with open(path + ".new", "wb") as f:
        f.write(data)
    os.rename(path + ".new", path)


def build_one(name, spec, table, a):
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    layer, blobs = archive.Layer(epoch), archive.Blobs()
    files = fill(layer, spec, a)
    descriptor, conf, packed = archive.image(blobs, layer.tar(), a.arch, created, config_of(spec, a, created))
    reference = f"{table['registry']}/{name}:{table['tag']}"
    whole = archive.layout(blobs, [descriptor], reference, (conf, packed), epoch)
    if len(whole) > MAX_BYTES:
        die(f"{name}: {len(whole)} bytes, over the limit of {MAX_BYTES}")
    write(f"{a.out}/{name}.tar", whole)
    write(f"{a.out}/{name}.spdx.json", packages.spdx(reference, descriptor["digest"], a.version, created, packages.owners(a.root, files)))
    print(f"{reference:45} {a.arch}  {len(whole) / 1e6:5.1f} MB  {descriptor['digest']}", flush=True)


def build(a):
    with open(a.table, "rb") as f:
        table = tomllib.load(f)
    if "SOURCE_DATE_EPOCH" not in os.environ:
        die("SOURCE_DATE_EPOCH is not set")
    unknown = set(a.names) - set(table["images"])
    if unknown:
        die(f"no such image: {' '.join(unknown)}")
    os.makedirs(a.out, exist_ok=True)
    for name, spec in table["images"].items():
        if not a.names or name in a.names:
            build_one(name, spec, table, a)


def merged(name, paths, reference, epoch):
    """One archive with an index of all architectures, of those that build wrote."""
    blobs, manifests = archive.Blobs(), []
    for path in paths:
        with tarfile.open(path) as t:
            index = json.load(t.extractfile("index.json"))
            manifests += [{k: v for k, v in m.items() if k != "annotations"} for m in index["manifests"]]
            for m in t.getmembers():
                if m.name.startswith("blobs/sha256/") and m.isfile():
                    blobs.data["sha256:" + os.path.basename(m.name)] = t.extractfile(m).read()
    if len(manifests) > 1:
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
        manifests = [blobs.add(archive.compact(index), index["mediaType"])]
    return archive.layout(blobs, manifests, reference, None, epoch)


def push(a):
    with open(a.table, "rb") as f:
        table = tomllib.load(f)
    tag = a.tag or table["tag"]
    for name in table["images"]:
        paths = [p for p in (f"{d}/{name}.tar" for d in a.names) if os.path.exists(p)]
        if not paths:
            die(f"{name} is not built: `make images`")
        with tempfile.NamedTemporaryFile(suffix=".tar") as whole:
            whole.write(merged(name, paths, f"{a.registry}/{name}:{tag}", 0))
            whole.flush()
            to = f"{a.registry}/{name}:{tag}"
            print(f"{to}  {len(paths)} architecture(s)", flush=True)
            more = os.environ.get("SKOPEO_FLAGS", "").split()
            subprocess.run(["skopeo", "copy", "--quiet", "--all", "--preserve-digests", *more, f"oci-archive:{whole.name}", f"docker://{to}"], check=True)


def main():
    ap = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    ap.add_argument("command", choices=["build", "push", "names"])
    ap.add_argument("names", nargs="*")
    ap.add_argument("--table", default=f"{HERE}/images.toml")
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--root", default="")
    for option in ("arch", "bin", "out", "version", "commit", "registry", "tag"):
        ap.add_argument("--" + option)
    ap.add_argument("--strip", default="strip")
    a = ap.parse_intermixed_args()
    if a.command == "names":
        return names.main(a.table, a.check)
    return push(a) if a.command == "push" else build(a)


if __name__ == "__main__":
    sys.exit(main())
