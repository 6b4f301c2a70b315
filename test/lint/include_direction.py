#!/usr/bin/env python3
"""Checks that each module of lib/ includes only modules below it, and never another module's internal header; the same for
the rooms of modules that have them, which hold no more than ROOM_MAX files each."""
import collections, os, re, subprocess, sys

MAY_INCLUDE = {
    "base": "",
    "msg": "base",
    "cel": "msg net base",
    "net": "base",
    "dns": "net base",
    "telemetry": "net base",
    "trace": "base",
    "http": "net base",
    "h1": "http base",
    "h2": "http base",
    "codecs": "h1 h2 http base",
    "grpc": "http h2 net base",
    "web": "h1 h2 http net base",
    "api": "msg base",
    "pki": "base",
    "xds": "grpc http h2 net base",
    "kube": "api msg h2 http net base",
    "mesh": "route kube api msg base",
    "compile": "cel route mesh xds pki api msg base",
    "route": "base",
    "balance": "base",
    "config": "cel route balance xds trace pki net base",
    "validate": "cel mesh route api msg base",
    "operator": "kube pki api msg web telemetry net base",
    "files": "validate mesh kube pki api msg net base",
    "inject": "validate mesh kube api msg web net base",
    "ctl": "operator inject config compile validate mesh route xds kube pki api msg net base",
    "console": "kube api msg grpc telemetry net base",
    "discovery": "config validate mesh compile xds grpc http h2 pki kube api msg web telemetry net base",
    "proxy": "cel config route balance xds grpc codecs h1 http pki telemetry trace msg dns net base",
    "capture": "dns net base",
    "cni": "capture kube api msg net base",
    "lab": "cel kube api msg web h1 http pki dns net base",
}

# Rooms: folders of a module that has too much for one. What stands here may include only what it names.
ROOMS = {
    "proxy": {
        "boot": "",
        "core": "",
        "telemetry": "core",
        "upstream": "telemetry core",
        "client": "telemetry core",
        "stream": "client upstream telemetry core",
        "filter": "stream client upstream telemetry core",
        "listener": "filter stream client upstream telemetry core",
        "threads": "listener filter stream client upstream telemetry core",
        "dns": "",
        "agent": "dns threads boot",
    },
    "lab": {
        "object": "",
        "cel": "object",
        "store": "cel object",
        "view": "object",
        "sys": "",
        "api": "store cel sys object",
        "control": "api object",
        "container": "sys",
        "image": "sys",
        "net": "api sys object",
        "node": "net image container api sys object",
        "rest": "node api view store sys object",
    },
    "operator": {
        "template": "",
        "spec": "template",
        "convert": "",
        "render": "spec template",
        "reconcile": "render spec",
        "webhook": "spec convert",
        "scrape": "",
        "run": "reconcile render spec webhook",
    },
    "ctl": {
        "core": "",
        "source": "core",
        "install": "source core",
        "mesh": "source core",
        "explain": "mesh source core",
        "live": "install source core",
        "diff": "mesh source core",
        "analyze": "mesh source core",
        "describe": "live mesh source core",
        "bundle": "analyze live mesh source core",
        "front": "bundle describe live diff analyze explain mesh install source core",
    },
    "console": {
        "span": "",
        "store": "span",
        "server": "",
        "access": "server",
        "collect": "store span server",
        "source": "",
        "graph": "source",
        "live": "graph source",
        "mesh": "graph source",
        "why": "mesh",
        "page": "server",
        "run": "page why mesh live graph source collect access store server",
    },
}
ROOM_MAX = 30

def room_fault(f, target):
    """Why file f may not include target ("lab/node/node.h"), as far as rooms are concerned."""
    module, room = target.split("/")[:2]
    if module not in ROOMS:
        return None
    own = f.split("/")[2] if f.startswith(f"lib/{module}/") else None
    if room not in ROOMS[module]:
        return f"is in no room of {module}"
    if target.endswith("_internal.h") and room != own:
        return f"is internal to {module}/{room}"
    if own and own != room and room not in ROOMS[module].get(own, "").split():
        return f"is not below {module}/{own}"
    return None

def crowded(files):
    count = collections.Counter(tuple(f.split("/")[1:3]) for f in files if f.startswith("lib/"))
    for module, rooms in ROOMS.items():
        for (m, room), n in sorted(count.items()):
            if m == module and (room not in rooms or n > ROOM_MAX):
                yield f"lib/{module}/{room}: " + (f"{n} files, {ROOM_MAX} are enough" if room in rooms else "is in no room")

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
            else:
                why = room_fault(f, m[1])
            if why:
                print(f"{f}:{n}: {m[1]} {why}")
                bad += 1
    for line in crowded(f for f in files if os.path.exists(os.path.join(root, f))):
        print(line)
        bad += 1
    return 1 if bad else 0

sys.exit(main())
