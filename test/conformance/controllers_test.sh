#!/usr/bin/env bash
# What controllers must do: rolling updates within their bounds, endpoints, garbage collection, claims, routes, namespaces.
# The same holds on any Kubernetes; with KUBECONFIG set it runs there (without the parts on Routes).
set -u
data=$TEST_TMP/lab ok=0 bad=0
pass() { ok=$((ok + 1)); echo "ok   $*"; }
fail() { bad=$((bad + 1)); echo "FAIL $*"; sed 's/^/     | /' "$TEST_TMP/out" | tail -n 5; }
check() { local what=$1; shift; if "$@" >"$TEST_TMP/out" 2>&1; then pass "$what"; else fail "$what"; fi; }
until_ok() { local end=$(($(date +%s) + $1)); shift; until "$@" >"$TEST_TMP/out" 2>&1; do [ "$(date +%s)" -ge "$end" ] && return 1; sleep 0.1; done; }
next_second() { local s; s=$(date +%s); until [ "$(date +%s)" -gt "$s" ]; do sleep 0.1; done; }
soon() { local what=$1; shift; check "$what" until_ok 120 "$@"; }
is() { local want=$1; shift; local have; have=$("$@" 2>&1); echo "want $want, have $have"; [ "$have" = "$want" ]; }
# Endpoints are on their way out, which kubectl warns of.
ends() { k get endpoints "$@" 2>/dev/null; }
none() { local have; have=$("$@" 2>/dev/null); echo "have $have"; [ -z "$have" ]; }
started=
finish() { [ -n "$started" ] && "$BIN/weft-lab" down --data "$data" >/dev/null 2>&1; echo "$ok passed, $bad failed"; [ $bad = 0 ]; }
trap 'finish; exit $?' EXIT
if [ -z "${KUBECONFIG:-}" ]; then
  started=1
  check "up" "$BIN/weft-lab" up --detach --data "$data"
  eval "$("$BIN/weft-lab" env --data "$data")"
fi
ns=controllers
k() { kubectl -n $ns "$@"; }
kubectl create namespace $ns >/dev/null

# deployment NAME REPLICAS COMMAND [STRATEGY]
deployment() { cat <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1}
spec:
  replicas: $2
  progressDeadlineSeconds: ${DEADLINE:-60}
  revisionHistoryLimit: 2
  strategy: ${4:-"{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"}
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: docker.io/library/postgres:15
        command: [sh, -c, '$3']
        ports: [{name: web, containerPort: 8080}]
        readinessProbe: {exec: {command: [sh, -c, 'test ! -e /tmp/not-ready']}, periodSeconds: 1}
Y
}
SLEEP='trap "exit 0" TERM; while :; do sleep 0.1; done'
pods() { k get pods -l app="$1" -o name | wc -l; }

