#!/usr/bin/env bash
# The node of the embedded cluster with real containers: what a pod's spec promises, kill -9 of the daemon, and that
# nothing is left behind. Needs root. Closing line "N passed, N failed".
set -u
ROOT=${ROOT:-$(cd "$(dirname "$0")/../../.." && pwd)} BIN=${BIN:-$ROOT/build/bin} TMP=${TEST_TMP:-$(mktemp -d)}
D=$TMP/lab ok=0 bad=0
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 1; }
pass() { ok=$((ok+1)); printf 'ok   %s\n' "$*"; }
fail() { bad=$((bad+1)); printf 'FAIL %s\n' "$*"; }
check() { local what=$1; shift; if "$@" >"$TMP/out" 2>&1; then pass "$what"; else fail "$what: $(tail -n 3 "$TMP/out")"; fi; }
until_ok() { local end=$(( $(date +%s) + $1 )); shift; until "$@"; do [ "$(date +%s)" -ge "$end" ] && return 1; sleep 0.1; done; }
k() { kubectl --request-timeout=60s "$@"; }
has() { grep -qF -- "$1"; }
finish() { "$BIN/weft-lab" down --data "$D" >/dev/null 2>&1; printf '\n%d passed, %d failed\n' $ok $bad; [ $bad = 0 ]; }
trap 'finish; exit $?' EXIT

"$BIN/weft-lab" up --detach --data "$D" || { fail "weft-lab up"; exit 1; }
eval "$("$BIN/weft-lab" env --data "$D")"
until_ok 60 k get serviceaccount default >/dev/null 2>&1

field() { k get pod "$1" -o "jsonpath={$2}"; }
is() { [ "$(field "$1" "$2")" = "$3" ] || { echo "$1 $2 is '$(field "$1" "$2")', not '$3'"; return 1; }; }
x() { local pod=$1; shift; k exec "$pod" -- "$@"; }
shows() { local want=$1; shift; "$@" 2>&1 | has "$want"; }

k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: blue, file.txt: "text\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {user: cat, password: s3cret}
---
apiVersion: v1
kind: Pod
metadata: {name: full, labels: {app: full}, annotations: {note: "first"}}
spec:
  terminationGracePeriodSeconds: 3
  hostname: full
  subdomain: full
  initContainers:
  - {name: one, image: debian, command: [sh, -c, "umask 0; echo one >> /shared/order"], volumeMounts: [{name: shared, mountPath: /shared}]}
  - {name: two, image: debian, command: [sh, -c, "echo two >> /shared/order"], volumeMounts: [{name: shared, mountPath: /shared}]}
  containers:
  - name: main
    image: docker.io/library/debian:12
    command: [sh, -c, 'trap "echo term >> /shared/order; exit 0" TERM; echo "started $(NAME) $0"; while :; do sleep 0.5; done', "$(NAME)-arg"]
    workingDir: /tmp/work
    env:
    - {name: NAME, value: n1}
    - {name: BOTH, value: "$(NAME)-$(COLOR)-$(NOPE)"}
    - {name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
    - {name: SEEN, value: "$(COLOR)"}
    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}
    - {name: MISSING, valueFrom: {configMapKeyRef: {name: nothing, key: x, optional: true}}}
    - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    envFrom: [{prefix: L_, secretRef: {name: login}}]
    resources: {requests: {memory: 32Mi}, limits: {memory: 64Mi, cpu: 500m}}
    lifecycle:
      postStart: {exec: {command: [sh, -c, "sleep 0.5; echo post >> /shared/order"]}}
      preStop: {exec: {command: [sh, -c, "echo pre >> /shared/order"]}}
    securityContext: {runAsUser: 1234, runAsGroup: 2345, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false}
    volumeMounts:
    - {name: shared, mountPath: /shared}
    - {name: settings, mountPath: /etc/settings}
    - {name: settings, mountPath: /etc/one.txt, subPath: file.txt}
    - {name: login, mountPath: /etc/login}
    - {name: pod, mountPath: /etc/pod}
    - {name: token, mountPath: /var/run/tokens}
    - {name: work, mountPath: /tmp/work}
    - {name: memory, mountPath: /memory}
  - {name: other, image: debian, command: [sh, -c, "echo other >> /shared/order; exec sleep inf"], volumeMounts: [{name: shared, mountPath: /shared}], securityContext: {capabilities: {add: [NET_ADMIN], drop: [CHOWN]}}}
  securityContext: {fsGroup: 3456}
  volumes:
  - {name: shared, emptyDir: {}}
  - {name: work, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory}}
  - {name: settings, configMap: {name: settings}}
  - {name: login, secret: {secretName: login, defaultMode: 0400, items: [{key: user, path: names/user}]}}
  - {name: pod, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}, {path: annotations, fieldRef: {fieldPath: metadata.annotations}}]}}
  - {name: token, projected: {sources: [{serviceAccountToken: {path: token, audience: somebody, expirationSeconds: 600}}]}}
