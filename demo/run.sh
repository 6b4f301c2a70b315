#!/usr/bin/env bash
# The five-minute demo: from an empty machine to a mesh with mutual TLS, faults and a circuit breaker, step by step.
# Each step is printed as one would type it, with what it should show and what it did show. Asks nothing.
#
#   KEEP=1       leave the cluster and the mesh running, and say how to look around
#   DATA=DIR     where the embedded cluster keeps its data
#   KUBECONFIG   use that cluster instead of the embedded one; GATEWAY_ADDR and APPS_DOMAIN_PORT say where its gateway is, when
#                neither a Route nor the gateway's Service does
set -u
cd "$(dirname "$0")/.."
. demo/gateway.sh
BIN=${BIN:-build/bin}
data=${DATA:+--data $DATA}
started=$SECONDS failed=0 own=
T=$(mktemp -d)

if [ -t 1 ]; then B=$'\e[1m' G=$'\e[32m' R=$'\e[31m' D=$'\e[2m' C=$'\e[36m' N=$'\e[0m'; else B= G= R= D= C= N=; fi

step() { printf '\n%s%3ds  %s%s\n' "$B" $((SECONDS - started)) "$*" "$N"; }
note() { printf '      %s%s%s\n' "$D" "$*" "$N"; }
saw() { sed "s/^/      $D| /; s/\$/$N/" "$1" | tail -n "${2:-6}"; }
good() { printf '      %sok%s   %s\n' "$G" "$N" "$*"; }
bad() { printf '      %sFAIL%s %s\n' "$R" "$N" "$*"; failed=$((failed + 1)); }

# run COMMAND: shows and runs it; a failure is shown with its output.
run() {
  printf '    %s$ %s%s\n' "$C" "$*" "$N"
  if eval "$*" >"$T/out" 2>&1; then saw "$T/out" 24; else saw "$T/out" 12; bad "the command failed"; return 1; fi
}

# apply TITLE: standard input is YAML; shown and applied.
apply() {
  cat >"$T/in.yaml"
  printf "    %s\$ kubectl apply -f - <<EOF   # %s%s\n" "$C" "$1" "$N"
  sed "s/^/      $D/; s/\$/$N/" "$T/in.yaml"
  if kubectl apply -f "$T/in.yaml" >"$T/out" 2>&1; then saw "$T/out"; else saw "$T/out" 12; bad "apply failed"; return 1; fi
}

# until_ok SECONDS "what is expected" COMMAND...: retries until it succeeds, with a mark of progress on a terminal.
until_ok() {
  local limit=$1 what=$2 begin=$SECONDS spin='|/-\' i=0; shift 2
  until "$@" >"$T/out" 2>&1; do
    if [ $((SECONDS - begin)) -ge "$limit" ]; then
      [ -t 1 ] && printf '\r\e[K'
      bad "$what: not within $limit s: $(tail -n 1 "$T/out")"; return 1
    fi
    [ -t 1 ] && printf '\r      %s waiting: %s (%d s)' "${spin:i++%4:1}" "$what" $((SECONDS - begin))
    read -rt 0.3 <>"$T/never" || :
  done
  [ -t 1 ] && printf '\r\e[K'
  good "$what"
}

finish() {
  if [ -n "$own" ]; then
    if [ "${KEEP:-}" = 1 ]; then
      step "The mesh keeps running"
      note "eval \"\$($BIN/weft-lab env $data)\"        # then kubectl works"
      note "kubectl get pods -A; kubectl get smcp,smmr,virtualservices,destinationrules,gateways -A"
      note "curl --resolve $GATEWAY_URL:$PORT:$ADDR $URL/services/products"
      note "$BIN/weft-lab down $data                 # removes everything"
    else
      "$BIN/weft-lab" down $data >"$T/out" 2>&1 || { saw "$T/out"; bad "weft-lab down"; }
    fi
  fi
  rm -rf "$T"
  if [ $failed = 0 ]; then printf '\n%sThe demo passed in %d s.%s\n' "$G" $((SECONDS - started)) "$N"
  else printf '\n%s%d step(s) failed, in %d s.%s\n' "$R" $failed $((SECONDS - started)) "$N"; fi
  [ $failed = 0 ]
}
trap 'finish; exit $?' EXIT
trap 'exit 130' INT TERM
mkfifo "$T/never"

