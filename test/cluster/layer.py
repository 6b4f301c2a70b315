"""A layer laid out of files of this machine, with Debian's packages whole, and its archive: as `make images` writes them."""
import os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../deploy/images"))
import archive, elf

ARCH, CREATED = "amd64", "1970-01-01T00:00:00Z"
PASSWD = """root:x:0:0:root:/root:/bin/sh
postgres:x:999:999::/var/lib/postgresql:/bin/sh
user:x:1001:1001::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh
"""
GROUP = "root:x:0:\npostgres:x:999:\nuser:x:1001:\nnogroup:x:65534:\n"
UNWANTED = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/lintian", "/usr/share/info", "/var/lib/dpkg",
            "/etc/init.d", "/etc/apparmor.d", "/lib/systemd", "/usr/lib/systemd")


class Layer(archive.Layer):
    def __init__(self):
        super().__init__(0)
        self.programs = []  # whose libraries come along
        for path in ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/local/bin", "/etc", "/run", "/var/lib", "/root", "/proc", "/sys", "/dev"):
            self.dir(path)
        for path in ("/tmp", "/var/tmp"):
            self.dir(path, 0o1777)
        for path, text in (("/etc/passwd", PASSWD), ("/etc/group", GROUP), ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")):
            self.file(path, text.encode())

    def own_dir(self, path, mode, owner):
        self.dir(path, mode)
        info = self.entries[archive.in_image(path)][0]
        info.mode, info.uid, info.gid = mode, owner, owner

    def copy(self, path, to=None):
        """A file of this machine; of a link also what it leads to."""
        if not os.path.exists(path):
            return
        if os.path.islink(path) and not to:
            real = os.path.realpath(path)
            here, there = ("/" + archive.in_image(p) for p in (path, real))
            if here != there:
                self.link(path, os.path.relpath(there, os.path.dirname(here)))
            path = real
        if os.path.isdir(path) or archive.in_image(to or path) in self.entries:
            return
        with open(path, "rb") as f:
            self.file(to or path, f.read(), os.stat(path).st_mode & 0o777)
        if elf.is_elf(path):
            self.programs.append(path)

    def package(self, name, without=()):
        """The files of an installed Debian package, but for its documentation."""
        listed = subprocess.run(["dpkg", "-L", name], check=True, capture_output=True, text=True).stdout.split("\n")
        for path in filter(None, listed):
            if not path.startswith(UNWANTED) and not any(w in path for w in without) and not os.path.isdir(path):
                self.copy(path)

    def tar(self):
        for library in elf.Libraries(ARCH, "").closure(self.programs):
            self.copy(library)
        self.merge_usr()
        return super().tar()


def save(path, image, layer, config):
    """Writes the archive of an image of one layer, named as it is to be loaded."""
    blobs = archive.Blobs()
    descriptor, conf, packed = archive.image(blobs, layer.tar(), ARCH, CREATED, config)
    with open(path + ".new", "wb") as f:
        f.write(archive.layout(blobs, [descriptor], image, (conf, packed), 0))
    os.replace(path + ".new", path)
