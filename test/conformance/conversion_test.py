#!/usr/bin/env python3
"""Definitions whose versions a webhook converts, on the embedded API server: every read and write in both versions, watches,
admission webhooks that read another version than the request's, and converters that are away or answer badly."""
import base64, http.server, json, os, ssl, subprocess, sys, tempfile, threading, time

sys.path.insert(0, os.path.join(os.environ.get("ROOT", os.getcwd()), "test/lib"))
import own_network

own_network.enter()
import yaml

LAB = os.path.join(os.environ.get("BIN", "build/bin"), "weft-lab")
TMP = os.environ.get("TEST_TMP") or tempfile.mkdtemp()
DATA = os.path.join(TMP, "lab")
V1, V2 = "example.com/v1", "example.com/v2"
passed = failed = 0


def check(what, good, seen=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else ': ' + str(seen)[:600]}")


class Hook:
    """The webhook: converts {v1: spec.text} to {v2: spec.body.text}, and admits; what it was asked is in `asked`."""

    def __init__(self):
        self.asked, self.spoil, self.admissions = [], None, []
        key, cert = os.path.join(TMP, "key.pem"), os.path.join(TMP, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", cert, "-days", "2", "-subj", "/CN=hook", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps(hook.answer(self.path.split("?")[0], body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *a):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        with open(cert, "rb") as f:
            self.bundle = base64.b64encode(f.read()).decode()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, review):
        return self.convert(review) if path == "/convert" else self.admit(review)

    def convert(self, review):
        request = review["request"]
        want, objects = request["desiredAPIVersion"], request["objects"]
        self.asked.append((review["apiVersion"], want, [o["metadata"]["name"] for o in objects]))
        response = {"uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": [convert(o, want) for o in objects]}
        if self.spoil:
            self.spoil(response)
        return {"apiVersion": review["apiVersion"], "kind": "ConversionReview", "response": response}

    def admit(self, review):
        request = review["request"]
        self.admissions.append(request)
        response = {"uid": request["uid"], "allowed": True}
        if request["object"] and request["object"]["spec"].get("text") == "please":
            patch = [{"op": "replace", "path": "/spec/text", "value": "thanks"}]
            response |= {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
        return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}


def convert(o, want):
    o = json.loads(json.dumps(o))
    text = (o["spec"].get("body") or {}).get("text") if o["apiVersion"] == V2 else o["spec"].get("text")
    o["spec"] = ({"body": {"text": text}} if want == V2 else {"text": text}) if text is not None else {}
    o["apiVersion"] = want
    o["metadata"].setdefault("annotations", {})["converted"] = "yes"
    o["metadata"]["generation"] = 99  # not the webhook's to say
    return o


def definition(hook):
    def version(name, storage, spec):
        return {"name": name, "served": True, "storage": storage, "subresources": {"status": {}},
                "additionalPrinterColumns": [{"name": "Text", "type": "string", "jsonPath": ".spec.text" if name == "v1" else ".spec.body.text"}],
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": spec},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}
    text = {"type": "string"}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "notes.example.com"},
            "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "notes", "kind": "Note"},
                     "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v9", "v1"],
                                    "clientConfig": {"url": hook.url + "/convert", "caBundle": hook.bundle}}},
                     "versions": [version("v1", True, {"text": text, "tone": {"type": "string", "default": "calm"}}),
                                  version("v2", False, {"body": {"type": "object", "properties": {"text": text}},
                                                        "size": {"type": "string", "default": "large"}})]}}


class Client:
    def __init__(self):
        import http.client
        config = yaml.safe_load(open(DATA + "/kubeconfig"))
        user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
        for name, text in (("c", user["client-certificate-data"]), ("k", user["client-key-data"]), ("ca", cluster["certificate-authority-data"])):
            with open(os.path.join(TMP, name), "wb") as f:
                f.write(base64.b64decode(text))
        self.context = ssl.create_default_context(cafile=os.path.join(TMP, "ca"))
        self.context.load_cert_chain(os.path.join(TMP, "c"), os.path.join(TMP, "k"))
        self.host = cluster["server"].split("//")[1]
        self.new = lambda: http.client.HTTPSConnection(self.host, context=self.context, timeout=60)

    def ask(self, method, path, body=None, kind="application/json", accept="application/json"):
        c = self.new()
        c.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": kind, "Accept": accept})
        r = c.getresponse()
        text = r.read()
        c.close()
        return r.status, json.loads(text) if text.startswith(b"{") else text

    def watch(self, path):
        c = self.new()
        c.request("GET", path)
        return (json.loads(line) for line in c.getresponse())


