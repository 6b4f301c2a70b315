#!/usr/bin/python3
"""`make stock`: others' tools as they are, against the demo under load on an embedded cluster.

usage: stock.py [dashboards kiali jaeger]      from the project's root, after make, as root; ends what it started

Istio's dashboards are asked of Prometheus. Kiali and Jaeger are built from their Go modules, loaded as images and installed by the operator in
place of Weft's own console (WEFT_STOCK_ADDONS=true), as on a cluster that can pull them. What cannot be had is told in one line.
KIALI_PROGRAM=PATH and JAEGER_PROGRAM=PATH are used in place of what would be built.
"""
import os, sys, tempfile

import dashboards, jaeger, kiali, makers
from lab import MESH, Lab, kubectl, run


def install(lab, tools, folder):
    """Kiali and Jaeger of their makers' images, by the operator."""
    env = ["WEFT_STOCK_ADDONS=true"]
    for name, built in tools.items():
        run("build/bin/weft-lab", "load", "--data", lab.data, makers.archive(name, built, folder))
        env.append(f"RELATED_IMAGE_{name.upper()}={makers.TOOLS[name][4]}")
    kubectl("-n", "openshift-operators", "set", "env", "deployment/istio-operator", *env)
    kubectl("-n", "openshift-operators", "rollout", "status", "deployment/istio-operator", "--timeout=120s")
    for name in tools:
        image = makers.TOOLS[name][4]
        lab.until(f"{name} runs", lambda: image in kubectl("-n", MESH, "get", "pods", "-l", f"app={name}", "-o",
                                                           "jsonpath={range .items[?(@.status.containerStatuses[0].ready==true)]}{.spec.containers[*].image}{end}"))


def main():
    wanted = sys.argv[1:] or ["dashboards", "kiali", "jaeger"]
    tools = {n: makers.program(n) for n in ("kiali", "jaeger") if n in wanted or "kiali" in wanted}
    tools = {n: p for n, p in tools.items() if p}
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(os.path.join(folder, "lab"))
        try:
            lab.load()
            if "dashboards" in wanted:
                counts.append(("expressions return data", *dashboards.sweep(lab)))
            if "jaeger" in wanted:
                jaeger.keep(lab, "console")  # whose collector is in Jaeger's place until then
            if tools:
                install(lab, tools, folder)
            if "jaeger" in tools:
                trace = jaeger.keep(lab, "jaeger")  # of whose traces Kiali's pages tell
            if "kiali" in tools and "kiali" in wanted:
                counts.append(("of Kiali's answers are right", *kiali.sweep(lab)))
            if "jaeger" in tools and "jaeger" in wanted:
                counts.append(("of Jaeger's answers are right", *jaeger.sweep(lab, trace)))
        finally:
            lab.end()
    for what, good, n in counts:
        print(f"{good} of {n} {what}")


if __name__ == "__main__":
    main()
