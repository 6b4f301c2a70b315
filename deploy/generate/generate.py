#!/usr/bin/env python3
"""Writes what is applied to clusters from deploy/ and crds/: the overlays, the Helm chart, the OLM bundle.

usage: generate.py [--check] [--root DIR]
--check writes nothing and fails where a file differs, is missing, or should not be there."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bundle
import chart
import objects
import overlays

# Folders that hold nothing else than what is generated.
OWNED = ["deploy/operator/overlays", "deploy/instance/overlays", chart.CHART, bundle.BUNDLE]


def made():
    return {**overlays.files(), **chart.files(), **bundle.files()}


def strangers(root, wanted):
    for top in OWNED:
        for folder, _, names in os.walk(os.path.join(root, top)):
            for n in names:
                path = os.path.relpath(os.path.join(folder, n), root)
                if path not in wanted:
                    yield path


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--root", default=objects.ROOT, help="where they are written, or compared")
    a = ap.parse_args()
    wanted = made()
    stale = [p for p, t in wanted.items() if read(os.path.join(a.root, p)) != t]
    extra = list(strangers(a.root, wanted))
    if a.check:
        if stale or extra:
            sys.exit(f"deploy: not as generated, run make crds: {' '.join(stale + extra)}")
        return
    for path in stale:
        whole = os.path.join(a.root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as f:
            f.write(wanted[path])
    for path in extra:
        os.unlink(os.path.join(a.root, path))


if __name__ == "__main__":
    main()
