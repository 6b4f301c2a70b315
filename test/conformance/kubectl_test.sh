#!/usr/bin/env bash
# What people do with kubectl every day, with the oldest and a current version, against the embedded cluster.
set -u
. test/lib/kubectl.sh
data=$TEST_TMP/lab ok=0 bad=0
pass() { ok=$((ok + 1)); echo "ok   $*"; }
fail() { bad=$((bad + 1)); echo "FAIL $*"; sed 's/^/     | /' "$TEST_TMP/out" | tail -n 5; }
check() { local what=$1; shift; if "$@" >"$TEST_TMP/out" 2>&1; then pass "$v $what"; else fail "$v $what"; fi; }
shows() { local what=$1 pattern=$2; shift 2; if "$@" >"$TEST_TMP/out" 2>&1 && grep -qE -- "$pattern" "$TEST_TMP/out"; then pass "$v $what"; else fail "$v $what (want /$pattern/)"; fi; }
refused() { local what=$1 pattern=$2; shift 2; if "$@" >"$TEST_TMP/out" 2>&1; then fail "$v $what: was accepted"; elif grep -qE -- "$pattern" "$TEST_TMP/out"; then pass "$v $what"; else fail "$v $what (want /$pattern/)"; fi; }
finish() { "$BIN/weft-lab" down --data "$data" >/dev/null 2>&1; echo "$ok passed, $bad failed"; [ $bad = 0 ]; }
trap 'finish; exit $?' EXIT
v=lab
check "up" "$BIN/weft-lab" up --detach --data "$data"
eval "$("$BIN/weft-lab" env --data "$data")"

manifest() { cat <<Y
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {color: $1}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: docker.io/library/postgres:15
        command: [sh, -c, 'echo "color is \$COLOR"; trap "exit 0" TERM; while :; do sleep 0.2; done']
        env: [{name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}]
Y
}

crd() { cat <<'Y'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            description: What the widget is like.
            required: [size]
            x-kubernetes-validations: [{rule: self.size % 2 == 1, message: size must be odd}]
            properties:
              size: {type: integer, minimum: 1, maximum: 9, description: How large it is.}
              color: {type: string, default: blue}
Y
}

