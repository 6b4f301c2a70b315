#!/usr/bin/env bash
# A mesh of OpenShift Service Mesh is taken over as it stands: its namespaces, members, labels and authority. While pods roll, those
# with the sidecar from before and those with ours trust each other, in both directions.
set -u
. "${ROOT:=$PWD}/test/lib/mesh.sh"
trap 'finish shop; exit $?' EXIT
pki=$TEST_TMP/pki; mkdir -p "$pki"

# authority: as istiod makes and keeps it: an RSA key in PKCS#1, and members of the Secret that are there and empty
authority() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$pki/key8" -out "$pki/root.pem" -days 3650 -subj "/O=cluster.local" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" &&
    openssl rsa -in "$pki/key8" -traditional -out "$pki/root.key"
}
# identity NAME ACCOUNT: what the sidecar from before holds
identity() {
  openssl req -new -newkey rsa:2048 -nodes -keyout "$pki/$1.key" -out "$pki/$1.csr" -subj "/O=" &&
    openssl x509 -req -in "$pki/$1.csr" -CA "$pki/root.pem" -CAkey "$pki/root.key" -CAcreateserial -days 1 -out "$pki/$1.pem" -extfile <(
      echo "subjectAltName=critical,URI:spiffe://cluster.local/ns/shop/sa/$2"; echo "extendedKeyUsage=serverAuth,clientAuth"; echo "keyUsage=critical,digitalSignature,keyEncipherment")
}
secret_data() { kubectl -n istio-system get secret istio-ca-secret -o jsonpath='{.data}' | sha256sum; }

image=${CASE_IMAGE:-debian} # with python3
cluster_up
need 20 "an authority" authority
need 20 "an identity" identity old old
need 60 "the definitions" kubectl apply -k crds
need 60 "the definitions" kubectl wait --for=condition=Established --timeout=20s crd/servicemeshcontrolplanes.maistra.io crd/servicemeshmemberrolls.maistra.io

# --- what is there before ---
kubectl create namespace istio-system >/dev/null
kubectl create namespace shop >/dev/null
kubectl label namespace shop maistra.io/member-of=istio-system kiali.io/member-of=istio-system >/dev/null
kubectl -n istio-system create secret generic istio-ca-secret --type=istio.io/ca-root --from-file=ca-cert.pem="$pki/root.pem" \
  --from-file=ca-key.pem="$pki/root.key" --from-literal=cert-chain.pem= --from-literal=key.pem= --from-literal=root-cert.pem= >/dev/null
kubectl -n shop create configmap istio-ca-root-cert --from-file=root-cert.pem="$pki/root.pem" >/dev/null
kubectl -n shop create secret generic old --from-file="$pki/old.pem" --from-file="$pki/old.key" --from-file="$pki/root.pem" >/dev/null
for account in old new; do kubectl -n shop create serviceaccount $account >/dev/null; done
need 30 "the control plane and the roll from before" kubectl apply -f - <<'Y'
apiVersion: maistra.io/v2
kind: ServiceMeshControlPlane
metadata: {name: istio-system, namespace: istio-system, finalizers: [maistra.io/istio-operator]}
spec: {version: v2.5, security: {dataPlane: {mtls: true, automtls: true}}, tracing: {type: None}, gateways: {egress: {enabled: false}}, addons: {prometheus: {enabled: false}}}
---
apiVersion: maistra.io/v1
kind: ServiceMeshMemberRoll
metadata: {name: default, namespace: istio-system, finalizers: [maistra.io/istio-operator]}
spec: {members: [shop]}
Y
before=$(secret_data)

operator_up
wait_for 180 "the control plane is Ready" kubectl -n istio-system wait --for=condition=Ready --timeout=20s smcp/istio-system
wait_for 60 "its roll has the member" sh -c "kubectl -n istio-system get smmr default -o jsonpath='{.status.configuredMembers}' | grep -q shop"
check "the Secret is as it was" [ "$before" = "$(secret_data)" ]
check "members keep the root" sh -c "kubectl -n shop get configmap istio-ca-root-cert -o jsonpath='{.data.root-cert\.pem}' | diff -B - '$pki/root.pem'"
check "and their labels" sh -c "kubectl get namespace shop -o jsonpath='{.metadata.labels}' | grep -q 'kiali.io/member-of.*maistra.io/member-of'"