if [ -z "${KUBECONFIG:-}" ]; then
  step "An embedded cluster"
  note "One process: a Kubernetes API server, controllers and a node. Needs no container engine and no network."
  up_begin=$(date +%s%N)
  run "$BIN/weft-lab up --detach $data" || exit 1
  good "ready in $((($(date +%s%N) - up_begin) / 1000000)) ms"
  eval "$("$BIN/weft-lab" env $data)"; own=1
  run "kubectl get nodes"
fi

step "Install the Service Mesh operator"
run "kubectl apply -k deploy/operator/overlays/stable" || exit 1
run "kubectl wait --for=condition=Established --timeout=60s crd/servicemeshcontrolplanes.maistra.io"
run "kubectl -n openshift-operators rollout status deployment/istio-operator --timeout=120s" || exit 1

step "Create a control plane"
until_ok 30 "kubectl apply -k deploy/instance/overlays/default" kubectl apply -k deploy/instance/overlays/default
run "kubectl -n istio-system wait --for=condition=Ready --timeout=180s servicemeshcontrolplane/istio-system" || exit 1
run "kubectl -n istio-system get smcp,pods"

step "Deploy the demo application"
for a in catalog inventory; do
  run "kubectl apply -k demo/$a/gitops/coolstore-$a/env/overlays" || exit 1
  run "kubectl apply -k demo/$a/gitops/coolstore-$a/apps/app-coolstore-$a/$(app_overlay)" || exit 1
done
for a in catalog inventory; do for d in $a-database $a; do
  run "kubectl -n coolstore-$a rollout status deployment/$d --timeout=180s"
done; done
run "kubectl get pods -n coolstore-catalog --field-selector status.phase=Running"
run "kubectl get pods -n coolstore-inventory --field-selector status.phase=Running"
note "Every pod runs 1 of 1 containers: no mesh yet."

step "Add the namespaces to the mesh"
run "kubectl apply -f demo/istio/service-mesh-member-roll.yaml"
run "kubectl -n istio-system wait --for=condition=Ready --timeout=60s smmr/default"
run "kubectl -n istio-system get smmr"

step "Inject sidecars"
P='{"spec":{"template":{"metadata":{"annotations":{"sidecar.istio.io/inject":"true"}}}}}'
for a in inventory catalog; do for d in $a-database $a; do
  run "kubectl -n coolstore-$a patch deployment/$d -p '$P'"
done; done
for a in inventory catalog; do for d in $a-database $a; do
  run "kubectl -n coolstore-$a rollout status deployment/$d --timeout=180s"
done; done
all_two() { # all_two NAMESPACE: two running pods, each with 2 of 2 containers ready
  kubectl -n "$1" get pods --field-selector status.phase=Running --no-headers |
    awk '{ n++; if ($2 != "2/2") other = 1 } END { exit (n != 2 || other) }'
}
for a in catalog inventory; do until_ok 60 "the pods of coolstore-$a run 2 of 2 containers" all_two coolstore-$a; done
run "kubectl get pods -n coolstore-catalog --field-selector status.phase=Running"

