#!/usr/bin/env python3
"""kill -9 of the lab while four clients write: what was acknowledged is there after the restart, watches can go on."""
import base64, http.client, json, os, signal, ssl, subprocess, tempfile, threading, time
import yaml

LAB = os.path.join(os.environ.get("BIN", "build/bin"), "weft-lab")
DATA = os.path.join(os.environ.get("TEST_TMP") or tempfile.mkdtemp(), "durable")
PATH = "/api/v1/namespaces/default/configmaps"

def connect():
    config = yaml.safe_load(open(DATA + "/kubeconfig"))
    user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
    with tempfile.TemporaryDirectory() as d:
        for name, text in (("cert", user["client-certificate-data"]), ("key", user["client-key-data"]),
                           ("ca", cluster["certificate-authority-data"])):
            with open(f"{d}/{name}", "wb") as f:
                f.write(base64.b64decode(text))
        context = ssl.create_default_context(cafile=f"{d}/ca")
        context.load_cert_chain(f"{d}/cert", f"{d}/key")
    return http.client.HTTPSConnection(cluster["server"].split("//")[1], context=context, timeout=120)

def write(i, acknowledged):
    client, n = connect(), 0
    while True:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"k-{i}-{n}"}, "data": {"n": str(n)}}
        try:
            client.request("POST", PATH, json.dumps(body), {"Content-Type": "application/json"})
            answer = client.getresponse()
            version = int(json.loads(answer.read())["metadata"]["resourceVersion"])
        except (OSError, http.client.HTTPException, ValueError):
            return
        if answer.status == 201:
            acknowledged[body["metadata"]["name"]] = version
        n += 1

def get(path):
    client = connect()
    client.request("GET", path)
    answer = client.getresponse()
    return answer.status, json.loads(answer.read())

def main():
    results = []
    subprocess.check_call([LAB, "up", "--detach", "--data", DATA])
    try:
        acknowledged = {}
        writers = [threading.Thread(target=write, args=(i, acknowledged)) for i in range(4)]
        for w in writers:
            w.start()
        end = time.monotonic() + 120
        while len(acknowledged) < 500 and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(int(open(DATA + "/pid").read()), signal.SIGKILL)
        for w in writers:
            w.join()
        start = time.monotonic()
        subprocess.check_call([LAB, "up", "--detach", "--data", DATA])
        print(f"{len(acknowledged)} writes acknowledged, up again in {time.monotonic() - start:.2f} s")
        _, now = get(PATH)
        have = {i["metadata"]["name"]: int(i["metadata"]["resourceVersion"]) for i in now["items"]}
        results.append(("something was written", len(acknowledged) > 0))
        results.append(("nothing acknowledged is lost", all(have.get(n) == v for n, v in acknowledged.items())))
        results.append(("revisions go on", int(now["metadata"]["resourceVersion"]) >= max(acknowledged.values())))
        status, _ = get("/api/v1/namespaces/default")
        results.append(("the rest is there, too", status == 200))
    finally:
        subprocess.call([LAB, "down", "--data", DATA])
    for what, good in results:
        print("ok  " if good else "FAIL", what)
    good = sum(g for _, g in results)
    print(f"{good} passed, {len(results) - good} failed")
    return good != len(results)

if __name__ == "__main__":
    raise SystemExit(main())
