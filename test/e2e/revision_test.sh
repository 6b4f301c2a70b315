#!/usr/bin/env bash
# An upgrade by revision: a second control plane of a newer version beside the first, with the same authority. Namespaces
# move to it one by one, and back, while requests go between all of them: not one is lost, mutual TLS and policies hold,
# and each pod is on the revision that its namespace says. At the end the old control plane goes, and nothing of it is left.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
. "$ROOT/test/lib/load.sh"
OLD=istio-system NEW=istio-canary
down() {
  [ -n "$embedded" ] || kubectl -n $NEW delete smmr,smcp --all --timeout=120s >/dev/null 2>&1
  [ -n "$embedded" ] || kubectl -n $OLD delete authorizationpolicy no-shadow >/dev/null 2>&1
  finish shop stock desk outside $NEW
}
trap 'down; exit $?' EXIT
WEB="http://web.shop:8080/hostname http://web.stock:8080/hostname"
once() { kubectl -n "$1" exec deploy/client -c app -- python3 /code/load.py once "$2" 2>/dev/null; }
answers() { local got; got=$(once "$1" "$2"); echo "$got"; [ "$got" = "$3" ]; }
refused() { local got; got=$(once "$1" "$2"); echo "$got"; case $got in [0-9]* | '') return 1 ;; esac; }
ready() { kubectl -n "$1" wait --for=condition=Ready --timeout=5s "smcp/$2"; }
rolled() { kubectl -n "$1" rollout status "deployment/$2" --timeout=150s; }
condition() { kubectl -n $NEW get smcp canary -o "jsonpath={.status.conditions[?(@.type==\"RevisionJoined\")].$1}"; }
is() { local got; got=$("${@:2}"); echo "$got"; [ "$got" = "$1" ]; }
member_of() { kubectl get namespace "$1" -o 'jsonpath={.metadata.labels.maistra\.io/member-of}'; }
revisions() { kubectl -n "$1" get pods -l app -o 'jsonpath={range .items[*]}{.metadata.deletionTimestamp}{.metadata.annotations.istio\.io/rev}{"\n"}{end}' | grep -v : | sort -u | xargs; }
listed() { kubectl -n "$1" get smmr default -o "jsonpath={.status.$2}"; }
restart() { kubectl -n "$1" rollout restart deployment/web deployment/client >/dev/null && rolled "$1" web && rolled "$1" client; }
move() { # move NAMESPACE REVISION CONTROL-PLANE: what somebody does who moves a namespace
  check "$1 is labelled" kubectl label namespace "$1" --overwrite istio.io/rev="$2"
  check "weftctl check names its pods" says "another revision than their namespace asks for: .*$1/" "$BIN/weftctl" check
  check "$1 restarts" restart "$1"
  wait_for 60 "$1 is on $2" is "$3" member_of "$1"
  wait_for 60 "its pods are" is "$2" revisions "$1"
  check "and connected to it" says "client-.*$1.*istiod-$2.* $2 " "$BIN/weftctl" proxy-status
}
# What holds whoever is where: policies, and mutual TLS with the identities of both.
upheld() {
  local from
  for from in desk stock; do check "$1: $from may ask shop" answers $from http://web.shop:8080/hostname 200; done
  check "$1: a path that is denied in all of the mesh" answers desk http://web.stock:8080/shadow 403
  check "$1: a path that is denied" answers desk http://web.shop:8080/passwd 403
  check "$1: an identity that is not let in" answers shop http://web.stock:8080/hostname 403
  check "$1: no plain text from outside of the mesh" refused outside http://web.shop:8080/hostname
  check "$1: nor there" refused outside http://web.stock:8080/hostname
}
smcp() { # smcp NAMESPACE NAME VERSION [MORE]
  cat <<Y
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: $2, namespace: $1}
spec:
  version: $3
  security: {dataPlane: {mtls: true}}
  gateways: {enabled: false}
  tracing: {type: None}
  addons: {prometheus: {enabled: false}, kiali: {enabled: false}, grafana: {enabled: false}}
  ${4:-}
