#!/usr/bin/env bash
# The router of the embedded cluster: hosts, paths, weights, bodies both ways, upgrades, TLS, failures. Needs root.
# Closing line "N passed, N failed".
set -u
ROOT=${ROOT:-$(cd "$(dirname "$0")/../../.." && pwd)} BIN=${BIN:-$ROOT/build/bin} TMP=${TEST_TMP:-$(mktemp -d)}
D=$TMP/lab ok=0 bad=0
pass() { ok=$((ok+1)); printf 'ok   %s\n' "$*"; }
fail() { bad=$((bad+1)); printf 'FAIL %s\n' "$*"; }
check() { local what=$1; shift; if "$@" >"$TMP/out" 2>&1; then pass "$what"; else fail "$what: $(tail -n 3 "$TMP/out")"; fi; }
until_ok() { local end=$(( $(date +%s) + $1 )); shift; until "$@"; do [ "$(date +%s)" -ge "$end" ] && return 1; sleep 0.1; done; }
shows() { local want=$1; shift; "$@" 2>&1 | grep -qF -- "$want"; }
finish() { "$BIN/weft-lab" down --data "$D" >/dev/null 2>&1; printf '\n%d passed, %d failed\n' $ok $bad; [ $bad = 0 ]; }
trap 'finish; exit $?' EXIT

"$BIN/weft-lab" up --detach --data "$D" || { fail "weft-lab up"; exit 1; }
eval "$("$BIN/weft-lab" env --data "$D")"
port=${APPS_DOMAIN_PORT:-80}
until_ok 120 kubectl get serviceaccount default >/dev/null 2>&1
kubectl apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: ConfigMap
metadata: {name: program}
data:
  server.py: |
    import http.server, os, socketserver, time
    class H(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *a): pass
        def body(self):
            if self.headers.get("Transfer-Encoding") == "chunked":
                data = b""
                while True:
                    n = int(self.rfile.readline().split(b";")[0], 16)
                    data += self.rfile.read(n); self.rfile.readline()
                    if n == 0: return data
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        def reply(self, data):
            self.send_response(200); self.send_header("Content-Length", str(len(data))); self.end_headers()
            if self.command != "HEAD": self.wfile.write(data)
        def do_GET(self):
            if self.path == "/big": return self.reply(b"x" * 10000000)
            if self.path == "/headers": return self.reply(str(self.headers).encode())
            if self.path == "/slow": time.sleep(3); return self.reply(b"late")
            if self.path == "/close":
                self.send_response(200); self.end_headers(); self.wfile.write(b"until the end"); self.close_connection = True; return
            if self.path == "/chunks":
                self.send_response(200); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
                for i in range(3): self.wfile.write(b"5\r\npart%d\r\n" % i)
                self.wfile.write(b"0\r\n\r\n"); return
            if self.path == "/upgrade":
                self.send_response(101); self.send_header("Connection", "Upgrade"); self.send_header("Upgrade", "echo"); self.end_headers()
                while True:
                    line = self.rfile.readline()
                    if not line: break
                    self.wfile.write(b"echo " + line)
                self.close_connection = True; return
            self.reply((os.environ["NAME"] + " " + self.path + "\n").encode())
        do_HEAD = do_GET
        def do_POST(self): self.reply(b"%d" % len(self.body()))
    class S(socketserver.ThreadingMixIn, http.server.HTTPServer): request_queue_size = 256; daemon_threads = True
    S(("", 8000), H).serve_forever()
Y
for n in a b; do kubectl apply -f - >/dev/null <<Y
apiVersion: v1
kind: Pod
metadata: {name: $n, labels: {app: $n}}
spec:
  containers:
  - {name: c, image: debian, command: [python3, -u, /p/server.py], env: [{name: NAME, value: $n}], ports: [{name: http, containerPort: 8000}],
     readinessProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}, volumeMounts: [{name: p, mountPath: /p}]}
  volumes: [{name: p, configMap: {name: program}}]