# --- old and new at once: "old" speaks mutual TLS itself, as the sidecar from before does ---
sed "s#image: IMAGE,#image: '$image', imagePullPolicy: IfNotPresent,#" <<'Y' | kubectl -n shop apply -f - >/dev/null
apiVersion: v1
kind: ConfigMap
metadata: {name: program}
data:
  old.py: |
    import http.server, ssl
    class Answer(http.server.BaseHTTPRequestHandler):
        def log_message(self, *a): pass
        def do_GET(self):
            names = [v for k, v in self.connection.getpeercert()["subjectAltName"] if k == "URI"]
            self.send_response(200); self.end_headers(); self.wfile.write(names[0].encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/pki/old.pem", "/pki/old.key"); context.load_verify_locations("/pki/root.pem")
    context.verify_mode = ssl.CERT_REQUIRED; context.set_alpn_protocols(["istio-http/1.1", "istio", "http/1.1"])
    server = http.server.ThreadingHTTPServer(("", 8080), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True); server.serve_forever()
  new.py: |
    import http.server
    class Answer(http.server.BaseHTTPRequestHandler):
        def log_message(self, *a): pass
        def do_GET(self):
            self.send_response(200); self.end_headers(); self.wfile.write(self.headers.get("x-forwarded-client-cert", "nobody").encode())
    http.server.ThreadingHTTPServer(("", 8080), Answer).serve_forever()
---
apiVersion: v1
kind: Service
metadata: {name: old}
spec: {selector: {app: old}, ports: [{name: http, port: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: new}
spec: {selector: {app: new}, ports: [{name: http, port: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old, labels: {app: old, security.istio.io/tlsMode: istio}, annotations: {sidecar.istio.io/inject: "false"}}
spec:
  serviceAccountName: old
  terminationGracePeriodSeconds: 1
  containers: [{name: app, image: IMAGE, command: [python3, /program/old.py], volumeMounts: [{name: program, mountPath: /program}, {name: pki, mountPath: /pki}]}]
  volumes: [{name: program, configMap: {name: program}}, {name: pki, secret: {secretName: old}}]
---
apiVersion: v1
kind: Pod
metadata: {name: new, labels: {app: new}, annotations: {sidecar.istio.io/inject: "true"}}
spec:
  serviceAccountName: new
  terminationGracePeriodSeconds: 1
  containers: [{name: app, image: IMAGE, command: [python3, /program/new.py], volumeMounts: [{name: program, mountPath: /program}]}]
  volumes: [{name: program, configMap: {name: program}}]
Y
wait_for 120 "pods of both are ready" kubectl -n shop wait --for=condition=Ready --timeout=10s pod/old pod/new
answers() { local want=$1; shift; local have; have=$(timeout 20 "$@" 2>&1); echo "want $want, have $have"; case $have in *"$want"*) true;; *) false;; esac; }
wait_for 60 "new reaches old, who it is is seen" answers spiffe://cluster.local/ns/shop/sa/new \
  kubectl -n shop exec new -c app -- python3 -c 'import urllib.request; print(urllib.request.urlopen("http://old:8080/", timeout=10).read().decode())'
address=$(kubectl -n shop get pod new -o jsonpath='{.status.podIP}')
wait_for 60 "old reaches new, who it is is seen" answers spiffe://cluster.local/ns/shop/sa/old \
  kubectl -n shop exec old -c app -- python3 -c 'import socket, ssl, sys
c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); c.check_hostname = False; c.load_verify_locations("/pki/root.pem")
c.load_cert_chain("/pki/old.pem", "/pki/old.key"); c.set_alpn_protocols(["istio"])
s = c.wrap_socket(socket.create_connection((sys.argv[1], 8080), 10))
s.sendall(b"GET / HTTP/1.1\r\nHost: new:8080\r\nConnection: close\r\n\r\n"); print(b"".join(iter(lambda: s.recv(4096), b"")).decode())' "$address"
stranger() { ! kubectl -n shop exec old -c app -- timeout 10 python3 -c "import urllib.request; urllib.request.urlopen('http://$address:8080/', timeout=5)"; }
check "plain text is refused, as before" stranger