def notes(version, name=""):
    return f"/apis/example.com/{version}/namespaces/default/notes{'/' if name else ''}{name}"


def note(version, name, text, **meta):
    return {"apiVersion": f"example.com/{version}", "kind": "Note", "metadata": {"name": name, **meta},
            "spec": {"text": text} if version == "v1" else {"body": {"text": text}}}


def reads_and_writes(k, hook):
    status, made = k.ask("POST", notes("v2"), note("v2", "a", "hello"))
    check("created in the version that is not stored", status == 201 and made["apiVersion"] == V2 and made["spec"]["body"]["text"] == "hello", made)
    check("its default there", made["spec"].get("size") == "large", made)
    status, stored = k.ask("GET", notes("v1", "a"))
    check("stored in the other", stored["apiVersion"] == V1 and stored["spec"] == {"text": "hello", "tone": "calm"}, stored)
    check("the webhook's annotations count", stored["metadata"]["annotations"]["converted"] == "yes", stored)
    check("the rest of the metadata is the server's", stored["metadata"]["generation"] == 1, stored["metadata"])
    check("of the review's versions it speaks the one that it knows", {a[0] for a in hook.asked} == {"apiextensions.k8s.io/v1"}, hook.asked)
    k.ask("POST", notes("v1"), note("v1", "b", "there"))
    hook.asked.clear()
    check("reading the stored version asks nobody", k.ask("GET", notes("v1"))[0] == 200 and not hook.asked, hook.asked)
    status, listed = k.ask("GET", notes("v2"))
    check("a list is converted at once", [i["spec"]["body"]["text"] for i in listed["items"]] == ["hello", "there"]
          and listed["kind"] == "NoteList" and hook.asked == [("apiextensions.k8s.io/v1", V2, ["a", "b"])], (listed, hook.asked))
    _, table = k.ask("GET", notes("v2"), accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    check("a table", [r["cells"] for r in table["rows"]] == [["a", "hello"], ["b", "there"]], table)
    status, changed = k.ask("PATCH", notes("v2", "b"), {"spec": {"body": {"text": "patched"}}}, "application/merge-patch+json")
    check("a patch sees the version of its path", status == 200 and changed["spec"]["body"]["text"] == "patched" and changed["metadata"]["generation"] == 2, changed)
    status, changed = k.ask("PATCH", notes("v2", "b") + "?fieldManager=me", note("v2", "b", "applied"), "application/apply-patch+yaml")
    check("apply, too", status == 409 and "conflict" in json.dumps(changed), changed)
    status, changed = k.ask("PATCH", notes("v2", "b") + "?fieldManager=me&force=true", note("v2", "b", "applied"), "application/apply-patch+yaml")
    check("apply by force", status == 200 and changed["spec"]["body"]["text"] == "applied", changed)
    changed["spec"]["body"]["text"] = "updated"
    status, changed = k.ask("PUT", notes("v2", "b"), changed)
    check("an update", status == 200 and k.ask("GET", notes("v1", "b"))[1]["spec"]["text"] == "updated", changed)
    status, changed = k.ask("PATCH", notes("v2", "b") + "/status", {"status": {"seen": True}}, "application/merge-patch+json")
    check("the status", status == 200 and k.ask("GET", notes("v1", "b"))[1]["status"] == {"seen": True}, changed)
    status, dry = k.ask("POST", notes("v2") + "?dryRun=All", note("v2", "dry", "x"))
    check("a dry run", status == 201 and dry["apiVersion"] == V2 and k.ask("GET", notes("v1", "dry"))[0] == 404, dry)
    status, gone = k.ask("DELETE", notes("v2", "a"))
    check("deleted", status == 200 and k.ask("GET", notes("v1", "a"))[0] == 404, gone)


def watches(k):
    _, now = k.ask("GET", notes("v1"))
    events = k.watch(notes("v2") + "?watch=true&resourceVersion=" + now["metadata"]["resourceVersion"])
    existing = k.watch(notes("v2") + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
    first, end = next(existing), next(existing)
    check("a watch begins with what exists", first["type"] == "ADDED" and first["object"]["spec"]["body"]["text"] == "updated", first)
    check("and says where that ends", end["type"] == "BOOKMARK", end)
    for i in range(5):
        k.ask("POST", notes("v1"), note("v1", f"w{i}", str(i)))
    k.ask("DELETE", notes("v1", "w0"))
    seen = [next(events) for _ in range(6)]
    check("events come in order, converted", [(e["type"], e["object"]["spec"]["body"]["text"]) for e in seen]
          == [("ADDED", str(i)) for i in range(5)] + [("DELETED", "0")], seen)
    return events


def admission(k, hook):
    def configuration(versions):
        return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "notes"},
                "webhooks": [{"name": "notes.example.com", "clientConfig": {"url": hook.url + "/admit", "caBundle": hook.bundle},
                              "rules": [{"apiGroups": ["example.com"], "apiVersions": versions, "operations": ["*"], "resources": ["notes"]}],
                              "sideEffects": "None", "admissionReviewVersions": ["v1"]}]}
    k.ask("POST", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", configuration(["v1"]))
    status, made = k.ask("POST", notes("v2"), note("v2", "m", "please"))
    check("an admission webhook sees the version that it reads, and changes that", status == 201 and made["spec"]["body"]["text"] == "thanks", made)
    request = hook.admissions[-1]
    check("it is told which was asked for", request["kind"]["version"] == "v1" and request["requestKind"]["version"] == "v2"
          and request["object"]["apiVersion"] == V1, request)
    status, made = k.ask("PATCH", notes("v2", "m"), {"spec": {"body": {"text": "as it is"}}}, "application/merge-patch+json")
    request = hook.admissions[-1]
    check("the object before is of that version, too", status == 200 and request["oldObject"]["spec"]["text"] == "thanks"
          and request["oldObject"]["apiVersion"] == V1 and made["spec"]["body"]["text"] == "as it is", (made, request))
    k.ask("DELETE", notes("v2", "m"))
    check("also of what is deleted", hook.admissions[-1]["oldObject"]["apiVersion"] == V1, hook.admissions[-1])
    k.ask("DELETE", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/notes")


def bad_answers(k, hook):
    def other_uid(r): r["uid"] = "other"
    def fewer(r): r["convertedObjects"] = []
    def failed(r): r["result"] = {"status": "Failure", "message": "cannot say it"}
    def renamed(r): r["convertedObjects"][0]["metadata"]["name"] = "other"
    def wrong_version(r): r["convertedObjects"][0]["apiVersion"] = "example.com/v3"
    for spoil, why in ((other_uid, "expected response.uid"), (fewer, "returned 0 objects, expected 1"), (failed, "cannot say it"),
                       (renamed, "metadata.name"), (wrong_version, "apiVersion")):
        hook.spoil = spoil
        status, answer = k.ask("GET", notes("v2", "b"))
        check(f"a bad answer is refused: {why}", status == 500 and "conversion webhook for example.com/v1, Kind=Note failed: " in answer["message"]
              and why in answer["message"], answer)
    hook.spoil = None


def away(k, hook, events):
    hook.stop()
    for method, path, body in (("GET", notes("v2", "b"), None), ("GET", notes("v2"), None), ("POST", notes("v2"), note("v2", "n", "x")),
                               ("DELETE", notes("v2", "b"), None)):
        status, answer = k.ask(method, path, body)
        check(f"without the webhook {method} of the other version fails, and says why", status == 500
              and "conversion webhook for example.com/" in answer["message"] and "connection refused" in answer["message"], answer)
    status, answer = k.ask("GET", notes("v1", "b"))
    check("the stored version is read", status == 200 and answer["spec"]["text"] == "updated", answer)
    status, answer = k.ask("PATCH", notes("v1", "b"), {"spec": {"text": "still"}}, "application/merge-patch+json")
    check("and written", status == 200, answer)
    last = next(events)
    check("a watch of the other version ends with an error", last["type"] == "ERROR" and "conversion webhook" in last["object"]["message"], last)
    status, answer = k.ask("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/notes.example.com")
    end = time.monotonic() + 60
    while k.ask("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/notes.example.com")[0] != 404 and time.monotonic() < end:
        time.sleep(0.05)
    check("the definition goes all the same", time.monotonic() < end)


def main():
    hook = Hook()
    lab = subprocess.Popen([LAB, "up", "--api-only", "--data", DATA], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        k = None
        while time.monotonic() < end:
            try:
                k = Client()
                if k.ask("GET", "/readyz")[0] == 200:
                    break
            except (OSError, TypeError, KeyError):
                time.sleep(0.05)
        bad = definition(hook)
        bad["spec"]["conversion"]["webhook"]["conversionReviewVersions"] = ["v9"]
        status, answer = k.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", bad)
        check("a definition must name a version of the review that we speak", status == 422, answer)
        k.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition(hook))
        while k.ask("GET", notes("v1"))[0] != 200 and time.monotonic() < end:
            time.sleep(0.05)
        reads_and_writes(k, hook)
        events = watches(k)
        admission(k, hook)
        for _ in range(3):  # of the admission: added, modified, deleted; heard before answers are spoiled
            next(events)
        bad_answers(k, hook)
        away(k, hook, events)
    finally:
        lab.terminate()
        lab.wait()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
