#!/usr/bin/env bash
# What pods of a mesh may bring with them, and how they are reached, on any cluster: sidecars and gateways that they describe
# themselves, StatefulSets by name under STRICT, aliases, certificates that come late, tokens, ports with modes of their own,
# policies on connections that are open; and what is refused when it is applied.
# Members: shop (echo in two versions, StatefulSets rows and rowsdb, a client) and depot (a client); street is no member.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
. "$ROOT/test/lib/traffic.sh"
trap 'finish shop depot street; exit $?' EXIT

# set_of NAME COMMAND: two pods that have names, behind a Service without an address
set_of() {
  workload shop "$1" "$1" v1 true "$2" | sed "s/kind: Deployment/kind: StatefulSet/; s/^spec:/spec:\n  serviceName: $1\n  replicas: 2/"
}
# pod_of NAMESPACE NAME ANNOTATIONS CONTAINERS
pod_of() {
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s, labels: {app: %s}, annotations: {sidecar.istio.io/inject: "true"%s}}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n%s\n' \
    "$2" "$1" "$2" "$3" "$(sed "s#image: IMAGE#image: '$IMAGE', imagePullPolicy: IfNotPresent#" <<<"$4")"
}
proxy_of() { kubectl -n shop get pod "$1" -o jsonpath="{.spec.containers[?(@.name==\"istio-proxy\")]$2}"; }
ready() { kubectl -n "$1" wait --for=condition=Ready --timeout=20s "pod/$2"; }
in_pod() { timeout 60 kubectl -n shop exec "$1" -c app -- "${@:2}" 2>&1; }
greeted() { x "$1" client /usr/bin/python3 -c 'import socket, sys; s = socket.create_connection((sys.argv[1], 3306), 8); s.settimeout(8); f = s.makefile("rw"); print(f.readline().strip()); f.write("hello\n"); f.flush(); print(f.readline().strip())' "$2" | tr '\n' ' '; }
# refused WHAT REGEX <YAML: admission says no, and why
refused() {
  local out
  if out=$(kubectl apply -f - 2>&1); then fail "$1: admitted"; kubectl delete -n shop pod/rubbish --ignore-not-found >/dev/null 2>&1
  elif grep -qiE -- "$2" <<<"$out"; then pass "$1"; else fail "$1: $out"; fi
}
certificate() { # certificate NAME HOST: a Secret of the gateway
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "/CN=$2" -addext "subjectAltName=DNS:$2" \
    -keyout "$TEST_TMP/$1.key" -out "$TEST_TMP/$1.crt" 2>/dev/null
  kubectl -n istio-system create secret tls "$1" --cert="$TEST_TMP/$1.crt" --key="$TEST_TMP/$1.key" >/dev/null
}

cluster_up
operator_up
control_plane_up && pass "control plane ready"
{
  for v in v1 v2; do workload shop echo-$v echo $v true '/usr/bin/python3, /code/echo.py'; done
  set_of rows '/usr/bin/python3, /code/echo.py'
  set_of rowsdb '/usr/bin/python3, /code/greet.py'
  workload street echo echo v1 false '/usr/bin/python3, /code/echo.py'
  for n in shop depot; do workload $n client client v1 true 'sleep, inf'; done
  workload street client client v1 false 'sleep, inf'
  service shop echo '{name: http, port: 80, targetPort: 8080}'
  service street echo '{name: http, port: 80, targetPort: 8080}'
  service shop rows '{name: http, port: 8080}' | sed 's/spec: {/spec: {clusterIP: None, /'
  service shop rowsdb '{name: tcp, port: 3306}' | sed 's/spec: {/spec: {clusterIP: None, /'
} >"$TEST_TMP/base.yaml"
street_up "$TEST_TMP/base.yaml" shop/deployment/{echo-v1,echo-v2,client} shop/statefulset/{rows,rowsdb} depot/deployment/client street/deployment/{echo,client}

# --- what a pod brings with it
pod_of shop own '' '  - {name: istio-proxy, image: auto, resources: {requests: {cpu: 77m}}, env: [{name: MY_OWN, value: "1"}]}
  - {name: app, image: IMAGE, command: [sleep, inf]}' | apply own
check "a sidecar that the pod describes: its resources count" is 77m proxy_of own .resources.requests.cpu
check "its environment is kept, beside the template's" has 'MY_OWN.*PROXY_CONFIG|PROXY_CONFIG.*MY_OWN' proxy_of own .env
check "its image is filled in" hasnt '^auto$' proxy_of own .image
wait_for 90 "it is ready" ready shop own
wait_for 30 "and has an identity" has 'URI=spiffe://' in_pod own curl -s -m 8 http://echo/
pod_of shop hold ', proxy.istio.io/config: "holdApplicationUntilProxyStarts: true"' \
  "  - {name: app, image: IMAGE, command: [sh, -c, \"curl -s -m 5 -o /dev/null -w '%{http_code}' http://echo/ >/var/tmp/first; sleep inf\"]}" | apply hold
