#!/usr/bin/python3
"""Logins by OAuth over sockets: an API server that says where the OAuth server is, that server, and a browser that is led from the
console there and back. What goes wrong on the way is a page with a sentence. The console is the sanitized build; both servers are
fakes, over TLS. Prints "N passed, N failed" last.
"""
import base64, hashlib, http.client, http.server, json, os, re, signal, ssl, subprocess, sys, threading, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import console_test as world
from console_test import ASAN, TMP, WAIT_S, check, free_port, wait_for

CLIENT, SECRET = "kiali-basic-istio-system", "5ecre7%" + "0" * 40
FOLDER = os.path.join(TMP, "oauth")

# --- authorities and certificates ---

def authority(name):
    at = os.path.join(TMP, name)
    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at + ".ca.key", "-out", at + ".ca.pem", "-days", "2", "-subj", "/CN=" + name)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at + ".key", "-out", at + ".csr", "-subj", "/CN=server")
    with open(at + ".ext", "w") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", at + ".csr", "-CA", at + ".ca.pem", "-CAkey", at + ".ca.key", "-CAcreateserial", "-days", "2", "-extfile", at + ".ext", "-out", at + ".pem")
    return at

def serve(handler, at):
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(at + ".pem", at + ".key")
    s.socket = tls.wrap_socket(s.socket, server_side=True)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=None, **fields):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for k, v in fields.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
    def log_message(self, *args):
        pass

# --- the API server ---

metadata, asked, deleted, tokens = None, 0, [], {}      # tokens: access token to user

class Api(Handler):
    def do_GET(self):
        global asked
        if self.path != "/.well-known/oauth-authorization-server":
            return self.answer(404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": "no"})
        asked += 1
        if isinstance(metadata, int):
            return self.answer(metadata, {"kind": "Status", "code": metadata, "reason": "NotFound" if metadata == 404 else "InternalError", "message": "it is broken"})
        self.answer(200, metadata)
    def do_POST(self):
        spec = json.loads(self.body())["spec"]
        if "/tokenreviews" in self.path:
            user = tokens.get(spec["token"])
            return self.answer(201, {"status": {"authenticated": user is not None, "user": {"username": user or ""}}})
        self.answer(201, {"status": {"allowed": self.headers["authorization"].removeprefix("Bearer ") in tokens}})
    def do_DELETE(self):
        self.body()
        deleted.append((self.path, self.headers["authorization"]))
        token = self.headers["authorization"].removeprefix("Bearer ")
        tokens.pop(token, None)
        self.answer(200, {"kind": "Status", "status": "Success"})

# --- the OAuth server ---

codes, denies, gives, complaints = {}, None, "user", []

class OAuth(Handler):
    """Asks nobody for a password: who comes is the user `gives`."""
    def do_GET(self):
        q = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        if (q.get("client_id"), q.get("response_type"), q.get("scope"), q.get("code_challenge_method")) != (CLIENT, "code", "user:full", "S256"):
            complaints.append(self.path)
        back = q["redirect_uri"] + "?"
        if denies:
            return self.answer(302, location=back + urllib.parse.urlencode({"error": denies, "state": q["state"]}))
        code = "code~" + os.urandom(8).hex()
        codes[code] = (q["redirect_uri"], q["code_challenge"])
        self.answer(302, location=back + urllib.parse.urlencode({"code": code, "state": q["state"]}))
    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.body()))
        pair = base64.b64decode(self.headers.get("authorization", "").removeprefix("Basic ")).decode()
        if [urllib.parse.unquote(p) for p in pair.split(":")] != [CLIENT, SECRET]:
            return self.answer(401, {"error": "invalid_client"})
        redirect, challenge = codes.pop(form.get("code"), (None, None))
        said = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if form.get("grant_type") != "authorization_code" or form.get("redirect_uri") != redirect or said != challenge:
            return self.answer(400, {"error": "invalid_grant"})
        token = "sha256~" + os.urandom(16).hex()
        if gives:
            tokens[token] = gives
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 86400})

def ends(server, token_server=None):
    at = lambda s: f"https://127.0.0.1:{s if isinstance(s, int) else s.server_address[1]}"
    return {"issuer": at(server), "authorization_endpoint": at(server) + "/oauth/authorize", "token_endpoint": at(token_server or server) + "/oauth/token",
            "code_challenge_methods_supported": ["plain", "S256"]}

# --- a browser ---

