"""What a cloud does for a cluster: Services of type LoadBalancer get an address, which kube-proxy serves on the node, and
claims of the class "standard" get a volume, a folder of the node that anybody may write to.

usage: cloud.py KUBECTL KUBECONFIG ADDRESSES GATEWAY KIND...
ADDRESSES.101 and on are given, but GATEWAY to istio-system's ingress gateway; KIND: services, persistentvolumeclaims"""
import json, os, subprocess, sys, threading, time

kubectl, config, prefix, gateway, *kinds = sys.argv[1:]
base = [kubectl, "--kubeconfig", config]
VOLUMES = "/tmp/volumes"  # below /tmp the controller manager removes them when the claim goes


def listed(kind):
    r = subprocess.run([*base, "get", kind, "-A", "-o", "json"], capture_output=True, text=True)
    return json.loads(r.stdout)["items"] if r.returncode == 0 else []


def address(service):
    return ((service["status"].get("loadBalancer", {}).get("ingress") or [{}])[0]).get("ip")


def services():
    wanting = [s for s in listed("services") if s["spec"].get("type") == "LoadBalancer"]
    taken = {address(s) for s in wanting}
    free = (a for a in (f"{prefix}.{n}" for n in range(101, 250)) if a not in taken)
    for s in (s for s in wanting if not address(s)):
        name, namespace = s["metadata"]["name"], s["metadata"]["namespace"]
        given = gateway if (namespace, name) == ("istio-system", "istio-ingressgateway") else next(free, None)
        if given:
            print(f"{namespace}/{name}: {given}", flush=True)
            subprocess.run([*base, "-n", namespace, "patch", "service", name, "--subresource=status", "--type=merge",
                            "-p", json.dumps({"status": {"loadBalancer": {"ingress": [{"ip": given}]}}})], stdout=subprocess.DEVNULL)


def volume(claim):
    about, spec = claim["metadata"], claim["spec"]
    path = f"{VOLUMES}/{about['uid']}"
    os.makedirs(path, exist_ok=True)
    os.chmod(path, 0o777)
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "volume-" + about["uid"]},
            "spec": {"storageClassName": "standard", "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                     "accessModes": spec["accessModes"], "persistentVolumeReclaimPolicy": "Delete", "hostPath": {"path": path},
                     "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": about["namespace"],
                                  "name": about["name"], "uid": about["uid"]}}}


def persistentvolumeclaims():
    for claim in listed("persistentvolumeclaims"):
        if claim["spec"].get("storageClassName") == "standard" and not claim["spec"].get("volumeName") and not claim["metadata"].get("deletionTimestamp"):
            subprocess.run([*base, "create", "-f", "-"], input=json.dumps(volume(claim)), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def follow(kind):
    """Looks again at each change. The watch ends when the API server does."""
    while True:
        watch = subprocess.Popen([*base, "get", kind, "-A", "--watch", "-o", "name"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in watch.stdout:
            globals()[kind]()
        watch.wait()
        time.sleep(0.5)


for k in kinds:
    threading.Thread(target=follow, args=(k,)).start()
