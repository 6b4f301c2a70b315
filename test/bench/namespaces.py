#!/usr/bin/env python3
"""`make bench-operator`: what operator and weftd cost with many namespaces, against the embedded cluster's API server.

  namespaces.py BIN [--namespaces N] [--pods N] [--modes ClusterWide,MultiTenant]

No node runs: namespaces, Services, EndpointSlices and pods are written as objects, and Deployments are said to be ready.
Everything listens on loopback, lives below a temporary folder and ends with this program.
"""
import argparse
import base64
import concurrent.futures
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MESH, OPERATORS = "istio-system", "openshift-operators"
GIVE_UP_S = 240  # for one condition
IDLE_S = 20
OPERATOR_MB, WEFTD_MB, WEFTD_EMPTY_MB, EMPTY_S, IDLE_PERCENT, ADDED_MS = 60, 100, 60, 30, 0.5, 500


class Api:
    """The API server, as its administrator; one connection a thread."""

    def __init__(self, folder):
        with open(f"{folder}/kubeconfig") as f:
            config = yaml.safe_load(f)
        user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
        self.url, self.cluster = cluster["server"], cluster
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        pem = f"{folder}/admin.pem"
        with open(pem, "wb") as f:
            f.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
        self.tls.load_cert_chain(pem)
        self.local = threading.local()

    def call(self, method, path, body=None, kind="application/json", fine=()):
        c = getattr(self.local, "connection", None)
        if c is None:
            c = self.local.connection = http.client.HTTPSConnection(self.url.split("//")[1], context=self.tls, timeout=120)
        c.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": kind})
        r = c.getresponse()
        text = r.read()
        if r.status >= 300 and r.status not in fine:
            raise RuntimeError(f"{method} {path}: {r.status} {text[:300]}")
        return json.loads(text) if text else None

    def get(self, path):
        return self.call("GET", path, fine=(404,))

    def create(self, path, body):
        return self.call("POST", path, body, fine=(409,))

    def patch(self, path, body):
        return self.call("PATCH", path, body, "application/merge-patch+json")


def namespace(name):
    return "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def pod(ns, i, k):
    """As large as a pod of an ordinary application is, with what a kubelet says of it."""
    name, ip = f"app-{k}-5f7d8c9b6d-x{k:04x}", f"10.{i // 250 % 200}.{i % 250}.{k + 1}"
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": ns, "labels": {"app": f"app-{k}", "version": "v1", "pod-template-hash": "5f7d8c9b6d"},
                     "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "15020"},
                     "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"app-{k}-5f7d8c9b6d",
                                          "uid": "2f1c9a7e-0000-4000-8000-000000000000", "controller": True}]},
        "spec": {"serviceAccountName": "default", "nodeName": f"node-{i % 50}",
                 "containers": [{"name": "app", "image": "example.com/shop/app:1.0.3",
                                 "ports": [{"name": "http", "containerPort": 8080}],
                                 "env": [{"name": f"SETTING_{n}", "value": "some value of ordinary length"} for n in range(8)],
                                 "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                                 "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                                 "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}]}],
                 "volumes": [{"name": "config", "configMap": {"name": "app"}}]},
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "hostIP": "192.168.0.7",
                   "conditions": [{"type": t, "status": "True", "lastTransitionTime": "2024-01-01T00:00:00Z"}
                                  for t in ("Initialized", "Ready", "ContainersReady", "PodScheduled")],
                   "containerStatuses": [{"name": "app", "ready": True, "restartCount": 0, "image": "example.com/shop/app:1.0.3",
                                          "imageID": "example.com/shop/app@sha256:" + "0" * 64, "containerID": "containerd://" + "0" * 64,
                                          "state": {"running": {"startedAt": "2024-01-01T00:00:00Z"}}}]},
    }