---
apiVersion: v1
kind: Service
metadata: {name: $n}
spec: {selector: {app: $n}, ports: [{name: http, port: 80, targetPort: http}]}
Y
done
kubectl apply -f - >/dev/null <<'Y'
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: a}
spec: {to: {kind: Service, name: a}, port: {targetPort: http}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: a-b}
spec: {host: a-default.apps.localhost, path: /b, to: {kind: Service, name: b}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: split}
spec: {host: split.apps.localhost, to: {kind: Service, name: a, weight: 3}, alternateBackends: [{kind: Service, name: b, weight: 1}]}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: hasty, annotations: {haproxy.router.openshift.io/timeout: 1s}}
spec: {host: hasty.apps.localhost, to: {kind: Service, name: a}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: none}
spec: {host: none.apps.localhost, to: {kind: Service, name: missing}}
Y
kubectl wait --for=condition=Ready --timeout=180s pod/a pod/b >/dev/null
h=a-default.apps.localhost
get() { local host=$1 path=$2; shift 2; curl -sS -m 20 --resolve "$host:$port:127.0.0.1" "http://$host:$port$path" "$@"; }
code() { get "$@" -o /dev/null -w '%{http_code}'; }

check "host assigned, request answered" until_ok 120 shows "a /x" get $h /x
check "the longest path wins" until_ok 120 shows "b /b/c" get $h /b/c
check "a path is whole segments" shows "a /bc" get $h /bc
check "unknown host is 503" shows 503 code nobody.apps.localhost /
check "no endpoints is 503" shows 503 code none.apps.localhost /
check "curl -I" shows "200 OK" get $h / -I
check "X-Forwarded-For, -Host, -Proto, Forwarded" shows "ok" sh -c "curl -sS --resolve $h:$port:127.0.0.1 -H 'X-Forwarded-For: 9.9.9.9' http://$h:$port/headers |
  tr -d '\r' | grep -ciE '^(x-forwarded-for: 9.9.9.9, 127.0.0.1|x-forwarded-host: $h(:$port)?|x-forwarded-proto: http|forwarded: for=127.0.0.1;host=)' | grep -qx 4 && echo ok"
check "10 MB down" shows 10000000 get $h /big -o /dev/null -w '%{size_download}'
head -c 5000000 /dev/zero > "$TMP/body"
# talk: asks for an upgrade, then sends a line through the tunnel and shows what comes back.
talk() { python3 - "$h" "$port" <<'EOF_PY'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[2])), 60)
s.sendall(b"GET /upgrade HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n" % sys.argv[1].encode())
got = b""
while b"\r\n\r\n" not in got or b"hello" not in got:
    if got.endswith(b"\r\n\r\n"):
        s.sendall(b"hello\n")
    d = s.recv(1000)
    if not d:
        break
    got += d
