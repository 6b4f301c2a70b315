#!/usr/bin/env python3
"""docs/handbook/what-went-wrong.md names every response flag of the proxy and every reason that a status can have, and none
that there is not. Every relative link below docs/ leads to a file, and its fragment to a heading there; no page of the handbook
stands beside the others' links. Each command of docs/handbook/tutorial.md is one that test/e2e/document.toml types, in its order."""
import glob, os, re, sys, tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = "docs/handbook/what-went-wrong.md"
TUTORIAL = "docs/handbook/tutorial.md"
# Sources of reasons, and the pattern that finds them.
STATUS = ["lib/discovery/status_judge.c"]
REASON = re.compile(r'(?:->reason = |\.reason = )"([A-Z]\w+)"')
CONDITION = re.compile(r'\{\s*"(?:Installed|Reconciled|Ready|SpecHonored|KindsServed)",[^{};]*?"([A-Z]\w+)", ')
SMM = re.compile(r'(?:plan_member_status\(\w+, \w+, |pending\(ns, |MEMBER_\w+, |ns, )"([A-Z]\w+)"')
CHOICE = re.compile(r'\? "([A-Z]\w+)" : "([A-Z]\w+)"')

def read(path):
    return open(os.path.join(ROOT, path)).read()

def sources():
    folder = os.path.join(ROOT, "lib/operator")
    found = [os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if re.match(r"(smcp_status|smmr|smm)\.c$", f)]
    return STATUS + [os.path.relpath(f, ROOT) for f in sorted(found)]

def reasons():
    found = set()
    for path in sources():
        text = read(path)
        found |= set(REASON.findall(text)) | set(CONDITION.findall(text)) | set(SMM.findall(text))
        for line in text.splitlines():
            if "reason" in line:
                found |= {r for pair in CHOICE.findall(line) for r in pair}
    return found - {"True", "False", "Installed", "Reconciled", "Ready", "SpecHonored", "KindsServed"} | {"Reconciled"}

def flags():
    table = re.search(r"flag_names\[\]\[\d+\] = \{(.*?)\};", read("lib/config/response_flags.c"), re.S)
    return set(re.findall(r'"(\w+)"', table[1]))

def anchors(text):
    """The fragments that a page's headings are: small letters, no punctuation, hyphens for spaces."""
    heads = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}

def links():
    """Faults of links, and pages that none leads to."""
    bad, led_to = [], {"docs/handbook/README.md"}
    pages = sorted(glob.glob(os.path.join(ROOT, "docs/**/*.md"), recursive=True))
    for path in pages:
        name, text = os.path.relpath(path, ROOT), open(path).read()
        text = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.M | re.S)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", link):
                continue
            to, _, fragment = link.partition("#")
            there = os.path.normpath(os.path.join(os.path.dirname(name), to)) if to else name
            led_to.add(there)
            if not os.path.exists(os.path.join(ROOT, there)):
                bad.append(f"{name}: {link}: there is no such file")
            elif fragment and fragment not in anchors(read(there)):
                bad.append(f"{name}: {link}: there is no such heading")
    names = {os.path.relpath(p, ROOT) for p in pages}
    bad += [f"{n}: no page leads to it" for n in sorted(names - led_to) if n.startswith("docs/handbook/")]
    return bad

def tutorial():
    """Commands of the tutorial that the document's test does not type, or types later, or that end with an error there."""
    table, bad, at = tomllib.loads(read("test/e2e/document.toml")), [], 0
    folders = {f"{table['catalog']['url']}/{s['path']}": s["folder"] for s in table["stands"] if "folder" in s}
    typed = []
    for s in table["step"]:
        run = "\n".join(l.rstrip() for l in s["run"].strip().split("\n"))
        for url, folder in folders.items():       # what stands in the catalog's place
            run = run.replace(url, folder)
        typed.append("" if s.get("fails") else run)
    commands = [c.strip() for c in re.findall(r"^```sh\n(.*?)^```$", read(TUTORIAL), re.M | re.S)]
    for c in commands:
        if c not in typed[at:]:
            bad.append(f"{TUTORIAL}: {c.splitlines()[0]}: " + ("out of the order of" if c in typed else "is not in") + " test/e2e/document.toml")
        else:
            at = typed.index(c, at) + 1
    return bad if commands else [f"{TUTORIAL}: no commands"]

def main():
    page = read(PAGE)
    bad = links() + tutorial()
    rows = set(re.findall(r"^\| `([A-Z]+)` \|", page, re.M))
    for f in sorted(flags() ^ rows):
        bad.append(f"{PAGE}: flag {f}: " + ("no row" if f in flags() else "there is no such flag"))
    named = set(re.findall(r"`([A-Z]\w+)`", page))
    for r in sorted(reasons() - named):
        bad.append(f"{PAGE}: reason {r}: no row")
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0

sys.exit(main())