Y
}
upgrade() { "$BIN/weftctl" upgrade --revision canary -n $NEW --control-plane-version v2.6; }
says() { local what=$1; shift; "$@" 2>&1 | tee "$TEST_TMP/says" | grep -q "$what" || { cat "$TEST_TMP/says"; return 1; }; }
left_of_old() { # all that bears its name, wherever
  kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings -l maistra.io/owner=$OLD -o name
  kubectl get smm,rolebindings,networkpolicies,deployments,services,serviceaccounts,configmaps,roles -A -l maistra.io/owner=$OLD -o name
  kubectl get rolebindings,networkpolicies -A -l maistra.io/member-of=$OLD -o name
  kubectl get namespaces -l maistra.io/member-of=$OLD -o name
  kubectl get smm -A -o 'jsonpath={range .items[*]}{.spec.controlPlaneRef.namespace}{"\n"}{end}' | grep -x $OLD
}
nothing_left() { local left; left=$(left_of_old); echo "$left"; [ -z "$left" ]; }

cluster_up
operator_up
for n in $OLD $NEW shop stock desk outside; do kubectl get namespace $n >/dev/null 2>&1 || kubectl create namespace $n >/dev/null; done
smcp $OLD istio-system v2.5 >"$TEST_TMP/old.yaml"
need 60 "the control plane" kubectl apply -f "$TEST_TMP/old.yaml"
need 180 "the control plane" ready $OLD istio-system
members shop stock desk
for n in shop stock desk outside; do
  kubectl -n $n create configmap code --from-file="$TEST_TMP/load.py" >/dev/null
  inject=true; [ $n != outside ] || inject=false
  { [ $n = outside ] || workload $n web 2 $inject; workload $n client 1 $inject; } >"$TEST_TMP/$n.yaml"
  need 60 "$n" kubectl apply -f "$TEST_TMP/$n.yaml"
done
kubectl apply -f - >/dev/null <<'Y'
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-shadow, namespace: istio-system}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/shadow], ports: ["8080"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-passwords, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/passwd], ports: ["8080"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: known, namespace: stock}
spec: {action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/desk/sa/default, cluster.local/ns/stock/sa/default]}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: web}}], retries: {attempts: 0}}]}
Y
for n in shop stock desk outside; do need 180 "$n" rolled $n client; done
for n in shop stock desk; do need 180 "$n" rolled $n web; done
upheld "one control plane"

# Somebody else's authority is no revision.
smcp $NEW canary v2.6 'techPreview: {revisionOf: istio-system/istio-system}' >"$TEST_TMP/new.yaml"
need 60 "a revision" kubectl apply -f "$TEST_TMP/new.yaml"
wait_for 180 "another root is told, and not trusted" is RootsDiffer condition reason
check "no namespace is known to it" is "" listed $OLD sharedMembers
check "nor looked at by it" sh -c "! kubectl -n shop get rolebindings -o name | grep canary"
kubectl -n $NEW delete smcp canary --timeout=120s >/dev/null
kubectl -n $NEW delete secret istio-ca-secret >/dev/null

made() { check "a second control plane is made" upgrade; }
under_load desk "beside the first, with its authority" made
check "it is Ready" ready $NEW canary
check "and one mesh with the first" is True condition status
wait_for 60 "it has a roll with the same members, as another's" is '["desk","shop","stock"]' listed $NEW sharedMembers
upheld "two control planes"
check "pods are still made by the first" restart stock
check "as their annotation says" is istio-system revisions stock

under_load desk "shop moves to the new control plane" move shop canary $NEW
upheld "shop moved"
check "what the old one has" is '["desk","stock"]' listed $OLD configuredMembers
check "and what it knows" is '["shop"]' listed $OLD sharedMembers
check "the VirtualService of shop is still programmed" kubectl -n shop wait --for=condition=Programmed --timeout=60s virtualservice/web
under_load desk "and back" move shop istio-system $OLD
upheld "shop is back"
under_load desk "and there again" move shop canary $NEW
under_load desk "stock moves, too" move stock canary $NEW
upheld "stock moved"
under_load stock "and desk, the last one" move desk canary $NEW
upheld "all moved"

check "all pods are on it" says "pods on the revision that is asked for" "$BIN/weftctl" check
gone() { check "the old control plane and its roll go" kubectl -n $OLD delete smcp,smmr --all --timeout=120s; wait_for 60 "nothing of it is left" nothing_left; }
under_load desk "the old control plane goes" gone
check "all are members of the new one" is '["desk","shop","stock"]' listed $NEW configuredMembers
check "which is no revision of anything now" kubectl -n $NEW patch smcp canary --type=json -p '[{"op":"remove","path":"/spec/techPreview/revisionOf"}]'
wait_for 60 "and Ready" ready $NEW canary
again() { check "an application rolls under it" restart shop; }
under_load desk "with no request lost" again
check "and is on it" is canary revisions shop
upheld "the new control plane alone"
