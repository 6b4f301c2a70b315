#!/usr/bin/env bash
# A mesh whose pods are redirected by the CNI plugin: a restricted namespace lets them in, policies hold, pods that were started
# without the plugin do not run and are made anew, and nothing stays on the node that calls it.
# CNI_BIN_DIR and CNI_CONF_DIR say where the nodes' container runtime looks; the embedded cluster has none.
set -u
[ -n "${CNI_BIN_DIR:-}" ] || { echo "skipped: no CNI_BIN_DIR: a node of this cluster has no container runtime that calls plugins, or is out of reach"; exit 0; }
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish closed street; exit $?' EXIT
IMAGE=${CASE_IMAGE:-debian} OPERATOR=openshift-operators

chain() { cat "$CNI_CONF_DIR"/*.conflist | python3 -c 'import json, sys; print(*(p["type"] for p in json.load(sys.stdin)["plugins"]))'; }
workload() { # workload NAMESPACE NAME COMMAND
  cat <<Y
apiVersion: v1
kind: ServiceAccount
metadata: {name: $2, namespace: $1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2, namespace: $1}
spec:
  selector: {matchLabels: {app: $2}}
  template:
    metadata: {labels: {app: $2}, annotations: {sidecar.istio.io/inject: "true"}}
    spec:
      serviceAccountName: $2
      terminationGracePeriodSeconds: 1
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      containers:
      - {name: app, image: "$IMAGE", imagePullPolicy: IfNotPresent, command: [$3], securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
---
Y
}
x() { timeout 60 kubectl -n "$1" exec "deploy/$2" -c app -- "${@:3}" 2>&1; }
code() { x "$1" client curl -s -m 5 -o /dev/null -w '%{http_code}' http://web.closed:8080/ | head -c 3; }
is_code() { [ "$(code "$1")" = "$2" ]; }
ready() { kubectl -n "$1" rollout status "deployment/$2" --timeout=10s; }
pod() { kubectl -n closed get pod -l "app=$1" -o jsonpath="$2"; }
failed_validation() { pod client '{.items[0].status.initContainerStatuses[0].name}{.items[0].status.initContainerStatuses[0].lastState}{.items[0].status.initContainerStatuses[0].state}' | grep -q 'istio-validation.*not redirected.*'; }

export -f chain
before=$(chain)
cluster_up
operator_up
need 30 "the operator's settings" kubectl -n $OPERATOR set env deployment/istio-operator "CNI_BIN_DIR=$CNI_BIN_DIR" "CNI_CONF_DIR=$CNI_CONF_DIR"
need 120 "the operator" kubectl -n $OPERATOR rollout status deployment/istio-operator --timeout=20s
kubectl create namespace istio-system >/dev/null
need 60 "the control plane" kubectl apply -f - <<'Y'
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: istio-system, namespace: istio-system}
spec:
  version: v2.6
  security: {dataPlane: {mtls: true}}
  proxy: {networking: {initialization: {type: CNI}}}
  gateways: {egress: {enabled: false}}
  addons: {prometheus: {enabled: false}}
Y
wait_for 180 "the control plane is Ready" kubectl -n istio-system wait --for=condition=Ready --timeout=20s smcp/istio-system
check "the plugin is installed on the node" kubectl -n $OPERATOR rollout status daemonset/istio-cni-node --timeout=30s
check "behind the cluster's own" [ "$(chain)" = "$before weft-cni" ]

for n in closed street; do kubectl create namespace $n >/dev/null; done
kubectl label namespace closed pod-security.kubernetes.io/enforce=restricted >/dev/null
members closed
{ workload closed web 'python3, -m, http.server, "8080", -d, /etc'; workload closed client 'sleep, infinity'; workload street client 'sleep, infinity'
  echo '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: closed}, spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}}'; } >"$TEST_TMP/workloads.yaml"
need 30 "workloads" kubectl apply -f "$TEST_TMP/workloads.yaml"
wait_for 120 "a restricted namespace lets pods with sidecars in" ready closed web
wait_for 120 "and they are ready" ready closed client
wait_for 60 "a pod of no mesh starts, too" ready street client
check "no container redirects" sh -c "! kubectl -n closed get pods -o jsonpath='{.items[*].spec.initContainers[*].name}' | grep -q istio-init"
wait_for 60 "members reach each other" is_code closed 200
check "who is no member is refused" is_code street 000
need 30 "a policy" kubectl apply -f - <<'Y'
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: closed}
spec: {action: DENY, rules: [{from: [{source: {principals: ["*/ns/closed/sa/client"]}}]}]}
Y
wait_for 60 "policies hold" is_code closed 403
kubectl -n closed delete authorizationpolicy nobody >/dev/null
wait_for 60 "and end" is_code closed 200

# --- the plugin is gone for a while ---
need 30 "no operator" kubectl -n $OPERATOR scale deployment/istio-operator --replicas=0
need 60 "no operator" sh -c "! kubectl -n $OPERATOR get pods -l name=istio-operator -o name | grep -q ."
need 60 "no plugin" kubectl -n $OPERATOR delete daemonset istio-cni-node --timeout=50s
wait_for 30 "taken away, the plugin is out of the chain" bash -c "[ \"\$(chain)\" = '$before' ]"
check "pods from before go" kubectl -n closed delete pod -l app=client --timeout=60s
wait_for 60 "a pod that is started without it does not run, and says why" failed_validation
kubectl -n $OPERATOR scale deployment/istio-operator --replicas=1 >/dev/null
wait_for 180 "the plugin comes back, and the pod is made anew" ready closed client
wait_for 60 "redirected" is_code closed 200

# --- away ---
kubectl delete namespace closed street --timeout=120s >/dev/null 2>&1
check "the mesh goes" kubectl -n istio-system delete smmr,smcp --all --timeout=120s
wait_for 30 "and the plugin with the last mesh" sh -c "! kubectl -n $OPERATOR get daemonset istio-cni-node"
wait_for 30 "the chain is as before" bash -c "[ \"\$(chain)\" = '$before' ]"
check "and no rights are left" sh -c "! kubectl get clusterrole,clusterrolebinding istio-cni"
