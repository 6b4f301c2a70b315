"""What a cloud does: gives each Service of type LoadBalancer an address. kube-proxy carries it out on the node.
usage: loadbalancer.py KUBECTL KUBECONFIG PREFIX GATEWAY    PREFIX.101 and on, but GATEWAY for istio-system's ingress gateway"""
import json, subprocess, sys, time

kubectl, config, prefix, gateway = sys.argv[1:]
base = [kubectl, "--kubeconfig", config]


def address(service):
    return ((service["status"].get("loadBalancer", {}).get("ingress") or [{}])[0]).get("ip")


def assign():
    r = subprocess.run([*base, "get", "services", "-A", "-o", "json"], capture_output=True, text=True)
    services = [s for s in json.loads(r.stdout)["items"] if s["spec"].get("type") == "LoadBalancer"] if r.returncode == 0 else []
    taken = {address(s) for s in services}
    free = (a for a in (f"{prefix}.{n}" for n in range(101, 250)) if a not in taken)
    for s in (s for s in services if not address(s)):
        name, namespace = s["metadata"]["name"], s["metadata"]["namespace"]
        given = gateway if (namespace, name) == ("istio-system", "istio-ingressgateway") else next(free, None)
        if given:
            print(f"{namespace}/{name}: {given}", flush=True)
            subprocess.run([*base, "-n", namespace, "patch", "service", name, "--subresource=status", "--type=merge",
                            "-p", json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": given}]}}})], stdout=subprocess.DEVNULL)


while True:  # the watch ends when the API server does
    watch = subprocess.Popen([*base, "get", "services", "-A", "--watch", "-o", "name"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _ in watch.stdout:
        assign()
    watch.wait()
    time.sleep(0.5)
