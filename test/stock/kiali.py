"""Each GET that Kiali's pages issue, with what the page needs in the answer; and the graph of the demo, edge by edge."""
import json, time

from lab import MESH, kubectl, parsed

SHOP, STOCK = "coolstore-catalog", "coolstore-inventory"
BOTH = f"{SHOP},{STOCK},{MESH}"
APPENDERS = "deadNode,istio,serviceEntry,meshCheck,workloadEntry,health,idleNode,labeler,securityPolicy,responseTime,throughput,aggregateNode"
GRAPH = (("duration", "120s"), ("includeIdleEdges", "false"), ("injectServiceNodes", "true"), ("boxBy", "cluster,namespace,app"), ("appenders", APPENDERS),
         ("responseTime", "95"), ("throughputType", "request"), ("rateGrpc", "requests"), ("rateHttp", "requests"), ("rateTcp", "sent"))
METRICS = (("duration", "120"), ("step", "15"), ("rateInterval", "60s"), ("direction", "inbound"), ("reporter", "destination"), ("quantiles[]", "0.5"),
           ("quantiles[]", "0.99"), ("byLabels[]", "source_canonical_service"), ("filters[]", "request_count"), ("filters[]", "request_duration_millis"),
           ("filters[]", "request_error_count"))
HEALTH = (("rateInterval", "60s"),)
TRACES = (("limit", "20"),)


# What Kiali itself makes of it.
OTHERWISE = {"/api/mesh": "it adds the revision to the name of the mesh's ConfigMap, which has it, as in OpenShift Service Mesh"}


def full(o):
    """Something is there, at any depth."""
    return any(full(v) for v in (o.values() if isinstance(o, dict) else o)) if isinstance(o, (dict, list)) else o not in (None, "", 0)


def at(*path):
    """The member under that path is not empty."""
    def test(o):
        for name in path:
            o = o.get(name) if isinstance(o, dict) else None
        return full(o)
    return test


def known(o):
    return o is not None


def calls(pods):
    """(page, path, query, what the page needs)"""
    since = (("startMicros", str(int((time.time() - 300) * 1e6))),)
    yield from (("masthead", p, (), t) for p, t in (
        ("/api/status", at("status", "Kiali version")), ("/api/config", at("prometheus")), ("/api/auth/info", at("strategy")), ("/api/crippled", None),
        ("/api/istio/status", known), ("/api/namespaces", full), ("/api/jaeger", at("enabled")), ("/api/grafana", known), ("/api/clusters", known),
        ("/api/mesh/tls", at("status"))))
    yield from (("mesh", p, (), known) for p in ("/api/mesh", "/api/mesh/outbound_traffic_policy/mode", "/api/mesh/resources/thresholds", "/api/mesh/canaries/status",
                                                 "/api/istio/certs", "/api/istio/permissions"))
    for ns in (SHOP, STOCK):
        base, name = f"/api/namespaces/{ns}", "catalog" if ns == SHOP else "inventory"
        for kind in ("app", "service", "workload"):
            yield "overview", base + "/health", HEALTH + (("type", kind),), full
        yield "overview", base + "/tls", (), at("status")
        yield "overview", base + "/validations", (), known
        yield "overview", base + "/metrics", METRICS, full
        for kind in ("apps", "services", "workloads"):
            yield kind, f"{base}/{kind}", (("health", "true"), ("istioResources", "true")) + HEALTH, full
            one = f"{base}/{kind}/{name}"
            yield kind, one, (("health", "true"), ("validate", "true")) + HEALTH, full
            yield kind, one + "/metrics", METRICS, at("request_count")
            yield kind, one + "/dashboard", METRICS, at("charts")
            yield kind, one + "/spans", since, full
            yield kind, one + "/traces", since + TRACES, at("data")
        yield "apps", f"{base}/apps/{name}/errortraces", (("duration", "300"),), known
        for kind in ("services", "workloads"):
            yield kind, f"{base}/{kind}/{name}/graph", GRAPH + (("graphType", "workload"),), at("elements", "nodes")
        yield "apps", f"{base}/applications/{name}/graph", GRAPH + (("graphType", "app"),), at("elements", "nodes")
        yield "apps", f"{base}/applications/{name}/versions/{'v1'}/graph", GRAPH + (("graphType", "versionedApp"),), known
        yield "graph", f"{base}/aggregates/request_operation/unknown/metrics", METRICS, known
        yield "workloads", f"{base}/customdashboard/envoy", (("duration", "120"), ("step", "15"), ("labelsFilters", f"app:{name}")), at("charts")
        pod = pods[ns]
        yield "workloads", f"{base}/pods/{pod}", (), at("name")
        yield "workloads", f"{base}/pods/{pod}/logs", (("container", "istio-proxy"), ("duration", "10m"), ("maxLines", "50"), ("isProxy", "true")), at("entries")
        yield "workloads", f"{base}/pods/{pod}/config_dump", (), full
        for part in ("clusters", "listeners", "routes", "bootstrap"):
            yield "workloads", f"{base}/pods/{pod}/config_dump/{part}", (), full
        yield "istio config", f"{base}/istio", (("validate", "true"),), known
    for kind in ("app", "versionedApp", "workload", "service"):
        yield "graph", "/api/namespaces/graph", GRAPH + (("graphType", kind), ("namespaces", BOTH)), at("elements", "edges")
    yield "istio config", "/api/istio/config", (("validate", "true"), ("objects", "")), full
    yield "istio config", "/api/istio/validations", (), known
    for kind, name in (("gateways", "coolstore-gateway"), ("virtualservices", None)):
        ns, one = kubectl("get", f"{kind}.networking.istio.io", "-A", "-o", "jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{'\\n'}{end}").splitlines()[0].split()
        yield "istio config", f"/api/namespaces/{ns}/istio/{kind}/{name or one}", (("validate", "true"), ("help", "true")), full


