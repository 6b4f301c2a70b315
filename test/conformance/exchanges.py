"""The recorded exchanges: their files, the cluster they are sent to, and what is done between them."""
import base64, collections, http.client, json, os, re, ssl, tempfile, threading, time, urllib.parse
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = HERE + "/recorded"
CM = "/api/v1/namespaces/shop/configmaps"

# The recorded pods ran an image that the lab does not have: its stand-in, and what it needs to keep running.
RECORDED_IMAGE, IMAGE, COMMAND = "localhost/pause:1", "docker.io/library/postgres:15", ["sleep", "1000"]

def read(path):
    """One file: lines that begin with ">" were sent, "<" received, then the body; "#" says what it shows."""
    with open(path) as f:
        lines = f.read().split("\n")
    notes = [l[2:] for l in lines if l.startswith("# ")]
    sent = [l[2:] for l in lines if l.startswith(">")]
    i = next((i for i, l in enumerate(lines) if l.startswith("< ")), len(lines))
    head = []
    while i < len(lines) and lines[i].startswith("< "):
        head.append(lines[i][2:])
        i += 1
    method, target = sent[0].split(" ", 1)
    blank = sent.index("") if "" in sent else len(sent)
    headers = dict(l.split(": ", 1) for l in sent[1:blank])
    return {"notes": notes, "method": method, "target": target, "headers": headers, "body": "\n".join(sent[blank + 1:]),
            "status": int(head[0].split()[0]) if head else None, "answer": "\n".join(lines[i:]).strip("\n"),
            "shown": [tuple(l.split(": ", 1)) for l in head[1:]]}

Answer = collections.namedtuple("Answer", "status reason headers text")

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
        return Answer(r.status, r.reason, r.headers, text)

    def write(self, method, target, obj=None, kind="application/json"):
        a = self.send(method, target, {"Content-Type": kind, "Accept": "application/json", "User-Agent": "unknown"},
                      json.dumps(obj) if obj else None)
        if a.status >= 300:
            print(f"     | {method} {target}: {a.status} {a.text[:300]}")

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
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": "bob", "resourceAttributes":
              {"namespace": "shop", "verb": "get", "resource": "configmaps", "name": "cm"}}}
    until(lambda: json.loads(c.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                                    {"Content-Type": "application/json", "Accept": "application/json"}, json.dumps(review)).text)["status"]["allowed"])

def add_webhook(c):
    c.write("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
             "metadata": {"name": "v"}, "webhooks": [{"name": "v.example.com", "admissionReviewVersions": ["v1"],
             "sideEffects": "None", "failurePolicy": "Fail", "timeoutSeconds": 2,
             "clientConfig": {"url": "https://127.0.0.1:9/x"},
             "rules": [{"apiGroups": ["example.com"], "apiVersions": ["*"], "resources": ["widgets"], "operations": ["CREATE"]}]}]})

    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "probe"}, "spec": {"size": "s"}}
    until(lambda: c.send("POST", "/apis/example.com/v1/namespaces/shop/widgets?dryRun=All", {"Content-Type": "application/json"},
                         json.dumps(widget)).status == 500)

def remove_webhook(c):
    c.write("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/v")

def new_image(c):
    c.write("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web", {"spec": {"template": {"metadata": {"annotations": {"sidecar.istio.io/inject": "true"}}}}},
            "application/merge-patch+json")

def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)

def wait_ready(c):
    def ready():
        status = json.loads(c.send("GET", "/apis/apps/v1/namespaces/shop/deployments/web").text).get("status", {})
        return status.get("availableReplicas") == status.get("replicas") == status.get("updatedReplicas") == 2
    until(ready)

def wait_established(name):
    def established(c):
        conditions = json.loads(c.send("GET", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}").text)["status"].get("conditions", [])
        return {"Established": "True"}.items() <= {x["type"]: x["status"] for x in conditions}.items()
    return lambda c: until(lambda: established(c))

def wait_gone(c):
    until(lambda: c.send("GET", "/api/v1/namespaces/shop").status == 404)

def wait_account(c):
    until(lambda: c.send("GET", "/api/v1/namespaces/closed/serviceaccounts/default").status == 200)

def wait_mirrored(c):
    until(lambda: json.loads(c.send("GET", "/apis/discovery.k8s.io/v1/namespaces/fields/endpointslices").text)["items"])

BETWEEN = {"034": paging, "101": grant_bob, "105": add_webhook, "106": remove_webhook}
WAIT = {"057": wait_established("widgets.example.com"), "079": wait_ready, "088": wait_ready, "089": wait_ready, "111": wait_gone,
        "138": wait_established("ranges.example.com"), "167": wait_mirrored, "169": wait_account}
DURING = {"088": new_image, "044": come_and_go, "045": leave_and_return, "048": come_and_go}

class Learned:
    """What the recorded values are called now."""
    def __init__(self, own_image=False):
        self.values, self.versions, self.own_image = {}, {}, own_image

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
        if not self.own_image:
            text = text.replace(f'"image": "{RECORDED_IMAGE}"', f'"image": "{IMAGE}", "command": {json.dumps(COMMAND)}')
        for old, new in self.values.items():
            text = text.replace(old, new)
        text = re.sub(r'("resourceVersion": ")(\d+)"', lambda m: m[1] + self.version(m[2]) + '"', text)
        return re.sub(r"(resourceVersion=)(\d+)", lambda m: m[1] + self.version(m[2]), text)

def perform(c, number, x, learned):
    """Sends one request, with what belongs before and beside it."""
    if number in BETWEEN:
        BETWEEN[number](c)
    if number in WAIT:
        WAIT[number](c)
    helper = threading.Timer(0.3, DURING[number], [c]) if number in DURING else None
    headers = dict(x["headers"])
    headers.setdefault("User-Agent", "unknown")
    if number == "009":
        headers["Authorization"] = "Bearer nobody"
    if helper:
        helper.start()
    answer = c.send(x["method"], learned.rewrite(x["target"]), headers, learned.rewrite(x["body"]) or None)
    if helper:
        helper.join()
    return answer

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