---
apiVersion: v1
kind: Service
metadata: {name: full}
spec: {clusterIP: None, selector: {app: full}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: debian
    command: [python3, -u, -m, http.server, "8000"]
    ports: [{name: http, containerPort: 8000}]
    startupProbe: {tcpSocket: {port: http}, periodSeconds: 1, failureThreshold: 30}
    readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
    livenessProbe: {exec: {command: [sh, -c, "test ! -e /tmp/sick"]}, periodSeconds: 1, failureThreshold: 2}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: once}
spec: {restartPolicy: Never, containers: [{name: c, image: debian, command: [sh, -c, "echo bye > /dev/termination-log; exit 3"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: done}
spec: {restartPolicy: OnFailure, containers: [{name: c, image: debian, command: ["true"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec: {containers: [{name: c, image: debian, command: [sh, -c, "echo run; exit 1"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: unknown}
spec: {containers: [{name: c, image: "example.org/what:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: waits}
spec: {containers: [{name: c, image: debian, command: [sleep, inf], env: [{name: A, valueFrom: {configMapKeyRef: {name: later, key: a}}}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: mounts-later}
spec: {containers: [{name: c, image: debian, command: [sleep, inf], volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, configMap: {name: later}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: rootless}
spec: {containers: [{name: c, image: debian, command: [sleep, inf], securityContext: {runAsNonRoot: true}}]}
Y

check "full becomes Ready" k wait --for=condition=Ready --timeout=20s pod/full
check "web becomes Ready after its startup probe" k wait --for=condition=Ready --timeout=20s pod/web

check "init containers ran in order, then postStart, then the next container" shows "one two post other" sh -c "kubectl exec full -c other -- cat /shared/order | xargs"
check "args and command expand \$(NAME)" shows "started n1 n1-arg" k logs full -c main
check "env: expansion, sources, precedence" shows 'n1-$(COLOR)-$(NOPE) blue s3cret full 64 cat' x full sh -c 'echo "$BOTH $SEEN $PASSWORD $LABEL $MEMORY $L_user"'
check "env: the pod's address" shows "$(field full .status.podIP)" x full sh -c 'echo $POD_IP'
check "env: services" shows "tcp://" x full sh -c 'echo $KUBERNETES_PORT'
check "user, group, fsGroup" shows "uid=1234(user-1234) gid=2345 groups=2345,3456" x full id
check "fsGroup owns the volume" shows 3456 x full stat -c %g /shared
check "the root file system is read-only" shows "Read-only" x full touch /x
check "working directory" shows /tmp/work x full pwd
check "no capabilities without root" shows "CapEff:	0000000000000000" x full grep CapEff /proc/self/status
check "capabilities added and dropped" shows "CapEff:	00000000a80435fa" k exec full -c other -- grep CapEff /proc/self/status
check "emptyDir in memory" shows tmpfs x full sh -c "grep ' /memory ' /proc/mounts"
check "containers share the network, not the processes" shows "1 of 1" k exec full -c other -- sh -c 'echo "$(ps ax | grep -c "[s]leep inf") of 1"'
check "secret items, path and mode" shows "440 cat" x full sh -c 'echo $(stat -Lc %a /etc/login/names/user) $(cat /etc/login/names/user)'
check "subPath" shows text x full cat /etc/one.txt
check "labels as a file" shows 'app="full"' x full cat /etc/pod/labels
check "token with an audience" shows somebody x full sh -c 'cut -d. -f2 /var/run/tokens/token | tr _- /+ | base64 -d 2>/dev/null'
k patch configmap settings -p '{"data":{"color":"red"}}' >/dev/null
check "a changed ConfigMap arrives in the volume" until_ok 60 sh -c "kubectl exec full -c main -- cat /etc/settings/color | grep -qx red"
k annotate pod full note=second --overwrite >/dev/null
check "a changed annotation arrives in the volume" until_ok 60 sh -c "kubectl exec full -c main -- cat /etc/pod/annotations | grep -q second"

check "DNS: a service" shows "$(k get svc web -o 'jsonpath={.spec.clusterIP}')" x full getent ahostsv4 web
check "DNS: a headless service and its pod" shows "$(field full .status.podIP)" x full getent ahostsv4 full.full
check "DNS: outside there is nothing" sh -c "! kubectl exec full -c main -- getent hosts example.org"
check "ClusterIP" shows 200 x full curl -s -o /dev/null -w '%{http_code}' http://web/
check "ClusterIP from the pod behind it" shows 200 x web curl -s -m 3 -o /dev/null -w '%{http_code}' http://web.default/
check "a service without endpoints refuses at once" shows "7 0.0" x full sh -c 'curl -s -m 3 -o /dev/null -w "%{exitcode} %{time_total}" http://nobody/'
check "the API by its service" shows 200 x full curl -sk -o /dev/null -w '%{http_code}' https://kubernetes.default/version
check "the route out does not exist" shows "000" x full curl -s -m 3 -o /dev/null -w '%{http_code}' http://192.0.2.1/

check "qosClass" is full .status.qosClass Burstable
check "status: never restarted" is full '.status.containerStatuses[0].restartCount' 0
check "pod of restartPolicy Never fails" until_ok 60 is once .status.phase Failed
check "exit code and termination message" is once '.status.containerStatuses[0].state.terminated.exitCode}{.status.containerStatuses[0].state.terminated.message' 3bye
check "pod that ends well succeeds" until_ok 60 is "done" .status.phase Succeeded
check "crash loop" until_ok 60 is crash '.status.containerStatuses[0].state.waiting.reason' CrashLoopBackOff
check "logs of the run before" shows run k logs crash --previous
check "unknown image" until_ok 60 is unknown '.status.containerStatuses[0].state.waiting.reason' ImagePullBackOff
check "missing ConfigMap of a variable" until_ok 60 is waits '.status.containerStatuses[0].state.waiting.reason' CreateContainerConfigError
check "missing ConfigMap of a volume is told" until_ok 60 shows 'configmap "later" not found' k get events --field-selector involvedObject.name=mounts-later
check "runAsNonRoot refuses root" until_ok 60 shows "runAsNonRoot" k get pod rootless -o yaml
check "logs of a container that waits" shows "is waiting to start: CreateContainerConfigError" k logs waits
k create configmap later --from-literal=a=1 >/dev/null
check "they start once it is there" k wait --for=condition=Ready --timeout=20s pod/waits pod/mounts-later

check "exec: exit code" sh -c 'kubectl exec web -- sh -c "exit 7"; [ $? = 7 ]'
check "exec: standard input" shows "input 5" sh -c 'printf "input" | kubectl exec -i web -- sh -c "cat; echo \" 5\""'
check "exec: terminal" shows "tty" sh -c 'script -qec "kubectl exec -it web -- sh -c \"test -t 0 && echo tty\"" /dev/null </dev/null'
check "logs: tail and timestamps" shows "$(date -u +%Y-%m-%d)T" k logs web --tail 1 --timestamps
check "logs: follow ends with the container" sh -c 'timeout 15 kubectl logs -f once; [ $? = 0 ]'
port=$((20000 + $$ % 10000))
kubectl port-forward pod/web $port:8000 >/dev/null 2>&1 &
forward=$!
check "port-forward" until_ok 60 curl -s -o /dev/null http://127.0.0.1:$port/
kill $forward 2>/dev/null

x web touch /tmp/sick
check "a failed liveness probe restarts the container" until_ok 90 is web '.status.containerStatuses[0].restartCount' 1
check "it is ready again" k wait --for=condition=Ready --timeout=20s pod/web
check "events: Unhealthy, Killing" shows "failed liveness probe, will be restarted" k get events --field-selector involvedObject.name=web

before=$(x full cut -d' ' -f22 /proc/1/stat)
kill -9 "$(cat "$D/pid")"
"$BIN/weft-lab" up --detach --data "$D"
check "after kill -9 of the daemon: pods are still Ready" k wait --for=condition=Ready --timeout=60s pod/full pod/web
check "no container was restarted" [ "$(x full cut -d' ' -f22 /proc/1/stat)" = "$before" ]
check "restart counts go on" is web '.status.containerStatuses[0].restartCount' 1
check "ClusterIP still works" shows 200 x full curl -s -o /dev/null -w '%{http_code}' http://web/

kill -9 "$(jq .shimPid "$D/pods/$(field web .metadata.uid)/containers/web/1/state.json")"
check "a killed supervisor takes its container along, and it is restarted" until_ok 90 is web '.status.containerStatuses[0].restartCount' 2

uid=$(field full .metadata.uid)
exec 7<"$D/pods/$uid/volumes/shared/order"   # open: what is written before the pod ends can be read after it
k delete pod full --wait=false >/dev/null
check "the pod goes away" k wait --for=delete --timeout=60s pod/full
check "preStop, then SIGTERM" shows "one two post other pre term" xargs <&7
exec 7<&-
check "its directory and network too" until_ok 60 sh -c "[ ! -e $D/pods/$uid ] && ! ls /run/netns | grep -q ${uid%%-*}"
check "forced deletion" k delete pod web --grace-period=0 --force

# sidecars: init containers that go on running
k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: sidecar}
spec:
  terminationGracePeriodSeconds: 20
  securityContext: {seccompProfile: {type: RuntimeDefault}}
  initContainers:
  - name: side
    image: debian
    restartPolicy: Always
    command: [sh, -c, 'trap "echo side >> /shared/order; exit 0" TERM; sleep 1; touch /shared/up; while :; do sleep 0.1; done']
    startupProbe: {exec: {command: [test, -e, /shared/up]}, periodSeconds: 1, failureThreshold: 100}
    volumeMounts: [{name: shared, mountPath: /shared}]
  - {name: after, image: debian, command: [sh, -c, "test -e /shared/up && echo after >> /shared/order"], volumeMounts: [{name: shared, mountPath: /shared}]}
  containers:
  - name: main
    image: debian
    command: [sh, -c, 'trap "sleep 1; echo main >> /shared/order; exit 0" TERM; while :; do sleep 0.1; done']
    volumeMounts: [{name: shared, mountPath: /shared}]
  volumes: [{name: shared, emptyDir: {}}]
---
apiVersion: v1
kind: Pod
metadata: {name: task}
spec:
  restartPolicy: Never
  initContainers: [{name: side, image: debian, restartPolicy: Always, command: [sh, -c, 'trap "exit 0" TERM; while :; do sleep 0.1; done']}]
  containers: [{name: main, image: debian, command: [sh, -c, "exit 0"]}]
Y
check "a sidecar and what comes after it" k wait --for=condition=Ready --timeout=120s pod/sidecar
check "it is counted" sh -c "kubectl get pod sidecar --no-headers | grep -qE '^sidecar +2/2 +Running'"
check "its status" is sidecar '.status.initContainerStatuses[0].started' true
check "what its pod asks for is carried out" sh -c "! kubectl get events | grep NotSupported | grep -E 'sidecar|task'"
uid=$(field sidecar .metadata.uid)
kill -9 "$(jq .pid "$D/pods/$uid/containers/side/0/state.json")"
check "it is started again, beside the others" until_ok 90 is sidecar '.status.initContainerStatuses[0].restartCount' 1
check "the others were left alone" is sidecar '.status.containerStatuses[0].restartCount' 0
check "ready again" k wait --for=condition=Ready --timeout=120s pod/sidecar
exec 7<"$D/pods/$uid/volumes/shared/order"
k delete pod sidecar --wait=false >/dev/null
check "its pod goes away" k wait --for=delete --timeout=60s pod/sidecar
check "it ends after the others" shows "after main side" xargs <&7
exec 7<&-
check "it does not keep a pod alive" until_ok 90 is task .status.phase Succeeded

# A namespace is left empty, whatever kinds it held; what belongs to an object of any kind goes with it.
k create namespace left >/dev/null
k -n left apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: LimitRange
metadata: {name: kept}
spec: {limits: [{type: Container, default: {cpu: 100m}}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: kept}
spec: {hard: {pods: "9"}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: kept}
spec: {schedule: "0 0 1 1 *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: debian}]}}}}}
---
apiVersion: apps/v1
kind: ControllerRevision
metadata: {name: kept}
revision: 1
data: {}
Y
k -n left patch resourcequota kept --type merge -p "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"LimitRange\",\"name\":\"kept\",\"uid\":\"$(k -n left get limitrange kept -o 'jsonpath={.metadata.uid}')\"}]}}" >/dev/null
k -n left delete limitrange kept >/dev/null
check "collected with its owner: a ResourceQuota of a LimitRange" k -n left wait --for=delete --timeout=20s resourcequota/kept
k -n left apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: LimitRange
metadata: {name: kept}
spec: {limits: [{type: Container, default: {cpu: 100m}}]}
Y
k delete namespace left --timeout=30s >/dev/null
k create namespace left >/dev/null
check "nothing is left of a deleted namespace" [ -z "$(k -n left get limitrange,resourcequota,cronjob,controllerrevision -o name)" ]

lab=$(jq -r .netns "$(ls "$D"/pods/*/pod.json | head -1)")
"$BIN/weft-lab" down --data "$D"
check "down: no process" until_ok 60 sh -c "! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -qF \"weft-shi\"\"m run $D\""
check "down: no network namespace" sh -c "! ls /run/netns | grep -F '${lab%%.*}'"
check "down: no mount" sh -c "! grep -F '$D' /proc/mounts"
check "down: no directory" sh -c "[ ! -e $D ]"