class Kiali:
    def __init__(self, lab):
        self.lab, self.host = lab, lab.host("kiali")
        kubectl("-n", "default", "create", "serviceaccount", "looks")
        kubectl("create", "clusterrolebinding", "looks", "--clusterrole=cluster-admin", "--serviceaccount=default:looks")
        self.cookies = ""

    def login(self):
        token = kubectl("-n", "default", "create", "token", "looks").strip()
        status, body, self.cookies = self.lab.ask(self.host, "/api/authenticate", form={"token": token})
        return status == 200 and self.cookies

    def get(self, path, query=()):
        status, body, _ = self.lab.ask(self.host, path, query, cookies=self.cookies)
        return status, body

    def graph(self):
        """{(source, destination): edge's data} between applications."""
        _, body = self.get("/api/namespaces/graph", GRAPH + (("graphType", "workload"), ("namespaces", BOTH)))
        elements = (parsed(body) or {}).get("elements") or {}
        name = {n["data"]["id"]: n["data"].get("workload") or n["data"].get("service") or n["data"].get("app") for n in elements.get("nodes") or []}
        return {(name.get(e["data"]["source"]), name.get(e["data"]["target"])): e["data"] for e in elements.get("edges") or []}


def pod_of(ns, app):
    return kubectl("-n", ns, "get", "pods", "-l", f"app={app}", "-o", "jsonpath={.items[0].metadata.name}")


def sweep(lab):
    """Prints a line for each page and for each answer that is not what the page needs; (good, all)."""
    k = Kiali(lab)
    lab.until("Kiali lets in", k.login)
    edges = lab.until("Kiali's graph leads from the gateway to the inventory",
                      lambda: (lambda g: g if ("istio-ingressgateway", "catalog") in g and ("catalog", "inventory") in g else None)(k.graph()))
    counts = {}
    for page, path, query, needs in calls({SHOP: pod_of(SHOP, "catalog"), STOCK: pod_of(STOCK, "inventory")}):
        status, body = k.get(path, query)
        ok = status == 200 and (needs is None or needs(parsed(body)))
        if not ok and path in OTHERWISE:
            print(f"kiali, {page}: {path}: {status}: {OTHERWISE[path]}")
            continue
        good, n = counts.get(page, (0, 0))
        counts[page] = good + bool(ok), n + 1
        if not ok:
            print(f"    kiali, {page}: {path}: {status} {body[:300].decode(errors='replace')}")
    for page, (good, n) in counts.items():
        print(f"kiali, {page}: {good} of {n} answers are what the page needs")
    for (a, b), e in sorted(edges.items(), key=str):
        print(f"kiali, an edge of the graph: {a} -> {b}: {json.dumps(e.get('traffic', {}))[:120]}, mutual TLS {e.get('isMTLS', '-')} %")
    return sum(g for g, _ in counts.values()), sum(n for _, n in counts.values())
