# Sourced by end-to-end tests: a cluster, Weft on it, and the way in.
#
# With KUBECONFIG set it is that cluster, which several tests use one after another, and each leaves it as it found it;
# else an embedded one of the test's own. GATEWAY_ADDR and APPS_DOMAIN_PORT say where the ingress gateway is reached, if
# neither a Route nor the Service's own addresses do.
. "$ROOT/demo/gateway.sh"
data=$TEST_TMP/lab ok=0 bad=0 embedded=
say() { printf '%s\n' "$*"; }
pass() { ok=$((ok + 1)); say "ok   $*"; }
fail() { bad=$((bad + 1)); say "FAIL $*"; }
mkfifo "$TEST_TMP/never"
pause() { read -rt "$1" <>"$TEST_TMP/never" || :; }
# until_ok SECONDS COMMAND...: again and again until it succeeds; it must not read standard input
until_ok() { local end=$((SECONDS + $1)); shift; until "$@" >"$TEST_TMP/out" 2>&1; do [ $SECONDS -lt $end ] || return 1; pause 0.2; done; }
# check "what holds" COMMAND..., wait_for SECONDS "what comes" COMMAND...
check() { local what=$1; shift; if "$@" >"$TEST_TMP/out" 2>&1; then pass "$what"; else fail "$what: $(tail -n 2 "$TEST_TMP/out")"; fi; }
wait_for() { local s=$1 what=$2; shift 2; if until_ok "$s" "$@"; then pass "$what"; else fail "$what: not within $s s: $(tail -n 2 "$TEST_TMP/out")"; fi; }
# need SECONDS "what" COMMAND...: without it the test is over
need() { until_ok "$1" "${@:3}" || { fail "$2: $(tail -n 3 "$TEST_TMP/out")"; exit 1; }; }

cluster_up() {
  [ -z "${KUBECONFIG:-}" ] || return 0
  embedded=1
  "$BIN/weft-lab" up --detach --data "$data" || { fail "weft-lab up"; exit 1; }
  eval "$("$BIN/weft-lab" env --data "$data")"
}

operator_up() {
  need 30 "the operator" kubectl apply -k deploy/operator/overlays/stable
  need 180 "the CRDs" kubectl wait --for=condition=Established --timeout=20s crd/servicemeshcontrolplanes.maistra.io crd/servicemeshmemberrolls.maistra.io
  need 180 "the operator" kubectl -n openshift-operators rollout status deployment/istio-operator --timeout=60s
}

control_plane_up() {
  need 120 "the control plane" kubectl apply -k deploy/instance/overlays/default
  need 180 "the control plane" kubectl -n istio-system wait --for=condition=Ready --timeout=60s smcp/istio-system
}

# members NAMESPACE...: the members of the mesh, made where they are missing
members() {
  local list; list=$(IFS=,; echo "$*")
  for n; do kubectl get namespace "$n" >/dev/null 2>&1 || kubectl create namespace "$n" >/dev/null; done
  printf 'apiVersion: maistra.io/v1\nkind: ServiceMeshMemberRoll\nmetadata: {name: default, namespace: istio-system}\nspec: {members: [%s]}\n' "$list" >"$TEST_TMP/roll.yaml"
  need 120 "the member roll" kubectl apply -f "$TEST_TMP/roll.yaml"
  need 120 "the member roll" kubectl -n istio-system wait --for=condition=Ready --timeout=20s smmr/default
}

# objects FILE: every object's kind and name, but for what clusters write by themselves, and what the API server only shows
objects() {
  kubectl api-resources --verbs=list -o name | grep -vE '^(events|leases|endpoints|endpointslices|componentstatuses|.*metrics|.*subjectaccess.*)(\.|$)' |
    while read -r kind; do kubectl get "$kind" -A -o jsonpath='{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}' --ignore-not-found 2>/dev/null; done |
    grep -vE '^(Namespace|APIService) ?/(openshift-operators|istio-system|v.*)$' | sort >"$1"
}

# get PATH [CURL ARGUMENTS]: the status code; the body is in $TEST_TMP/body
get() { local p=$1; shift; curl -s -m 10 --resolve "$GATEWAY_URL:$PORT:$ADDR" -o "$TEST_TMP/body" -w '%{http_code}' "$@" "http://$GATEWAY_URL:$PORT$p"; }

# mesh_down: nothing of the test is left on a cluster that others use
mesh_down() {
  [ -z "$embedded" ] || return 0
  kubectl delete namespace "$@" --ignore-not-found --timeout=120s >/dev/null 2>&1
  kubectl -n istio-system delete smmr,smcp --all --timeout=120s >/dev/null 2>&1
  kubectl delete -k deploy/instance/overlays/default --ignore-not-found --timeout=120s >/dev/null 2>&1
  kubectl delete -k deploy/operator/overlays/stable --ignore-not-found --timeout=120s >/dev/null 2>&1
}

# finish NAMESPACE...: as the trap of EXIT
finish() {
  mesh_down "$@"
  [ -z "$embedded" ] || "$BIN/weft-lab" down --data "$data" >/dev/null 2>&1
  say "$ok passed, $bad failed"
  [ $bad = 0 ] && [ $ok -gt 0 ]
}
