#!/usr/bin/env bash
# weftctl against a cluster: what it says before, installs, upgrades, judges and takes away. Also as kubectl's plugin. With
# KUBECONFIG set it is that cluster, which must have no Weft in it, and gets it back as it was.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish first; exit $?' EXIT
ctl() { "$BIN/weftctl" "$@"; }
# exits STATUS "what" COMMAND...: its output stays in $TEST_TMP/said
exits() { local want=$1 what=$2 have; shift 2; "$@" >"$TEST_TMP/said" 2>&1; have=$?; if [ $have = "$want" ]; then pass "$what"; else fail "$what: status $have: $(tail -n 3 "$TEST_TMP/said")"; fi; }
says() { if grep -qE -- "$1" "$TEST_TMP/said"; then pass "it says $1"; else fail "it does not say $1: $(tail -n 5 "$TEST_TMP/said")"; fi; }

cluster_up
exits 0 "precheck of an empty cluster" ctl precheck
says "^API server +ok +version v1"
says "^rights +ok"
says "^Weft can be installed"
exits 0 "precheck as JSON" ctl precheck -o json
check "it is JSON with a row for each check" jq -e '.items | length >= 12 and all(.result == "ok" or .result == "warning")' "$TEST_TMP/said"
exits 3 "an upgrade of nothing is refused" ctl upgrade
exits 3 "so is its removal" ctl uninstall --yes

# Another mesh's operator stands in the way.
kubectl create namespace first >/dev/null
kubectl -n first create deployment istio-operator --image=other/operator:1 --replicas=0 >/dev/null
exits 3 "another mesh's operator is told" ctl precheck
says "other meshes +FAILED +first/istio-operator"
exits 3 "and nothing is installed beside it" ctl install
check "nothing was" sh -c "! kubectl get crd servicemeshcontrolplanes.maistra.io 2>/dev/null"
kubectl delete namespace first --timeout=120s >/dev/null

exits 0 "a dry run" ctl install --dry-run --control-plane minimal
check "changes nothing" sh -c "! kubectl get crd servicemeshcontrolplanes.maistra.io 2>/dev/null"
exits 0 "install" ctl install --overlay minimal --control-plane minimal
says "^operator +ok"
says "^control plane +ok"
check "the control plane is Ready" kubectl -n istio-system wait --for=condition=Ready --timeout=20s smcp/istio-system
exits 0 "again, as it is" ctl install
says "overlay minimal"
exits 3 "a second operator elsewhere is refused" ctl install --overlay kubernetes

# Another version of the image is an upgrade; what others set stays.
kubectl -n openshift-operators label deployment/istio-operator mine=stays >/dev/null
exits 0 "upgrade to two replicas" ctl upgrade --overlay production
check "two replicas, the label is kept" sh -c "kubectl -n openshift-operators get deployment istio-operator -o jsonpath='{.status.availableReplicas} {.metadata.labels.mine}' | grep -qx '2 stays'"

# What runs, through the API server's port-forward; and the cluster's objects as a mesh.
members first && pass "a member"
synced() { ctl proxy-status | grep -qE "^istio-ingressgateway-.*\.istio-system +.* SYNCED +SYNCED"; }
wait_for 30 "the gateway has what it was sent" synced
exits 0 "proxy-status" ctl proxy-status
says "^[1-9][0-9]* proxies of [12] control planes, 0 of them stale"
gateway=$(kubectl -n istio-system get pod -l istio=ingressgateway -o name | head -n 1 | cut -d/ -f2)
exits 0 "proxy-config clusters" ctl proxy-config clusters "$gateway.istio-system"
says "^BlackHoleCluster +STATIC"
exits 0 "proxy-config listeners" ctl proxy-config listeners "istio-system/$gateway" -o json
exits 0 "proxy-config bootstrap" ctl proxy-config bootstrap "$gateway" -n istio-system
exits 0 "proxy-config log" ctl proxy-config log "$gateway" -n istio-system
exits 1 "a pod that is not there" ctl proxy-config clusters "none.istio-system"
says "404"
exits 0 "compile of the cluster" ctl compile -A --proxy istio-ingressgateway.istio-system
says "BlackHoleCluster"
exits 0 "analyze of the cluster" ctl analyze -A
exits 0 "check" ctl check
says "^operator +ok"
says "^control planes +ok +1 ready"
says "^proxies +ok +[1-9]"
says "^certificates +ok"

# What a mesh of others has.
kubectl -n first apply -f - >/dev/null <<'Y'
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: good}
spec: {hosts: [x], http: [{route: [{destination: {host: x}}]}]}
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: wanting}
spec: {url: "oci://x"}
Y
exits 3 "precheck --from-cluster" ctl precheck --from-cluster
says "^VirtualService first/good +carried out"
says "^WasmPlugin first/wanting +refused"
says "^ServiceMeshControlPlane istio-system/istio-system +carried out"

mkdir -p "$TEST_TMP/bin"; ln -sf "$BIN/weftctl" "$TEST_TMP/bin/kubectl-weft"
exits 0 "as kubectl's plugin" env PATH="$TEST_TMP/bin:$PATH" kubectl weft precheck -f demo/istio/service-mesh-member-roll.yaml
says "^ServiceMeshMemberRoll .*carried out"

exits 0 "uninstall without --yes" ctl uninstall
check "takes nothing" kubectl -n istio-system get smcp/istio-system
exits 0 "uninstall" ctl uninstall --yes --crds
left() { [ -z "$(kubectl get crd,clusterrole,clusterrolebinding,mutatingwebhookconfiguration,validatingwebhookconfiguration -o name | grep -E 'maistra|istio')" ]; }
wait_for 60 "nothing of the cluster's own is left" left
own() { [ -z "$(kubectl -n openshift-operators get secrets,leases,deployments,pods -o name)" ]; }
wait_for 60 "nor of the operator's in its namespace" own
[ -n "$embedded" ] || kubectl delete namespace istio-system openshift-operators --ignore-not-found --timeout=120s >/dev/null