# --- rolling updates ---
deployment a 3 "$SLEEP" | k apply -f - >/dev/null
check "a Deployment becomes available" k rollout status deployment/a --timeout=180s
soon "as many ReplicaSets as templates" is 1 sh -c "kubectl -n $ns get rs -o name | wc -l"
k get deployment a -w -o jsonpath='{.status.replicas} {.status.availableReplicas}{"\n"}' >"$TEST_TMP/watch" 2>/dev/null &
watcher=$!
deployment a 3 "V=2; $SLEEP" | k apply -f - >/dev/null
check "a new template rolls out" k rollout status deployment/a --timeout=180s
kill $watcher
check "never above maxSurge" sh -c "! awk '\$1 > 4' '$TEST_TMP/watch' | grep ."
check "never below maxUnavailable" sh -c "! awk 'NF == 2 && \$2 < 3' '$TEST_TMP/watch' | grep ."
check "revision 2" is 2 k get deployment a -o 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}'
check "rollout undo" k rollout undo deployment/a
check "it rolls back" k rollout status deployment/a --timeout=180s
check "to a newer revision" is 3 k get deployment a -o 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}'
for v in 4 5 6; do deployment a 3 "V=$v; $SLEEP" | k apply -f - >/dev/null; k rollout status deployment/a --timeout=180s >/dev/null; done
soon "history is kept to its limit" is 3 sh -c "kubectl -n $ns get rs -o name | wc -l"
check "scale down" k scale deployment/a --replicas=1
soon "pods leave" is 1 pods a
check "delete a pod" k delete "$(k get pods -l app=a -o name)" --wait=false
soon "it is replaced" sh -c "kubectl -n $ns get pods -l app=a --no-headers | grep -q 1/1"
check "a pause holds the rollout" k rollout pause deployment/a
deployment a 1 "V=7; $SLEEP" | k apply -f - >/dev/null
soon "the controller has seen the template" sh -c "kubectl -n $ns get deployment a -o json | jq -e '.status.observedGeneration == .metadata.generation'"
check "nothing rolls" is 0 sh -c "kubectl -n $ns get deployment a -o jsonpath='{.status.updatedReplicas}' | grep -v '^0*$' | wc -l"
check "a resume lets it go" k rollout resume deployment/a
check "and it completes" k rollout status deployment/a --timeout=180s

deployment r 2 "$SLEEP" "{type: Recreate}" | k apply -f - >/dev/null
check "Recreate becomes available" k rollout status deployment/r --timeout=180s
old=$(k get pods -l app=r -o jsonpath='{.items[*].metadata.name}')
deployment r 2 "V=2; $SLEEP" "{type: Recreate}" | k apply -f - >/dev/null
check "Recreate rolls out" k rollout status deployment/r --timeout=180s
check "no old pod is left" sh -c "for p in $old; do ! kubectl -n $ns get pod \$p || exit 1; done"

DEADLINE=2 deployment d 1 "touch /tmp/not-ready; $SLEEP" | k apply -f - >/dev/null
soon "a stuck rollout is told" is ProgressDeadlineExceeded k get deployment d -o 'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}'
check "rollout status fails" sh -c "! kubectl -n $ns rollout status deployment/d --timeout=5s"

