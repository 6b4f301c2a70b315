# Sourced after mesh.sh: web servers and clients in pods, and requests from inside of the mesh while something happens to it. The load is
# bounded, and ends when what it accompanies has. In namespaces with a ConfigMap "code" of load.py; IMAGE is one with python3.
IMAGE=${CASE_IMAGE:-debian}

cat >"$TEST_TMP/load.py" <<'P'
# One request after another to each of the addresses by turns, 20 a second at most, each on a connection of its own: until
# standard input says that what it accompanies is done, and AFTER more; for LIMIT seconds at most. Prints how many, and what was
# no 200.
import collections, itertools, os, sys, threading, time, urllib.error, urllib.request
def ask(url):
    try: return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as e: return e.code
    except OSError as e: return type(e).__name__
if sys.argv[1] == "once":
    print(ask(sys.argv[2])); sys.exit()
limit, after, urls = float(sys.argv[1]), int(sys.argv[2]), itertools.cycle(sys.argv[3:])
done, count, since, bad, end = threading.Event(), 0, 0, collections.Counter(), time.monotonic() + limit
threading.Thread(target=lambda: os.read(0, 1) and done.set(), daemon=True).start()
while since < after and time.monotonic() < end:
    begin, since = time.monotonic(), since + done.is_set()
    url = next(urls)
    code = ask(url)
    count += 1
    if code != 200: bad["%s %s" % (url, code)] += 1
    if count == 1: print("begun", flush=True)
    time.sleep(max(0, 0.05 - (time.monotonic() - begin)))
print("requests", count, "after it", since, "lost", sum(bad.values()), dict(bad))
P
workload() { # workload NAMESPACE NAME REPLICAS INJECT
  cat <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: $2, namespace: $1}
spec:
  replicas: $3
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector: {matchLabels: {app: $2}}
  template:
    metadata: {labels: {app: $2}, annotations: {sidecar.istio.io/inject: "$4", proxy.istio.io/config: "{holdApplicationUntilProxyStarts: true}"}}
    spec:
      terminationGracePeriodSeconds: 15
      containers:
      - name: app
        image: "$IMAGE"
        imagePullPolicy: IfNotPresent
        command: [python3, -m, http.server, "8080", -d, /etc]
        readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}
        lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
        volumeMounts: [{name: code, mountPath: /code}]
      volumes: [{name: code, configMap: {name: code}}]
---
{apiVersion: v1, kind: Service, metadata: {name: $2, namespace: $1}, spec: {selector: {app: $2}, ports: [{name: http, port: 8080}]}}
---
Y
}
AFTER=60 # requests when all is done
# No pod of an application or a control plane is on its way out any more: what ends loses requests, if anything does.
ended() { [ -z "$(kubectl get pods -A -l app -o 'jsonpath={range .items[*]}{.metadata.deletionTimestamp}{end}')" ]; }
# under_load NAMESPACE "what" COMMAND...: all requests meanwhile, from a client there to each of $WEB, are answered, and AFTER more; within 240 seconds
under_load() {
  local ns=$1 what=$2; shift 2
  rm -f "$TEST_TMP/done" && mkfifo "$TEST_TMP/done"
  exec 7<>"$TEST_TMP/done"
  kubectl -n "$ns" exec -i deploy/client -c app -- python3 /code/load.py 240 $AFTER $WEB <&7 >"$TEST_TMP/load" 2>&1 & local loader=$!
  need 30 "load from $ns" grep -q begun "$TEST_TMP/load"
  "$@"
  wait_for 60 "$what: what ends has ended" ended
  echo done >&7
  wait $loader
  exec 7>&-
  if grep -q "^requests [1-9].* after it $AFTER lost 0 " "$TEST_TMP/load"; then pass "$what: $(tail -n 1 "$TEST_TMP/load")"; else fail "$what: $(tail -n 2 "$TEST_TMP/load")"; fi
}