print(got.decode())
EOF_PY
}
check "5 MB up" shows 5000000 get $h / --data-binary @"$TMP/body" -H 'Expect:'
check "5 MB up after 100-continue" shows 5000000 get $h / --data-binary @"$TMP/body" -H 'Expect: 100-continue'
check "chunks up" shows 5000000 get $h / -X POST -T "$TMP/body" -H 'Transfer-Encoding: chunked'
check "chunks down" shows part0part1part2 get $h /chunks
check "chunks down to HTTP/1.0" shows part0part1part2 get $h /chunks --http1.0
check "a body until the end of the connection" shows "until the end" get $h /close
check "two requests on one connection" shows "1" get $h /one -w '%{num_connects}' -o /dev/null --next -sS --resolve $h:$port:127.0.0.1 http://$h:$port/two -o /dev/null -w '%{num_connects}'
check "an upgrade is a tunnel" shows "echo hello" talk upgrade
check "pipelined requests" shows 2 sh -c "printf 'GET /1 HTTP/1.1\r\nHost: $h\r\n\r\nGET /2 HTTP/1.1\r\nHost: $h\r\nConnection: close\r\n\r\n' | timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3; cat <&3' | grep -cE '^a /[12]'"
check "garbage is 400" shows "400 Bad" sh -c "printf 'NONSENSE\r\n\r\n' | timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3; cat <&3'"
check "a timeout is 504" shows 504 code hasty.apps.localhost /slow
n=0; for _ in $(seq 60); do get split.apps.localhost / | grep -q '^b ' && n=$((n+1)); done
[ $n -ge 4 ] && [ $n -le 30 ] && pass "weights: $n of 60 to the one with a quarter" || fail "weights: $n of 60"
hey -n 2000 -c 50 -host $h "http://127.0.0.1:$port/" >"$TMP/hey" 2>&1
check "2000 requests of 50 clients" shows "[200]	2000 responses" cat "$TMP/hey"
hey -n 1000 -c 50 -disable-keepalive -host $h "http://127.0.0.1:$port/" >"$TMP/hey" 2>&1
check "1000 without keep-alive" shows "[200]	1000 responses" cat "$TMP/hey"
# Routes with TLS. The pod serves https itself, by an authority of its own.
tls=${APPS_DOMAIN_TLS_PORT:?weft-lab env does not say the port of https} ca=${APPS_DOMAIN_CA:?weft-lab env does not say the authority}
cert() { # cert NAME ISSUER: NAME.crt and .key for DNS:NAME
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$TMP/$1.key" -out "$TMP/$1.csr" 2>/dev/null
  openssl x509 -req -in "$TMP/$1.csr" -CA "$TMP/$2.crt" -CAkey "$TMP/$2.key" -CAcreateserial -days 9 -out "$TMP/$1.crt" \
    -extfile <(echo "subjectAltName=DNS:$1") 2>/dev/null; }
for a in theirs other; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/CN=$a" -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,keyCertSign -keyout "$TMP/$a.key" -out "$TMP/$a.crt" 2>/dev/null
done
cert inside theirs; cert own.apps.localhost theirs
kubectl create secret tls inside --cert="$TMP/inside.crt" --key="$TMP/inside.key" >/dev/null
kubectl apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: s, labels: {app: s}}
spec:
  containers:
  - name: c
    image: debian
    command: [python3, -u, -c, 'import http.server as h, ssl; s = h.ThreadingHTTPServer(("", 8443), h.SimpleHTTPRequestHandler); c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain("/t/tls.crt", "/t/tls.key"); s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False); s.serve_forever()']
    workingDir: /etc
    readinessProbe: {tcpSocket: {port: 8443}, periodSeconds: 1}
    volumeMounts: [{name: t, mountPath: /t}]
  volumes: [{name: t, secret: {secretName: inside}}]
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {selector: {app: s}, ports: [{port: 443, targetPort: 8443}]}
Y
indent() { sed 's/^/      /' "$TMP/$1"; }
route() { # route NAME SERVICE TLS FIELDS (of spec.tls, in lines)
  printf 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: %s}\nspec:\n  host: %s.apps.localhost\n  to: {kind: Service, name: %s}\n  tls:\n    termination: %s\n%s\n' "$1" "$1" "$2" "$3" "$4" | kubectl apply -f - >/dev/null; }
gets() { local host=$1 path=$2; shift 2; curl -sS -m 20 --cacert "$ca" --resolve "$host:$tls:127.0.0.1" "https://$host:$tls$path" "$@"; }
codes() { gets "$@" -o /dev/null -w '%{http_code}'; }
issuer() { openssl s_client -connect "127.0.0.1:$tls" -servername "$1" </dev/null 2>/dev/null | openssl x509 -noout -issuer; }
admitted() { kubectl get route "$1" -o jsonpath='{.status.ingress[0].conditions[0].status} {.status.ingress[0].conditions[0].reason} {.status.ingress[0].conditions[0].message}'; }
route edge a edge ''
route allow a edge '    insecureEdgeTerminationPolicy: Allow'
route redirect a edge '    insecureEdgeTerminationPolicy: Redirect'
route own a edge "    certificate: |
$(indent own.apps.localhost.crt)
    key: |
