#!/usr/bin/env bash
# What meshes are for, on any cluster: who gets a request (weights, headers, mirrors, gateways both ways), what is done to it (faults,
# retries, timeouts, rewrites), who may send it (mutual TLS, policies), and what an object's status says when it cannot be had.
# Members: shop (echo in two versions, a TCP server, a client) and depot (a client); street has a client and is no member.
# CASE_IMAGE names an image with python3, curl and openssl where the cluster has no "debian".
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
. "$ROOT/test/lib/traffic.sh"
trap 'finish shop depot street; exit $?' EXIT

routes() { printf 'apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: echo, namespace: shop}\nspec:\n  hosts: [echo]\n  http:\n%s\n' "$1"; }

cluster_up
operator_up
control_plane_up && pass "control plane ready"
{
  for v in v1 v2; do workload shop echo-$v echo $v true '/usr/bin/python3, /code/echo.py'; done
  workload street echo-v1 echo v1 false '/usr/bin/python3, /code/echo.py'
  workload shop db db v1 true '/usr/bin/python3, /code/greet.py, "7306"'
  for n in shop depot; do workload $n client client v1 true 'sleep, inf'; done
  workload street client client v1 false 'sleep, inf'
  service shop echo '{name: http, port: 80, targetPort: 8080}'
  service shop db '{name: tcp-db, port: 7306}'
} >"$TEST_TMP/base.yaml"
street_up "$TEST_TMP/base.yaml" shop/deployment/{echo-v1,echo-v2,db,client} depot/deployment/client street/deployment/{echo-v1,client}
check "a request from member to member has an identity" has 'By=spiffe://[^;]*/ns/shop/sa/echo-v[12];.*URI=spiffe://[^;]*/ns/depot/sa/client' body depot http://echo.shop/

# --- who gets it
apply subsets <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {name: echo, namespace: shop}
spec: {host: echo, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
Y
routes '  - {match: [{headers: {x-new: {exact: "yes"}}}], route: [{destination: {host: echo, subset: v2}}]}
  - {match: [{uri: {prefix: /gone}}], route: [{destination: {host: echo, subset: v3}}]}
  - {route: [{destination: {host: echo, subset: v1}}]}' | apply routes
wait_for 60 "a header leads to the second version" has 'version=v2' body depot http://echo.shop/ -H 'x-new: yes'
always "without it nobody gets there" has 'version=v1' body depot http://echo.shop/
check "a subset that is not there is 503" is 503 code depot http://echo.shop/gone
wait_for 60 "and its route's status names it" has 'v3' status virtualservice/echo shop
routes '  - {route: [{destination: {host: echo, subset: v1}, weight: 75}, {destination: {host: echo, subset: v2}, weight: 25}]}' | apply routes
wait_for 60 "weights: the second version is among them" has 'version=v2' body depot http://echo.shop/
count() { x depot client sh -c 'for i in $(seq 200); do curl -s -m 10 http://echo.shop/; done' | grep -c 'version=v2'; }
n=$(count); [ "$n" -ge 22 ] && [ "$n" -le 80 ] && pass "a quarter: $n of 200" || fail "a quarter: $n of 200"
routes '  - {route: [{destination: {host: echo, subset: v1}}], mirror: {host: echo, subset: v2}, mirrorPercentage: {value: 100}}' | apply routes
mirrored() { has 'version=v1' body depot http://echo.shop/copied && [ "$(x shop echo-v2 curl -s localhost:8080/count/copied)" -gt 0 ]; }
wait_for 60 "a mirror sees the request, its answer is the first's" mirrored

# --- what is done to it
routes '  - {match: [{uri: {prefix: /abort}}], fault: {abort: {httpStatus: 418, percentage: {value: 100}}}, route: [{destination: {host: echo, subset: v1}}]}
  - {match: [{uri: {prefix: /late}}], fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}, route: [{destination: {host: echo, subset: v1}}]}
  - {match: [{uri: {prefix: /flaky}}], retries: {attempts: 3, retryOn: 5xx}, route: [{destination: {host: echo, subset: v1}}]}
  - {match: [{uri: {prefix: /slow}}], timeout: 1s, route: [{destination: {host: echo, subset: v1}}]}
  - {match: [{uri: {prefix: /moved}}], redirect: {uri: /there, authority: other.example.com, redirectCode: 301}}
  - {match: [{uri: {prefix: /old}}], rewrite: {uri: /new}, headers: {request: {set: {x-added: "here"}}, response: {add: {x-back: "there"}}}, route: [{destination: {host: echo, subset: v1}}]}
  - {route: [{destination: {host: echo, subset: v1}}]}' | apply routes
wait_for 60 "a fault aborts" is 418 code depot http://echo.shop/abort
took() { local s; s=$(x depot client curl -s -m 20 -o /dev/null -w '%{time_total}' "$1"); echo "$s"; awk -v s="$s" -v from="$2" 'BEGIN{exit !(s >= from)}'; }
check "a fault delays" took http://echo.shop/late 2
check "a failure is tried again" is 200 code depot http://echo.shop/flaky/2/a
check "three times" is 3 x shop echo-v1 curl -s localhost:8080/count/flaky/2/a
check "and no more than asked" is 503 code depot http://echo.shop/flaky/9/b
check "a timeout is 504" is 504 code depot http://echo.shop/slow/5
check "a redirect" is '301 http://other.example.com/there' x depot client curl -s -o /dev/null -w '%{http_code} %{redirect_url}' http://echo.shop/moved
check "a rewrite, and a header on the way" has 'path=/new/x|X-Added: here|x-added: here' body depot http://echo.shop/old/x
check "a header on the way back" has '^x-back: there' body depot http://echo.shop/old/x -D - -o /dev/null
apply breaker <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {name: breaker, namespace: depot}
spec:
  host: echo.shop.svc.cluster.local
  subsets: [{name: v1, labels: {version: v1}}]
  trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}}}