class Browser:
    def __init__(self, port, trusts, host=None, **fields):
        self.port, self.host, self.fields, self.cookies, self.set = port, host or f"127.0.0.1:{port}", fields, {}, []
        self.tls = ssl.create_default_context(cafile=trusts)
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def ask(self, path, method="GET", body=None, **more):
        """(status, text, location) of one request to the console."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        fields = {k.replace("_", "-"): v for k, v in {**self.fields, **more}.items()} | {"host": self.host}
        if self.cookies:
            fields["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        c.request(method, path, body, fields)
        r = c.getresponse()
        text = r.read().decode()
        for line in r.headers.get_all("set-cookie") or []:
            self.set.append(line)
            name, value = line.split(";")[0].split("=", 1)
            self.cookies.pop(name, None)
            if "Max-Age=0" not in line:
                self.cookies[name] = value
        c.close()
        return r.status, text, r.headers.get("location")

    def authorize(self, location):
        """What the OAuth server sends the browser back with: a path of the console."""
        u = urllib.parse.urlsplit(location)
        c = http.client.HTTPSConnection(u.hostname, u.port, timeout=WAIT_S, context=self.tls)
        c.request("GET", f"{u.path}?{u.query}")
        r = c.getresponse()
        r.read()
        u = urllib.parse.urlsplit(r.headers["location"])
        c.close()
        return u.netloc, f"{u.path}?{u.query}"

    def login(self, then=None):
        s, text, to = self.ask("/oauth/login" + (f"?then={urllib.parse.quote(then)}" if then else ""))
        assert s == 302, (s, text)
        return self.ask(self.authorize(to)[1])

def says(answer, status, *texts):
    """A page with a sentence."""
    found = re.search(r'role="alert">(.*?)</p>', answer[1] or "")
    return answer[0] == status and found and all(t in found[1] for t in texts) and "<main>" in answer[1]

# --- the console ---

def put(name, text):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.write(text)

class Console:
    def __init__(self, api, ca):
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
                  "clusters": [{"name": "a", "cluster": {"server": f"https://127.0.0.1:{api.server_address[1]}", "certificate-authority": ca}}],
                  "users": [{"name": "a", "user": {"token": "own"}}]}
        with open(os.path.join(TMP, "kubeconfig"), "w") as f:
            json.dump(config, f)
        self.port, self.log = free_port(), open(os.path.join(TMP, "console.log"), "a")
        self.process = subprocess.Popen([os.path.join(ASAN, "weft-console"), "dashboards", "--host=127.0.0.1", f"--port={self.port}", "--kubeconfig=" + self.log.name.replace("console.log", "kubeconfig"),
                                         "--oauth-client=" + FOLDER, "--namespace=istio-system"], stdout=self.log, stderr=self.log)
        put("redirect-uris", f"http://127.0.0.1:{self.port}/oauth/callback\nhttps://kiali.example/oauth/callback\n")
        wait_for("the console answers", lambda: (world.ask(self.port, "/healthz")[0] == 200, ""))
    def __enter__(self):
        return self
    def __exit__(self, *args):
        self.process.terminate()
        check("it ends cleanly", self.process.wait(WAIT_S) == 0, open(self.log.name).read())

def whole(port, ca):
    b = Browser(port, ca)
    check("a login by OAuth is offered", json.loads(b.ask("/api/login")[1]) == {"oauth": True})
    s, text, to = b.login("/dashboards/query?expr=up")
    check("a browser is led to the server, back, and to the page that it wanted", (s, to) == (302, "/dashboards/query?expr=up") and not complaints, (s, text, to, complaints))
    check("the login's cookie is for no script, and there when another site leads back", any(c.startswith("weft-login=") and "HttpOnly; SameSite=Lax; Max-Age=600" in c for c in b.set), b.set)
    check("and ends with it", set(b.cookies) == {"weft-console"}, b.cookies)
    s, text, _ = b.ask("/api/status")
    check("it has a session, as the user of the token", s == 200 and json.loads(text)["user"] == "user", text)
    check("where the server is was asked once", asked == 1, asked)
    token = next(t for t in tokens if tokens[t] == "user")
    check("logout is answered", b.ask("/api/logout", "POST", "{}")[0] == 200)
    check("and ends the session", b.ask("/api/status")[0] == 401)
    name = "sha256~" + base64.urlsafe_b64encode(hashlib.sha256(token.removeprefix("sha256~").encode()).digest()).rstrip(b"=").decode()
    wait_for("and the token, with the token's own rights", lambda: (deleted == [(f"/apis/oauth.openshift.io/v1/useroauthaccesstokens/{name}", "Bearer " + token)], deleted))
    check("which opens nothing afterwards", b.ask("/api/status", authorization="Bearer " + token)[0] == 401)
    return token

def refused(port, ca):
    global denies, gives
    b, other = Browser(port, ca), Browser(port, ca)
    back = b.authorize(b.ask("/oauth/login")[2])[1]
    other.ask("/oauth/login")
    check("another browser's answer is refused", says(other.ask(back), 400, "another login than the one that this browser began"))
    check("and one without a login", says(Browser(port, ca).ask(back), 400, "This browser began no login here"))
    forged = Browser(port, ca)
    forged.cookies = {"weft-login": b.cookies["weft-login"][:-1] + ("0" if b.cookies["weft-login"][-1] != "0" else "1")}
    check("and one with a cookie that is none of ours", says(forged.ask(back), 400, "This browser began no login here"))
    check("without a state", says(b.ask(re.sub(r"&state=[^&]*", "", back)), 400, "another login"))
    check("no token was asked for with any of them", len(codes) == 1, codes)
    kept = dict(b.cookies)
    check("the right one opens", b.ask(back)[0] == 302)
    b.cookies = kept
    check("once", says(b.ask(back), 502, "gave no token: invalid_grant"))
    check("without a code", says(b.ask(re.sub(r"code=[^&]*&", "", back)), 400, "has no code"))
    for error, status, text in [("access_denied", 403, "Access was denied"), ("server_error", 403, "refused the login: server_error"), ("<script>alert(1)</script>", 403, "it does not say why")]:
        denies = error
        check(f"error {error} is a page", says(Browser(port, ca).login(), status, text))
    denies, gives = None, None
    check("a token that the API server does not know is told", says(Browser(port, ca).login(), 401, "not valid here"))
    gives = "user"

def elsewhere(port, ca):
    b = Browser(port, ca)
    for then in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil"]:
        check(f"a login does not lead to {json.dumps(then)}", says(b.ask("/oauth/login?then=" + urllib.parse.quote(then)), 400, "must be a path of this console"))
    foreign = Browser(port, ca, host="evil.example")
    seen = foreign.ask("/oauth/login")
    check("a browser is led back to our own Routes alone", says(seen, 400, "No login leads back to evil.example") and not seen[2], seen)
    check("where there is no login to be offered", json.loads(foreign.ask("/api/login")[1]) == {"oauth": False})
    plain = Browser(port, ca, host="kiali.example", x_forwarded_proto="http")
    check("over HTTP the login begins with HTTPS", plain.ask("/oauth/login?then=/docs")[::2] == (302, "https://kiali.example/oauth/login?then=%2Fdocs") and not plain.cookies, plain.cookies)
    safe = Browser(port, ca, host="kiali.example", x_forwarded_proto="https")
    to = safe.ask("/oauth/login")[2]
    check("whose cookie no other host can set", any(c.startswith("__Host-weft-login=") and c.endswith("; Secure") and "Path=/;" in c for c in safe.set), safe.set)
    host, path = safe.authorize(to)
    check("and which leads back to its Route", host == "kiali.example" and safe.ask(path)[0] == 302 and any(c.startswith("weft-console=") and c.endswith("; Secure") for c in safe.set), safe.set)

def main():
    global metadata, asked
    world.own_network.enter()
    os.makedirs(FOLDER, exist_ok=True)
    cluster, foreign = authority("cluster"), authority("foreign")
    ca = cluster + ".ca.pem"
    api, oauth, stranger = serve(Api, cluster), serve(OAuth, cluster), serve(OAuth, foreign)
    metadata = ends(oauth)
    with Console(api, ca) as c:
        b = Browser(c.port, ca)
        check("before the operator made a client there is no such login", json.loads(b.ask("/api/login")[1]) == {"oauth": False} and says(b.ask("/oauth/login"), 404, "log in with a token") and not asked)
        put("client-id", CLIENT)
        put("client-secret", SECRET)
        token = whole(c.port, ca)
        refused(c.port, ca)
        elsewhere(c.port, ca)
    for what, now, status, text in [
            ("a plain Kubernetes has no OAuth server", 404, 404, "no OAuth server of OpenShift"),
            ("the API server's fault is told", 500, 502, "it is broken"),
            ("without TLS no code is sent", {**ends(oauth), "token_endpoint": "http://127.0.0.1:1/oauth/token"}, 502, "no OAuth server with https")]:
        metadata = now
        with Console(api, ca) as c:
            b = Browser(c.port, ca)
            check(what, says(b.ask("/oauth/login"), status, text) and json.loads(b.ask("/api/login")[1]) == {"oauth": False})
    for what, now, text in [("a certificate of another authority", ends(oauth, stranger), "certificate"), ("an OAuth server that is away", ends(oauth, free_port()), "gave no token")]:
        metadata = now
        with Console(api, ca) as c:
            check(what + " is told", says(Browser(c.port, ca).login(), 502, text))
    log = open(os.path.join(TMP, "console.log")).read()
    check("neither secret nor token is in the log", SECRET not in log and token not in log and "code~" not in log and "logged in by OAuth" in log, log)
    print(f"{world.passed} passed, {world.failed} failed")
    return world.failed != 0

if __name__ == "__main__":
    sys.exit(main())