$(indent own.apps.localhost.key)"
route again s reencrypt "    destinationCACertificate: |
$(indent theirs.crt)"
route wrong s reencrypt "    destinationCACertificate: |
$(indent other.crt)"
route through s passthrough '    insecureEdgeTerminationPolicy: Redirect'
route broken a edge "    certificate: |
$(indent own.apps.localhost.crt)
    key: |
$(indent inside.key)"
route blind s reencrypt ''
kubectl wait --for=condition=Ready --timeout=180s pod/s >/dev/null
check "edge: the lab's authority vouches for the host" until_ok 120 shows "a /x" gets edge.apps.localhost /x
check "edge: what the service hears of it" shows "ok" sh -c "curl -sS --cacert $ca --resolve edge.apps.localhost:$tls:127.0.0.1 https://edge.apps.localhost:$tls/headers |
  tr -d '\r' | grep -ciE '^(x-forwarded-proto: https|x-forwarded-port: $tls|forwarded: .*proto=https)$' | grep -qx 3 && echo ok"
check "edge: 10 MB down" shows 10000000 gets edge.apps.localhost /big -o /dev/null -w '%{size_download}'
check "edge: 5 MB up" shows 5000000 gets edge.apps.localhost / --data-binary @"$TMP/body" -H 'Expect:'
check "edge: two requests on one connection" shows 1 gets edge.apps.localhost /one -w '%{num_connects}' -o /dev/null --next -sS --cacert "$ca" --resolve "edge.apps.localhost:$tls:127.0.0.1" "https://edge.apps.localhost:$tls/two" -o /dev/null -w '%{num_connects}'
check "edge: plain HTTP is 503" shows 503 code edge.apps.localhost /
check "Allow: plain HTTP is answered" shows "a /x" get allow.apps.localhost /x
check "Redirect: to https" shows "302 https://redirect.apps.localhost$([ "$tls" = 443 ] || echo ":$tls")/x?y=1" get redirect.apps.localhost '/x?y=1' -o /dev/null -w '%{http_code} %{redirect_url}'
check "a certificate of the route's own" shows "CN = theirs" issuer own.apps.localhost
check "reencrypt" until_ok 120 shows "root:" gets again.apps.localhost /passwd
check "reencrypt: another authority's service is not trusted" shows 503 codes wrong.apps.localhost /
check "passthrough: the service's own certificate" until_ok 120 shows "CN = theirs" issuer through.apps.localhost
check "passthrough: its bytes" shows "root:" curl -sS -m 20 --cacert "$TMP/theirs.crt" --connect-to "inside:443:127.0.0.1:$tls" --resolve "through.apps.localhost:$tls:127.0.0.1" -k "https://through.apps.localhost:$tls/passwd"
check "passthrough: plain HTTP is sent to https" shows 302 code through.apps.localhost /
check "a plain Route is not served by https" shows 503 gets $h / -k -o /dev/null -w '%{http_code}'
check "a host that nobody has" shows 503 gets nobody.apps.localhost / -o /dev/null -w '%{http_code}'
check "a key that does not fit is told" until_ok 60 shows "False ExtendedValidationFailed spec.tls.certificate" admitted broken
check "reencrypt without an authority is told" until_ok 60 shows "False ExtendedValidationFailed spec.tls.destinationCACertificate" admitted blind
check "no TLS on that port is let go" shows "" sh -c "printf 'GET / HTTP/1.1\r\n\r\n' | timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$tls; cat >&3; cat <&3'"
printf 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: edge}\nspec: {host: edge.apps.localhost, to: {name: b}, tls: {termination: edge}}\n' | kubectl apply -f - >/dev/null
check "a Route that changes" until_ok 120 shows "b /x" gets edge.apps.localhost /x

kubectl delete pod a --grace-period=0 --force >/dev/null 2>&1
check "no backend any more is 503" until_ok 120 shows 503 code $h /
check "the other weight takes all" until_ok 120 shows "b /" get split.apps.localhost /
kubectl delete route a >/dev/null
check "without its Route the host is 503" until_ok 120 shows 503 code $h /x
