#!/usr/bin/env python3
"""Sends the exchanges recorded from a real API server (kubernetes-1.20/*.http) to the embedded one, compares the answers.

What differs by nature is ignored (NATURE: uids, times, addresses ...) or learned: where the recorded and the new answer
have a uid, a resourceVersion or a token at the same place, later requests use the new one. What was done between the
recorded exchanges is done here too (BETWEEN, DURING). OTHERWISE names what is answered differently on purpose, and why.

usage: replay_test.py [NUMBER...]    with KUBECONFIG set: against that cluster, else against a weft-lab of its own
"""
import base64, http.client, json, os, re, ssl, subprocess, sys, tempfile, threading, time, urllib.parse
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
CM = "/api/v1/namespaces/shop/configmaps"

# The recorded pods ran an image that the lab does not have: its stand-in, and what it needs to keep running.
RECORDED_IMAGE, IMAGE, COMMAND = "localhost/pause:1", "docker.io/library/postgres:15", ["sleep", "1000"]

NATURE = set("""image images uid creationTimestamp deletionTimestamp time lastTransitionTime lastUpdateTime lastProbeTime startTime
startedAt finishedAt firstTimestamp lastTimestamp eventTime expirationTimestamp selfLink continue nodePort clusterIP
clusterIPs podIP podIPs hostIP ip containerID imageID nodeName token ca.crt healthCheckNodePort remainingItemCount
serverAddress clientCIDR description""".split())
# Fields that a Kubernetes newer than the recorded one adds.
NEWER = set("""clusterIPs ipFamilies ipFamilyPolicy internalTrafficPolicy kubernetes.io/metadata.name serving terminating command f:command
hostIPs warnings singularName""".split())
# What the lab leaves out: a hint for storage migration.
OMITTED = {"storageVersionHash"}
# Labels and names with a hash of the template or a random suffix.
HASHED = [(re.compile(r"\b(web)-[0-9a-z]{8,10}-[0-9a-z]{5}(\.[0-9a-f]+)?\b"), r"\1-HASH-POD"),
          (re.compile(r"\b(web)-[0-9a-z]{8,10}\b"), r"\1-HASH"), (re.compile(r"^[0-9a-z]{8,10}$"), "HASH"),
          (re.compile(r"\bweb-[0-9a-z]{5}\b"), "web-SLICE"), (re.compile(r"^c-[0-9a-z]{5}$"), "c-RANDOM"),
          (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "UID"), (re.compile(r"default-token-\w{5}"), "TOKEN"),
          (re.compile(r"^\d+(s|m\d+s|ms|m|h|d)$"), "AGE"), (re.compile(r"^10\.\d+\.\d+\.\d+$"), "IP"),
          (re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"), "TIME"), (re.compile(r"\bresourceVersion: \d+"), "RV"),
          (re.compile(r"has \d+ resource instances"), "has N"), (re.compile(r"\b80:\d{5}/TCP"), "80:NODEPORT/TCP"), (re.compile(re.escape(RECORDED_IMAGE)), IMAGE),
          (re.compile(r"too old resource version: \d+ \(\d+\)"), "too old"),
          (re.compile(r"Too large resource version: \d+, current: \d+"), "too large")]
OTHERWISE = {
    "007": "the checks are the lab's own",
    "085": "v1beta1 of EndpointSlice has another form; the lab serves v1",
    "082": "status of the node's own runtime",
    "083": "depends on the runtime", "087": "depends on the runtime", "088": "the same steps, written in other portions", "092": "events of the node's own runtime",
    "093": "events of the node's own runtime",
    "094": "service accounts have no token secrets any more, as from 1.24",
}

# Parts that depend on how fast controllers are (the lab's have often acted before the answer), or that a newer
# Kubernetes leaves out: reviews, which are never stored, have no managers.
FAST = (".status", ".metadata.annotations", ".metadata.managedFields")
IGNORED = {**{n: FAST for n in ("089", "090", "091", "109")},
           "003": (".groups.versions", ".groups.preferredVersion"), "004": (".resources.version",),  # what is served
           "056": (".status",),  # set a moment later
           "020": (".message",),  # the words of the JSON parser
           **{n: (".metadata.managedFields",) for n in ("095", "096", "097", "098", "099", "100")}}

def read_exchange(path):
    head, sent, got = [], [], []
    lines = open(path).read().split("\n")
    i = 0
    while i < len(lines) and not lines[i].startswith("<"):
        if lines[i].startswith(">"):
            sent.append(lines[i][2:])
        i += 1
    while i < len(lines) and lines[i].startswith("<") and not lines[i].startswith("<end"):
        head.append(lines[i][2:])
        i += 1
    got = "\n".join(lines[i:]).strip("\n")
    method, target = sent[0].split(" ", 1)
    blank = sent.index("") if "" in sent else len(sent)
    headers = dict(l.split(": ", 1) for l in sent[1:blank])
    return {"method": method, "target": target, "headers": headers, "body": "\n".join(sent[blank + 1:]),
            "status": int(head[0].split()[0]), "answer": got}

class Cluster:
    def __init__(self, kubeconfig):
        c = yaml.safe_load(open(kubeconfig))
        cluster, user = c["clusters"][0]["cluster"], c["users"][0]["user"]
        url = urllib.parse.urlparse(cluster["server"])
        self.host, self.port = url.hostname, url.port or 443
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE
        self.headers = {"Authorization": "Bearer " + user["token"]} if "token" in user else {}
        if "client-certificate-data" in user:
            with tempfile.NamedTemporaryFile("w") as f:
                f.write(base64.b64decode(user["client-certificate-data"]).decode())
                f.write(base64.b64decode(user["client-key-data"]).decode())
                f.flush()
                self.tls.load_cert_chain(f.name)
        elif "client-certificate" in user:
            self.tls.load_cert_chain(user["client-certificate"], user["client-key"])

    def send(self, method, target, headers=None, body=None):
        tls = self.tls
        if headers and headers.get("Authorization"):  # a token of one's own: no client certificate
            tls = ssl.create_default_context()
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        c = http.client.HTTPSConnection(self.host, self.port, context=tls, timeout=60)
        c.request(method, target, body=body.encode() if body else None, headers={**self.headers, **(headers or {})})
        r = c.getresponse()
        text = r.read().decode()
        c.close()
        return r.status, text

    def write(self, method, target, obj=None, kind="application/json"):
        status, text = self.send(method, target, {"Content-Type": kind, "Accept": "application/json", "User-Agent": "unknown"},
                                 json.dumps(obj) if obj else None)
        if status >= 300:
            print(f"     | {method} {target}: {status} {text[:300]}")

def config_map(name, labels, **more):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels}, **more}

