#!/usr/bin/env python3
"""`make bench-control`: what weftd costs with many proxies, against the embedded cluster's API server.

  control.py BUILD [--services N] [--endpoints N] [--proxies N] [--views 1,300] [--changes N] [--sotw] [--pods] [--plain] [--check]
  control.py BUILD --large    10,000 services with 5 endpoints, 10,000 proxies, one view, 10 changes, memory 1 GB; others override

A real weftd, fed by the API server alone; the proxies are the streams of ads_clients, a process of its own over loopback
with mutual TLS, which acknowledges everything. They are one process of one thread, where proxies would be many: what
they cost is told beside what weftd costs, and no storm is over before it. Everything listens on loopback, lives below
a temporary folder and ends with this program. --check: a small run that must come through, whatever it costs.
"""
import argparse
import base64
import concurrent.futures
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import namespaces as base

MESH, NS = "istio-system", "shop"
IDLE_S = 10


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def identities(folder):
    """A root for the mesh, and the certificate that all clients show."""
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{folder}/ca.pem")
    openssl("req", "-x509", "-new", "-key", f"{folder}/ca.pem", "-days", "30", "-subj", "/O=cluster.local", "-out", f"{folder}/root.pem",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{folder}/key.ec.pem")
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", f"{folder}/key.ec.pem", "-out", f"{folder}/key.pem")
    openssl("req", "-new", "-key", f"{folder}/key.pem", "-subj", "/", "-out", f"{folder}/csr.pem")
    with open(f"{folder}/ext", "w") as f:
        f.write(f"subjectAltName=critical,URI:spiffe://cluster.local/ns/{NS}/sa/default\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl("x509", "-req", "-in", f"{folder}/csr.pem", "-CA", f"{folder}/root.pem", "-CAkey", f"{folder}/ca.pem", "-CAcreateserial",
            "-days", "7", "-extfile", f"{folder}/ext", "-out", f"{folder}/cert.pem")


def cpu_ms(pid):
    """What the scheduler counts for all threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e6


def pss_mb(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("Pss:"))


def at(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


class Clients:
    def __init__(self, build, folder, port, proxies, views, options):
        self.n = proxies
        self.log = open(f"{folder}/clients.log", "a")
        self.p = subprocess.Popen([f"{build}/test/bench/ads_clients", "--port", str(port), "--dir", folder, "--proxies", str(proxies),
                                   "--views", str(views), "--namespace", NS] + options,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)

    def say(self, command):
        self.p.stdin.write(command + "\n")
        self.p.stdin.flush()

    def hear(self, word):
        line = self.p.stdout.readline().split()
        if not line or line[0] != word:
            raise RuntimeError(f"clients: {line[:3]} in place of {word}")
        return [int(x) for x in line[1:]]

    def connect(self):
        self.say("connect")
        broken, start, *times = self.hear("connected")
        return broken, [(t - start) / 1e6 for t in times]

    def round(self, kind, change):
        """Milliseconds from before the change is written until each client has acknowledged it."""
        self.say(f"round {kind}")
        self.hear("ready")
        start = time.monotonic_ns()
        change()
        self.broken, *times = self.hear("round")
        return [(t - start) / 1e6 for t in times]

    def disconnect(self):
        self.say("disconnect")
        self.hear("disconnected")

    def end(self):
        self.p.stdin.close()
        self.p.wait(60)
        self.log.close()


class Bench:
    def __init__(self, a, folder):
        self.a, self.folder, self.build = a, folder, os.path.abspath(a.build)
        self.processes, self.rows = [], []

    def start(self, name, argv, env=None):
        p = base.Process(name, f"{self.folder}/{name}.log", argv, env)
        self.processes.append(p)
        return p

    def row(self, what, value, unit, goal=None, digits=1):
        self.rows.append((what, f"{value:.{digits}f} {unit}", f"{goal:g} {unit}" if goal is not None else "",
                          "MISSED" if goal is not None and value > goal else ""))
        print(f"  {what}: {value:.{digits}f} {unit}", file=sys.stderr, flush=True)

    # --- what the API server holds ---

    def prepare(self):
        identities(self.folder)
        self.server = self.start("api", [f"{self.build}/test/bench/api_server", self.folder])
        base.wait("API server", lambda: os.path.exists(f"{self.folder}/port"))
        self.api = base.Api(self.folder)
        for name in sorted(os.listdir(f"{base.ROOT}/crds")):
            if name.endswith(".yaml") and name != "kustomization.yaml":
                base.Bench.apply(self, f"{base.ROOT}/crds/{name}")
        for ns in (MESH, NS):
            self.api.create(*base.namespace(ns))
        self.api.create(f"/api/v1/namespaces/{NS}/serviceaccounts", {
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NS}})
        with open(f"{self.folder}/root.pem", "rb") as c, open(f"{self.folder}/ca.pem", "rb") as k:
            self.api.create(f"/api/v1/namespaces/{MESH}/secrets", {
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "istio-ca-secret", "namespace": MESH}, "type": "istio.io/ca-root",
                "data": {"ca-cert.pem": base64.b64encode(c.read()).decode(), "ca-key.pem": base64.b64encode(k.read()).decode()}})
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.one_service, range(self.a.services)))
        self.api.create(f"/apis/networking.istio.io/v1beta1/namespaces/{NS}/virtualservices", self.virtual_service(0))

    def address(self, i, k, generation=0):
        n = i * self.a.endpoints + k
        return f"10.{101 + generation % 99 if generation else 100}.{n // 250 % 250}.{n % 250 + 1}"

    def endpoints(self, i, generation=0):
        """Those of a service; each generation has another first one."""
        return [{"addresses": [self.address(i, k, generation if k == 0 else 0)], "conditions": {"ready": True}, "nodeName": f"node-{k}",
                 **({"targetRef": {"kind": "Pod", "name": self.pod(i, k)["metadata"]["name"], "namespace": NS}} if self.a.pods else {})}
                for k in range(self.a.endpoints)]

    def pod(self, i, k):
        p = base.pod(NS, i, k)
        p["metadata"]["name"] = f"svc-{i}-5f7d8c9b6d-x{k:04x}"
        p["metadata"]["labels"].update({"app": f"svc-{i}", "security.istio.io/tlsMode": "istio"})
        p["status"]["podIP"] = self.address(i, k)
        return p

    def one_service(self, i):
        self.api.create(f"/api/v1/namespaces/{NS}/services", {
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": f"svc-{i}", "namespace": NS},
            "spec": {"clusterIP": f"10.96.{i // 250 + 1}.{i % 250 + 1}", "selector": {"app": f"svc-{i}"},
                     "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}})
        self.api.create(f"/apis/discovery.k8s.io/v1/namespaces/{NS}/endpointslices", {
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": f"svc-{i}-1", "namespace": NS, "labels": {"kubernetes.io/service-name": f"svc-{i}"}},
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}], "endpoints": self.endpoints(i)})
        for k in range(self.a.endpoints if self.a.pods else 0):
            p = self.pod(i, k)
            status, where = p.pop("status"), f"/api/v1/namespaces/{NS}/pods"
            self.api.create(where, p)
            self.api.patch(f"{where}/{p['metadata']['name']}/status", {"status": status})

    def virtual_service(self, generation):
        return {"apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService", "metadata": {"name": "route", "namespace": NS},
                "spec": {"hosts": ["svc-0"], "http": [{"timeout": f"{generation + 1}s", "route": [{"destination": {"host": "svc-0"}}]}]}}

    # --- what changes ---

    def change_endpoint(self, generation):
        i = generation * 7 % self.a.services
        self.api.patch(f"/apis/discovery.k8s.io/v1/namespaces/{NS}/endpointslices/svc-{i}-1", {"endpoints": self.endpoints(i, generation)})

    def change_route(self, generation):
        self.api.patch(f"/apis/networking.istio.io/v1beta1/namespaces/{NS}/virtualservices/route", {"spec": self.virtual_service(generation)["spec"]})

    # --- weftd ---

    def serve(self):
        grpc, self.port, self.http, monitoring, hooks = base.free_ports(5)
        start = time.monotonic()
        self.weftd = self.start("weftd", [self.a.weftd or f"{self.build}/bin/weftd", "discovery", "--kubeconfig", f"{self.folder}/kubeconfig", "--host", "127.0.0.1",
                                          f"--grpcAddr=:{grpc}", f"--secureGRPCAddr=:{self.port}", f"--httpAddr=:{self.http}",
                                          f"--monitoringAddr=:{monitoring}", f"--httpsAddr=:{hooks}"],
                                {"POD_NAME": "istiod-0", "POD_NAMESPACE": MESH, "REVISION": "default", "ROOT_CA_DIR": f"{self.folder}/none"})
        base.wait("weftd", lambda: base.Bench.plain(self, self.http, "/ready")[0] == 200)
        objects = self.a.services * (2 + (self.a.endpoints if self.a.pods else 0))
        self.row(f"{objects:,} objects: start until ready", time.monotonic() - start, "s", 2, 2)
        self.settle()
        self.row("memory without proxies", pss_mb(self.weftd.p.pid), "MB")
        if self.a.large:
            self.row("start: CPU", cpu_ms(self.weftd.p.pid), "ms")

    def settle(self):
        before = cpu_ms(self.weftd.p.pid)
        for _ in range(120):
            time.sleep(0.5)
            now = cpu_ms(self.weftd.p.pid)
            if now - before < 5:
                return
            before = now

    def idle(self, seconds):
        before = cpu_ms(self.weftd.p.pid)
        time.sleep(seconds)
        return (cpu_ms(self.weftd.p.pid) - before) / seconds / 10

    def storm(self, what, clients):
        before, theirs = cpu_ms(self.weftd.p.pid), cpu_ms(clients.p.pid)
        broken, times = clients.connect()
        self.row(f"{what} connect at once: the last has everything after", max(times) / 1000, "s", 6 * clients.n / 2000, 2)
        self.row(f"{what} connect at once: half have after", at(times, 0.5) / 1000, "s", None, 2)
        self.row(f"{what} connect at once: CPU each", (cpu_ms(self.weftd.p.pid) - before) / clients.n, "ms", None, 2)
        self.row(f"{what} connect at once: the clients' own CPU each", (cpu_ms(clients.p.pid) - theirs) / clients.n, "ms", None, 2)
        self.row(f"{what} connect at once: connections that broke", broken, "", 0, 0)
        self.row(f"{what}: memory at most", self.weftd.peak_mb(), "MB")

    def rounds(self, what, clients, kind, change, fixed_ms, each_us, last_ms, one_ms):
        single, last, cpu = [], [], []
        for _ in range(self.a.changes):
            self.generation += 1
            before = cpu_ms(self.weftd.p.pid)
            times = clients.round(kind, lambda: change(self.generation))
            time.sleep(0.15)  # what it still has to do
            cpu.append(cpu_ms(self.weftd.p.pid) - before)
            single += times
            last.append(max(times))
        self.row(f"{what}: CPU", statistics.median(cpu), "ms", fixed_ms + each_us * clients.n / 1000, 2)
        self.row(f"{what}: acknowledged, p50", at(single, 0.5), "ms", one_ms)
        self.row(f"{what}: acknowledged, p99", at(single, 0.99), "ms")
        self.row(f"{what}: the last acknowledged, p99", at(last, 0.99), "ms", last_ms)

    def with_views(self, views):
        n = self.a.proxies
        what = f"{n:,} proxies, {views} view{'s' if views > 1 else ''}"
        options = (["--sotw"] if self.a.sotw else []) + (["--plain"] if self.a.plain else [])
        clients = Clients(self.build, self.folder, self.port, n, views, options)
        try:
            without = pss_mb(self.weftd.p.pid)
            self.storm(what, clients)
            self.settle()
            self.row(f"{what}: memory", pss_mb(self.weftd.p.pid), "MB", 1000 if self.a.large else 150 if views > 1 else 100)
            self.row(f"{what}: idle", self.idle(1 if self.a.check else IDLE_S), "% of a core", 1, 2)
            self.rounds(f"{what}: one endpoint changes", clients, "EDS", self.change_endpoint, 5, 10, 200, 20)
            self.rounds(f"{what}: a VirtualService changes", clients, "RDS", self.change_route, 20, 50, 1000, None)
            self.row(f"{what}: connections that broke", clients.broken, "", 0, 0)
            if self.a.check and clients.broken:
                raise RuntimeError(f"{clients.broken} connections broke")
            self.row(f"{what}: memory after the changes", pss_mb(self.weftd.p.pid), "MB")
            clients.disconnect()
            time.sleep(4)  # what is free goes back three seconds after the last has left
            self.settle()
            self.row(f"{what}: memory after they left", pss_mb(self.weftd.p.pid), "MB", max(without, 1) * 1.1)
        finally:
            clients.end()

    def run(self):
        self.generation = 0
        self.prepare()
        self.serve()
        for views in [int(v) for v in self.a.views.split(",")]:
            self.with_views(views)

    def end(self):
        for p in reversed(self.processes):
            p.end()


def report(rows, failed, check):
    """The table, and the program's exit status: 1 when a goal was missed, or for a check when it did not come through."""
    print(f"{'what':72} {'figure':>16} {'goal':>14}")
    for what, value, goal, missed in rows:
        print(f"{what:72} {value:>16} {goal:>14} {missed}")
    return 1 if failed or (not check and any(r[3] for r in rows)) else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--services", type=int)
    parser.add_argument("--endpoints", type=int)
    parser.add_argument("--proxies", type=int)
    parser.add_argument("--views")
    parser.add_argument("--changes", type=int)
    parser.add_argument("--large", action="store_true", help="as many services and proxies as one control plane should serve")
    parser.add_argument("--sotw", action="store_true", help="state of the world, as a stock Envoy asks; else delta, as weft-proxy does")
    parser.add_argument("--plain", action="store_true", help="messages are not compressed, as for a stock Envoy")
    parser.add_argument("--pods", action="store_true", help="the endpoints are pods with sidecars")
    parser.add_argument("--weftd", help="another one than that of the build")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the logs")
    a = parser.parse_args()
    usual = {"services": 1000, "endpoints": 10, "proxies": 2000, "views": "1,300", "changes": 200}
    large = {"services": 10000, "endpoints": 5, "proxies": 10000, "views": "1", "changes": 10}
    for name, value in (large if a.large else usual).items():
        if getattr(a, name) is None:
            setattr(a, name, value)
    folder = tempfile.mkdtemp(prefix="weft-bench-")
    bench, failed = Bench(a, folder), False
    try:
        bench.run()
    except (RuntimeError, OSError, subprocess.SubprocessError) as e:
        failed = True
        print(f"bench-control: {e}", file=sys.stderr)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".log"):
                with open(f"{folder}/{name}") as f:
                    print(f"--- {name}\n" + "".join(f.readlines()[-8:]), file=sys.stderr)
    finally:
        bench.end()
        if a.keep:
            print(folder, file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return report(bench.rows, failed, a.check)


if __name__ == "__main__":
    sys.exit(main())