wait_for 90 "an application that waits for its proxy" ready shop hold
wait_for 30 "its first request is answered" is 200 in_pod hold cat /var/tmp/first
pod_of shop volumes ", sidecar.istio.io/userVolume: '[{\"name\":\"extra\",\"emptyDir\":{}}]', sidecar.istio.io/userVolumeMount: '[{\"name\":\"extra\",\"mountPath\":\"/etc/extra\"}]', sidecar.maistra.io/proxyEnv: '{\"SHOP_REGION\":\"north\"}'" \
  '  - {name: app, image: IMAGE, command: [sleep, inf]}' | apply volumes
check "volumes and variables of annotations are the sidecar's" has '/etc/extra.*SHOP_REGION|SHOP_REGION.*/etc/extra' proxy_of volumes ''
wait_for 90 "and it is ready" ready shop volumes
pod_of shop rubbish ", sidecar.istio.io/userVolume: 'not json'" '  - {name: app, image: IMAGE, command: [sleep, inf]}' | refused "annotations that nobody can read are refused" userVolume
drop own; drop hold; drop volumes

apply own-gateway <<'Y'
apiVersion: v1
kind: Service
metadata: {name: own-gateway, namespace: shop}
spec: {selector: {istio: own-gateway}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: own-gateway, namespace: shop}
spec:
  selector: {matchLabels: {istio: own-gateway}}
  template:
    metadata: {annotations: {inject.istio.io/templates: gateway}, labels: {istio: own-gateway, sidecar.istio.io/inject: "true"}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: own, namespace: shop}
spec: {selector: {istio: own-gateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [own.example.com]}]}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: own, namespace: shop}
spec: {hosts: [own.example.com], gateways: [own], http: [{route: [{destination: {host: echo, port: {number: 80}}}]}]}
Y
wait_for 120 "a gateway that is injected" kubectl -n shop rollout status deployment/own-gateway --timeout=20s
wait_for 60 "it serves its Gateway" is 200 code street http://own-gateway.shop/ -H 'Host: own.example.com'
wait_for 30 "whose status is good" has 'Programmed=True' status gateway.networking.istio.io/own shop
drop own-gateway

