#!/usr/bin/env python3
"""docs/handbook/what-went-wrong.md names every response flag of the proxy and every reason that a status can have, and none
that there is not."""
import os, re, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = "docs/handbook/what-went-wrong.md"
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
    table = re.search(r"flag_names\[\]\[\d+\] = \{(.*?)\};", read("lib/proxy/core/outcome.c"), re.S)
    return set(re.findall(r'"(\w+)"', table[1]))

def main():
    page = read(PAGE)
    bad = []
    rows = set(re.findall(r"^\| `([A-Z]+)` \|", page, re.M))
    for f in sorted(flags() ^ rows):
        bad.append(f"{PAGE}: flag {f}: " + ("no row" if f in flags() else "there is no such flag"))
    named = set(re.findall(r"`([A-Z]\w+)`", page))
    for r in sorted(reasons() - named):
        bad.append(f"{PAGE}: reason {r}: no row")
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0

sys.exit(main())