def paging(c):
    for i in range(5):
        c.write("POST", CM, config_map(f"p{i}", {"tier": "web" if i % 2 else "db", "n": str(i)}))

def come_and_go(c):
    c.write("POST", CM, config_map("w1", {"w": "1"}))
    c.write("PATCH", CM + "/w1", {"data": {"x": "1"}}, "application/merge-patch+json")
    c.write("DELETE", CM + "/w1")

def leave_and_return(c):
    c.write("POST", CM, config_map("w2", {"w": "1"}))
    for v in "21":
        c.write("PATCH", CM + "/w2", {"metadata": {"labels": {"w": v}}}, "application/merge-patch+json")

def grant_bob(c):
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/"
    c.write("POST", rbac + "roles", {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["cm"], "verbs": ["get"]}]})
    c.write("POST", rbac + "rolebindings", {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "r"}, "subjects": [{"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}})

def add_webhook(c):
    c.write("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
             "metadata": {"name": "v"}, "webhooks": [{"name": "v.example.com", "admissionReviewVersions": ["v1"],
             "sideEffects": "None", "failurePolicy": "Fail", "timeoutSeconds": 2,
             "clientConfig": {"url": "https://127.0.0.1:9/x"},
             "rules": [{"apiGroups": ["example.com"], "apiVersions": ["*"], "resources": ["widgets"], "operations": ["CREATE"]}]}]})

def remove_webhook(c):
    c.write("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/v")

def new_image(c):
    c.write("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web", {"spec": {"template": {"metadata": {"annotations": {"sidecar.istio.io/inject": "true"}}}}},
            "application/merge-patch+json")

def wait_ready(c):
    for _ in range(100):
        status = json.loads(c.send("GET", "/apis/apps/v1/namespaces/shop/deployments/web")[1]).get("status", {})
        if status.get("availableReplicas") == status.get("replicas") == status.get("updatedReplicas") == 2:
            return
        time.sleep(0.1)

def wait_gone(c):
    for _ in range(100):
        if c.send("GET", "/api/v1/namespaces/shop")[0] == 404:
            return
        time.sleep(0.1)

BETWEEN = {"034": paging, "101": grant_bob, "105": add_webhook, "106": remove_webhook}
DURING = {"088": new_image, "044": come_and_go, "045": leave_and_return, "048": come_and_go}

class Learned:
    """What the recorded values are called now."""
    def __init__(self):
        self.values, self.versions = {}, {}

    def learn(self, key, old, new):
        if key in ("uid", "continue") and isinstance(old, str) and isinstance(new, str) and old:
            self.values.setdefault(old, new)
        if key == "resourceVersion" and str(old).isdigit():
            self.versions.setdefault(int(old), str(new))
        if key == "token" and new:
            self.values["<jwt>"] = new

    def version(self, old):
        known = [v for v in self.versions if v <= int(old)]
        return old if not known or int(old) > 10000000 or int(old) < 10 else self.versions[max(known)]

    def rewrite(self, text):
        text = text.replace(f'"image": "{RECORDED_IMAGE}"', f'"image": "{IMAGE}", "command": {json.dumps(COMMAND)}')
        for old, new in self.values.items():
            text = text.replace(old, new)
        text = re.sub(r'("resourceVersion": ")(\d+)"', lambda m: m[1] + self.version(m[2]) + '"', text)
        return re.sub(r"(resourceVersion=)(\d+)", lambda m: m[1] + self.version(m[2]), text)

def plain(s):
    if " is invalid: [" in s:  # the causes come in no order
        head, tail = s.split(" is invalid: [", 1)
        s = head + " is invalid: " + str(sorted(re.split(r", (?=[\w.<]+: )", tail.rstrip("]"))))
    for pattern, to in HASHED:
        s = pattern.sub(to, s)
    return s

def sort_key(x):
    return json.dumps(x, sort_keys=True)

def compare(want, have, path, key, learned, out, ignored=()):
    place = re.sub(r"\[\d+\]", "", path)
    learned.learn(key, want, have)
    if key in NATURE or key == "resourceVersion":
        if (want is None) != (have is None):
            out.append(f"{path}: want {want!r}, have {have!r}")
    elif isinstance(want, dict) and isinstance(have, dict):
        if key == "f:ownerReferences":  # keyed by uids
            want, have = ({plain(k): v for k, v in x.items()} for x in (want, have))
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
        if key in ("managedFields", "causes", "groups", "verbs", "shortNames", "categories"):
            want, have = sorted(want, key=sort_key), sorted(have, key=sort_key)
        if key == "groups" and want and isinstance(want[0], dict) or key in ("resources", "paths"):
            names = {json.dumps(x.get("name")) if isinstance(x, dict) else x for x in have}
            want = [x for x in want if (json.dumps(x.get("name")) if isinstance(x, dict) else x) in names]
            known = {json.dumps(x.get("name")) if isinstance(x, dict) else x for x in want}
            have = [x for x in have if (json.dumps(x.get("name")) if isinstance(x, dict) else x) in known]
            want, have = sorted(want, key=sort_key), sorted(have, key=sort_key)
        if len(want) != len(have):
            out.append(f"{path}: want {len(want)} items, have {len(have)}: {json.dumps(have)[:300]}")
        for i, (a, b) in enumerate(zip(want, have)):
            compare(a, b, f"{path}[{i}]", "", learned, out, ignored)
    elif isinstance(want, str) and isinstance(have, str):
        if plain(want) != plain(have):
            out.append(f"{path}: want {want!r}, have {have!r}")
    elif want != have:
        out.append(f"{path}: want {want!r}, have {have!r}")

def parse(text):
    text = text.replace("<end of stream>", "").strip()
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return [json.loads(l) for l in text.split("\n") if l]
    except ValueError:
        return text

def replay(c, number, x, learned):
    if number in BETWEEN:
        BETWEEN[number](c)
    if number == "111":
        wait_gone(c)
    if number in ("079", "088", "089"):
        wait_ready(c)
    helper = threading.Timer(0.3, DURING[number], [c]) if number in DURING else None
    headers = dict(x["headers"])
    headers.setdefault("User-Agent", "unknown")
    if number == "009":
        headers["Authorization"] = "Bearer nobody"
    if helper:
        helper.start()
    status, text = c.send(x["method"], learned.rewrite(x["target"]), headers, learned.rewrite(x["body"]) or None)
    if helper:
        helper.join()
    out = []
    if status != x["status"]:
        out.append(f"status: want {x['status']}, have {status}: {text[:300]}")
    compare(parse(x["answer"]), parse(text), "", "", learned, out, IGNORED.get(number, ()))
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
        for name in sorted(os.listdir(HERE + "/kubernetes-1.20")):
            number = name[:3]
            if not name.endswith(".http") or (only and number not in only):
                continue
            try:
                out = replay(c, number, read_exchange(f"{HERE}/kubernetes-1.20/{name}"), learned)
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
