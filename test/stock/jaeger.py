"""Jaeger's query API, as its pages ask it, and one request's trace through gateway, catalog, sidecars and inventory."""
import json, os, time

from lab import ROOT, parsed

SERVICES = ("istio-ingressgateway.istio-system", "catalog.coolstore-catalog", "inventory.coolstore-inventory")


def spans_of(trace):
    """(service, kind) of each span."""
    process = {k: p["serviceName"] for k, p in trace["processes"].items()}
    kind = lambda s: next((t["value"] for t in s["tags"] if t["key"] == "span.kind"), "?")
    return sorted((process[s["processID"]], kind(s)) for s in trace["spans"])


def whole(trace):
    """From the gateway to the inventory, each step from the side that it is asked, in one tree."""
    ids = {s["spanID"] for s in trace["spans"]}
    roots = [s for s in trace["spans"] if not any(r["spanID"] in ids for r in s.get("references") or [])]
    return len(roots) == 1 and {s for s, _ in spans_of(trace)} >= set(SERVICES) and len(trace["spans"]) >= 4


def keep(lab, who):
    """A request's trace as the query API at Jaeger's Route answers it, who that is; kept as JSON below build/stock."""
    def traces():
        status, body, _ = lab.ask(lab.host("jaeger"), "/api/traces", (("service", SERVICES[0]), ("limit", "20"), ("lookback", "1h")))
        found = (parsed(body) or {}) if status == 200 else {}
        return next((t for t in found.get("data") or [] if whole(t)), None)

    trace = lab.until(f"{who} has a trace from the gateway to the inventory", traces)
    path = os.path.join(ROOT, "build/stock", f"trace-{who}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        json.dump(trace, f, indent=1)
    print(f"{who}, a trace: {trace['traceID']} {json.dumps(spans_of(trace))}: {os.path.relpath(path, ROOT)}")
    return trace


def sweep(lab, trace):
    """(good, all), with a line for each answer that is not as it should be; trace: one that is there."""
    host = lab.host("jaeger")
    now = int(time.time() * 1000)
    good = n = 0
    for path, query, needs in (
            ("/", (), None),
            ("/api/services", (), lambda o: set(o["data"]) >= set(SERVICES)),
            *((f"/api/services/{s}/operations", (), lambda o: o["data"]) for s in SERVICES),
            *(("/api/operations", (("service", s),), lambda o: o["data"]) for s in SERVICES),
            *(("/api/traces", (("service", s), ("limit", "5"), ("lookback", "1h"), ("tags", json.dumps({"http.status_code": "200"}))), lambda o: o["data"]) for s in SERVICES),
            ("/api/traces", (("service", SERVICES[1]), ("minDuration", "1us"), ("maxDuration", "1m"), ("limit", "5"), ("lookback", "1h")), lambda o: o["data"]),
            ("/api/traces/" + trace["traceID"], (), lambda o: whole(o["data"][0])),
            ("/api/dependencies", (("endTs", now), ("lookback", 3600000)), lambda o: {(d["parent"], d["child"]) for d in o["data"]} >= set(zip(SERVICES, SERVICES[1:])))):
        status, body, _ = lab.ask(host, path, query)
        ok = status == 200 and (needs is None or bool(needs(parsed(body) or {"data": []})))
        good, n = good + ok, n + 1
        if not ok:
            print(f"    jaeger: {path}: {status} {body[:300].decode(errors='replace')}")
    print(f"jaeger: {good} of {n} answers are what its pages need")
    return good, n