Y
burst() { x depot client sh -c 'for i in $(seq 12); do curl -s -m 20 -o /dev/null -w "%{http_code}\n" http://echo.shop/slow/0.5 & done; wait' | sort | uniq -c | tr -s '\n ' ' '; }
wait_for 60 "a circuit breaker lets some in and answers the others 503" has '200.*503' burst
drop breaker; drop routes

# --- who may send it
apply strict <<'Y'
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
Y
wait_for 60 "STRICT: a stranger is not heard" is 000 code street http://echo.shop/
always "STRICT: members are" is 200 code depot http://echo.shop/
address() { kubectl -n shop get pod -l "app=$1,version=v1" -o jsonpath='{.items[0].status.podIP}'; }
echo_ip=$(address echo) db_ip=$(address db)
check "STRICT: a pod by its address, without a name, is asked with an identity" has 'By=spiffe://[^;]*/ns/shop/sa/echo-v1.*URI=spiffe://[^;]*/ns/depot/sa/client' body depot "http://$echo_ip:8080/"
check "STRICT: by its address a stranger is not heard" is 000 code street "http://$echo_ip:8080/"
check "STRICT: the proxy's own ports are asked in plain text" is 200 code depot "http://$echo_ip:15021/healthz/ready"
ask() { x "$1" client /usr/bin/python3 -c 'import socket, sys; s = socket.create_connection((sys.argv[1], 7306), 8); s.settimeout(8); f = s.makefile("rw"); print(f.readline().strip()); f.write("hello\n"); f.flush(); print(f.readline().strip())' "${2:-db.shop}" | tr '\n' ' '; }
check "STRICT: a server that speaks first" has 'welcome heard hello' ask depot
check "STRICT: by its address, too" has 'welcome heard hello' ask depot "$db_ip"
check "STRICT: not to strangers" hasnt 'welcome' ask street
apply policies <<'Y'
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: depot-reads, namespace: shop}
spec:
  selector: {matchLabels: {app: echo}}
  rules: [{from: [{source: {principals: ["cluster.local/ns/depot/sa/client"]}}], to: [{operation: {methods: [GET], paths: ["/open/*"]}}]}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: never, namespace: shop}
spec: {action: DENY, selector: {matchLabels: {app: echo}}, rules: [{to: [{operation: {paths: ["/open/secret*"]}}]}]}
Y
wait_for 60 "a path that nobody allows is 403" is 403 code depot http://echo.shop/closed
check "an allowed one is 200" is 200 code depot http://echo.shop/open/x
check "DENY counts first" is 403 code depot http://echo.shop/open/secret
check "another identity is 403" is 403 code shop http://echo.shop/open/x
check "another method is 403" is 403 code depot http://echo.shop/open/x -X POST
drop policies; drop strict
wait_for 60 "without the policies all is open" is 200 code street http://echo.shop/
check "PERMISSIVE: a server that speaks first is heard by strangers" has 'welcome heard hello' ask street
waited() { kubectl -n shop get events -o jsonpath='{range .items[?(@.reason=="ProtocolDetectionTimeout")]}{.involvedObject.kind}/{.involvedObject.name}: {.message}{"\n"}{end}'; }
wait_for 60 "and an event of its Service says that its clients waited" has 'Service/db: Port 7306' waited

