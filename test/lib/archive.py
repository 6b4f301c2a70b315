"""Archives of images as strangers make them, from files of this machine: what `docker save` wrote before it knew OCI."""
import glob, hashlib, io, json, os, re, subprocess, tarfile


def info(name, kind=tarfile.REGTYPE, mode=0o644, uid=0, gid=0, link=""):
    i = tarfile.TarInfo(name)
    i.type, i.mode, i.uid, i.gid, i.linkname, i.mtime = kind, mode, uid, gid, link, 1700000000
    return i


def layer(entries):
    """entries: (TarInfo, bytes)"""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for i, data in entries:
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))
    return out.getvalue()


def host_files(*paths):
    """Programs and what they need, as they lie on this machine; whole folders, too."""
    todo, seen = list(paths), {}
    while todo:
        p = os.path.realpath(todo.pop())
        if p in seen:
            continue
        if os.path.isdir(p):
            todo += [f for f in glob.glob(p + "/*") if "__pycache__" not in f and "/test" not in f]
            continue
        seen[p] = open(p, "rb").read()
        if seen[p][:4] == b"\x7fELF":
            out = subprocess.run(["ldd", p], capture_output=True, text=True).stdout
            for m in re.finditer(r"(/\S+) \(0x", out):
                todo.append(m[1])
                if os.path.realpath(m[1]) != m[1]:
                    seen.setdefault(("link", m[1]), os.path.realpath(m[1]))
    for key, data in sorted(seen.items(), key=str):
        if isinstance(key, tuple):
            name = key[1] if key[1].startswith("/usr") else "/usr" + key[1]
            if name != data:
                yield info(name.lstrip("/"), tarfile.SYMTYPE, 0o777, link=data), b""
        else:
            yield info(key.lstrip("/"), mode=os.stat(key).st_mode & 0o755 | 0o444), data


def docker_archive(path, tags, layers, config, arch="amd64"):
    """An archive with a folder for each layer; a layer that is there twice is a link the second time."""
    diff_ids = ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]
    document = json.dumps({"architecture": arch, "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    name = hashlib.sha256(document).hexdigest() + ".json"
    with tarfile.open(path, "w") as t:
        files, first = [], {}
        for n, l in enumerate(layers):
            file = f"{n:064x}/layer.tar"
            t.addfile(info(os.path.dirname(file), tarfile.DIRTYPE, 0o755))
            if diff_ids[n] in first:
                t.addfile(info(file, tarfile.SYMTYPE, 0o777, link="../" + first[diff_ids[n]]))
            else:
                i = info(file)
                i.size = len(l)
                t.addfile(i, io.BytesIO(l))
            first.setdefault(diff_ids[n], file)
            files.append(file)
        for file, data in ((name, document), ("manifest.json", json.dumps([{"Config": name, "RepoTags": tags, "Layers": files}]).encode())):
            i = info(file)
            i.size = len(data)
            t.addfile(i, io.BytesIO(data))


def python_image(path, tag):
    """python3 -m http.server of Debian's packages, in three layers, with a user by name and what whiteouts take away."""
    root = ("usr", "usr/bin", "usr/lib", "usr/lib64", "etc", "tmp", "srv")
    links = [info(n, tarfile.SYMTYPE, 0o777, link="usr/" + n) for n in ("bin", "lib", "lib64")]
    loader = subprocess.run(["readlink", "-f", "/lib64/ld-linux-x86-64.so.2"], capture_output=True, text=True).stdout.strip()
    version = os.path.basename(os.path.realpath("/usr/bin/python3"))
    base = layer(
        [(info(n, tarfile.DIRTYPE, 0o1777 if n == "tmp" else 0o755), b"") for n in root] + [(l, b"") for l in links]
        + list(host_files("/usr/bin/python3", f"/usr/lib/{version}", "/usr/bin/dash", "/usr/bin/id", "/usr/bin/cat", "/usr/bin/ls", "/usr/bin/touch"))
        + [(info("usr/bin/python3", tarfile.SYMTYPE, 0o777, link=version), b""), (info("usr/bin/sh", tarfile.SYMTYPE, 0o777, link="dash"), b""),
           (info("usr/lib64/ld-linux-x86-64.so.2", tarfile.SYMTYPE, 0o777, link=loader), b""),
           (info("etc/passwd"), b"root:x:0:0::/root:/bin/sh\nweb:x:4321:4322::/srv/home:/bin/sh\n"),
           (info("etc/group"), b"root:x:0:\nweb:x:4322:\nextra:x:777:web\n"),
           (info("srv/old.txt"), b"old\n"), (info("srv/dir", tarfile.DIRTYPE, 0o755), b""), (info("srv/dir/below"), b"below\n")])
    second = layer([(info("srv/.wh.old.txt"), b""), (info("srv/dir/.wh..wh..opq"), b""), (info("srv/dir/above"), b"above\n"),
                    (info("bin/through-a-link"), b"it went to /usr/bin\n")])
    third = layer([(info("srv/index.html", uid=4321, gid=4322, mode=0o640), b"hello from a stranger\n")])
    docker_archive(path, [tag] if tag else None, [base, second, third, second],
                   {"User": "web", "Entrypoint": ["/usr/bin/python3", "-u", "-m", "http.server"], "Cmd": ["8000"], "WorkingDir": "/srv",
                    "Env": ["GREETING=from the image", "PATH=/usr/bin:/bin"], "StopSignal": "SIGINT"})