daily() { # daily KUBECTL NAMESPACE
  local k=$1 ns=$2 port pod
  check "create namespace" "$k" create namespace "$ns"
  k() { "$1" -n "$ns" "${@:2}"; }
  check "apply" sh -c "$(declare -f manifest); manifest red | '$k' -n $ns apply -f -"
  check "rollout status" "$k" -n "$ns" rollout status deployment/web --timeout=180s
  shows "get deployments" '^web +2/2 +2 +2 ' "$k" -n "$ns" get deployments
  shows "get -o wide" 'weft-lab' "$k" -n "$ns" get pods -o wide
  shows "get -o jsonpath" '^2$' "$k" -n "$ns" get deployment web -o jsonpath='{.status.readyReplicas}'
  shows "get -l" 'configmap/settings' "$k" -n "$ns" get configmaps,services -l app=web -o name
  shows "get --field-selector" 'Running' "$k" -n "$ns" get pods --field-selector status.phase=Running
  shows "describe" 'ScalingReplicaSet' "$k" -n "$ns" describe deployment web
  shows "describe service" '^Endpoints: +10\.' "$k" -n "$ns" describe service web
  shows "explain" 'replicas' "$k" explain deployment.spec
  pod=$("$k" -n "$ns" get pods -o name | head -n 1)
  shows "logs" 'color is red' "$k" -n "$ns" logs "$pod"
  shows "apply again" 'configmap/settings configured' sh -c "$(declare -f manifest); manifest green | '$k' -n $ns apply -f -"
  check "diff shows nothing" sh -c "$(declare -f manifest); manifest green | '$k' -n $ns diff -f -"
  check "apply --server-side" sh -c "$(declare -f manifest); manifest green | '$k' -n $ns apply --server-side --force-conflicts -f -"
  check "scale" "$k" -n "$ns" scale deployment/web --replicas=3
  check "wait" "$k" -n "$ns" wait --for=condition=Available --timeout=180s deployment/web
  check "set env, a strategic patch" "$k" -n "$ns" set env deployment/web COLOR- SIZE=9
  check "rollout after it" "$k" -n "$ns" rollout status deployment/web --timeout=180s
  shows "rollout history" '2' "$k" -n "$ns" rollout history deployment/web
  check "rollout undo" "$k" -n "$ns" rollout undo deployment/web
  check "rollout after undo" "$k" -n "$ns" rollout status deployment/web --timeout=180s
  check "rollout restart" "$k" -n "$ns" rollout restart deployment/web
  check "rollout after restart" "$k" -n "$ns" rollout status deployment/web --timeout=180s
  check "patch --type=json" "$k" -n "$ns" patch configmap settings --type=json -p '[{"op":"replace","path":"/data/color","value":"blue"}]'
  check "patch --type=merge" "$k" -n "$ns" patch configmap settings --type=merge -p '{"data":{"size":"1"}}'
  check "label" "$k" -n "$ns" label configmap settings tier=front
  check "annotate" "$k" -n "$ns" annotate configmap settings note=kept
  check "crd" sh -c "$(declare -f crd); crd | '$k' apply -f -"
  check "crd established" "$k" wait --for=condition=Established --timeout=180s crd/widgets.example.com
  check "custom resource" sh -c "printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 3}\n' | '$k' -n $ns apply -f -"
  shows "its columns" '^a +3' "$k" -n "$ns" get wd
  shows "its default" '^blue$' "$k" -n "$ns" get widget a -o jsonpath='{.spec.color}'
  shows "its explanation" 'How large it is' "$k" explain widget.spec.size
  refused "a bad one" 'spec.size' sh -c "printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: b}\nspec: {size: 30}\n' | '$k' -n $ns apply -f -"
  shows "api-resources" 'widgets +wd +example.com/v1' "$k" api-resources
  shows "auth can-i" '^yes' "$k" auth can-i create deployments
  refused "auth can-i of a service account" '^no' "$k" auth can-i create deployments --as="system:serviceaccount:$ns:default" -n "$ns"
  shows "get events" 'Started' "$k" -n "$ns" get events
  [ "$v" = 1.20 ] || shows "events" 'Started container web' "$k" -n "$ns" events
  [ "$v" = 1.20 ] || shows "auth whoami" 'system:masters' "$k" auth whoami
  [ "$v" = 1.20 ] || shows "what no controller carries out" 'Warning: CronJob: this cluster starts no jobs' "$k" -n "$ns" create cronjob c --image=debian --schedule='* * * * *'
  refused "a rule of a definition" 'size must be odd' sh -c "printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: c}\nspec: {size: 4}\n' | '$k' -n $ns apply -f -"
  [ "$v" = 1.20 ] || shows "a field that is warned of" 'Warning: unknown field "spec.colour"' sh -c "printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: d}\nspec: {size: 3, colour: red}\n' | '$k' -n $ns create --validate=warn -f -"
  [ "$v" = 1.20 ] || refused "a field that is refused" 'strict decoding error: unknown field "spec.colour"' sh -c "printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: e}\nspec: {size: 3, colour: red}\n' | '$k' -n $ns create --validate=strict -f -"
  refused "what is applied by the server's side is known" 'field not declared in schema' sh -c "printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: e}\nspec: {size: 3, colour: red}\n' | '$k' -n $ns apply --server-side --validate=false -f -"
  shows "get --raw" 'gitVersion' "$k" get --raw /version
  shows "get all" 'deployment.apps/web' "$k" -n "$ns" get all
  shows "delete" 'deployment.apps "web" deleted' "$k" -n "$ns" delete deployment web --timeout=180s
  # "no matching resources" when they are gone already
  check "its pods go" sh -c "'$k' -n $ns wait --for=delete pod -l app=web --timeout=180s || [ -z \"\$('$k' -n $ns get pods -l app=web -o name)\" ]"
  check "delete namespace" "$k" delete namespace "$ns" --timeout=180s
  refused "it is gone" 'NotFound' "$k" get namespace "$ns"
}

creates() { # what kubectl makes itself; newer versions send it as protobuf
  local k=$1 n="-n creates-${v/./-}"
  made() { shows "create $1" "$2" "$k" $n create "${@:3}" -o jsonpath="$1"; }
  "$k" create namespace "creates-${v/./-}" >/dev/null
  made '{.data.a} {.binaryData.b}' '^1 /wAB$' configmap c --from-literal=a=1 --from-file=b="$TEST_TMP/binary"
  made '{.data.user}' '^bWU=$' secret generic s --from-literal=user=me
  made '{.metadata.name}' '^robot$' serviceaccount robot
  made '{.spec.template.spec.containers[0].image} {.spec.strategy.rollingUpdate.maxSurge}' '^example.com/web:1 25%$' deployment web --image=example.com/web:1
  made '{.spec.ports[0].targetPort} {.spec.type}' '^http NodePort$' service nodeport web --tcp=80:http
  made '{.rules[0].resources[0]}' '^pods$' role r --verb=get --resource=pods
  made '{.rules[0].nonResourceURLs[0]}' '^/metrics$' clusterrole "metrics-${v/./-}" --verb=get --non-resource-url=/metrics
  made '{.subjects[0].kind} {.roleRef.name}' '^ServiceAccount r$' rolebinding b --role=r --serviceaccount="creates-${v/./-}:robot"
  made '{.spec.hard.cpu} {.spec.hard.pods}' '^1 3$' quota q --hard=cpu=1,pods=3
  made '{.spec.rules[0].http.paths[0].backend.service.port.name}' '^http$' ingress i --rule='a.example.com/x*=web:http'
  made '{.spec.template.spec.restartPolicy}' '^Never$' job j --image=example.com/web:1
  shows "what the account may do" 'pods +\[\] +\[\] +\[get\]' "$k" $n auth can-i --list --as="system:serviceaccount:creates-${v/./-}:robot"
  refused "a field that is not known" 'unknown field' sh -c "printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndatas: {}\n' | '$k' $n create -f -"
  check "delete them" "$k" delete namespace "creates-${v/./-}" --timeout=180s
}

