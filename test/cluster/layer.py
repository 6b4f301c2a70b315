"""One layer of an image, laid out of files of this machine, and the OCI archive that holds it. No container engine."""
import hashlib, io, json, os, subprocess, tarfile

ALIASED = ("bin", "sbin", "lib", "lib64")  # these live under /usr
PASSWD = """root:x:0:0:root:/root:/bin/sh
postgres:x:999:999::/var/lib/postgresql:/bin/sh
user:x:1001:1001::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh
"""
GROUP = "root:x:0:\npostgres:x:999:\nuser:x:1001:\nnogroup:x:65534:\n"
UNWANTED = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/lintian", "/usr/share/info", "/var/lib/dpkg",
            "/etc/init.d", "/etc/apparmor.d", "/lib/systemd", "/usr/lib/systemd")


def libraries(path):
    """What the loader would load for a program or library."""
    out = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    words = [w for line in out.splitlines() for w in line.split() if w.startswith("/")]
    return sorted(set(words))


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


class Layer:
    """The entries by name; written in the order of names, all of one time: same files, same bytes."""

    def __init__(self):
        self.entries = {}  # name: (TarInfo, bytes)
        for top in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/local/bin", "etc", "run", "var/lib", "root", "proc", "sys", "dev"):
            self.folder(top)
        self.folder("tmp", 0o1777)
        for name in ALIASED:
            self.link(name, "usr/" + name)
        self.text("etc/passwd", PASSWD)
        self.text("etc/group", GROUP)
        self.text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")

    def place(self, path):
        name = os.path.normpath(path).lstrip("/")
        return "usr/" + name if name.split("/")[0] in ALIASED else name

    def add(self, name, kind, mode, owner=0, data=b"", target=""):
        if os.path.dirname(name) and os.path.dirname(name) not in self.entries:
            self.folder(os.path.dirname(name))
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.uid, info.gid, info.size, info.linkname = kind, mode, owner, owner, len(data), target
        self.entries[name] = (info, data)

    def folder(self, name, mode=0o755, owner=0):
        self.add(name, tarfile.DIRTYPE, mode, owner)

    def link(self, name, target):
        self.add(name, tarfile.SYMTYPE, 0o777, target=target)

    def text(self, name, text, mode=0o644):
        self.add(name, tarfile.REGTYPE, mode, data=text.encode())

    def file(self, path, to=None):
        """A file of this machine with the libraries it needs; of a link also what it leads to."""
        name = self.place(to or path)
        if name in self.entries or not os.path.exists(path):
            return
        if os.path.islink(path) and not to:
            real = os.path.realpath(path)
            if self.place(real) != name:
                self.link(name, os.path.relpath("/" + self.place(real), "/" + os.path.dirname(name)))
            path = real
            name = self.place(real)
        if os.path.isdir(path) or name in self.entries:
            return
        with open(path, "rb") as f:
            self.add(name, tarfile.REGTYPE, os.stat(path).st_mode & 0o777, data=f.read())
        if is_elf(path):
            for needed in libraries(path):
                self.file(needed)

    def package(self, name, without=()):
        """The files of an installed Debian package, but for its documentation."""
        listed = subprocess.run(["dpkg", "-L", name], check=True, capture_output=True, text=True).stdout.split("\n")
        for path in filter(None, listed):
            if not path.startswith(UNWANTED) and not any(w in path for w in without) and not os.path.isdir(path):
                self.file(path)

    def bytes(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name in sorted(self.entries):
                info, data = self.entries[name]
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()


def save(path, image, layer, config):
    """Writes an OCI archive of one layer that is loaded under the name of image."""
    blobs = {}

    def blob(data, media):
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": "application/vnd.oci.image." + media, "digest": "sha256:" + digest, "size": len(data)}

    tar = blob(layer.bytes(), "layer.v1.tar")
    about = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": [tar["digest"]]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": blob(json.dumps(about).encode(), "config.v1+json"), "layers": [tar]}
    entry = blob(json.dumps(manifest).encode(), "manifest.v1+json")
    entry["annotations"] = {"io.containerd.image.name": image, "org.opencontainers.image.ref.name": image.rsplit(":", 1)[1]}
    files = {"oci-layout": json.dumps({"imageLayoutVersion": "1.0.0"}).encode(),
             "index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode(),
             **{"blobs/sha256/" + d: data for d, data in sorted(blobs.items())}}
    with tarfile.open(path + ".new", "w") as out:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            out.addfile(info, io.BytesIO(data))
    os.replace(path + ".new", path)
