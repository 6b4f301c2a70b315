#!/usr/bin/env bash
# kill -9 of the control plane, of a sidecar and of the lab itself, each under load: traffic between the applications goes on
# while the control plane or the lab is away, a killed sidecar comes back, and nothing acknowledged is lost.
set -u
data=$TEST_TMP/lab ok=0 bad=0
say() { printf '%s\n' "$*"; }
pass() { ok=$((ok + 1)); say "ok   $*"; }
fail() { bad=$((bad + 1)); say "FAIL $*"; }
until_ok() { local end=$((SECONDS + $1)); shift; until "$@" >"$TEST_TMP/out" 2>&1; do [ $SECONDS -lt $end ] || return 1; read -rt 0.2 <>"$TEST_TMP/never" || :; done; }
mkfifo "$TEST_TMP/never"
finish() { "$BIN/weft-lab" down --data "$data" >/dev/null 2>&1; say "$ok passed, $bad failed"; [ $bad = 0 ]; }
trap 'finish; exit $?' EXIT

"$BIN/weft-lab" up --detach --data "$data" || { fail "weft-lab up"; exit 1; }
eval "$("$BIN/weft-lab" env --data "$data")"
kubectl apply -k deploy/operator/overlays/stable >/dev/null
kubectl wait --for=condition=Established --timeout=180s crd/servicemeshcontrolplanes.maistra.io >/dev/null
kubectl -n openshift-operators rollout status deployment/istio-operator --timeout=180s >/dev/null
until_ok 120 kubectl apply -k deploy/instance/overlays/default || fail "control plane: $(cat "$TEST_TMP/out")"
until_ok 120 kubectl apply -f demo/istio/service-mesh-member-roll.yaml || fail "member roll: $(cat "$TEST_TMP/out")"
P='{"spec":{"template":{"metadata":{"annotations":{"sidecar.istio.io/inject":"true"}}}}}'
until_ok 120 kubectl -n istio-system wait --for=condition=Ready --timeout=180s smcp/istio-system && pass "control plane ready" || fail "control plane: $(cat "$TEST_TMP/out")"
for a in inventory catalog; do
  kubectl apply -k demo/$a/gitops/coolstore-$a/env/overlays >/dev/null
  kubectl apply -k demo/$a/gitops/coolstore-$a/apps/app-coolstore-$a/overlays >/dev/null
done
until_ok 120 kubectl -n istio-system wait --for=condition=Ready --timeout=180s smmr/default || fail "member roll: $(cat "$TEST_TMP/out")"
for a in inventory catalog; do for d in $a-database $a; do kubectl -n coolstore-$a patch deployment/$d -p "$P" >/dev/null; done; done
for a in inventory catalog; do for d in $a-database $a; do
  until_ok 180 kubectl -n coolstore-$a rollout status deployment/$d --timeout=180s || fail "$d: $(cat "$TEST_TMP/out")"
done; done
host=$(kubectl -n coolstore-catalog get route catalog -o jsonpath='{.spec.host}') port=${APPS_DOMAIN_PORT:-80}
get() { curl -s -m 10 --resolve "$host:$port:127.0.0.1" -o "$TEST_TMP/body" -w '%{http_code}' "http://$host:$port/services/products"; }
healthy() { [ "$(get)" = 200 ] && grep -q '"inventoryStatus":"OK"' "$TEST_TMP/body"; }
until_ok 120 healthy && pass "catalog answers with the inventory OK" || { fail "catalog: $(get)"; exit 1; }

# load SECONDS FILE: one request after another; a line "OK" or what went wrong each
load() {
  local end=$((SECONDS + $1))
  while [ $SECONDS -lt $end ]; do if healthy; then echo OK; else echo "bad $(head -c 80 "$TEST_TMP/body")"; fi; done >"$2"
}
weft_pid() { # weft_pid PROGRAM NAMESPACE DEPLOYMENT: the process of that program in a pod of the deployment
  local pods
  pods=$(kubectl -n "$2" get pods --no-headers -o custom-columns=N:.metadata.name | grep -E "^$3-[a-z0-9]+-[a-z0-9]+\$")
  for p in $(pgrep -x "$1"); do
    grep -qx "$(nsenter -t "$p" -u hostname 2>/dev/null)" <<<"$pods" && { echo "$p"; return; }
  done
}
killed() { # killed WHAT PID: a kill that hits nothing proves nothing
  if [ -n "$2" ] && kill -9 "$2"; then say "$1 ($2) killed"; else fail "$1: no process to kill"; fi
}

load 12 "$TEST_TMP/load1" & loader=$!
killed weftd "$(weft_pid weftd istio-system istiod-istio-system)"
wait $loader
total=$(wc -l <"$TEST_TMP/load1") lost=$(grep -vc OK "$TEST_TMP/load1")
[ "$lost" = 0 ] && pass "weftd killed: $total of $total requests answered" || fail "weftd killed: $lost of $total requests failed: $(grep -v OK "$TEST_TMP/load1" | head -n 2)"
until_ok 120 kubectl -n istio-system rollout status deployment/istiod-istio-system --timeout=180s && pass "weftd is back" || fail "weftd did not come back"

load 12 "$TEST_TMP/load2" & loader=$!
killed "a sidecar" "$(weft_pid weft-proxy coolstore-inventory inventory)"
wait $loader
say "sidecar killed: $(grep -c OK "$TEST_TMP/load2") of $(wc -l <"$TEST_TMP/load2") requests answered with the inventory OK"
until_ok 120 healthy && pass "the sidecar is back and the mesh healed" || fail "after the sidecar's end: $(get) $(head -c 200 "$TEST_TMP/body")"

kubectl -n coolstore-catalog create configmap kept --from-literal=a=b >/dev/null
before=$(kubectl -n coolstore-catalog get pods -o jsonpath='{.items[*].status.containerStatuses[*].restartCount}')
killed "the lab" "$(cat "$data/pid")"
"$BIN/weft-lab" up --detach --data "$data" || fail "weft-lab up after kill -9"
until_ok 120 kubectl -n coolstore-catalog get configmap kept && pass "what was acknowledged is still there" || fail "the ConfigMap is lost"
until_ok 120 healthy && pass "traffic flows after the lab's restart" || fail "after the lab's restart: $(get)"
after=$(kubectl -n coolstore-catalog get pods -o jsonpath='{.items[*].status.containerStatuses[*].restartCount}')
[ "$before" = "$after" ] && pass "no container was restarted by it" || fail "restart counts were $before, are $after"
