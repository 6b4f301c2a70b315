#!/usr/bin/env bash
# Install, what a hand breaks comes back, and removal: after it the cluster holds the objects that it held before.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish; exit $?' EXIT

cluster_up
objects "$TEST_TMP/before"
operator_up && pass "operator available"
begin=$SECONDS
control_plane_up && pass "control plane Ready within $((SECONDS - begin)) s"
columns() { kubectl -n istio-system get smcp istio-system --no-headers | grep -qE ' ([0-9]+)/\1 '; }
wait_for 30 "kubectl get smcp shows READY n/n" columns
members first second && pass "two members"

# What is deleted by hand comes back with the same name.
for o in deployment/istio-ingressgateway service/istio-ingressgateway configmap/istio-istio-system serviceaccount/istio-ingressgateway-service-account; do
  uid=$(kubectl -n istio-system get $o -o jsonpath='{.metadata.uid}')
  kubectl -n istio-system delete $o --wait=false >/dev/null
  another() { local now; now=$(kubectl -n istio-system get $o -o jsonpath='{.metadata.uid}') && [ -n "$now" ] && [ "$now" != "$uid" ]; }
  wait_for 20 "$o comes back" another
done
kubectl -n istio-system patch service istio-ingressgateway --type=json -p '[{"op":"replace","path":"/spec/ports/0/name","value":"by-hand"}]' >/dev/null
restored() { [ "$(kubectl -n istio-system get service istio-ingressgateway -o jsonpath='{.spec.ports[?(@.name=="by-hand")].port}')" = "" ]; }
wait_for 20 "a port's name that was changed by hand is restored" restored
wait_for 120 "all of it is Ready again" kubectl -n istio-system wait --for=condition=Ready --timeout=20s smcp/istio-system

# A steady state is steady: the operator writes nothing when nothing changed.
versions() { kubectl -n istio-system get deployments,services,configmaps,serviceaccounts,roles -o jsonpath='{range .items[*]}{.kind}/{.metadata.name} {.metadata.generation} {.spec.replicas}{"\n"}{end}' | sort; }
versions >"$TEST_TMP/v1"; pause 12; versions >"$TEST_TMP/v2"
check "twelve seconds later no generation has changed" diff "$TEST_TMP/v1" "$TEST_TMP/v2"

kubectl delete namespace first second --timeout=120s >/dev/null
check "the control plane goes" kubectl -n istio-system delete smcp istio-system --timeout=120s
check "the rest of the instance goes" kubectl delete -k deploy/instance/overlays/default --ignore-not-found --timeout=180s
check "the operator goes" kubectl delete -k deploy/operator/overlays/stable --ignore-not-found --timeout=180s
same() { objects "$TEST_TMP/after"; diff "$TEST_TMP/before" "$TEST_TMP/after"; }
wait_for 60 "the cluster holds what it held before" same
