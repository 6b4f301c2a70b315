#!/usr/bin/env bash
# The mesh from the images that make images writes, and a stranger's application in it: an archive as docker save writes it, made of
# Debian's packages. On the embedded cluster and on the test bed, which can be handed archives; the test bed has ours already.
set -u
[ -z "${KUBECONFIG:-}" ] || [ -n "${CLUSTER_RUN:-}" ] || { echo "skipped: archives are handed to embedded clusters and the test bed only"; exit 0; }
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish shop street; exit $?' EXIT

IMAGE=${CASE_IMAGE:-debian}
/usr/bin/python3 -c "import sys; sys.path.insert(0, 'test/lib'); import archive; archive.python_image('$TEST_TMP/web.tar', 'strange.example/web:1')" || { fail "an archive"; exit; }
if [ -n "${KUBECONFIG:-}" ]; then
  check "the cluster takes the archive" python3 test/cluster/cluster.py load "$TEST_TMP/web.tar"
else
  SOURCE_DATE_EPOCH=0 python3 deploy/images/images.py build --arch "$(dpkg --print-architecture)" --bin "$BIN" --out "$TEST_TMP/images" \
    --version test --commit test operator weftd proxy console >"$TEST_TMP/built" || { cat "$TEST_TMP/built"; fail "the images"; exit; }
  "$BIN/weft-lab" load --data "$data" "$TEST_TMP"/images/*.tar "$TEST_TMP/web.tar" >"$TEST_TMP/loaded" || { fail "weft-lab load"; exit; }
fi
cluster_up
operator_up
control_plane_up && pass "operator and control plane run from their images"
kubectl create namespace street >/dev/null
members shop
sed "s#image: IMAGE,#image: '$IMAGE', imagePullPolicy: IfNotPresent,#" <<'Y' | kubectl apply -f - >/dev/null
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
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
    spec: {containers: [{name: web, image: "strange.example/web:1", ports: [{containerPort: 8000}], readinessProbe: {httpGet: {path: /index.html, port: 8000}, periodSeconds: 1}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: friend, namespace: shop, annotations: {sidecar.istio.io/inject: "true"}}
spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: IMAGE, command: [sleep, "1000"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: stranger, namespace: street}
spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: IMAGE, command: [sleep, "1000"]}]}
Y
need 120 "the application" kubectl -n shop rollout status deployment/web --timeout=60s
need 60 "clients" kubectl wait --for=condition=Ready --timeout=30s -n shop pod/friend
need 60 "clients" kubectl wait --for=condition=Ready --timeout=30s -n street pod/stranger
both() { [ "$(kubectl -n shop get pods -l app=web --no-headers | awk '{print $2}')" = 2/2 ]; }
check "it runs with a sidecar" both
from() { kubectl -n "$1" exec "$2" -c c -- curl -s -m 5 http://web.shop/index.html; }
answers() { [ "$(from shop friend)" = "hello from a stranger" ]; }
refused() { ! from street stranger; }
wait_for 30 "it answers in the mesh" answers
check "and nobody outside of it" refused
if [ -n "$embedded" ]; then
  # By the archives, not by the programs beside the lab.
  for image in operator weftd proxy console; do
    id=$(awk -v i="/$image:" 'index($0, i) { print $NF }' "$TEST_TMP/built")
    runs() { kubectl get pods -A -o jsonpath='{range .items[*].status.containerStatuses[*]}{.imageID}{"\n"}{end}{range .items[*].status.initContainerStatuses[*]}{.imageID}{"\n"}{end}' | grep -qx "quay.io/weft/$image@$id"; }
    check "$image is that of the archive" runs
  done
  not_built_in() { ! kubectl get pods -A -o jsonpath='{range .items[*].status.containerStatuses[*]}{.imageID}{"\n"}{end}' | grep -q '^weft/'; }
  check "no built-in program runs" not_built_in
fi
Y=$(kubectl -n shop get pod -l app=web -o jsonpath='{.items[0].status.containerStatuses[?(@.name=="istio-proxy")].restartCount}')
check "no sidecar was restarted" test "$Y" = 0