# --- endpoints ---
k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {app: a}, ports: [{name: http, port: 80, targetPort: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: d}
spec: {selector: {app: d}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: e, annotations: {x: z}}
spec: {selector: {app: d}, publishNotReadyAddresses: true, ports: [{port: 80}]}
Y
ip=$(k get pods -l app=a -o jsonpath='{.items[0].status.podIP}')
soon "the pod's address" is "$ip" ends a -o 'jsonpath={.subsets[0].addresses[*].ip}'
check "the named port's number" is 8080 ends a -o 'jsonpath={.subsets[0].ports[0].port}'
slice="get endpointslices -l kubernetes.io/service-name"
soon "the slice has it" is "$ip true" sh -c "kubectl -n $ns $slice=a -o jsonpath='{.items[0].endpoints[0].addresses[0]} {.items[0].endpoints[0].conditions.ready}'"
soon "a pod that is not ready is apart" sh -c "kubectl -n $ns get endpoints d -o jsonpath='{.subsets[0].notReadyAddresses[0].ip}' | grep -q ^10"
check "and in no address" none ends d -o 'jsonpath={.subsets[0].addresses[*].ip}'
soon "unless it is published" sh -c "kubectl -n $ns get endpoints e -o jsonpath='{.subsets[0].addresses[0].ip}' | grep -q ^10"
check "a pod leaves by its label" k label "$(k get pods -l app=a -o name)" app=left --overwrite
soon "the endpoints follow" sh -c "kubectl -n $ns get endpoints a -o jsonpath='{.subsets[*].addresses[*].ip}' | grep -vw $ip | grep -q ^10"
check "delete a service" k delete service a
soon "its endpoints go" none ends a -o name
soon "its slices go" none k get endpointslices -l kubernetes.io/service-name=a -o name
k delete pod -l app=left --wait=false >/dev/null

# --- other workloads ---
set_of() { cat <<Y
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s}
spec:
  serviceName: s
  replicas: $1
  selector: {matchLabels: {app: s}}
  template:
    metadata: {labels: {app: s}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: docker.io/library/postgres:15
        command: [sh, -c, 'V=$2; hostname > /data/name; $SLEEP']
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
Y
}
set_of 3 1 | k apply -f - >/dev/null
check "a StatefulSet becomes ready" k rollout status statefulset/s --timeout=180s
check "pods are numbered" is "s-0 s-1 s-2" k get pods -l app=s -o 'jsonpath={.items[*].metadata.name}'
check "they were made in order" sh -c "kubectl -n $ns get pods -l app=s --sort-by=.metadata.creationTimestamp -o jsonpath='{.items[0].metadata.name}' | grep -q s-0"
check "each has its claim" is "data-s-0 data-s-1 data-s-2" k get pvc -o 'jsonpath={.items[*].metadata.name}'
check "and its name" is s-1 k exec s-1 -- cat /data/name
uid=$(k get pod s-0 -o 'jsonpath={.metadata.uid}')
set_of 3 2 | k apply -f - >/dev/null
check "an update rolls through" k rollout status statefulset/s --timeout=180s
check "down to the first" sh -c "[ \$(kubectl -n $ns get pod s-0 -o 'jsonpath={.metadata.uid}') != $uid ]"
k scale statefulset/s --replicas=1 >/dev/null
soon "the last leave first" is s-0 k get pods -l app=s -o 'jsonpath={.items[*].metadata.name}'
check "claims stay" is 3 sh -c "kubectl -n $ns get pvc -o name | wc -l"
k delete statefulset s >/dev/null
k delete pvc --all >/dev/null

k apply -f - >/dev/null <<Y
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: every}
spec:
  selector: {matchLabels: {app: every}}
  template:
    metadata: {labels: {app: every}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: main, image: docker.io/library/postgres:15, command: [sh, -c, '$SLEEP']}]
Y
check "a DaemonSet becomes ready" k rollout status daemonset/every --timeout=180s
check "set env" k set env daemonset/every A=b
check "it rolls" k rollout status daemonset/every --timeout=180s
check "the pod is new" is b sh -c "kubectl -n $ns get pods -l app=every -o jsonpath='{.items[*].spec.containers[0].env[0].value}'"
k delete daemonset every >/dev/null

job() { printf 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: %s}\nspec: {%s template: {spec: {restartPolicy: Never, terminationGracePeriodSeconds: 1, containers: [{name: main, image: "docker.io/library/postgres:15", command: [sh, -c, "%s"]}]}}}\n' "$1" "$2" "$3" | k apply -f - >/dev/null; }
job done 'completions: 3, parallelism: 2,' 'echo worked'
check "a Job completes" k wait --for=condition=Complete --timeout=180s job/done
check "as often as asked for" is 3 k get job done -o 'jsonpath={.status.succeeded}'
check "its log" sh -c "kubectl -n $ns logs job/done | grep -q worked"
job fails 'backoffLimit: 0,' 'exit 3'
check "a Job fails" k wait --for=condition=Failed --timeout=180s job/fails
check "and says why" is BackoffLimitExceeded k get job fails -o 'jsonpath={.status.conditions[0].reason}'
job late 'activeDeadlineSeconds: 1,' 'sleep 100'
check "a Job has a deadline" k wait --for=condition=Failed --timeout=180s job/late
soon "its pods go" none sh -c "kubectl -n $ns get pods -l job-name=late -o name"
job short 'ttlSecondsAfterFinished: 1,' 'true'
soon "a Job goes when its time is out" none k get job short -o name
k delete jobs --all >/dev/null
soon "pods of Jobs go with them" none k get pods -l job-name=done -o name

