"""Layers and archives, byte for byte the same for the same contents: entries sorted, one time, no names of users."""
import gzip
import hashlib
import io
import json
import tarfile

MERGED = ("bin", "sbin", "lib", "lib64")  # of which the root has links into /usr


def in_image(path):
    """Where a path of the host is kept: /lib/x as usr/lib/x."""
    path = path.strip("/")
    return "usr/" + path if path.split("/")[0] in MERGED else path


class Layer:
    def __init__(self, epoch):
        self.epoch = epoch
        self.entries = {}  # name -> (TarInfo, bytes)

    def add(self, name, mode, kind, data=b"", link=""):
        info = tarfile.TarInfo(name)
        info.mode, info.type, info.size, info.linkname, info.mtime = mode, kind, len(data), link, self.epoch
        self.entries.setdefault(name, (info, data))

    def dir(self, path, mode=0o755):
        name = in_image(path)
        if name and name not in self.entries:
            self.dir(name.rpartition("/")[0])
            self.add(name, mode, tarfile.DIRTYPE)

    def file(self, path, data, mode=0o644):
        name = in_image(path)
        self.dir(name.rpartition("/")[0])
        self.add(name, mode, tarfile.REGTYPE, data)

    def link(self, path, to):
        name = in_image(path)
        self.dir(name.rpartition("/")[0])
        self.add(name, 0o777, tarfile.SYMTYPE, link=to)

    def merge_usr(self):
        for top in MERGED:
            if "usr/" + top in self.entries:
                self.add(top, 0o777, tarfile.SYMTYPE, link="usr/" + top)

    def tar(self):
        return tar_bytes(self.entries[n] for n in sorted(self.entries))


def tar_bytes(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for info, data in entries:
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def compress(data):
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0) as z:
        z.write(data)
    return out.getvalue()


def compact(o):
    return json.dumps(o, sort_keys=True, separators=(",", ":")).encode()


class Blobs:
    """Content by digest, as an OCI image layout keeps it."""

    def __init__(self):
        self.data = {}

    def add(self, data, media_type, **more):
        digest = digest_of(data)
        self.data[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    @staticmethod
    def path(digest):
        return "blobs/" + digest.replace(":", "/")


def image(blobs, layer_tar, arch, created, config):
    """Adds the image's blobs; returns the descriptors of manifest, config and layer."""
    layer = blobs.add(compress(layer_tar), "application/vnd.oci.image.layer.v1.tar+gzip")
    document = {
        "architecture": arch,
        "os": "linux",
        "created": created,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer_tar)]},
        "history": [{"created": created, "created_by": "make images"}],
    }
    conf = blobs.add(compact(document), "application/vnd.oci.image.config.v1+json")
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": conf, "layers": [layer]}
    descriptor = blobs.add(compact(manifest), manifest["mediaType"], platform={"architecture": arch, "os": "linux"})
    return descriptor, conf, layer


def layout(blobs, descriptors, reference, docker, epoch):
    """The bytes of an archive: an OCI image layout, and what docker reads (docker: the config's and layer's descriptor)."""
    annotations = {"io.containerd.image.name": reference, "org.opencontainers.image.ref.name": reference}
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [dict(d, annotations=annotations) for d in descriptors],
    }
    files = {Blobs.path(d): data for d, data in blobs.data.items()}
    files["oci-layout"] = compact({"imageLayoutVersion": "1.0.0"})
    files["index.json"] = compact(index)
    if docker:
        conf, layer = (Blobs.path(d["digest"]) for d in docker)
        files["manifest.json"] = compact([{"Config": conf, "Layers": [layer], "RepoTags": [reference]}])
    out = Layer(epoch)
    for name, data in files.items():
        out.file(name, data)
    return out.tar()
