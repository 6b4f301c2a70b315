#!/usr/bin/env python3
"""`make bench-console`: what each part of weft-console costs in a mesh with many services, beside the goals.

  console.py BUILD [--services N] [--pods N] [--nodes N] [--spans N] [--check]

The mesh is objects of the embedded cluster's API server: services in ten namespaces, a Deployment and pods with a sidecar for each.
Prometheus is a program here that knows a graph of so many workloads; spans come in Zipkin's JSON, until the collector's store is full.
Everything listens on loopback, lives below a temporary folder and ends with this program. --check: a small run that must come through,
whatever it costs.
"""
import argparse
import concurrent.futures
import http.server
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
import urllib.request

import namespaces as base
from control import cpu_ms, pss_mb, report

NAMESPACES, ASKED, MESH = 10, 7, "istio-system"
FULL_MB, LIST_MS, GRAPH_MS = 128, 1000, 1000
TRIM_S = 6  # what is free goes back some seconds after it is
EDGE = {"reporter": "destination", "request_protocol": "http", "connection_security_policy": "mutual_tls", "response_flags": "-"}


def series(nodes):
    """A tree of workloads, and as many edges across it: one in ten with errors."""
    out = []
    for i in range(1, nodes):
        for source in {i * 7919 % i, i * 104729 % nodes}:
            for code in ["200", "503"] if i % 10 == 0 else ["200"]:
                out.append({**EDGE, "source_workload": f"svc-{source}", "source_workload_namespace": f"shop-{source % NAMESPACES}", "destination_workload": f"svc-{i}",
                            "destination_workload_namespace": f"shop-{i % NAMESPACES}", "destination_service_name": f"svc-{i}", "destination_service_namespace": f"shop-{i % NAMESPACES}", "response_code": code})
    return out