streams() { # exec, cp and port-forward: SPDY in the older versions, WebSocket from 1.31 on
  local k=$1 port n=streams-${v/./-}
  "$k" create namespace "$n" >/dev/null
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  - {name: c, image: docker.io/prom/prometheus:v2.42.0, args: [--config.file=/etc/hosts-missing], command: [sh, -c, "mkdir -p /tmp/d; echo global: > /tmp/p.yml; exec prometheus --config.file=/tmp/p.yml --storage.tsdb.path=/tmp/d"]}\n' | "$k" -n "$n" apply -f - >/dev/null
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: reader}\nspec:\n  terminationGracePeriodSeconds: 1\n  restartPolicy: Never\n  containers:\n  - {name: c, image: debian, stdin: true, command: [sh, -c, "while read l; do [ $l = end ] && exit; echo got $l; done"]}\n' | "$k" -n "$n" apply -f - >/dev/null
  check "wait for a reader" "$k" -n "$n" wait --for=condition=Ready --timeout=180s pod/reader
  check "wait for a pod" "$k" -n "$n" wait --for=condition=Ready --timeout=180s pod/p
  shows "exec" '^hello$' "$k" -n "$n" exec p -- echo hello
  refused "exec passes the exit code" 'exit code 3' "$k" -n "$n" exec p -- sh -c 'exit 3'
  shows "exec -i" '^from stdin$' sh -c "echo from stdin | '$k' -n $n exec -i p -- cat"
  refused "debug: ephemeral containers" 'runs no ephemeral containers|ephemeral containers are disabled' "$k" -n "$n" $([ "$v" = 1.20 ] && echo alpha) debug p --image=debian
  shows "attach -i" '^got hello$' sh -c "printf 'hello\nend\n' | '$k' -n $n attach -i reader -c c 2>/dev/null"
  shows "run -i --rm" '^says yes' sh -c "echo yes | '$k' -n $n run asks -i --rm --restart=Never --image=debian -- sh -c 'read x; echo says \$x' 2>/dev/null"
  shows "cp" '^copied$' sh -c "echo copied >'$TEST_TMP/f' && '$k' -n $n cp '$TEST_TMP/f' p:/tmp/f && '$k' -n $n exec p -- cat /tmp/f"
  "$k" -n "$n" port-forward pod/p :9090 >"$TEST_TMP/pf" 2>&1 & local forward=$!
  for _ in $(seq 50); do grep -q Forwarding "$TEST_TMP/pf" && break; read -rt 0.1 <>"$TEST_TMP/never" || :; done
  port=$(sed -nE 's/.*127.0.0.1:([0-9]+) .*/\1/p' "$TEST_TMP/pf" | head -n 1)
  shows "port-forward" 'Prometheus' curl -s -m 10 "http://127.0.0.1:${port:-1}/-/healthy"
  kill $forward 2>/dev/null; wait $forward 2>/dev/null
  check "delete the pod" "$k" -n "$n" delete pod p --timeout=180s
}