def fill(api, ns, i, pods):
    """A Service, its EndpointSlice and its pods."""
    if not pods:
        return
    made = [pod(ns, i, k) for k in range(pods)]
    api.create(f"/api/v1/namespaces/{ns}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": ns}})
    api.create(f"/api/v1/namespaces/{ns}/services", {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "app", "namespace": ns},
        "spec": {"selector": {"version": "v1"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}})
    for p in made:
        status = p.pop("status")
        at = f"/api/v1/namespaces/{ns}/pods"
        api.create(at, p)
        api.patch(f"{at}/{p['metadata']['name']}/status", {"status": status})
        p["status"] = status
    api.create(f"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "app-1", "namespace": ns, "labels": {"kubernetes.io/service-name": "app"}},
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        "endpoints": [{"addresses": [p["status"]["podIP"]], "conditions": {"ready": True}, "nodeName": p["spec"]["nodeName"],
                       "targetRef": {"kind": "Pod", "name": p["metadata"]["name"], "namespace": ns}} for p in made]})


def wait(what, condition):
    end = time.monotonic() + GIVE_UP_S
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {GIVE_UP_S} s")
        time.sleep(0.02)


class Process:
    def __init__(self, name, log, argv, env=None):
        self.name, self.log = name, open(log, "w")
        self.p = subprocess.Popen(argv, stdout=self.log, stderr=self.log, env={**os.environ, **(env or {})})

    def status(self, field):
        with open(f"/proc/{self.p.pid}/status") as f:
            return next(int(line.split()[1]) / 1024 for line in f if line.startswith(field + ":"))

    def mb(self):
        return self.status("VmRSS")

    def peak_mb(self):
        return self.status("VmHWM")

    def cpu_s(self):
        with open(f"/proc/{self.p.pid}/stat") as f:
            fields = f.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(10)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
        self.log.close()