step "Open the gateway"
find_gateway
URL=http://$GATEWAY_URL:$PORT
note "GATEWAY_URL=$GATEWAY_URL (port $PORT)"
curl() { command curl --resolve "$GATEWAY_URL:$PORT:$ADDR" "$@"; }
apply "a gateway for HTTP on port 80" <<E
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: coolstore-gateway
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: ["*"]
E
virtual_service() { # virtual_service NAME SERVICE-PORT "exact paths": routes of one service through the gateway
  cat <<E
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: $1-default
  namespace: coolstore-$1
spec:
  hosts: ["$GATEWAY_URL"]
  gateways: [istio-system/coolstore-gateway]
  http:
  - name: service-route
    match: [$(for p in $3; do printf '{uri: {exact: %s}}, ' "$p"; done)]
    route:
    - destination: {host: $1, port: {number: $2}}
  - name: frontend-route
    match: [{uri: {prefix: /$1}}]
    rewrite: {uri: /}
    route:
    - destination: {host: $1, port: {number: $2}}
E
}
virtual_service catalog 8080 "/services/products /services/product /" | apply "routes of the catalog"
virtual_service inventory 80 "/services/inventory" | apply "routes of the inventory"
begin=$(date +%s%N)
run "kubectl -n coolstore-inventory wait --for=condition=Programmed --timeout=30s virtualservice/inventory-default"
good "programmed $((($(date +%s%N) - begin) / 1000000)) ms after kubectl apply returned"
answers() { [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "$URL$1")" = "$2" ]; }
for p in /services/products / /catalog /services/inventory /inventory; do until_ok 30 "GET $p answers 200" answers $p 200; done
until_ok 5 "a path that is not exposed answers 404" answers /nothing/here 404
run "curl -s -I $URL/services/products"
n=0; for _ in $(seq 100); do answers /services/products 200 && n=$((n + 1)); done
if [ $n = 100 ]; then good "100 of 100 requests answer 200"; else bad "$n of 100 requests answer 200"; fi

step "Metrics in Prometheus"
query() { # query PROMQL: succeeds when there is a value
  kubectl -n istio-system get --raw "/api/v1/namespaces/istio-system/services/prometheus:9090/proxy/api/v1/query?query=$(jq -rn --arg q "$1" '$q|@uri')" >"$T/prom" &&
    jq -er '.data.result[0].value[1]' "$T/prom"
}
for q in 'istio_request_duration_milliseconds_count{destination_service=~"catalog.*"}' \
  'rate(istio_request_duration_milliseconds_count{destination_service=~"inventory.*",response_code="200"}[5m])' \
  'istio_requests_total{connection_security_policy="mutual_tls",source_workload="catalog",destination_workload="inventory"}' \
  'istio_tcp_connections_opened_total{connection_security_policy="mutual_tls",destination_workload="inventory-database"}'; do
  until_ok 60 "$q" query "$q" && saw "$T/out"
done

step "Fault injection: 10 % of the inventory's answers become 500"
inventory_fault() { # inventory_fault NAME FAULT
  cat <<E
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: $1
  namespace: coolstore-inventory
spec:
  hosts: [inventory]
  http:
  - fault: $2
    route:
    - destination: {host: inventory, port: {number: 80}}
E
}
inventory_fault inventory-fault '{abort: {httpStatus: 500, percentage: {value: 10}}}' | apply "an abort"
run "kubectl -n coolstore-inventory wait --for=condition=Programmed --timeout=30s virtualservice/inventory-fault"
dead=0
for i in $(seq 200); do
  curl -s -m 20 "$URL/services/products" | grep -q '"inventoryStatus" *: *"DEAD"' && dead=$((dead + 1))
  [ -t 1 ] && printf '\r      %d requests, %d DEAD' "$i" $dead
done
[ -t 1 ] && printf '\r\e[K'
if [ $dead -ge 6 ] && [ $dead -le 38 ]; then good "$dead of 200 answers show the inventory DEAD"; else bad "$dead of 200 answers show the inventory DEAD"; fi
run "kubectl -n coolstore-inventory delete virtualservice/inventory-fault"

step "Fault injection: 10 % of the inventory's answers take 5 seconds"
inventory_fault inventory-fault-delay '{delay: {fixedDelay: 5s, percentage: {value: 10}}}' | apply "a delay"
run "kubectl -n coolstore-inventory wait --for=condition=Programmed --timeout=30s virtualservice/inventory-fault-delay"
slow=$(seq 100 | xargs -P 20 -I{} curl --resolve "$GATEWAY_URL:$PORT:$ADDR" -s -m 20 -o /dev/null -w '%{time_total}\n' "$URL/services/products" |
  awk '$1 >= 5 && $1 < 6 { n++ } END { print n + 0 }')
if [ "$slow" -ge 2 ] && [ "$slow" -le 22 ]; then good "$slow of 100 answers took 5 s"; else bad "$slow of 100 answers took 5 s"; fi
run "kubectl -n coolstore-inventory delete virtualservice/inventory-fault-delay"

step "A circuit breaker for the inventory"
# One connection that takes over 30 ms, as on a machine that is busy, ejects the only endpoint for three minutes: the rule obeyed,
# and nothing shown. Without the rule it is back, so there are three tries.
for try in 1 2 3; do
  apply "one connection, one pending request" <<E
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata:
  name: inventory-cb
  namespace: coolstore-inventory
spec:
  host: inventory
  trafficPolicy:
    connectionPool:
      tcp: {maxConnections: 1, connectTimeout: 30ms}
      http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}
    outlierDetection: {consecutive5xxErrors: 1, interval: 1s, baseEjectionTime: 3m, maxEjectionPercent: 100}