projects() { # what OpenShift has beside namespaces: a project is one, as its people see it
  local k=$1 p=project-${v/./-} rest=/apis/project.openshift.io/v1
  request() { printf 'apiVersion: project.openshift.io/v1\nkind: ProjectRequest\nmetadata: {name: %s}\ndisplayName: The shop\ndescription: Where it is sold\n' "$1"; }
  says() { "$k" get namespace "$p" -o jsonpath="{.metadata.annotations.openshift\.io/display-name}|{.metadata.annotations.openshift\.io/description}|{.metadata.annotations.openshift\.io/requester}"; }
  shows "a project that is asked for" "^project.project.openshift.io/$p created" sh -c "$(declare -f request); request $p | '$k' create -f -"
  shows "is a namespace with what is said of it" '^The shop\|Where it is sold\|[^|]+$' says
  refused "is there once" 'namespaces "'"$p"'" already exists' sh -c "$(declare -f request); request $p | '$k' create -f -"
  refused "is asked for by its own kind" 'in the data is not a ProjectRequest' sh -c "echo '{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"}}' | '$k' create --raw $rest/projectrequests -f -"
  shows "is seen" "^NAME +DISPLAY NAME +STATUS\$" "$k" get projects
  shows "with its name" "^$p +The shop +Active\$" "$k" get project "$p"
  shows "as a Project" '^project.openshift.io/v1 Project Active$' "$k" get project "$p" -o jsonpath='{.apiVersion} {.kind} {.status.phase}'
  shows "by its name" "^project.project.openshift.io/$p\$" "$k" get projects --field-selector "metadata.name=$p" -o name
  shows "in lists" '"kind":"ProjectList","apiVersion":"project.openshift.io/v1"' "$k" get --raw "$rest/projects?limit=1"
  shows "in watches" '^\{"type":"ADDED","object":\{"kind":"Project","apiVersion":"project.openshift.io/v1"' "$k" get --raw "$rest/projects?watch=1&timeoutSeconds=1"
  shows "is explained" 'as its users see it' "$k" explain project
  shows "is labelled" "labeled" "$k" label project "$p" tier=front
  shows "which its namespace has" '^front$' "$k" get namespace "$p" -o jsonpath='{.metadata.labels.tier}'
  shows "is applied by the server's side" 'serverside-applied' sh -c "printf 'apiVersion: project.openshift.io/v1\nkind: Project\nmetadata: {name: $p, labels: {tier: back}}\n' | '$k' apply --server-side --force-conflicts -f -"
  shows "so its namespace" '^back$' "$k" get namespace "$p" -o jsonpath='{.metadata.labels.tier}'
  refused "is no Namespace there" 'in the data is not a Project' sh -c "echo '{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"}}' | '$k' create --raw $rest/projects -f -"
  refused "are not deleted all at once" 'does not allow this method' "$k" delete --raw "$rest/projects"
  shows "may be asked for" '"status":"Success"' "$k" get --raw "$rest/projectrequests"
  printf 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: shop, labels: {app: shop}}\nspec: {to: {kind: Service, name: shop}}\n' | "$k" -n "$p" apply -f - >/dev/null
  shows "delete all takes Routes" 'route.route.openshift.io "shop" deleted' "$k" -n "$p" delete all -l app=shop
  shows "another asks" created sh -c "$(declare -f request); request alices-$p | '$k' create --as=alice --as-group=system:authenticated:oauth -f -"
  shows "and is its administrator" '^yes' "$k" -n "alices-$p" auth can-i create rolebindings --as=alice
  shows "who sees it" "^alices-$p +The shop" "$k" get project "alices-$p" --as=alice
  refused "and no other" 'cannot get resource "projects"' "$k" get project "$p" --as=alice
  check "which she takes away" "$k" delete project "alices-$p" --as=alice --wait=false
  refused "who may not ask" 'cannot create resource "projectrequests"' sh -c "$(declare -f request); request bobs | '$k' create --as=bob -f -"
  shows "goes" "^project.project.openshift.io \"$p\" deleted" "$k" delete project "$p" --timeout=180s
  refused "with its namespace" 'NotFound' "$k" get namespace "$p"
}

gateways() { # the names that are short for Istio's Gateways, also where the Gateway API's are
  local k=$1 n=gateways-${v/./-}
  definition() { printf 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gateways.%s\n  annotations: {api-approved.kubernetes.io: https://github.com/kubernetes-sigs/gateway-api}\nspec:\n  group: %s\n  scope: Namespaced\n  names: {plural: gateways, singular: gateway, kind: Gateway, shortNames: [%s]}\n  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]\n' "$1" "$1" "$2"; }
  "$k" create namespace "$n" >/dev/null
  definition gateway.networking.k8s.io gtw | "$k" apply -f - >/dev/null
  definition networking.istio.io gw | "$k" apply -f - >/dev/null
  check "definitions of both" "$k" wait --for=condition=Established --timeout=180s crd/gateways.gateway.networking.k8s.io crd/gateways.networking.istio.io
  printf 'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: door}\n' | "$k" -n "$n" apply -f - >/dev/null
  for name in gateway gateways gw; do shows "get $name" '^gateway.networking.istio.io/door$' "$k" -n "$n" get "$name" -o name; done
  shows "delete gateway" '^gateway.networking.istio.io "door" deleted' "$k" -n "$n" delete gateway door
  "$k" delete namespace "$n" --wait=false >/dev/null
  "$k" delete crd gateways.gateway.networking.k8s.io gateways.networking.istio.io >/dev/null
}

mkfifo "$TEST_TMP/never"
printf '\377\000\001' >"$TEST_TMP/binary"
for v in 1.20 1.32; do
  k=$(kubectl_path $v) || { fail "no kubectl $v"; continue; }
  daily "$k" "daily-${v/./-}"
  creates "$k"
  projects "$k"
  gateways "$k"
  streams "$k"
done