def free_ports(n):
    import socket
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Bench:
    def __init__(self, binaries, folder, mode, namespaces, pods):
        self.bin, self.folder, self.mode, self.n, self.pods = binaries, folder, mode, namespaces, pods
        self.processes, self.rows = [], []

    def start(self, name, argv, env=None):
        p = Process(name, f"{self.folder}/{name}.log", argv, env)
        self.processes.append(p)
        return p

    def say(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)

    def row(self, what, value, goal, unit, digits=0):
        ok = goal is None or value <= goal
        self.rows.append((self.mode, what, f"{value:.{digits}f} {unit}", f"{goal} {unit}" if goal is not None else "", "" if ok else "MISSED"))

    def kubeconfig(self, ns, account):
        """With a token of a service account: rights are real."""
        token = self.api.call("POST", f"/api/v1/namespaces/{ns}/serviceaccounts/{account}/token",
                              {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}})
        path = f"{self.folder}/{account}.kubeconfig"
        with open(path, "w") as f:
            yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "current-context": "c",
                            "clusters": [{"name": "c", "cluster": self.api.cluster}],
                            "users": [{"name": "u", "user": {"token": token["status"]["token"]}}],
                            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": ns}}]}, f)
        return path

    def apply(self, path):
        """The documents of a file, as they are."""
        plural = {"CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                  "Namespace": "/api/v1/namespaces", "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                  "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                  "ServiceAccount": f"/api/v1/namespaces/{OPERATORS}/serviceaccounts"}
        with open(path) as f:
            for doc in yaml.safe_load_all(f):
                if doc and doc["kind"] in plural:
                    self.api.create(plural[doc["kind"]], doc)

    def prepare(self):
        self.server = self.start("api", [f"{self.bin}/test/bench/api_server", self.folder])
        wait("API server", lambda: os.path.exists(f"{self.folder}/port"))
        self.api = Api(self.folder)
        for name in sorted(os.listdir(f"{ROOT}/crds")):
            if name.endswith(".yaml") and name != "kustomization.yaml":
                self.apply(f"{ROOT}/crds/{name}")
        self.apply(f"{ROOT}/deploy/operator/base/namespace.yaml")
        self.apply(f"{ROOT}/deploy/operator/base/rbac.yaml")
        self.api.create(*namespace(MESH))
        t = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.one_namespace, range(self.n)))
        self.say(f"{self.n} namespaces and {self.n * self.pods} pods written in {time.monotonic() - t:.0f} s")

    def one_namespace(self, i):
        name = f"shop-{i:04d}"
        self.api.create(*namespace(name))
        fill(self.api, name, i, self.pods)

    def say_ready(self, name):
        """What a node would say of a Deployment."""
        at = f"/apis/apps/v1/namespaces/{MESH}/deployments/{name}"
        wait(name, lambda: self.api.get(at).get("spec"))
        d = self.api.get(at)
        self.api.patch(at + "/status", {"status": {
            "observedGeneration": d["metadata"]["generation"], "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1,
            "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "said",
                            "lastTransitionTime": "2024-01-01T00:00:00Z", "lastUpdateTime": "2024-01-01T00:00:00Z"}]}})

    def install(self):
        self.operator = self.start("weft-operator", [f"{self.bin}/bin/weft-operator", "--kubeconfig", self.kubeconfig(OPERATORS, "istio-operator"),
                                                     "--namespace", OPERATORS, "--no-webhooks"], {"POD_NAME": "bench"})
        self.smcps, self.rolls = f"/apis/maistra.io/v2/namespaces/{MESH}/servicemeshcontrolplanes", f"/apis/maistra.io/v1/namespaces/{MESH}/servicemeshmemberrolls"
        self.api.create(self.rolls, {"apiVersion": "maistra.io/v1", "kind": "ServiceMeshMemberRoll",
                                     "metadata": {"name": "default", "namespace": MESH}, "spec": {"members": []}})
        self.api.create(self.smcps, {
            "apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": {"name": "basic", "namespace": MESH},
            "spec": {"version": "v2.6", "mode": self.mode, "tracing": {"type": "None"}, "gateways": {"enabled": False},
                     "addons": {a: {"enabled": False} for a in ("prometheus", "grafana", "kiali")}}})
        self.say_ready("istiod-basic")
        wait("the control plane", lambda: any(c["type"] == "Ready" and c["status"] == "True" for c in (
            self.api.get(f"{self.smcps}/basic").get("status", {}).get("conditions") or [])))
        grpc, tls, self.http, self.monitoring, hooks = free_ports(5)
        args = [f"{self.bin}/bin/weftd", "discovery", "--kubeconfig", self.kubeconfig(MESH, "istiod-basic"), "--host", "127.0.0.1",
                f"--grpcAddr=:{grpc}", f"--secureGRPCAddr=:{tls}", f"--httpAddr=:{self.http}", f"--monitoringAddr=:{self.monitoring}",
                f"--httpsAddr=:{hooks}"]
        self.weftd = self.start("weftd", args + (["--memberRollName=default"] if self.mode == "MultiTenant" else []), {
            "POD_NAME": "istiod-basic-0", "POD_NAMESPACE": MESH, "REVISION": "basic", "ROOT_CA_DIR": f"{self.folder}/none",
            "INJECTION_WEBHOOK_CONFIG_NAME": f"istiod-basic-{MESH}", "VALIDATION_WEBHOOK_CONFIG_NAME": f"istio-validator-basic-{MESH}"})
        wait("weftd", lambda: self.plain(self.http, "/ready")[0] == 200)

    def plain(self, port, path):
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            c.request("GET", path)
            r = c.getresponse()
            return r.status, r.read()
        except OSError:
            return 0, b""
        finally:
            c.close()

    def configured(self):
        return len((self.api.get(f"{self.rolls}/default").get("status") or {}).get("configuredMembers") or [])

    def roots(self):
        return len(self.api.get("/api/v1/configmaps?fieldSelector=metadata.name%3Distio-ca-root-cert")["items"])

    def join_all(self):
        members = [f"shop-{i:04d}" for i in range(self.n)]
        t, cpu = time.monotonic(), [p.cpu_s() for p in self.processes]
        self.api.patch(f"{self.rolls}/default", {"spec": {"members": members}})
        wait("all members configured", lambda: self.configured() == self.n)
        configured = time.monotonic() - t
        wait("roots in all members", lambda: self.roots() >= self.n)
        self.took = time.monotonic() - t
        self.say(f"{self.mode}: all configured after {configured:.1f} s, served after {self.took:.1f} s")
        self.members = members
        self.cpu = {p.name: p.cpu_s() - before for p, before in zip(self.processes, cpu)}

    def knows(self, ns):
        """weftd would send proxies the Service of that namespace."""
        return f"app.{ns}.svc".encode() in self.plain(self.monitoring, "/debug/registryz")[1]

    def add_one(self, i):
        name = f"late-{i}"
        self.api.create(*namespace(name))
        fill(self.api, name, 5000 + i, 5)
        time.sleep(0.5)
        self.members.append(name)
        t = time.monotonic()
        self.api.patch(f"{self.rolls}/default", {"spec": {"members": self.members}})
        path = f"/api/v1/namespaces/{name}/configmaps/istio-ca-root-cert"
        wait("the member's configuration", lambda: name in ((self.api.get(f"{self.rolls}/default").get("status") or {}).get("configuredMembers") or []))
        configured = (time.monotonic() - t) * 1000
        wait("the member's roots", lambda: self.api.get(path).get("data"))
        wait("the member's services", lambda: self.knows(name))
        served = (time.monotonic() - t) * 1000
        self.say(f"{self.mode}: {name} configured after {configured:.0f} ms, served after {served:.0f} ms")
        return served

    def idle(self):
        before = [(p, p.cpu_s()) for p in (self.operator, self.weftd)]
        time.sleep(IDLE_S)
        return [(p.cpu_s() - s) / IDLE_S * 100 for p, s in before]

    def settle(self):
        """Until neither of them works any more."""
        end = time.monotonic() + GIVE_UP_S
        while time.monotonic() < end:
            before = self.operator.cpu_s() + self.weftd.cpu_s()
            time.sleep(1)
            if self.operator.cpu_s() + self.weftd.cpu_s() - before <= 0.03:
                return

    def run(self):
        self.prepare()
        self.install()
        self.join_all()
        self.settle()
        what = f"{self.n} namespaces, {self.n * self.pods} pods"
        self.row(f"{what}: joined and served after", self.took, EMPTY_S if not self.pods else None, "s", 1)
        for name, s in self.cpu.items():
            self.row(f"{what}: CPU of that, {name}", s, None, "s", 1)
        self.row(f"{what}: operator", self.operator.mb(), OPERATOR_MB, "MB")
        self.row(f"{what}: operator, at most", self.operator.peak_mb(), None, "MB")
        self.row(f"{what}: weftd", self.weftd.mb(), WEFTD_MB if self.pods else WEFTD_EMPTY_MB, "MB")
        self.row(f"{what}: weftd, at most", self.weftd.peak_mb(), None, "MB")
        self.row(f"{what}: API server", self.server.mb(), None, "MB")
        operator, weftd = self.idle()
        self.row(f"{what}: operator, idle", operator, IDLE_PERCENT, "%", 2)
        self.row(f"{what}: weftd, idle", weftd, IDLE_PERCENT, "%", 2)
        added = sorted(self.add_one(i) for i in range(3))
        self.row(f"{what}: a member added is served after", added[1], ADDED_MS, "ms")

    def end(self):
        for p in reversed(self.processes):
            p.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--namespaces", type=int, default=1000)
    parser.add_argument("--pods", default="0,5", help="in each namespace, one run for each number")
    parser.add_argument("--modes", default="ClusterWide,MultiTenant")
    parser.add_argument("--keep", action="store_true", help="keep the logs")
    a = parser.parse_args()
    rows, failed = [], False
    for mode in a.modes.split(","):
        for pods in [int(n) for n in a.pods.split(",")]:
            folder = tempfile.mkdtemp(prefix="weft-bench-")
            bench = Bench(os.path.abspath(a.build), folder, mode, a.namespaces, pods)
            try:
                bench.run()
            except (RuntimeError, OSError) as e:
                failed = True
                print(f"bench-operator: {mode}: {e}", file=sys.stderr)
                for p in bench.processes:
                    p.log.flush()
                    with open(p.log.name) as f:
                        print(f"--- {p.name}\n" + "".join(f.readlines()[-8:]), file=sys.stderr)
            finally:
                bench.end()
                rows += bench.rows
                if a.keep:
                    print(folder, file=sys.stderr)
                else:
                    shutil.rmtree(folder, ignore_errors=True)
    print(f"{'mode':12} {'what':64} {'figure':>12} {'goal':>10}")
    for mode, what, value, goal, missed in rows:
        print(f"{mode:12} {what:64} {value:>12} {goal:>10} {missed}")
    return 1 if failed or any(r[4] for r in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
