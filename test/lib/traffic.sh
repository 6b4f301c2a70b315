# Sourced after mesh.sh: workloads that say what they saw, clients in pods, and objects that come and go.
# IMAGE is one with python3, curl and openssl; in namespaces with a ConfigMap "code" of echo.py and greet.py.
IMAGE=${CASE_IMAGE:-debian} GATE=istio-ingressgateway.istio-system.svc.cluster.local

cat >"$TEST_TMP/echo.py" <<'P'
# /slow/SECONDS waits; /flaky/N/KEY fails N times for each key; /count/PATH says how often PATH was asked for; all else tells what came.
import http.server, os, socketserver, threading, time
seen, lock = {}, threading.Lock()
class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        part, code = self.path.split("/"), 200
        with lock: seen[self.path] = n = seen.get(self.path, 0) + (part[1] != "count")
        if part[1] == "slow": time.sleep(float(part[2]))
        if part[1] == "flaky" and n <= int(part[2]): code = 503
        text = "%d\n" % seen.get(self.path[6:], 0) if part[1] == "count" else "version=%s path=%s peer=%s\n%s" % (
            os.environ.get("VERSION"), self.path, self.client_address[0], self.headers)
        self.send_response(code); self.send_header("Content-Length", str(len(text))); self.end_headers(); self.wfile.write(text.encode())
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): daemon_threads = True; request_queue_size = 128
Server(("", 8080), Echo).serve_forever()
P
cat >"$TEST_TMP/greet.py" <<'P'
# Speaks first, at port 3306 or the one that it is told.
import socketserver, sys
class Greet(socketserver.StreamRequestHandler):
    def handle(self): self.wfile.write(b"welcome\n"); self.wfile.write(b"heard " + self.rfile.readline())
class Server(socketserver.ThreadingTCPServer): allow_reuse_address = daemon_threads = True
Server(("", int((sys.argv + [3306])[1])), Greet).serve_forever()
P

workload() { # workload NAMESPACE NAME APP VERSION INJECT COMMAND
  cat <<Y
apiVersion: v1
kind: ServiceAccount
metadata: {name: $2, namespace: $1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2, namespace: $1}
spec:
  selector: {matchLabels: {app: $3, version: $4}}
  template:
    metadata: {labels: {app: $3, version: $4}, annotations: {sidecar.istio.io/inject: "$5"}}
    spec:
      serviceAccountName: $2
      terminationGracePeriodSeconds: 2
      containers:
      - {name: app, image: "$IMAGE", imagePullPolicy: IfNotPresent, command: [$6], env: [{name: VERSION, value: $4}], volumeMounts: [{name: code, mountPath: /code}]}
      volumes: [{name: code, configMap: {name: code}}]
---
Y
}
service() { printf 'apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {selector: {app: %s}, ports: [%s]}\n---\n' "$2" "$1" "$2" "$3"; }
x() { timeout 60 kubectl -n "$1" exec "deploy/$2" -c app -- "${@:3}" 2>&1; }
# body NAMESPACE URL [CURL ARGUMENTS]: what its client gets; code: the status alone
body() { local ns=$1 url=$2; shift 2; x "$ns" client curl -sS -m 10 "$@" "$url"; }
code() { local ns=$1 url=$2; shift 2; x "$ns" client curl -s -m 10 -o /dev/null -w '%{http_code}' "$@" "$url" | head -c 3; }
is() { local want=$1 have; shift; have=$("$@"); echo "$have"; [ "$have" = "$want" ]; }
has() { local want=$1 have; shift; have=$("$@"); echo "$have"; grep -qE -- "$want" <<<"$have"; }
hasnt() { local what=$1 have; shift; have=$("$@"); echo "$have"; ! grep -qE -- "$what" <<<"$have"; }
always() { local what=$1 i; shift; for i in 1 2 3 4 5 6; do "$@" >"$TEST_TMP/out" 2>&1 || { fail "$what: $(tail -n 2 "$TEST_TMP/out")"; return; }; done; pass "$what"; }
# status KIND/NAME NAMESPACE: its conditions in words; settled: until it says something
status() { kubectl -n "$2" get "$1" -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason} {.message}{"\n"}{end}'; }
settled() { need 120 "the status of $1" has . status "$1" "$2"; }
# apply NAME: the objects on standard input, taken away again by drop NAME
apply() { cat >"$TEST_TMP/$1.yaml"; need 60 "$1" kubectl apply -f "$TEST_TMP/$1.yaml"; }
drop() { kubectl delete -f "$TEST_TMP/$1.yaml" --ignore-not-found --timeout=60s >/dev/null 2>&1; }
# younger: what is made after it is younger, as far as creation times tell
younger() { local s=$SECONDS; until [ $SECONDS -gt $((s + 1)) ]; do pause 0.1; done; }
# code_in NAMESPACE...: the programs, for their workloads
code_in() { for n; do kubectl -n "$n" create configmap code --from-file="$TEST_TMP/echo.py" --from-file="$TEST_TMP/greet.py" >/dev/null; done; }
# street_up BASE NAMESPACE/KIND/NAME...: a mesh of shop and depot beside the street, the workloads of the file BASE in it, and the first
# request of depot's client answered
street_up() {
  local base=$1 d; shift
  kubectl create namespace street >/dev/null
  members shop depot && pass "members"
  code_in shop depot street
  need 60 "the workloads" kubectl apply -f "$base"
  for d; do need 240 "$d" kubectl -n "${d%%/*}" rollout status "${d#*/}" --timeout=60s; done
  need 120 "the first request" is 200 code depot http://echo.shop/
}
