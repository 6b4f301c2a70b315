#!/usr/bin/env bash
# Two replicas of operator and weftd: the loss of either loses nothing, and the other one goes on. A control plane of another version,
# and back, and the operator anew: not a request between applications, which roll meanwhile, is lost. The load is bounded and
# comes from inside of a pod.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish shop; exit $?' EXIT
IMAGE=${CASE_IMAGE:-debian} OPERATOR=openshift-operators

cat >"$TEST_TMP/load.py" <<'P'
# One request after another, 20 a second at most, for SECONDS; each on a connection of its own. Prints how many, and what was no 200.
import collections, sys, time, urllib.error, urllib.request
count, bad, end = 0, collections.Counter(), time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    begin = time.monotonic()
    try: code = urllib.request.urlopen("http://web:8080/hostname", timeout=10).status
    except urllib.error.HTTPError as e: code = e.code
    except OSError as e: code = type(e).__name__
    count += 1
    if code != 200: bad[code] += 1
    time.sleep(max(0, 0.05 - (time.monotonic() - begin)))
print("requests", count, "lost", sum(bad.values()), dict(bad))
P
workload() { # workload NAME REPLICAS COMMAND
  cat <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, namespace: shop}
spec:
  replicas: $2
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}, annotations: {sidecar.istio.io/inject: "true", proxy.istio.io/config: "{holdApplicationUntilProxyStarts: true}"}}
    spec:
      terminationGracePeriodSeconds: 15
      containers:
      - name: app
        image: "$IMAGE"
        imagePullPolicy: IfNotPresent
        command: [$3]
        readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}
        lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
        volumeMounts: [{name: code, mountPath: /code}]
      volumes: [{name: code, configMap: {name: code}}]
---
Y
}
# under_load SECONDS "what" COMMAND...: all requests of that time are answered
under_load() {
  local seconds=$1 what=$2; shift 2
  kubectl -n shop exec deploy/client -c app -- python3 /code/load.py "$seconds" >"$TEST_TMP/load" 2>&1 & local loader=$!
  "$@"
  wait $loader
  if grep -q 'requests [1-9].* lost 0 ' "$TEST_TMP/load"; then pass "$what: $(tail -n 1 "$TEST_TMP/load")"; else fail "$what: $(tail -n 2 "$TEST_TMP/load")"; fi
}
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
{ workload web 2 'python3, -m, http.server, "8080", -d, /etc'; workload client 1 'python3, -m, http.server, "8080", -d, /etc'
  echo '{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}}'; } >"$TEST_TMP/workloads.yaml"
need 60 "workloads" kubectl apply -f "$TEST_TMP/workloads.yaml"
for d in web client; do need 180 "$d" rolled shop $d; done

under_load 15 "a weftd killed" lose_weftd
under_load 20 "the operator that writes killed" lose_operator
under_load 60 "a newer version, applications rolled" version v2.6
under_load 60 "and back" version v2.5
under_load 20 "a new operator" new_operator
