#!/usr/bin/env python3
"""Checks that each module of lib/ includes only modules below it, and never another module's internal header."""
import os, re, subprocess, sys

MAY_INCLUDE = {
    "base": "",
    "msg": "base",
    "net": "base",
    "telemetry": "net base",
    "http": "h1 h2 net base",
    "h1": "http base",
    "h2": "base",
    "grpc": "http h2 net base",
    "web": "net base",
    "api": "msg base",
    "pki": "base",
    "xds": "grpc http h2 net base",
    "kube": "api msg net base",
    "mesh": "route kube api msg base",
    "compile": "route mesh xds api msg base",
    "route": "base",
    "balance": "base",
    "config": "route balance xds net base",
    "validate": "mesh route api msg base",
    "operator": "kube pki api msg web telemetry net base",
    "inject": "validate mesh kube api msg web net base",
    "console": "kube api msg web telemetry net base",
    "discovery": "config validate mesh compile xds grpc http h2 pki kube api msg web telemetry net base",
    "proxy": "config route balance xds grpc http h1 h2 pki telemetry net base",
    "lab": "kube api msg web h1 http pki net base",
}

# The rooms of lib/proxy, likewise.
ROOMS = {
    "boot": "",
    "core": "",
    "telemetry": "core",
    "upstream": "telemetry core",
    "client": "telemetry core",
    "stream": "client upstream telemetry core",
    "filter": "stream client upstream telemetry core",
    "listener": "filter stream client upstream telemetry core",
    "threads": "listener filter stream client upstream telemetry core",
    "agent": "threads boot",
}

def room_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "proxy" and len(parts) == 3 else None

def bad_room(f, included):
    """Why a file of lib/proxy may not include this one, or None."""
    here, there = room_of(f.removeprefix("lib/")), room_of(included)
    if not f.startswith("lib/proxy/") or not included.startswith("proxy/"):
        return None
    if here not in ROOMS or there not in ROOMS:
        return "is in no known room"
    if here != there and there not in ROOMS[here].split():
        return f"is not below {here}/"
    return None

def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    files = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "lib", "cmd"],
                           capture_output=True, text=True, check=True).stdout.split()
    bad = 0
    for f in files:
        if not f.endswith((".c", ".h", ".cc")) or not os.path.exists(os.path.join(root, f)):
            continue
        module = f.split("/")[1] if f.startswith("lib/") else None
        for n, line in enumerate(open(os.path.join(root, f), errors="replace"), 1):
            m = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if not m or "/" not in m[1] or ".pb-c.h" in m[1]:
                continue
            target = m[1].split("/")[0]
            why = None
            if target not in MAY_INCLUDE:
                why = "is in no known module"
            elif m[1].endswith("_internal.h") and target != module:
                why = f"is internal to {target}"
            elif module and target != module and target not in MAY_INCLUDE.get(module, "").split():
                why = f"is not below {module}"
            why = why or bad_room(f, m[1])
            if why:
                print(f"{f}:{n}: {m[1]} {why}")
                bad += 1
    return 1 if bad else 0

sys.exit(main())
