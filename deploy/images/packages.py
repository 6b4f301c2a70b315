"""Which Debian package a file is of, and the list of what an image holds (SPDX 2.3, JSON)."""
import hashlib
import json
import os
import subprocess


def query(root, *args):
    admin = [f"--admindir={root}/var/lib/dpkg"] if root else []
    return subprocess.run(["dpkg-query", *admin, *args], env=dict(os.environ, LC_ALL="C"), capture_output=True, text=True).stdout


def spellings(path):
    """A file of a merged /usr may be listed under either of its names."""
    top = path.split("/")[1]
    if path.startswith("/usr/") and path.split("/")[2] in ("bin", "sbin", "lib", "lib64"):
        return [path, path[4:]]
    return [path, "/usr" + path] if top in ("bin", "sbin", "lib", "lib64") else [path]


def owners(root, paths):
    """[(package, version, architecture)] of the files at paths below root, sorted; each must be of a package."""
    real = {p: os.path.realpath(root + p)[len(root):] for p in paths}
    asked = {}
    for p, r in real.items():
        for s in spellings(p) + spellings(r):
            asked.setdefault(s, set()).add(p)
    found, names = set(), set()
    for line in query(root, "-S", *asked).splitlines():
        who, _, path = line.partition(": ")
        if not who.startswith("diversion ") and path in asked:
            found |= asked[path]
            names.add(who.split(",")[0])
    if set(paths) - found:
        raise SystemExit(f"of no package: {' '.join(sorted(set(paths) - found))}")
    shown = query(root, "-W", "-f", "${Package} ${Version} ${Architecture}\n", *names)
    return sorted(tuple(line.split(" ")) for line in shown.splitlines())


def describe(i, name, version, supplier, reference):
    package = {
        "SPDXID": f"SPDXRef-Package-{i}",
        "name": name,
        "versionInfo": version,
        "supplier": supplier,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
    }
    if reference:
        package["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": reference}]
    return package


def spdx(image, digest, version, created, debian):
    """The document as bytes. The same for the same image."""
    packages = [describe(0, image, version, "NOASSERTION", None)]
    packages[0]["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest.removeprefix("sha256:")}]
    for i, (name, v, arch) in enumerate(debian, 1):
        purl = f"pkg:deb/debian/{name}@{v.replace('+', '%2B').replace(':', '%3A')}?arch={arch}"
        packages.append(describe(i, name, v, "Organization: Debian", purl))
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Package-0"}]
    relations += [
        {"spdxElementId": "SPDXRef-Package-0", "relationshipType": "CONTAINS", "relatedSpdxElement": p["SPDXID"]} for p in packages[1:]
    ]
    doc = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": image,
        "documentNamespace": "urn:spdx:" + hashlib.sha256((image + digest).encode()).hexdigest(),
        "creationInfo": {"created": created, "creators": ["Tool: weft-images"]},
        "packages": packages,
        "relationships": relations,
    }
    return (json.dumps(doc, indent=1) + "\n").encode()