E
  run "kubectl -n coolstore-inventory wait --for=condition=Programmed --timeout=30s destinationrule/inventory-cb"
  run "hey -z 10s -c 50 -disable-keepalive -host $GATEWAY_URL http://$ADDR:$PORT/services/inventory >$T/hey; grep -E '^ *\[[0-9]+\].*responses' $T/hey"
  # Of its status lines only: its histogram has numbers in brackets, too.
  n200=$(awk '/^ *\[200\].*responses/ { print $2 }' "$T/hey") n503=$(awk '/^ *\[503\].*responses/ { print $2 }' "$T/hey")
  [ "${n200:-0}" = 0 ] && [ $try -lt 3 ] || break
  run "kubectl -n coolstore-inventory delete destinationrule/inventory-cb"
done
if [ "${n200:-0}" -gt 0 ] && [ "${n503:-0}" -gt 0 ]; then good "$n200 requests went through, $n503 were refused"
else bad "${n200:-0} requests went through, ${n503:-0} were refused"; fi
until_ok 60 "the refusals carry the response flag UO" query 'sum(istio_requests_total{response_flags="UO"})' && saw "$T/out"
run "kubectl -n coolstore-inventory delete destinationrule/inventory-cb"

step "What the mesh looks like"
run "kubectl get pods -A"
restarts() { # the sum of all containers' restarts
  kubectl get pods -A -o jsonpath='{range .items[*].status.containerStatuses[*]}{.restartCount}{"\n"}{end}' | awk '{ n += $1 } END { print n + 0 }'
}
# Why: how the container ended, and the end of what it said before.
why_restarted() {
  local ns pod c
  kubectl get pods -A -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name} {range .status.containerStatuses[?(@.restartCount>0)]}{.name} {end}{"\n"}{end}' |
    while read -r ns pod c; do for c in $c; do
      kubectl -n "$ns" get pod "$pod" -o jsonpath="{.status.containerStatuses[?(@.name=='$c')].lastState}{'\n'}"
      kubectl -n "$ns" logs "$pod" -c "$c" --previous --tail=60
    done; done >"$T/out" 2>&1
  saw "$T/out" 70
}
n=$(restarts); if [ "$n" = 0 ]; then good "no container was restarted"; else bad "$n restarts of containers"; why_restarted; fi
run "kubectl get smcp,smmr,virtualservices,destinationrules,gateways.networking.istio.io -A"
memory() { # memory PROGRAM: resident memory of its processes in this cluster, "pod MB" each
  local p pod pods
  pods=$(kubectl get pods -A -o custom-columns=N:.metadata.name --no-headers)
  for p in $(pgrep -x "$1"); do
    pod=$(nsenter -t "$p" -u hostname 2>/dev/null) && grep -qx "$pod" <<<"$pods" &&
      awk -v pod="$pod" '/VmRSS/ { printf "  %-44s %5.1f MB\n", pod, $2 / 1024 }' "/proc/$p/status"
  done 2>/dev/null
}
if [ -n "$own" ]; then
  for p in weftd weft-proxy; do note "resident memory of $p"; memory $p | sort >"$T/out"; saw "$T/out" 24; done
fi
[ "${KEEP:-}" = 1 ] && exit 0

step "Clean up"
run "kubectl -n istio-system delete gateway.networking.istio.io coolstore-gateway"
run "kubectl delete namespace coolstore-inventory coolstore-catalog --timeout=120s"
run "kubectl -n istio-system delete smcp istio-system --timeout=120s"
empty() { [ -z "$(kubectl -n istio-system get deployments,services,mutatingwebhookconfigurations -o name | grep -E 'istiod|gateway|sidecar-injector')" ]; }
until_ok 60 "nothing of the mesh is left" empty