# --- how pods are reached
apply strict <<'Y'
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
Y
wait_for 60 "STRICT, without an address: strangers are not heard" is 000 code street http://rows-0.rows.shop:8080/
wait_for 30 "by the Service's name" has 'ns/shop/sa/client' body shop http://rows:8080/
wait_for 30 "by a pod's name, from another namespace" has 'ns/depot/sa/client' body depot http://rows-1.rows.shop.svc.cluster.local:8080/
wait_for 30 "a server that speaks first, by the Service's name" has 'welcome heard hello' greeted shop rowsdb
wait_for 30 "and by a pod's" has 'welcome heard hello' greeted depot rowsdb-1.rowsdb.shop
settled peerauthentication/default shop; younger
sed 's/name: default/name: relaxed/; s/STRICT/PERMISSIVE/' "$TEST_TMP/strict.yaml" | apply relaxed
wait_for 60 "of two that say it for all the younger is told who counts" has 'shop/default|default' status peerauthentication/relaxed shop
always "and the older counts" is 000 code street http://rows-0.rows.shop:8080/
drop relaxed; drop strict
apply alias <<'Y'
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: depot}
spec: {type: ExternalName, externalName: echo.shop.svc.cluster.local, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: street}
spec: {type: ExternalName, externalName: echo.street.svc.cluster.local, ports: [{name: http, port: 80}]}
Y
wait_for 60 "an alias, in the mesh" has 'ns/depot/sa/client' body depot http://alias/
wait_for 30 "and without one" has 'version=v1' body street http://alias/
drop alias
apply basket <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {name: echo, namespace: shop}
spec: {host: echo, trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: basket, path: /cart, ttl: 90s}}}}}
Y
cookie() { body depot http://echo.shop/cart -D - -o /dev/null "$@" | tr -d '\r' | grep -i '^set-cookie:' || echo none; }
wait_for 60 "a cookie that holds clients to a pod" has 'basket=.*(Max-Age=90.*Path=/cart|Path=/cart.*Max-Age=90)' cookie
one_pod() { x depot client sh -c "for i in 1 2 3 4 5 6 7 8; do curl -s -m 8 -H 'Cookie: $1' http://echo.shop/cart; done" | grep -o 'version=v[12]' | sort -u | wc -l; }
check "who brings it stays" is 1 one_pod "$(cookie | sed -E 's/^[^:]*: *([^;]*).*/\1/')"
check "and gets no other" is none cookie -H 'Cookie: basket=mine'
drop basket

# --- who is let in
apply ports <<'Y'
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {name: echo, namespace: shop}
spec: {selector: {matchLabels: {app: echo}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}}
Y
wait_for 60 "a port with a mode of its own" has 'Programmed=True' status peerauthentication/echo shop
always "takes plain text" is 200 code street http://echo.shop/
drop ports
openssl genrsa -out "$TEST_TMP/jwt.key" 2048 2>/dev/null
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
modulus=$(openssl rsa -in "$TEST_TMP/jwt.key" -noout -modulus | cut -d= -f2 | /usr/bin/python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read().strip()))' | base64url)
token() { # token ISSUER SECONDS: one that ends in so many
  local head; head=$(printf '{"alg":"RS256","kid":"k1","typ":"JWT"}' | base64url).$(printf '{"iss":"%s","sub":"reader","exp":%d}' "$1" $(($(date +%s) + $2)) | base64url)
  printf '%s.%s' "$head" "$(printf %s "$head" | openssl dgst -sha256 -sign "$TEST_TMP/jwt.key" -binary | base64url)"
}
with() { code depot http://echo.shop/ -H "Authorization: Bearer $1"; }
apply readers <<Y
apiVersion: security.istio.io/v1beta1
kind: RequestAuthentication
metadata: {name: readers, namespace: shop}
spec:
  selector: {matchLabels: {app: echo}}
  jwtRules: [{issuer: "https://id.example.com", jwks: '{"keys":[{"kty":"RSA","kid":"k1","alg":"RS256","use":"sig","e":"AQAB","n":"$modulus"}]}'}]
Y
wait_for 60 "a token that is none is 401" is 401 with garbage
check "one that has ended" is 401 with "$(token https://id.example.com -3600)"
check "another issuer's" is 401 with "$(token https://other.example.com 3600)"
check "a good one is let in" is 200 with "$(token https://id.example.com 3600)"
check "and who has none" is 200 code depot http://echo.shop/
apply readers-only <<'Y'
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: readers-only, namespace: shop}
spec: {selector: {matchLabels: {app: echo}}, rules: [{from: [{source: {requestPrincipals: ["https://id.example.com/reader"]}}]}]}
Y
wait_for 60 "with a policy on principals who has none is 403" is 403 code depot http://echo.shop/
always "and readers are let in" is 200 with "$(token https://id.example.com 3600)"
drop readers-only; drop readers
many() { x depot client curl -s -m 20 -Z --parallel-max 20 -o /dev/null -w '%{http_code}\n' "http://echo.shop/slow/$1/[1-20]" | grep -c '^200'; }
wait_for 60 "twenty connections are open" is 20 many 1
apply nobody <<'Y'
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: shop}
spec: {selector: {matchLabels: {app: echo}}, action: DENY, rules: [{}]}
Y
wait_for 60 "a policy" has 'Programmed=True' status authorizationpolicy/nobody shop
wait_for 10 "counts on connections that were open" is 0 many 0.3
drop nobody

# --- what comes late, and what is refused
apply late <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: late, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [late.example.com], tls: {mode: SIMPLE, credentialName: late-cert}}]
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: late, namespace: shop}
spec: {hosts: [late.example.com], gateways: [late], http: [{route: [{destination: {host: echo, port: {number: 80}}}]}]}
Y
wait_for 60 "a certificate that is missing is told" has 'late-cert' status gateway.networking.istio.io/late shop
certificate late-cert late.example.com
wait_for 60 "when it comes the host is served" is 200 code street https://late.example.com/ -k --connect-to "::$GATE:443"
wait_for 60 "and the status is good" hasnt '=False|late-cert' status gateway.networking.istio.io/late shop
kubectl -n istio-system delete secret late-cert >/dev/null
drop late
refused "a host with a port" 'host' <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: wrong, namespace: shop}
spec: {hosts: ["echo:80"], http: [{route: [{destination: {host: echo}}]}]}
Y
refused "an address that is none" 'notanaddress|ipBlocks' <<'Y'
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: wrong, namespace: shop}
spec: {rules: [{from: [{source: {ipBlocks: [notanaddress]}}]}]}
Y
refused "a rewrite to nothing" 'rewrite' <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: wrong, namespace: shop}
spec: {hosts: [echo], http: [{rewrite: {uri: ""}, route: [{destination: {host: echo}}]}]}
Y
