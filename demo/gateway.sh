# Sourced: where the mesh is entered. A cluster that has Routes shows the gateway's; elsewhere its Service does, by the address of
# a load balancer, else by a port of a node. What is set already counts: GATEWAY_URL (host), GATEWAY_ADDR, APPS_DOMAIN_PORT.

has_routes() { kubectl api-resources --api-group=route.openshift.io -o name 2>/dev/null | grep -q '^routes\.'; }

# app_overlay: which overlay of the applications the cluster can carry out
app_overlay() { if has_routes; then echo overlays; else echo plain; fi; }

gateway_service() { kubectl -n istio-system get service istio-ingressgateway -o jsonpath="$1"; }

# find_gateway: sets GATEWAY_URL, ADDR and PORT
find_gateway() {
  PORT=${APPS_DOMAIN_PORT:-80} ADDR=${GATEWAY_ADDR:-}
  if has_routes; then
    GATEWAY_URL=${GATEWAY_URL:-$(kubectl -n istio-system get route istio-ingressgateway -o jsonpath='{.spec.host}')} ADDR=${ADDR:-127.0.0.1}
    return
  fi
  GATEWAY_URL=${GATEWAY_URL:-coolstore.example.com}
  [ -z "$ADDR" ] || return 0
  ADDR=$(gateway_service '{.status.loadBalancer.ingress[0].ip}')
  [ -z "$ADDR" ] || return 0
  PORT=$(gateway_service '{.spec.ports[?(@.port==80)].nodePort}')
  ADDR=$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}')
}
