"""The cluster's authority, the certificates of its parts, and their kubeconfigs: as kubeadm makes them."""
import base64, os, subprocess

SERVER = "https://127.0.0.1:6443"
NAMES = "kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local localhost".split()


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def authority(folder):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365", "-subj", "/CN=weft-test-cluster",
            "-addext", "keyUsage=critical,keyCertSign,digitalSignature", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.crt")


def certificate(folder, name, subject, alternatives=()):
    with open(f"{folder}/{name}.ext", "w") as f:
        f.write("keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n")
        if alternatives:
            f.write("subjectAltName=" + ",".join(alternatives) + "\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr")
    openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ca.crt", "-CAkey", f"{folder}/ca.key", "-CAcreateserial",
            "-days", "365", "-extfile", f"{folder}/{name}.ext", "-out", f"{folder}/{name}.crt")


def kubeconfig(folder, name, path):
    def data(file):
        with open(os.path.join(folder, file), "rb") as f:
            return base64.b64encode(f.read()).decode()
    with open(path, "w") as f:
        os.chmod(path, 0o600)
        f.write(f"""apiVersion: v1
kind: Config
clusters:
- name: test
  cluster: {{server: "{SERVER}", certificate-authority-data: {data("ca.crt")}}}
users:
- name: {name}
  user: {{client-certificate-data: {data(name + ".crt")}, client-key-data: {data(name + ".key")}}}
contexts:
- name: test
  context: {{cluster: test, user: {name}}}
current-context: test
""")


def make(folder, node, address, api_address):
    """Everything, into folder; kubeconfigs as NAME.conf."""
    os.makedirs(folder, mode=0o700)
    authority(folder)
    certificate(folder, "apiserver", "/CN=kube-apiserver",
                [f"DNS:{n}" for n in NAMES] + [f"IP:{a}" for a in (api_address, "127.0.0.1", address)])
    certificate(folder, "kubelet", f"/O=system:nodes/CN=system:node:{node}", [f"DNS:{node}", f"IP:{address}", "IP:127.0.0.1"])
    certificate(folder, "kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client")
    certificate(folder, "front-proxy", "/CN=front-proxy-client")
    certificate(folder, "admin", "/O=system:masters/CN=admin")
    for part in ("controller-manager", "scheduler", "proxy"):
        certificate(folder, part, f"/CN=system:kube-{part}")
    for name in ("admin", "controller-manager", "scheduler", "proxy", "kubelet"):
        kubeconfig(folder, name, os.path.join(folder, name + ".conf"))
    openssl("genrsa", "-out", f"{folder}/service-accounts.key", "2048")
    openssl("rsa", "-in", f"{folder}/service-accounts.key", "-pubout", "-out", f"{folder}/service-accounts.pub")
