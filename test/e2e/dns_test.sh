#!/usr/bin/env bash
# The pod's DNS is answered by its sidecar: names of the mesh (short, whole, by wildcard), everything else by the cluster's own servers.
# Members: shop (a client, and a server that speaks first) and depot (a server of HTTP); street is no member.
# CASE_IMAGE names an image with python3, curl and getent where the cluster has no "debian".
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
. "$ROOT/test/lib/traffic.sh"
trap 'finish shop depot street; exit $?' EXIT

cat >"$TEST_TMP/named.py" <<'P'
# Says its name.
import socketserver, sys
class Say(socketserver.StreamRequestHandler):
    def handle(self): self.rfile.readline(); self.wfile.write(sys.argv[1].encode() + b"\n")
class Server(socketserver.ThreadingTCPServer): allow_reuse_address = daemon_threads = True
Server(("", 7306), Say).serve_forever()
P
cluster_up
operator_up
control_plane_up && pass "control plane ready"
{
  workload depot echo-v1 echo v1 true '/usr/bin/python3, /code/echo.py'
  workload street echo-v1 echo v1 false '/usr/bin/python3, /code/echo.py'
  workload shop db db v1 true '/usr/bin/python3, /code/greet.py, "7306"'
  workload shop client client v1 true 'sleep, inf'
  workload street client client v1 false 'sleep, inf'
  service depot echo '{name: http, port: 80, targetPort: 8080}'
  service street echo '{name: http, port: 80, targetPort: 8080}'
  service shop db '{name: tcp-db, port: 7306}'
  printf 'apiVersion: v1\nkind: Service\nmetadata: {name: pods, namespace: shop}\nspec: {clusterIP: None, selector: {app: db, version: v1}, ports: [{name: tcp-db, port: 7306}]}\n'
} >"$TEST_TMP/base.yaml"
kubectl create namespace street >/dev/null
members shop depot && pass "members"
code_in depot street
kubectl -n shop create configmap code --from-file="$TEST_TMP/greet.py" --from-file="$TEST_TMP/named.py" >/dev/null
need 60 "the workloads" kubectl apply -f "$TEST_TMP/base.yaml"
for d in depot/echo-v1 street/echo-v1 shop/db shop/client street/client; do need 240 "$d" kubectl -n "${d%%/*}" rollout status "deployment/${d#*/}" --timeout=60s; done

# ips NAMESPACE NAME: the addresses that its client is told, one a line
ips() { x "$1" client getent ahosts "$2" | awk '$1 ~ /^[0-9]/ {print $1}' | sort -u; }
metric() { x shop client curl -s localhost:15090/stats/prometheus | sed -n "s/^istio_agent_dns_$1 //p"; }
vip() { kubectl -n "$1" get service "$2" -o jsonpath='{.spec.clusterIP}'; }

wait_for 60 "a Service by its whole name" is "$(vip depot echo)" ips shop echo.depot.svc.cluster.local
check "by name and namespace" is "$(vip depot echo)" ips shop echo.depot
check "in the same namespace by its name" is "$(vip shop db)" ips shop db
check "a headless one: its pods" is "$(kubectl -n shop get pods -l app=db,version=v1 -o jsonpath='{.items[0].status.podIP}')" ips shop pods
check "and what is called so answers" has 'version=v1' body shop http://echo.depot/
asked=$(metric requests_total) passed=$(metric upstream_requests_total)
check "the sidecar has answered: $asked" test "${asked:-0}" -gt 0

# --- what the cluster's DNS does not know
apply entries <<'Y'
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {name: one, namespace: shop}
spec:
  hosts: [one.example.com]
  addresses: [203.0.113.7]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{number: 7306, name: tcp, protocol: TCP}]
  endpoints: [{address: db.shop.svc.cluster.local}]
---
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {name: wild, namespace: shop}
spec:
  hosts: ["*.wild.example.com"]
  addresses: [203.0.113.8]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{number: 7306, name: tcp, protocol: TCP}]
  endpoints: [{address: 127.0.0.1}]
Y
wait_for 60 "an entry's host" is 203.0.113.7 ips shop one.example.com
check "a name below a wildcard" is 203.0.113.8 ips shop any.wild.example.com
check "of the other family none, and no failure" has 'No address associated' x shop client python3 -c 'import socket; socket.getaddrinfo("one.example.com", None, socket.AF_INET6)'
hello() { x shop client python3 -c '
import socket, sys
s = socket.create_connection((sys.argv[1], 7306), 10); s.sendall(b"hi\n"); s.shutdown(socket.SHUT_WR)
print(s.makefile().read(), end="")' "$1"; }
wait_for 60 "an application reaches it by its name" is $'welcome\nheard hi' hello one.example.com
tcp() { x shop client python3 -c '
import socket, struct
server = [l.split()[1] for l in open("/etc/resolv.conf") if l.startswith("nameserver")][0]
q = b"\0\7\1\0\0\1\0\0\0\0\0\0\3one\7example\3com\0\0\1\0\1"
s = socket.create_connection((server, 53), 10); s.sendall(struct.pack(">H", len(q)) + q)
print(socket.inet_ntoa(s.recv(512)[-4:]))'; }
check "over TCP, too" is 203.0.113.7 tcp
check "a pod without a sidecar does not know it" is '' ips street one.example.com

# --- what the mesh does not know
check "a Service outside of the mesh: the cluster's DNS is asked" is "$(vip street echo)" ips shop echo.street.svc.cluster.local
check "a name that nobody knows" is '' ips shop nobody.example.com
check "it was passed on" test "$(metric upstream_requests_total)" -gt "${passed:-0}"
check "and nobody failed" is 0 metric upstream_failures_total

# --- two of one port, without addresses: what their names resolve to tells them apart
for n in first second; do
  printf 'apiVersion: networking.istio.io/v1beta1\nkind: ServiceEntry\nmetadata: {name: %s, namespace: shop}\nspec:\n  hosts: [%s.example.com]\n  location: MESH_INTERNAL\n  resolution: STATIC\n  ports: [{number: 7306, name: tcp, protocol: TCP}]\n  workloadSelector: {labels: {app: db, version: %s}}\n---\n' $n $n $n
done | apply twins
for n in first second; do workload shop db-$n db $n true "/usr/bin/python3, /code/named.py, \"$n\""; done | apply servers
for n in first second; do need 240 "db-$n" kubectl -n shop rollout status deployment/db-$n --timeout=60s; done
wait_for 60 "an address of their own" has '^240\.240\.[0-9]+\.[0-9]+$' ips shop first.example.com
ip=$(ips shop first.example.com)
check "each another one" test "$ip" != "$(ips shop second.example.com)"
wait_for 60 "the first" is first hello first.example.com
wait_for 60 "the second" is second hello second.example.com
always "and never the other" is first hello first.example.com
kubectl -n shop delete pod -l app=client --wait=true >/dev/null
need 120 "client" kubectl -n shop rollout status deployment/client --timeout=60s
check "a new pod has the same address" is "$ip" ips shop first.example.com
drop entries
wait_for 120 "an entry that goes takes its name along" is '' ips shop one.example.com