# --- garbage collection ---
check "orphan" k delete deployment r --cascade=orphan
soon "the ReplicaSets stay, without owner" is "2" sh -c "echo \$(kubectl -n $ns get rs -l app=r -o name | wc -l) \$(kubectl -n $ns get rs -l app=r -o jsonpath='{.items[*].metadata.ownerReferences}')"
check "and their pods" is 2 pods r
deployment r 2 "V=2; $SLEEP" "{type: Recreate}" | k apply -f - >/dev/null
soon "a new Deployment adopts them" is "Deployment Deployment" k get rs -l app=r -o 'jsonpath={.items[*].metadata.ownerReferences[*].kind}'
check "and is available at once" k rollout status deployment/r --timeout=180s
k delete deployment r --cascade=orphan >/dev/null
rs=$(k get rs -l app=r -o jsonpath='{.items[?(@.spec.replicas==2)].metadata.name}')
check "foreground" k delete rs "$rs" --cascade=foreground --timeout=180s
check "pods went first" is 0 pods r
check "background" k delete deployment d --cascade=background
soon "dependents follow" none k get rs,pods -l app=d -o name
k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: ConfigMap
metadata: {name: owned, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: nobody, uid: 00000000-0000-0000-0000-000000000000}]}
Y
soon "what has no owner goes" none k get configmap owned -o name

# --- claims ---
k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: writer}
spec:
  restartPolicy: Never
  containers:
  - {name: main, image: docker.io/library/postgres:15, command: [sh, -c, 'echo kept > /data/file'], volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: c}}]
Y
soon "a claim is bound" is Bound k get pvc c -o 'jsonpath={.status.phase}'
pv=$(k get pvc c -o jsonpath='{.spec.volumeName}')
soon "a pod writes to it" is Succeeded k get pod writer -o 'jsonpath={.status.phase}'
k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  restartPolicy: Never
  containers:
  - {name: main, image: docker.io/library/postgres:15, command: [cat, /data/file], volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: c}}]
Y
soon "another reads it" is kept k logs reader
k delete pod writer reader >/dev/null
check "delete the claim" k delete pvc c --timeout=180s
soon "its volume goes" none kubectl get pv "$pv" -o name

# --- routes ---
if [ -n "$started" ]; then
  route() { printf 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: %s}\nspec: {%s to: {kind: Service, name: d}}\n' "$1" "$2" | k apply -f - >/dev/null; }
  admitted() { k get route "$1" -o 'jsonpath={.status.ingress[0].conditions[0].status} {.status.ingress[0].conditions[0].reason}'; }
  route one ''
  soon "a route gets a host" is one-controllers.apps.localhost k get route one -o 'jsonpath={.spec.host}'
  soon "it is admitted" is "True " admitted one
  next_second   # creation times have no finer grain, and the older one counts
  route two 'host: one-controllers.apps.localhost,'
  soon "a host is given once" is "False HostAlreadyClaimed" admitted two
  k delete route one >/dev/null
  soon "and then to the next" is "True " admitted two
fi

# --- namespaces ---
soon "default service account" k get serviceaccount default
check "it is deleted" k delete serviceaccount default
soon "it comes back" k get serviceaccount default
k apply -f - >/dev/null <<'Y'
apiVersion: v1
kind: ConfigMap
metadata: {name: holds, finalizers: [example.com/hold]}
Y
kubectl delete namespace $ns --wait=false >/dev/null
soon "a finalizer holds it and is told" is True kubectl get namespace $ns -o 'jsonpath={.status.conditions[?(@.type=="NamespaceFinalizersRemaining")].status}'
soon "all else goes" none k get deployments,rs,pods,services,endpoints,pvc -o name
check "nothing new is made in it" sh -c "kubectl -n $ns create configmap x 2>&1 | grep -q 'being terminated'"
k patch configmap holds --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
soon "then it goes" none kubectl get namespace $ns -o name
