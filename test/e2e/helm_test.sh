#!/usr/bin/env bash
# The Helm chart by helm itself: installed it brings a mesh up, an upgrade and the way back lose nobody, and uninstalled it leaves what
# Helm leaves by design: the definitions, and the namespace that it made. `make chart-run` builds helm where there is none.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
helm=${HELM:-$(command -v helm || command -v "$ROOT/build/tools/helm")} || { echo "skipped: no helm; make chart-run builds it"; exit 0; }
IMAGE=${CASE_IMAGE:-debian} NS=istio-operator CHART=${CHART:-deploy/helm/weft-operator} INSTANCE=${INSTANCE:-deploy/instance/overlays/kubernetes}
export HELM_CACHE_HOME=$TEST_TMP/helm HELM_CONFIG_HOME=$TEST_TMP/helm HELM_DATA_HOME=$TEST_TMP/helm
leave() {
  if [ -z "$embedded" ]; then
    kubectl delete namespace shop --ignore-not-found --timeout=120s
    kubectl -n istio-system delete smmr,smcp --all --timeout=120s
    kubectl delete -k "$INSTANCE" --ignore-not-found --timeout=120s
    "$helm" uninstall weft -n $NS --ignore-not-found --wait --timeout 120s
    kubectl delete namespace $NS --ignore-not-found --timeout=120s
    kubectl delete -f "$CHART/crds" --ignore-not-found --timeout=120s
  fi >/dev/null 2>&1
  finish
}
trap 'leave; exit $?' EXIT

# of RELEASE: what helm says of it
revision() { "$helm" status weft -n $NS -o json | jq -r '"\(.version) \(.info.status)"'; }
is_at() { [ "$(revision)" = "$1" ]; }
operators() { [ "$(kubectl -n $NS get deployment istio-operator -o jsonpath='{.status.readyReplicas}/{.status.replicas}')" = "$1/$1" ]; }
budgets() { [ "$(kubectl -n $NS get poddisruptionbudgets -o name | wc -l)" = "$1" ]; }

cluster_up
objects "$TEST_TMP/before"
check "helm install" "$helm" install weft "$CHART" -n $NS --create-namespace --wait --timeout 180s
check "the release is deployed" is_at "1 deployed"
check "an operator runs" operators 1
need 60 "the CRDs" kubectl wait --for=condition=Established --timeout=20s crd/servicemeshcontrolplanes.maistra.io crd/servicemeshmemberrolls.maistra.io
need 120 "the control plane" kubectl apply -k "$INSTANCE"
wait_for 180 "the mesh comes up" kubectl -n istio-system wait --for=condition=Ready --timeout=60s smcp/istio-system
kubectl create namespace shop >/dev/null
members shop
sed "s#image: IMAGE,#image: '$IMAGE', imagePullPolicy: IfNotPresent,#" <<'Y' | kubectl apply -f - >/dev/null
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8000}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {sidecar.istio.io/inject: "true"}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: IMAGE, command: [python3, -m, http.server, "8000"], readinessProbe: {httpGet: {path: /, port: 8000}, periodSeconds: 1}}]
Y
need 120 "the application" kubectl -n shop rollout status deployment/web --timeout=60s
injected() { [ "$(kubectl -n shop get pods -l app=web --no-headers | awk '{print $2}')" = 2/2 ]; }
answers() { [ "$(kubectl -n shop exec deploy/web -c c -- curl -s -m 5 -o /dev/null -w '%{http_code}' http://web.shop/)" = 200 ]; }
check "the application has a sidecar" injected
wait_for 30 "it answers in the mesh" answers
pod=$(kubectl -n shop get pods -l app=web -o name)

check "helm upgrade to two replicas with a budget" "$helm" upgrade weft "$CHART" -n $NS --set replicas=2,podDisruptionBudget.enabled=true --wait --timeout 180s
check "the release is upgraded" is_at "2 deployed"
check "two operators run" operators 2
check "they have a budget" budgets 1
stays() { kubectl -n istio-system wait --for=condition=Ready --timeout=20s smcp/istio-system && [ "$(kubectl -n shop get pods -l app=web -o name)" = "$pod" ] && answers; }
wait_for 60 "the mesh stays" stays
check "helm rollback" "$helm" rollback weft 1 -n $NS --wait --timeout 180s
check "the release is as it was" is_at "3 deployed"
wait_for 60 "one operator runs" operators 1
check "without a budget" budgets 0
wait_for 60 "the mesh stays after that" stays

owned() { [ "$(kubectl -n $NS get lease/istio-operator-lock secret/maistra-operator-serving-cert -o jsonpath='{range .items[*]}{.metadata.ownerReferences[*].kind}/{.metadata.ownerReferences[*].name} {end}')" = "Deployment/istio-operator Deployment/istio-operator " ]; }
wait_for 30 "what the operator made for itself is its Deployment's" owned

kubectl delete namespace shop --timeout=120s >/dev/null
check "the control plane goes" kubectl -n istio-system delete smcp istio-system --timeout=120s
check "the rest of the instance goes" kubectl delete -k "$INSTANCE" --ignore-not-found --timeout=180s
check "helm uninstall" "$helm" uninstall weft -n $NS --wait --timeout 120s
# Definitions (and what API servers show of them), the namespace, and what every namespace has.
by_design() { objects "$TEST_TMP/left"; diff "$TEST_TMP/before" <(grep -vE "^CustomResourceDefinition /.*\.(maistra|istio)\.io$|^(Namespace|Project) /$NS\$|^(ConfigMap $NS/kube-root-ca.crt|ServiceAccount $NS/default)\$" "$TEST_TMP/left"); }
wait_for 60 "nothing is left but definitions and namespace" by_design
no_lease() { [ -z "$(kubectl -n $NS get leases -o name)" ]; }
wait_for 60 "no lease either" no_lease
kubectl delete namespace $NS --timeout=120s >/dev/null
check "definitions go by hand" kubectl delete -f "$CHART/crds" --timeout=120s
same() { objects "$TEST_TMP/after"; diff "$TEST_TMP/before" "$TEST_TMP/after"; }
wait_for 60 "the cluster holds what it held before" same
