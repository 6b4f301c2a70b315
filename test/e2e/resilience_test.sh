#!/usr/bin/env bash
# kill -9 of the control plane, of a sidecar and of the API server, each under load: traffic between the applications goes on
# while the control plane or the API server is away, a killed sidecar comes back, and nothing acknowledged is lost.
# On a cluster that is neither embedded nor the test bed the processes are out of reach: then only what can be done there is.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish coolstore-catalog coolstore-inventory; exit $?' EXIT

cluster_up
operator_up
control_plane_up && pass "control plane ready"
for a in inventory catalog; do
  kubectl apply -k demo/$a/gitops/coolstore-$a/env/overlays >/dev/null
  kubectl apply -k demo/$a/gitops/coolstore-$a/apps/app-coolstore-$a/$(app_overlay) >/dev/null
done
members coolstore-catalog coolstore-inventory
P='{"spec":{"template":{"metadata":{"annotations":{"sidecar.istio.io/inject":"true"}}}}}'
for a in inventory catalog; do for d in $a-database $a; do kubectl -n coolstore-$a patch deployment/$d -p "$P" >/dev/null; done; done
for a in inventory catalog; do for d in $a-database $a; do
  need 180 "$d" kubectl -n coolstore-$a rollout status deployment/$d --timeout=60s
done; done
find_gateway
kubectl apply -f - >/dev/null <<YAML
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: coolstore-gateway, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["$GATEWAY_URL"]}]
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: catalog, namespace: coolstore-catalog}
spec:
  hosts: ["$GATEWAY_URL"]
  gateways: [istio-system/coolstore-gateway]
  http: [{route: [{destination: {host: catalog, port: {number: 8080}}}]}]
YAML
healthy() { [ "$(get /services/products)" = 200 ] && grep -q '"inventoryStatus":"OK"' "$TEST_TMP/body"; }
need 120 "catalog answers with the inventory OK" healthy
pass "catalog answers with the inventory OK"

# load SECONDS FILE: one request after another; a line "OK" or what went wrong each
load() {
  local end=$((SECONDS + $1))
  while [ $SECONDS -lt $end ]; do if healthy; then echo OK; else echo "bad $(head -c 80 "$TEST_TMP/body")"; fi; done >"$2"
}
weft_pid() { # weft_pid PROGRAM NAMESPACE DEPLOYMENT: the process of that program in a pod of the deployment
  local pods p
  pods=$(kubectl -n "$2" get pods --no-headers -o custom-columns=N:.metadata.name | grep -E "^$3-[a-z0-9]+-[a-z0-9]+\$")
  for p in $(pgrep -x "$1"); do
    [ -n "$pods" ] && grep -qx "$(nsenter -t "$p" -u hostname 2>/dev/null || echo none)" <<<"$pods" && { echo "$p"; return; }
  done
}
killed() { # killed WHAT PID: a kill that hits nothing proves nothing
  if [ -n "$2" ] && kill -9 "$2"; then say "$1 ($2) killed"; else fail "$1: no process to kill"; fi
}
all_answered() { # all_answered WHEN FILE
  local total lost; total=$(wc -l <"$2") lost=$(grep -vc OK "$2")
  [ "$lost" = 0 ] && [ "$total" -gt 0 ] && pass "$1: $total of $total requests answered" || fail "$1: $lost of $total requests failed: $(grep -v OK "$2" | head -n 2)"
}

if [ -n "$embedded" ] || [ -n "${CLUSTER_RUN:-}" ]; then
  load 12 "$TEST_TMP/load1" & loader=$!
  killed weftd "$(weft_pid weftd istio-system istiod-istio-system)"
  wait $loader
  all_answered "weftd killed" "$TEST_TMP/load1"
  wait_for 180 "weftd is back" kubectl -n istio-system rollout status deployment/istiod-istio-system --timeout=60s

  load 12 "$TEST_TMP/load2" & loader=$!
  killed "a sidecar" "$(weft_pid weft-proxy coolstore-inventory inventory)"
  wait $loader
  say "sidecar killed: $(grep -c OK "$TEST_TMP/load2") of $(wc -l <"$TEST_TMP/load2") requests answered with the inventory OK"
  wait_for 120 "the sidecar is back and the mesh healed" healthy

  kubectl -n coolstore-catalog create configmap kept --from-literal=a=b >/dev/null
  # Of the pods that stay: one that its Deployment has replaced may still be on its way out.
  restarts() { kubectl -n coolstore-catalog get pods -o json |
    jq -c '[.items[] | select(.metadata.deletionTimestamp == null) | .metadata.name as $p | .status.containerStatuses[] | "\($p) \(.name) \(.restartCount)"]'; }
  before=$(restarts)
  if [ -n "$embedded" ]; then
    killed "the lab" "$(cat "$data/pid")"
    "$BIN/weft-lab" up --detach --data "$data" || fail "weft-lab up after kill -9"
    # While it was away, another lab may have taken the port at which Routes are reached.
    eval "$("$BIN/weft-lab" env --data "$data")"
    find_gateway
  else
    load 12 "$TEST_TMP/load3" & loader=$!
    python3 test/cluster/cluster.py stop kube-apiserver && python3 test/cluster/cluster.py start kube-apiserver || fail "the API server's restart"
    wait $loader
    all_answered "the API server was away" "$TEST_TMP/load3"
  fi
  wait_for 120 "what was acknowledged is still there" kubectl -n coolstore-catalog get configmap kept
  wait_for 120 "traffic flows after the restart of the cluster's own programs" healthy
  after=$(restarts)
  [ "$before" = "$after" ] && pass "no container was restarted by it" || fail "restart counts were $before, are $after"
else
  load 12 "$TEST_TMP/load1" & loader=$!
  kubectl -n istio-system delete pods -l app=istiod --grace-period=0 --force >/dev/null 2>&1
  wait $loader
  all_answered "the control plane's pods deleted" "$TEST_TMP/load1"
  wait_for 180 "the control plane is back" kubectl -n istio-system rollout status deployment/istiod-istio-system --timeout=60s
fi