class Prometheus(http.server.BaseHTTPRequestHandler):
    known = []

    def do_GET(self):
        requests = "istio_requests_total" in self.path and "query_range" not in self.path
        result = [{"metric": m, "value": [0, str(i % 50)]} for i, m in enumerate(self.known)] if requests else []
        body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Bench(base.Bench):
    def __init__(self, a, folder):
        super().__init__(os.path.abspath(a.build), folder, "", NAMESPACES, 0)
        self.a = a

    def figure(self, what, value, unit, goal=None, digits=1):
        self.rows.append((what, f"{value:.{digits}f} {unit}", f"{goal} {unit}" if goal is not None else "", "MISSED" if goal is not None and value > goal else ""))
        self.say(f"{what}: {value:.{digits}f} {unit}")

    # --- the mesh ---

    def pod(self, i, k):
        p = base.pod(f"shop-{i % NAMESPACES}", i, k)
        p["metadata"]["name"] = f"svc-{i}-5f7d8c9b6d-x{k:04x}"
        p["metadata"]["labels"]["app"] = f"svc-{i}"
        p["metadata"]["annotations"]["sidecar.istio.io/status"] = "{}"
        p["spec"]["containers"].append({"name": "istio-proxy", "image": "example.com/weft/proxy:1"})
        p["status"]["containerStatuses"].append({**p["status"]["containerStatuses"][0], "name": "istio-proxy"})
        return p

    def one_service(self, i):
        ns, name = f"shop-{i % NAMESPACES}", f"svc-{i}"
        labels = {"app": name, "version": "v1"}
        self.api.create(f"/api/v1/namespaces/{ns}/services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": ns},
                                                               "spec": {"clusterIP": "None", "selector": {"app": name}, "ports": [{"name": "http", "port": 80}]}})
        at = f"/apis/apps/v1/namespaces/{ns}/deployments"
        self.api.create(at, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": ns},
                             "spec": {"replicas": self.a.pods, "selector": {"matchLabels": {"app": name}},
                                      "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "example.com/shop/app:1.0.3"}]}}}})
        self.api.patch(f"{at}/{name}/status", {"status": {"replicas": self.a.pods, "readyReplicas": self.a.pods, "availableReplicas": self.a.pods, "observedGeneration": 1}})
        self.api.create(f"/apis/networking.istio.io/v1beta1/namespaces/{ns}/virtualservices", {
            "apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService", "metadata": {"name": name, "namespace": ns},
            "spec": {"hosts": [name], "http": [{"route": [{"destination": {"host": name}}]}]}})
        for k in range(self.a.pods):
            p = self.pod(i, k)
            status, where = p.pop("status"), f"/api/v1/namespaces/{ns}/pods"
            self.api.create(where, p)
            self.api.patch(f"{where}/{p['metadata']['name']}/status", {"status": status})

    def one_namespace(self, i):
        self.api.create(*base.namespace(f"shop-{i}"))
        self.api.create(f"/api/v1/namespaces/shop-{i}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": f"shop-{i}"}})

    def fill(self):
        self.prepare()
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.one_service, range(self.a.services)))
        self.say(f"{self.a.services} services with {self.a.pods} pods each written in {time.monotonic() - start:.0f} s")
        Prometheus.known = series(self.a.nodes)
        self.prometheus = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prometheus)
        threading.Thread(target=self.prometheus.serve_forever, daemon=True).start()

    # --- the parts ---

    def part(self, name, *more):
        port = base.free_ports(1)[0]
        p = self.start(name, [f"{self.bin}/bin/weft-console", name, "--host=127.0.0.1", f"--port={port}", "--anonymous", f"--namespace={MESH}", "--kubeconfig", f"{self.folder}/kubeconfig", *more])
        base.wait(name, lambda: self.plain(port, "/healthz")[0] == 200)
        return p, port

    def ask(self, port, path):
        start = time.monotonic()
        status, body = self.plain(port, path)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body[:200]}")
        return (time.monotonic() - start) * 1000, body

    def knows_all(self, port):
        """Every list was answered; not yet, or not asked in time on a busy machine, is no failure."""
        (status, config), (other, workloads) = self.plain(port, "/api/config"), self.plain(port, "/api/workloads")
        return status == other == 200 and json.loads(config)["trouble"] == "" and len(json.loads(workloads)["workloads"]) >= self.a.services

    def timed(self, what, port, path, goal, members=None):
        times, before = [], cpu_ms(self.processes[-1].p.pid)
        for _ in range(ASKED):
            took, body = self.ask(port, path)
            times.append(took)
        n = len(json.loads(body)[members]) if members else 0
        what = f"{what}{f', {n:,} {members}' if members else ''}"
        self.figure(f"{what}: {len(body) / 1000:,.0f} KB", statistics.median(times), "ms", goal)
        self.figure(f"{what}: CPU", (cpu_ms(self.processes[-1].p.pid) - before) / ASKED, "ms")

    def console(self):
        start = time.monotonic()
        p, port = self.part("console", f"--prometheus=http://127.0.0.1:{self.prometheus.server_address[1]}")
        base.wait("the mesh", lambda: self.knows_all(port))
        self.figure(f"console: {self.a.services:,} services, {self.a.services * self.a.pods:,} pods known after", time.monotonic() - start, "s", None, 2)
        time.sleep(TRIM_S)
        self.figure("console: memory", pss_mb(p.p.pid), "MB", FULL_MB)
        for kind in ("namespaces", "workloads", "applications", "services"):
            self.timed(f"console: /api/{kind}", port, f"/api/{kind}", LIST_MS, kind)
        self.timed("console: /api/config", port, "/api/config", LIST_MS, "objects")
        self.timed("console: /api/graph", port, "/api/graph?type=workload", GRAPH_MS, "nodes")
        time.sleep(TRIM_S)
        self.figure("console: memory after all were asked", pss_mb(p.p.pid), "MB", FULL_MB)
        p.end()

    def dashboards(self):
        p, port = self.part("dashboards", f"--prometheus=http://127.0.0.1:{self.prometheus.server_address[1]}")
        self.timed("dashboards: a query", port, "/api/query?query=istio_requests_total", LIST_MS)
        self.figure("dashboards: memory", pss_mb(p.p.pid), "MB", FULL_MB)
        p.end()

    def collector(self):
        zipkin, otlp, grpc = base.free_ports(3)
        p, port = self.part("collector", f"--zipkin-port={zipkin}", f"--otlp-port={otlp}", f"--grpc-port={grpc}", f"--storage={self.folder}/spans.db", "--max-spans=100000")
        now = int(time.time() * 1e6)
        for first in range(0, self.a.spans, 500):
            batch = [{"traceId": f"{i // 5 + 1:016x}", "id": f"{i + 1:016x}", "name": "GET /", "timestamp": now + i, "duration": 1000, "kind": "SERVER", "localEndpoint": {"serviceName": f"svc-{i % self.a.services}"},
                      "tags": {"http.method": "GET", "http.status_code": "200", "upstream_cluster": f"outbound|80||svc-{i}", "response_flags": "-"}} for i in range(first, min(first + 500, self.a.spans))]
            request = urllib.request.Request(f"http://127.0.0.1:{zipkin}/api/v2/spans", json.dumps(batch).encode(), {"content-type": "application/json"})
            urllib.request.urlopen(request, timeout=60).close()
        self.timed("collector: /api/services", port, "/api/services", LIST_MS, "data")
        self.timed("collector: 20 traces of a service", port, "/api/traces?service=svc-1&limit=20", LIST_MS, "data")
        self.figure(f"collector: memory, {self.a.spans:,} spans came", pss_mb(p.p.pid), "MB", FULL_MB)
        p.end()

    def run(self):
        self.fill()
        self.console()
        self.dashboards()
        self.collector()

    def end(self):
        for p in reversed(self.processes):
            p.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--pods", type=int, default=10)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--spans", type=int, default=120000)
    parser.add_argument("--check", action="store_true")
    a = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="weft-bench-")
    bench, failed = Bench(a, folder), False
    try:
        bench.run()
    except (RuntimeError, OSError) as e:
        failed = True
        print(f"bench-console: {e}", file=sys.stderr)
    finally:
        bench.end()
        shutil.rmtree(folder, ignore_errors=True)
    return report(bench.rows, failed, a.check)


if __name__ == "__main__":
    sys.exit(main())
