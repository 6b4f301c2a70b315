"""The cluster's processes and their settings."""
import os, string, sys

import images, programs, space

ROOT = space.ROOT
NODE, ADDRESS = "node1", "172.31.99.1"
SERVICES, API, DNS = "10.96.0.0/16", "10.96.0.1", "10.96.0.10"
PODS = "10.244.0.0/24"
GATEWAY = "172.31.99.100"   # of the ingress gateway's Service, when that asks for a load balancer
PKI = f"{ROOT}/pki"
VALUES = {"ROOT": ROOT, "NODE": NODE, "DNS": DNS, "PODS": PODS, "CGROUP": space.CGROUP, "REGISTRY": "5000",
          "PAUSE": images.PAUSE, "COREDNS": images.COREDNS}
# file of conf/: where it goes below ROOT
SETTINGS = {"audit.yaml": "audit.yaml", "containerd.toml": "containerd.toml", "cni.conflist": "cni/pods.conflist", "kubelet.yaml": "kubelet.yaml",
            "kube-proxy.yaml": "kube-proxy.yaml", "resolv.conf": "resolv.conf", "hosts.toml": "registries/_default/hosts.toml"}


def fill(path):
    with open(path) as f:
        return string.Template(f.read()).substitute(VALUES)


def write_settings():
    for source, target in SETTINGS.items():
        path = f"{ROOT}/{target}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not os.path.exists(path):  # kube-proxy ends when its file is written
            with open(path, "w") as f:
                f.write(fill(os.path.join(space.HERE, "conf", source)))


def kubeconfigs(part):
    return [f"--{use}kubeconfig={PKI}/{part}.conf" for use in ("", "authentication-", "authorization-")] + ["--bind-address=127.0.0.1", "--leader-elect=false"]


FLAGS = {
    "etcd": ["--data-dir=/var/lib/etcd", "--unsafe-no-fsync", "--listen-client-urls=http://127.0.0.1:2379",
             "--advertise-client-urls=http://127.0.0.1:2379", "--listen-peer-urls=http://127.0.0.1:2380",
             "--initial-advertise-peer-urls=http://127.0.0.1:2380", "--initial-cluster=default=http://127.0.0.1:2380"],
    "kube-apiserver": [
        "--etcd-servers=http://127.0.0.1:2379", f"--service-cluster-ip-range={SERVICES}", f"--advertise-address={ADDRESS}",
        "--secure-port=6443", f"--client-ca-file={PKI}/ca.crt", f"--tls-cert-file={PKI}/apiserver.crt", f"--tls-private-key-file={PKI}/apiserver.key",
        "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged",
        f"--kubelet-client-certificate={PKI}/kubelet-client.crt", f"--kubelet-client-key={PKI}/kubelet-client.key",
        f"--kubelet-certificate-authority={PKI}/ca.crt", "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-signing-key-file={PKI}/service-accounts.key", f"--service-account-key-file={PKI}/service-accounts.pub",
        f"--requestheader-client-ca-file={PKI}/ca.crt", "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={PKI}/front-proxy.crt", f"--proxy-client-key-file={PKI}/front-proxy.key",
        f"--audit-policy-file={ROOT}/audit.yaml", f"--audit-log-path={ROOT}/log/audit.log"],
    "kube-controller-manager": [
        *kubeconfigs("controller-manager"), f"--service-account-private-key-file={PKI}/service-accounts.key", "--use-service-account-credentials",
        f"--root-ca-file={PKI}/ca.crt", f"--cluster-signing-cert-file={PKI}/ca.crt", f"--cluster-signing-key-file={PKI}/ca.key"],
    "kube-scheduler": kubeconfigs("scheduler"),
    "containerd": [f"--config={ROOT}/containerd.toml"],
    "kubelet": [f"--kubeconfig={PKI}/kubelet.conf", f"--config={ROOT}/kubelet.yaml", f"--hostname-override={NODE}", f"--node-ip={ADDRESS}"],
    "kube-proxy": [f"--config={ROOT}/kube-proxy.yaml"],
}


def link_programs(names):
    """ROOT/bin, a folder for PATH."""
    os.makedirs(f"{ROOT}/bin", exist_ok=True)
    for n in names:
        link = f"{ROOT}/bin/{n}"
        if not os.path.lexists(link):
            os.symlink(programs.path(n), link)


def command(name):
    if name == "cloud":
        with open(f"{ROOT}/cloud") as f:
            return [sys.executable, os.path.join(space.HERE, "cloud.py"), f"{ROOT}/bin/kubectl", f"{PKI}/admin.conf",
                    ADDRESS.rsplit(".", 1)[0], GATEWAY, *f.read().split()]
    if name == "registry":
        return [sys.executable, os.path.join(space.HERE, "registry.py"), VALUES["REGISTRY"], f"{ROOT}/archives"]
    return [f"{ROOT}/bin/{name}", *FLAGS[name]]


def running(name):
    wanted = command(name)[:2]
    return [pid for pid, words in space.processes().items() if words[:2] == wanted]


def start(name):
    if not running(name):
        path = f"PATH={ROOT}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        space.start(["env", path, *command(name)], f"{ROOT}/log/{name}.log")
