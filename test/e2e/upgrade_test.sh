#!/usr/bin/env bash
# Two replicas of operator and weftd: the loss of either loses nothing, and the other one goes on. A control plane of another version,
# and back, and the operator anew: not a request between applications, which roll meanwhile, is lost.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
. "$ROOT/test/lib/load.sh"
trap 'finish shop; exit $?' EXIT
OPERATOR=openshift-operators WEB=http://web:8080/hostname
mesh_ready() { [ "$(kubectl -n istio-system get smcp istio-system -o jsonpath='{.status.observedGeneration}')" = "$(kubectl -n istio-system get smcp istio-system -o jsonpath='{.metadata.generation}')" ] &&
  kubectl -n istio-system wait --for=condition=Ready --timeout=5s smcp/istio-system; }
rolled() { kubectl -n "$1" rollout status "deployment/$2" --timeout=150s; }
weftds() { kubectl -n istio-system get pods -l app=istiod -o name; }
version() { # version VERSION: of the control plane, and of the applications' sidecars
  check "version $1" kubectl -n istio-system patch smcp istio-system --type=merge -p "{\"spec\":{\"version\":\"$1\"}}"
  wait_for 120 "the control plane is $1" mesh_ready
  check "and says so" sh -c "kubectl -n istio-system get smcp istio-system --no-headers | grep -q ' ${1#v}[.]0 '"
  check "its weftd is rolled" rolled istio-system istiod-istio-system
  kubectl -n shop rollout restart deployment/web >/dev/null
  check "and the application" rolled shop web
}
lose_weftd() { local one; one=$(weftds | head -n 1); check "a weftd is gone" kubectl -n istio-system delete "$one" --force --grace-period=0; check "and back" rolled istio-system istiod-istio-system; }
lose_operator() {
  local one; one=$(kubectl -n $OPERATOR get lease -o jsonpath='{.items[0].spec.holderIdentity}')
  check "the operator that writes is gone" kubectl -n $OPERATOR delete pod "$one" --force --grace-period=0
  check "what is deleted comes back by the other one" kubectl -n istio-system delete service istiod-istio-system
  wait_for 60 "the Service is back" kubectl -n istio-system get service istiod-istio-system
}
new_operator() { check "the operator anew" kubectl -n $OPERATOR rollout restart deployment/istio-operator; check "the operator is rolled" rolled $OPERATOR istio-operator; wait_for 60 "the control plane stays Ready" mesh_ready; }

cluster_up
need 30 "the operator" kubectl apply -k deploy/operator/overlays/production
need 60 "the CRDs" kubectl wait --for=condition=Established --timeout=20s crd/servicemeshcontrolplanes.maistra.io crd/servicemeshmemberrolls.maistra.io
need 180 "the operator" rolled $OPERATOR istio-operator
kubectl create namespace istio-system >/dev/null
need 60 "the control plane" kubectl apply -f - <<'Y'
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: istio-system, namespace: istio-system}
spec:
  version: v2.5
  security: {dataPlane: {mtls: true}}
  gateways: {enabled: false}
  addons: {prometheus: {enabled: false}}
  runtime: {components: {pilot: {deployment: {replicas: 2}}}}
Y
wait_for 180 "the control plane is Ready" mesh_ready
check "there are two of each" sh -c "[ \"\$(kubectl -n istio-system get deployment istiod-istio-system -o jsonpath='{.status.readyReplicas}') \$(kubectl -n $OPERATOR get deployment istio-operator -o jsonpath='{.status.readyReplicas}')\" = '2 2' ]"
members shop
kubectl -n shop create configmap code --from-file="$TEST_TMP/load.py" >/dev/null
{ workload shop web 2 true; workload shop client 1 true; } >"$TEST_TMP/workloads.yaml"
need 60 "workloads" kubectl apply -f "$TEST_TMP/workloads.yaml"
for d in web client; do need 180 "$d" rolled shop $d; done

under_load shop "a weftd killed" lose_weftd
under_load shop "the operator that writes killed" lose_operator
under_load shop "a newer version, applications rolled" version v2.6
under_load shop "and back" version v2.5
under_load shop "a new operator" new_operator
