#!/usr/bin/env python3
"""deploy/images: archives are the same for the same contents, hold what a program needs and nothing else, and every tool reads them."""
import hashlib, http.server, io, json, os, re, shutil, subprocess, sys, tarfile, threading, traceback

ROOT, TMP, BIN = os.environ["ROOT"], os.environ["TEST_TMP"], os.environ["BIN"]
TOOL = f"{ROOT}/deploy/images/images.py"
TABLE = """registry = "reg.example/weft"
tag = "t1"
[related]
[images.small]
title = "Small"
programs = ["weft-init"]
user = "1337:1337"
certs = true
files = ["/usr/sbin/xtables-nft-multi", "/usr/lib/{triplet}/xtables/libxt_owner.so"]
links = {"/usr/sbin/iptables-nft-save" = "xtables-nft-multi"}
"""


def tool(*args, **more):
    return subprocess.run([sys.executable, TOOL, *args], capture_output=True, text=True, **more)


def build(out, bin=BIN, env={}, table=TABLE, **more):
    path = f"{TMP}/table.toml"
    open(path, "w").write(table)
    return tool("build", "--arch", "amd64", "--bin", bin, "--out", out, "--version", "v9", "--commit", "c0ffee", "--table", path,
                env=dict(os.environ, SOURCE_DATE_EPOCH="1700000000", **env), **more)


def entries(archive):
    with tarfile.open(archive) as t:
        return {m.name: (m, t.extractfile(m).read() if m.isfile() else b"") for m in t.getmembers()}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def manifest_of(files):
    (m,) = json.loads(files["index.json"][1])["manifests"]
    return m, json.loads(files["blobs/" + m["digest"].replace(":", "/")][1])


def blob(files, descriptor):
    data = files["blobs/" + descriptor["digest"].replace(":", "/")][1]
    assert digest(data) == descriptor["digest"] and len(data) == descriptor["size"]
    return data