# --- gateways
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=shop.example.com -addext subjectAltName=DNS:shop.example.com \
  -keyout "$TEST_TMP/tls.key" -out "$TEST_TMP/tls.crt" 2>/dev/null
kubectl -n istio-system create secret tls shop-cert --cert="$TEST_TMP/tls.crt" --key="$TEST_TMP/tls.key" --dry-run=client -o yaml | apply secret
apply gateway <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: door, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop/shop.example.com"]}
  - {port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: shop-cert}, hosts: ["shop/shop.example.com"]}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: door, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [istio-system/door]
  http: [{match: [{uri: {prefix: /in}}], route: [{destination: {host: echo, port: {number: 80}}}]}]
Y
door() { code street "http://$GATE$1" -H "Host: ${2:-shop.example.com}"; }
safe_door() { code street "https://shop.example.com$1" -k --connect-to "::$GATE:443"; }
wait_for 90 "through the gateway" is 200 door /in
check "a path that it does not lead to is 404" is 404 door /out
check "a host that it does not know is 404" is 404 door /in other.example.com
wait_for 60 "by TLS, with the certificate of its Secret" is 200 safe_door /in
check "its status" has 'Programmed=True' status gateway.networking.istio.io/door istio-system
find_gateway
outside() { curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Host: shop.example.com' "http://$ADDR:$PORT/in"; }
has_routes || wait_for 60 "from outside of the cluster" is 200 outside
drop gateway; drop secret

street=$(kubectl -n street get pod -l app=echo -o jsonpath='{.items[0].status.podIP}')
egress=$(kubectl -n istio-system get pod -l istio=egressgateway -o jsonpath='{.items[0].status.podIP}')
apply egress <<Y
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {name: abroad, namespace: depot}
spec:
  hosts: [abroad.example.com]
  addresses: [192.0.2.7]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: $street, ports: {http: 8080}}]
---
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: exit, namespace: depot}
spec: {selector: {istio: egressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [abroad.example.com]}]}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: abroad, namespace: depot}
spec:
  hosts: [abroad.example.com]
  gateways: [mesh, exit]
  http:
  - {match: [{gateways: [mesh]}], route: [{destination: {host: istio-egressgateway.istio-system.svc.cluster.local, port: {number: 80}}}]}
  - {match: [{gateways: [exit]}], route: [{destination: {host: abroad.example.com, port: {number: 80}}}]}
Y
wait_for 90 "out by the egress gateway" has "peer=$egress" body depot http://192.0.2.7/ -H 'Host: abroad.example.com'
drop egress

# --- what cannot be had
apply first <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: first, namespace: shop}
spec: {hosts: [echo], http: [{route: [{destination: {host: echo}}], headers: {response: {set: {x-by: first}}}}]}
Y
settled virtualservice/first shop; younger
sed 's/first/second/g' "$TEST_TMP/first.yaml" | apply second
wait_for 60 "of two that want one host the younger is told who has it" has 'shop/first|first' status virtualservice/second shop
always "and the older counts" has '^x-by: first' body depot http://echo.shop/ -D - -o /dev/null
drop first
wait_for 60 "when it goes the other has its turn" has '^x-by: second' body depot http://echo.shop/ -D - -o /dev/null
wait_for 60 "and its status is good" has 'Programmed=True' status virtualservice/second shop
drop second
refused() { printf 'apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: wrong, namespace: shop}\nspec: {hosts: [echo], http: [{route: [{destination: {host: echo}, weight: -1}]}]}\n' | kubectl apply -f -; }
wrong() { if refused >"$TEST_TMP/refusal" 2>&1; then echo admitted; return 1; fi; cat "$TEST_TMP/refusal"; grep -q weight "$TEST_TMP/refusal"; }
check "what cannot be is refused, by its path" wrong
kubectl -n istio-system patch smmr default --type=merge -p '{"spec":{"members":["shop"]}}' >/dev/null
label() { kubectl get namespace depot -o jsonpath='{.metadata.labels.maistra\.io/member-of}'; }
wait_for 60 "a namespace that leaves is no member" is '' label
