#!/usr/bin/env bash
# Two ClusterWide control planes of one mesh, whose members are selected by labels: both know all of them, each injects and writes
# where a namespace's label says so, one that only names the revision joins by that, and the older control plane goes.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
. "$ROOT/test/lib/traffic.sh"
OLD=istio-system NEW=istio-canary
down() {
  [ -n "$embedded" ] || kubectl -n $NEW delete smmr,smcp --all --timeout=120s >/dev/null 2>&1
  finish shop depot fresh street $NEW
}
trap 'down; exit $?' EXIT

roll() { kubectl -n "$1" get smmr default -o "jsonpath={.status.$2}"; }
plane_of() { kubectl get namespace "$1" -o 'jsonpath={.metadata.labels.maistra\.io/member-of}'; }
# Which revisions made the pods that stay.
made_by() { kubectl -n "$1" get pods -o json | jq -r '[.items[] | select(.metadata.deletionTimestamp == null) | .metadata.annotations["istio.io/rev"] // "none"] | unique | join(" ")'; }
rolled() { kubectl -n "$1" rollout status "deployment/$2" --timeout=120s; }
again() { kubectl -n "$1" rollout restart "deployment/$2" >/dev/null && rolled "$1" "$2"; }
to() { kubectl label namespace "$1" --overwrite istio.io/rev="$2"; }
asks() { body "$1" http://echo.shop/; }
left() { # of the control plane in that namespace
  kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings -l maistra.io/owner="$1" -o name
  kubectl get rolebindings,networkpolicies,smm -A -l maistra.io/member-of="$1" -o name
  kubectl get namespaces -l maistra.io/member-of="$1" -o name
}
upheld() {
  check "$1: members have identities" has 'By=spiffe://[^;]*/ns/shop/sa/echo-v1;.*URI=spiffe://[^;]*/ns/depot/sa/client' asks depot
  check "$1: a policy of the whole mesh" is 403 code depot http://echo.shop/shadow
  check "$1: no plain text" is 000 code street http://echo.shop/
}

cluster_up
operator_up
for n in $OLD shop depot street; do kubectl get namespace $n >/dev/null 2>&1 || kubectl create namespace $n >/dev/null; done
apply plane <<'Y'
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: istio-system, namespace: istio-system}
spec:
  version: v2.5
  mode: ClusterWide
  security: {dataPlane: {mtls: true}}
  gateways: {enabled: false}
  tracing: {type: None}
  addons: {prometheus: {enabled: false}, kiali: {enabled: false}, grafana: {enabled: false}}
Y
wait_for 180 "a control plane" kubectl -n $OLD wait --for=condition=Ready --timeout=20s smcp/istio-system
kubectl label namespace shop depot istio-injection=enabled >/dev/null
wait_for 60 "selects its members by their label" is '["depot","shop"]' roll $OLD configuredMembers
apply policy <<'Y'
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-shadow, namespace: istio-system}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/shadow]}}]}]}
Y
code_in shop depot street
{
  workload shop echo-v1 echo v1 true '/usr/bin/python3, /code/echo.py'
  workload depot client client v1 true 'sleep, inf'
  workload street client client v1 true 'sleep, inf'
  service shop echo '{name: http, port: 80, targetPort: 8080}'
} | apply workloads
for d in shop/echo-v1 depot/client street/client; do need 180 "$d" rolled "${d%/*}" "${d#*/}"; done
need 60 "the first request" is 200 code depot http://echo.shop/
check "nobody injects where no label is" is none made_by street
upheld "one control plane"

check "a second one beside it" "$BIN/weftctl" upgrade --revision canary -n $NEW --control-plane-version v2.6
wait_for 60 "selects the same, and what names it" is '[{"matchLabels":{"istio-injection":"enabled"}},{"matchLabels":{"istio.io/rev":"canary"}}]' \
  kubectl -n $NEW get smmr default -o 'jsonpath={.spec.memberSelectors}'
wait_for 60 "and knows them" is '["depot","shop"]' roll $NEW sharedMembers
check "pods are still made by the first" again depot client
check "as their annotation says" is istio-system made_by depot
upheld "two control planes"

check "shop is labelled" to shop canary
wait_for 60 "and is the second's" is $NEW plane_of shop
check "its pods are made anew" again shop echo-v1
check "by the second" is canary made_by shop
wait_for 60 "the first still knows it" is '["shop"]' roll $OLD sharedMembers
upheld "shop moved"

kubectl create namespace fresh >/dev/null
check "a namespace that only names the revision" to fresh canary
wait_for 60 "is its member" is '["fresh","shop"]' roll $NEW configuredMembers
wait_for 60 "and known to the first" is '["fresh","shop"]' roll $OLD sharedMembers
code_in fresh
workload fresh client client v1 true 'sleep, inf' | apply fresh
need 180 "fresh" rolled fresh client
check "its pods are injected by it" is canary made_by fresh
wait_for 60 "and are of the mesh" has 'URI=spiffe://[^;]*/ns/fresh/sa/client' asks fresh

check "shop goes back" to shop istio-system
wait_for 60 "to the first" is $OLD plane_of shop
check "with its pods" again shop echo-v1
check "which it made" is istio-system made_by shop
upheld "shop is back"

for n in shop depot; do check "$n moves for good" to $n canary; wait_for 60 "$n is the second's" is $NEW plane_of $n; done
check "and its pods" again shop echo-v1
check "those of depot, too" again depot client
check "the first goes" kubectl -n $OLD delete smcp,smmr --all --timeout=120s
wait_for 60 "and nothing of it is left" is '' left $OLD
check "all are members of the second" is '["depot","fresh","shop"]' roll $NEW configuredMembers
check "all pods are its own" has 'pods on the revision that is asked for' "$BIN/weftctl" check
upheld "the second alone"
