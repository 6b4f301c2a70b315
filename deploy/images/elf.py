"""What an ELF program needs to run, read with binutils' readelf, so for any machine."""
import os
import re
import subprocess

TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}


class Missing(Exception):
    pass


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def read(path):
    """The interpreter (None: static or a library) and the names of the libraries."""
    out = subprocess.run(["readelf", "-ldW", path], env=dict(os.environ, LC_ALL="C"), check=True, capture_output=True, text=True).stdout
    interpreter = re.search(r"\[Requesting program interpreter: (.*)\]", out)
    return interpreter and interpreter[1], re.findall(r"\(NEEDED\).*\[(.*)\]", out)


class Libraries:
    """Where the loader of Debian would find libraries, below root ("" = this machine)."""

    def __init__(self, arch, root):
        self.root = root
        triplet = TRIPLETS[arch]
        self.places = [f"/lib/{triplet}", f"/usr/lib/{triplet}", "/lib", "/usr/lib"]

    def find(self, name, wanted_by):
        for place in self.places:
            if os.path.exists(self.root + f"{place}/{name}"):
                return f"{place}/{name}"
        raise Missing(f"{name}, which {wanted_by} needs, is not installed" + (f" in {self.root}" if self.root else ""))

    def closure(self, paths):
        """Paths (below root) of all libraries and loaders that the files at paths (of this machine) need, sorted."""
        found, todo = set(), list(paths)
        while todo:
            path = todo.pop()
            interpreter, needed = read(path)
            # The loader is there already when libraries name it.
            new = {self.find(n, path) for n in needed if not n.startswith("ld-linux")} | ({interpreter} if interpreter else set())
            for n in new - found:
                if not os.path.exists(self.root + n):
                    raise Missing(f"{n}, which {path} needs, is not installed")
                todo.append(self.root + n)
            found |= new
        return sorted(found)
