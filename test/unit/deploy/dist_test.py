#!/usr/bin/env python3
"""What a release carries: whole, the same from the same files, and with checksums that hold."""
import gzip
import os
import subprocess
import sys
import tarfile
import traceback

ROOT = os.environ.get("ROOT", os.getcwd())
TMP = os.environ["TEST_TMP"]
sys.path.insert(0, os.path.join(ROOT, "deploy/dist"))
import dist


def release(out, **env):
    return subprocess.run([sys.executable, f"{ROOT}/deploy/dist/dist.py", "--version", "v7", "--arch", "amd64", "--bin", f"{TMP}/bin",
                           "--images", f"{TMP}/images", "--out", f"{TMP}/{out}"], capture_output=True, text=True,
                          env=dict(os.environ, SOURCE_DATE_EPOCH="1700000000", **env))


def prepare():
    os.makedirs(f"{TMP}/bin")
    os.makedirs(f"{TMP}/images")
    for p in dist.PROGRAMS:
        with open(f"{TMP}/bin/{p}", "w") as f:
            f.write(f"#!/bin/sh\necho {p} \"$@\"\n")
        os.chmod(f"{TMP}/bin/{p}", 0o755)
    for n in ("proxy.tar", "proxy.spdx.json", "other.txt"):
        with open(f"{TMP}/images/{n}", "w") as f:
            f.write(n)


def everything_is_in_it():
    r = release("a")
    assert r.returncode == 0, r.stderr
    assert sorted(os.listdir(f"{TMP}/a")) == ["SHA256SUMS", "amd64-proxy.spdx.json", "amd64-proxy.tar", "weft-bundle-v7.tar.gz", "weft-manifests-v7.tar.gz",
                                              "weft-operator-v7.tgz", "weft-v7-linux-amd64.tar.gz"], os.listdir(f"{TMP}/a")
    with tarfile.open(f"{TMP}/a/weft-v7-linux-amd64.tar.gz") as t:
        modes = {m.name.removeprefix("weft-v7-linux-amd64/"): m.mode for m in t}
        assert t.extractfile("weft-v7-linux-amd64/completions/_weftctl").read() == b"weftctl completion zsh\n"
    assert set(modes) == {f"bin/{p}" for p in dist.PROGRAMS} | {f"completions/{n}" for n in ("weftctl.bash", "_weftctl", "weftctl.fish")} | set(dist.TEXTS)
    assert modes["bin/weftctl"] == 0o755 and modes["README.md"] == 0o644
    with tarfile.open(f"{TMP}/a/weft-manifests-v7.tar.gz") as t:
        assert "weft-manifests-v7/deploy/operator/overlays/kubernetes/weft-operator.yaml" in t.getnames()
    with tarfile.open(f"{TMP}/a/weft-operator-v7.tgz") as t:
        assert {"weft-operator/Chart.yaml", "weft-operator/values.yaml", "weft-operator/crds/weft.yaml"} <= set(t.getnames())


def checksums_hold():
    r = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=f"{TMP}/a", capture_output=True, text=True)
    assert r.returncode == 0 and r.stdout.count(": OK") == 6, r.stdout + r.stderr


def same_files_same_bytes():
    assert release("b").returncode == 0
    for n in os.listdir(f"{TMP}/a"):
        with open(f"{TMP}/a/{n}", "rb") as a, open(f"{TMP}/b/{n}", "rb") as b:
            assert a.read() == b.read(), n
    with gzip.open(f"{TMP}/a/weft-bundle-v7.tar.gz") as f, tarfile.open(fileobj=f) as t:
        assert all(m.mtime == 1700000000 and m.uid == 0 and not m.uname for m in t)


def where_it_was_built_is_not_in_it():
    shipped = []
    for folder in ("here", "there"):
        os.makedirs(f"{TMP}/{folder}")
        with open(f"{TMP}/{folder}/a.c", "w") as f:
            f.write("int main(void) { return 0; }\n")
        subprocess.run(["gcc", "-g", "-Wl,--build-id", "a.c", "-o", "a"], cwd=f"{TMP}/{folder}", check=True)
        dist.stripped(f"{TMP}/{folder}/a", f"{TMP}/{folder}/b", "strip")
        with open(f"{TMP}/{folder}/a", "rb") as a, open(f"{TMP}/{folder}/b", "rb") as b:
            shipped.append((a.read(), b.read()))
    assert shipped[0][0] != shipped[1][0] and shipped[0][1] == shipped[1][1]


def what_is_missing_is_named():
    os.unlink(f"{TMP}/bin/weftctl")
    r = release("c")
    assert r.returncode != 0 and "not built: weftctl" in r.stderr, r.stderr


passed = failed = 0
prepare()
for case in (everything_is_in_it, checksums_hold, same_files_same_bytes, where_it_was_built_is_not_in_it, what_is_missing_is_named):
    try:
        case()
        passed += 1
    except Exception:
        failed += 1
        print(f"FAIL {case.__name__}\n{traceback.format_exc()}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
