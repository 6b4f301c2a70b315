#!/usr/bin/env python3
"""Sends the exchanges recorded from a real API server (recorded/*.http) to the embedded one, compares the answers.

What differs by nature is ignored (NATURE: uids, times, addresses ...) or learned: where the recorded and the new answer
have a uid, a resourceVersion or a token at the same place, later requests use the new one. What was done between the
recorded exchanges is done here too (BETWEEN, DURING). OTHERWISE names what is answered differently on purpose, and why.

usage: replay_test.py [NUMBER...]    with KUBECONFIG set: against that cluster, else against a weft-lab of its own
"""
import json, os, re, subprocess, sys, tempfile

from exchanges import FOLDER, IMAGE, RECORDED_IMAGE, Cluster, Learned, parse, perform, read

NATURE = set("""image images uid creationTimestamp deletionTimestamp time lastTransitionTime lastUpdateTime lastProbeTime startTime
startedAt finishedAt firstTimestamp lastTimestamp eventTime expirationTimestamp selfLink continue nodePort clusterIP
clusterIPs podIP podIPs hostIP ip containerID imageID nodeName token ca.crt healthCheckNodePort remainingItemCount
serverAddress clientCIDR description""".split())
# Fields that only the lab's answers have.
NEWER = set("""command f:command""".split())
# What the lab leaves out: a hint for storage migration, a count of pods that are ending.
OMITTED = {"storageVersionHash", "terminatingReplicas", "f:terminatingReplicas"}
# Labels and names with a hash of the template or a random suffix.
HASHED = [(re.compile(r"\b(web)-[0-9a-z]{8,10}-[0-9a-z]{5}(\.[0-9a-f]+)?\b"), r"\1-HASH-POD"),
          (re.compile(r"\b(web)-[0-9a-z]{8,10}\b"), r"\1-HASH"), (re.compile(r"^[0-9a-z]{8,10}$"), "HASH"),
          (re.compile(r"\bweb-[0-9a-z]{5}\b"), "web-SLICE"), (re.compile(r"^c-[0-9a-z]{5}$"), "c-RANDOM"),
          (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "UID"), (re.compile(r"default-token-\w{5}"), "TOKEN"),
          (re.compile(r"^\d+(s|m\d+s|ms|m|h|d)$"), "AGE"), (re.compile(r"^10\.\d+\.\d+\.\d+$"), "IP"),
          (re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"), "TIME"), (re.compile(r"\bresourceVersion: \d+"), "RV"),
          (re.compile(r"has \d+ resource instances"), "has N"), (re.compile(r"\b80:\d{5}/TCP"), "80:NODEPORT/TCP"), (re.compile(re.escape(RECORDED_IMAGE)), IMAGE),
          (re.compile(r"\bhand-[0-9a-z]{5}\b"), "hand-SLICE"),
          # What a patch makes, or the patch as Go writes it.
          (re.compile(r'patch: Invalid value: "(?:[^"\\]|\\.)*": strict'), "patch: Invalid value: OBJECT: strict"),
          (re.compile(r'^Invalid value: "(?:[^"\\]|\\.)*": strict'), "Invalid value: OBJECT: strict"),
          (re.compile(r"too old resource version: \d+ \(\d+\)"), "too old"),
          (re.compile(r"Too large resource version: \d+, current: \d+"), "too large")]
OTHERWISE = {
    "007": "the checks are the lab's own",
    "001": "the lab says which version it is",
    "082": "status of the node's own runtime",
    "083": "depends on the runtime", "087": "depends on the runtime", "088": "the same steps, written in other portions", "092": "events of the node's own runtime",
    "093": "events of the node's own runtime",
    **{n: "what is there twice is refused, whatever is asked" for n in ("119", "120", "121", "122")},
    "139": "rules are compiled, their types are not checked before they run",
    **{n: "events of events.k8s.io are kept apart from those of the core group" for n in ("171", "172", "173")},
}

# Parts that depend on how fast controllers are (the lab's have often acted before the answer), or that a newer
# Kubernetes leaves out: reviews, which are never stored, have no managers.
FAST = (".status", ".metadata.annotations", ".metadata.managedFields")
IGNORED = {**{n: FAST for n in ("089", "090", "091", "109")},
           "003": (".groups.versions", ".groups.preferredVersion"), "004": (".resources.version",),  # what is served
           **{n: (".metadata.managedFields.fieldsV1.f:status.f:conditions..",) for n in ("057", "138")},  # written in two steps there
           **{n: (".status.acceptedNames",) for n in ("056", "137")},  # empty there for a moment
           "148": (".message",),  # the forms that the lab can answer in
           "155": (".status.userInfo.extra",),  # a certificate's fingerprint
           "167": (".items.metadata.annotations", ".items.metadata.managedFields"),  # which subset it mirrors is written on it
           "020": (".message",),  # the words of the JSON parser
           # The revision is written apart from the status; how often the slice was written depends on what is ready when.
           "079": (".metadata.managedFields",), "080": (".rows.object.metadata.managedFields",), "085": (".items.metadata.generation",),
           **{n: (".metadata.managedFields",) for n in ("095", "096", "097", "098", "099", "100")}}

def plain(s):
    if " is invalid: [" in s:  # the causes come in no order
        head, tail = s.split(" is invalid: [", 1)
        s = head + " is invalid: " + str(sorted(re.split(r", (?=[\w.<>]+: )", tail.rstrip("]"))))
    for pattern, to in HASHED:
        s = pattern.sub(to, s)
    return s

def sort_key(x):
    return json.dumps(x, sort_keys=True)

def name_of(x):
    """What an item of a list of discovery is called."""
    if not isinstance(x, dict):
        return x
    names = [x.get(k) for k in ("name", "resource", "subresource") if k in x] or [x.get("metadata", {}).get("name"), x.get("version")]
    return json.dumps(names)

def of_discovery(key, items):
    if key in ("resources", "paths", "subresources") or key == "groups" and items and isinstance(items[0], dict):
        return True
    return key in ("items", "versions") and items and isinstance(items[0], dict) and bool({"versions", "resources"} & items[0].keys())

def compare(want, have, path, key, learned, out, ignored=()):
    place = re.sub(r"\[\d+\]", "", path)
    learned.learn(key, want, have)
    if key in NATURE or key == "resourceVersion":
        if (want is None) != (have is None):
            out.append(f"{path}: want {want!r}, have {have!r}")
    elif isinstance(want, dict) and isinstance(have, dict):
        if key == "f:ownerReferences":  # keyed by uids; the lab has a reference's parts apart, too
            want, have = ({plain(k): {} for k in x} for x in (want, have))
        if key == "f:selector" and "." in want and have == {}:  # a Service's selector has one owner, as from 1.22
            want = {}
        for k in sorted(set(want) | set(have)):
            if k not in have and (k in OMITTED or want[k] is None or path.endswith("targetRef") or place + "." + k in ignored):
                continue
            if place + "." + k in ignored:
                continue
            if k not in have:
                out.append(f"{path}.{k}: missing, want {json.dumps(want[k])[:200]}")
            elif k not in want:
                if k not in NEWER and have[k] not in (None,):
                    out.append(f"{path}.{k}: not expected: {json.dumps(have[k])[:200]}")
            else:
                compare(want[k], have[k], f"{path}.{k}", k, learned, out, ignored)
    elif isinstance(want, list) and isinstance(have, list):
        if key in ("managedFields", "causes", "groups", "verbs", "shortNames", "categories", "endpoints"):
            want, have = sorted(want, key=sort_key), sorted(have, key=sort_key)
        if of_discovery(key, want):  # of those that both serve
            both = {name_of(x) for x in have} & {name_of(x) for x in want}
            want, have = (sorted((x for x in l if name_of(x) in both), key=name_of) for l in (want, have))
        if len(want) != len(have):
            out.append(f"{path}: want {len(want)} items, have {len(have)}: {json.dumps(have)[:300]}")
        for i, (a, b) in enumerate(zip(want, have)):
            compare(a, b, f"{path}[{i}]", "", learned, out, ignored)
    elif isinstance(want, str) and isinstance(have, str):
        if plain(want) != plain(have):
            out.append(f"{path}: want {want!r}, have {have!r}")
    elif want != have:
        out.append(f"{path}: want {want!r}, have {have!r}")

def without_bookmarks(events):
    """They come when it pleases the server, but for the one that ends a list."""
    events = [events] if isinstance(events, dict) and "type" in events and "object" in events else events
    return [e for e in events if e.get("type") != "BOOKMARK" or "annotations" in e["object"]["metadata"]] if isinstance(events, list) else events

def replay(c, number, x, learned):
    answer = perform(c, number, x, learned)
    out = []
    if answer.status != x["status"]:
        out.append(f"status: want {x['status']}, have {answer.status}: {answer.text[:300]}")
    want, have = [v for k, v in x["shown"] if k == "Warning"], answer.headers.get_all("Warning", [])
    if want != have:
        out.append(f"Warning: want {want}, have {have}")
    compare(without_bookmarks(parse(x["answer"])), without_bookmarks(parse(answer.text)), "", "", learned, out, IGNORED.get(number, ()))
    return out

def main():
    only = sys.argv[1:]
    ok = bad = 0
    learned, data = Learned(), None
    kubeconfig = os.environ.get("KUBECONFIG")
    if not kubeconfig:
        lab = os.environ.get("BIN", "build/bin") + "/weft-lab"
        data = os.environ.get("TEST_TMP", tempfile.mkdtemp()) + "/lab"
        subprocess.run([lab, "up", "--detach", "--data", data], check=True, stdout=subprocess.DEVNULL)
        env = subprocess.run([lab, "env", "--data", data], check=True, capture_output=True, text=True).stdout
        kubeconfig = re.search(r"KUBECONFIG=['\"]?([^'\"\n]+)", env)[1]
    try:
        c = Cluster(kubeconfig)
        for name in sorted(os.listdir(FOLDER)):
            number = name[:3]
            if not name.endswith(".http") or (only and number not in only):
                continue
            try:
                out = replay(c, number, read(f"{FOLDER}/{name}"), learned)
            except Exception as e:  # a connection that breaks is a failure of this exchange only
                out = [repr(e)]
            if number in OTHERWISE:
                print(f"--   {name}: {OTHERWISE[number] or 'not compared'}" + (f" ({len(out)} differences)" if out else ""))
                continue
            ok, bad = ok + (not out), bad + bool(out)
            print(("FAIL " if out else "ok   ") + name)
            for line in out[:12]:
                print("     | " + line)
    finally:
        if data:
            subprocess.run([lab, "down", "--data", data], stdout=subprocess.DEVNULL)
    print(f"{ok} passed, {bad} failed")
    return 1 if bad else 0

sys.exit(main())