def same_contents_same_bytes():
    """Whoever builds, wherever, whenever: other folder, file times, mask, time zone and language."""
    other = f"{TMP}/copied bin"
    os.makedirs(other)
    shutil.copy(f"{BIN}/weft-init", other)
    os.utime(f"{other}/weft-init", (1, 1))
    os.chmod(f"{other}/weft-init", 0o700)
    assert build(f"{TMP}/a").returncode == 0
    r = build(f"{TMP}/b", bin=other, env={"TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}, cwd="/", umask=0o077)
    assert r.returncode == 0, r.stderr
    for name in ("small.tar", "small.spdx.json"):
        assert open(f"{TMP}/a/{name}", "rb").read() == open(f"{TMP}/b/{name}", "rb").read(), name


def archive_is_consistent():
    files = entries(f"{TMP}/a/small.tar")
    assert files["oci-layout"][1] == b'{"imageLayoutVersion":"1.0.0"}'
    descriptor, manifest = manifest_of(files)
    assert descriptor["annotations"]["io.containerd.image.name"] == "reg.example/weft/small:t1"
    assert descriptor["platform"] == {"architecture": "amd64", "os": "linux"}
    blob(files, descriptor)
    config = json.loads(blob(files, manifest["config"]))
    layer = blob(files, manifest["layers"][0])
    import gzip
    assert config["rootfs"]["diff_ids"] == [digest(gzip.decompress(layer))]
    assert config["config"]["User"] == "1337:1337" and config["config"]["Entrypoint"] == ["/usr/local/bin/weft-init"]
    assert config["config"]["Labels"]["org.opencontainers.image.revision"] == "c0ffee"
    assert config["created"] == "2023-11-14T22:13:20Z" and int.from_bytes(layer[4:8], "little") == 0 and not layer[3] & 8
    (docker,) = json.loads(files["manifest.json"][1])
    assert docker["RepoTags"] == ["reg.example/weft/small:t1"]
    assert [docker["Config"], *docker["Layers"]] == ["blobs/" + d["digest"].replace(":", "/") for d in (manifest["config"], manifest["layers"][0])]
    assert all(m.mtime == 1700000000 and m.uid == m.gid == 0 and not m.uname for m, _ in files.values())


def unpack(archive, to):
    files = entries(archive)
    _, manifest = manifest_of(files)
    with tarfile.open(fileobj=io.BytesIO(blob(files, manifest["layers"][0]))) as t:
        t.extractall(to)
        return [m.name for m in t.getmembers()]


def nothing_else_is_inside():
    names = unpack(f"{TMP}/a/small.tar", f"{TMP}/root")
    assert names == sorted(names)
    allowed = r"(etc|tmp|usr|usr/(local|local/bin|lib|lib64|sbin|lib/ssl|lib/x86_64-linux-gnu|lib/x86_64-linux-gnu/xtables)|etc/ssl(/certs)?|lib|lib64|sbin" \
        r"|etc/(passwd|group|nsswitch.conf)|etc/ssl/certs/ca-certificates.crt|usr/lib/ssl/(certs|cert.pem)" \
        r"|usr/local/bin/weft-init|usr/sbin/(xtables-nft-multi|iptables-nft-save)|usr/lib/x86_64-linux-gnu/(xtables/libxt_owner|lib[a-z0-9+-]+)\.so[.0-9]*|usr/lib64/ld-linux-x86-64.so.2)"
    assert not [n for n in names if not re.fullmatch(allowed, n)], [n for n in names if not re.fullmatch(allowed, n)]
    assert b"BEGIN CERTIFICATE" in open(f"{TMP}/root/etc/ssl/certs/ca-certificates.crt", "rb").read(1 << 16)
    program = open(f"{TMP}/root/usr/local/bin/weft-init", "rb").read()
    assert ROOT.encode() not in program, "the place where it was built is in the program"


def programs_run_from_the_image_alone():
    for argv in (["/usr/local/bin/weft-init", "--help"], ["/usr/sbin/iptables-nft-save", "--version"]):
        r = subprocess.run(["chroot", f"{TMP}/root", *argv], capture_output=True, text=True)
        assert r.returncode == 0, (argv, r.stderr)
    assert "nonroot:x:65532:" in open(f"{TMP}/root/etc/passwd").read()


def list_names_packages_with_versions():
    doc = json.load(open(f"{TMP}/a/small.spdx.json"))
    assert doc["spdxVersion"] == "SPDX-2.3" and doc["packages"][0]["name"] == "reg.example/weft/small:t1"
    have = {p["name"]: p for p in doc["packages"]}
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libc6"], capture_output=True, text=True).stdout
    assert have["libc6"]["versionInfo"] == version
    assert have["libc6"]["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/debian/libc6@")
    assert {"iptables", "ca-certificates", "libxtables12"} <= set(have)
    descriptor, _ = manifest_of(entries(f"{TMP}/a/small.tar"))
    assert "sha256:" + doc["packages"][0]["checksums"][0]["checksumValue"] == descriptor["digest"]


def every_tool_reads_it():
    if not shutil.which("skopeo"):
        return
    for transport in ("oci-archive", "docker-archive"):
        r = subprocess.run(["skopeo", "copy", "--quiet", f"{transport}:{TMP}/a/small.tar", f"dir:{TMP}/{transport}"], capture_output=True, text=True)
        assert r.returncode == 0, r.stderr


def what_is_missing_is_named():
    empty = f"{TMP}/empty"
    os.makedirs(empty)
    r = build(f"{TMP}/c", bin=empty)
    assert r.returncode != 0 and "weft-init is missing" in r.stderr, r.stderr
    r = build(f"{TMP}/c", table=TABLE.replace("xtables-nft-multi\",", "no-such-file\","))
    assert r.returncode != 0 and "no-such-file" in r.stderr and "deps-images" in r.stderr, r.stderr


class Registry(http.server.BaseHTTPRequestHandler):
    """As much of the distribution API as a push and a pull take."""
    protocol_version, blobs, manifests = "HTTP/1.1", {}, {}

    def log_message(self, *a): pass

    def answer(self, code, body=b"", **headers):
        self.send_response(code)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("Content-Length", headers.get("Length", len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = b""
        while n := int(self.rfile.readline(), 16):
            data += self.rfile.read(n)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def do_GET(self):
        kind, _, key = self.path.partition("?")[0].rpartition("/")
        if self.path == "/v2/":
            return self.answer(200)
        if kind.endswith("/blobs") and key in self.blobs:
            return self.answer(200, self.blobs[key])
        if kind.endswith("/manifests") and (kind, key) in self.manifests:
            data, media = self.manifests[kind, key]
            return self.answer(200, data, Content_Type=media, Docker_Content_Digest=digest(data))
        self.answer(404)
    do_HEAD = do_GET

    def do_POST(self):
        self.body()
        self.answer(202, Location=self.path.rstrip("/") + "/1", Range="0-0")

    def do_PATCH(self):
        self.server.upload = self.body()
        self.answer(202, Location=self.path, Range=f"0-{len(self.server.upload) - 1}")

    def do_PUT(self):
        data, path = self.body(), self.path.partition("?")[0]
        if "/manifests/" in path:
            kind, _, key = path.rpartition("/")
            for k in (key, digest(data)):
                self.manifests[kind, k] = data, self.headers["Content-Type"]
        else:
            self.blobs[digest(self.server.upload + data)] = self.server.upload + data
        self.answer(201, Docker_Content_Digest=digest(data))


def push_and_pull_keep_the_digest():
    """Two architectures become one index; each manifest keeps its digest."""
    if not shutil.which("skopeo"):
        return
    os.makedirs(f"{TMP}/arm")
    files = entries(f"{TMP}/a/small.tar")
    index = json.loads(files["index.json"][1])
    manifest = dict(manifest_of(files)[1], annotations={"other": "machine"})
    data = json.dumps(manifest).encode()
    index["manifests"] = [dict(index["manifests"][0], digest=digest(data), size=len(data), platform={"architecture": "arm64", "os": "linux"})]
    with tarfile.open(f"{TMP}/arm/small.tar", "w") as t:
        for name, body in {**{n: b for n, (_, b) in files.items() if n.startswith("blobs/sha256/")}, "blobs/" + digest(data).replace(":", "/"): data,
                           "index.json": json.dumps(index).encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            t.addfile(info, io.BytesIO(body))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    to = f"127.0.0.1:{server.server_address[1]}/some/where"
    r = tool("push", "--table", f"{TMP}/table.toml", "--registry", to, f"{TMP}/a", f"{TMP}/arm", env=dict(os.environ, SKOPEO_FLAGS="--dest-tls-verify=false"))
    assert r.returncode == 0, r.stderr
    pushed, media = Registry.manifests["/v2/some/where/small/manifests", "t1"]
    assert media == "application/vnd.oci.image.index.v1+json"
    got = {m["platform"]["architecture"]: m["digest"] for m in json.loads(pushed)["manifests"]}
    assert got == {"amd64": manifest_of(files)[0]["digest"], "arm64": digest(data)}, got
    server.shutdown()


def names_are_said_once():
    assert tool("names", "--check").returncode == 0
    table = open(f"{ROOT}/deploy/images/images.toml").read().replace('tag = "latest"', 'tag = "v7"')
    open(f"{TMP}/other.toml", "w").write(table)
    r = tool("names", "--check", "--table", f"{TMP}/other.toml")
    assert r.returncode != 0 and "deploy/operator/base/deployment.yaml" in r.stderr and "lib/operator/render/images.h" in r.stderr, r.stderr


passed = failed = 0
for case in (same_contents_same_bytes, archive_is_consistent, nothing_else_is_inside, programs_run_from_the_image_alone, list_names_packages_with_versions,
             every_tool_reads_it, what_is_missing_is_named, push_and_pull_keep_the_digest, names_are_said_once):
    try:
        case()
        passed += 1
    except Exception:
        failed += 1
        print(f"FAIL {case.__name__}\n{traceback.format_exc()}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
