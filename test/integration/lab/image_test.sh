#!/usr/bin/env bash
# Anybody's images in the embedded cluster: archives are loaded, or found in a folder, and run as they say.
# Needs root. Closing line "N passed, N failed".
set -u
ROOT=${ROOT:-$(cd "$(dirname "$0")/../../.." && pwd)} BIN=${BIN:-$ROOT/build/bin} TMP=${TEST_TMP:-$(mktemp -d)}
D=$TMP/lab ok=0 bad=0
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 1; }
pass() { ok=$((ok+1)); printf 'ok   %s\n' "$*"; }
fail() { bad=$((bad+1)); printf 'FAIL %s\n' "$*"; }
check() { local what=$1; shift; if "$@" >"$TMP/out" 2>&1; then pass "$what"; else fail "$what: $(tail -n 3 "$TMP/out")"; fi; }
until_ok() { local end=$(( $(date +%s) + $1 )); shift; until "$@"; do [ "$(date +%s)" -ge "$end" ] && return 1; sleep 0.1; done; }
k() { kubectl --request-timeout=60s "$@"; }
finish() { "$BIN/weft-lab" down --data "$D" >/dev/null 2>&1; printf '\n%d passed, %d failed\n' $ok $bad; [ $bad = 0 ]; }
trap 'finish; exit $?' EXIT
shows() { local want=$1; shift; "$@" 2>&1 | tee "$TMP/shown" | grep -qF -- "$want" || { cat "$TMP/shown"; return 1; }; }
x() { local pod=$1; shift; k exec "$pod" -- "$@"; }
why() { k get pod "$1" -o 'jsonpath={.status.containerStatuses[0].state.waiting.reason}: {.status.containerStatuses[0].state.waiting.message}'; }
archive() { /usr/bin/python3 -c "import sys; sys.path.insert(0, '$ROOT/test/lib'); import archive; archive.python_image('$1', '$2')"; }

mkdir "$TMP/folder"
check "an archive is made of Debian's packages" archive "$TMP/web.tar" strange.example/web:1
check "it is loaded before there is a cluster" shows "loaded strange.example/web:1 sha256:" "$BIN/weft-lab" load --data "$D" "$TMP/web.tar"
"$BIN/weft-lab" up --detach --data "$D" --images "$TMP/folder" || { fail "weft-lab up"; exit 1; }
eval "$("$BIN/weft-lab" env --data "$D")"
until_ok 60 k get serviceaccount default >/dev/null 2>&1

pod() { # pod NAME IMAGE [MORE OF THE CONTAINER] [MORE OF THE SPEC]
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec:\n  terminationGracePeriodSeconds: 8\n%s\n  containers: [{name: c, image: "%s"%s}]\n' "$1" "${4:+  $4}" "$2" "${3:+, $3}" | k apply -f - >/dev/null
}
pod web strange.example/web:1 'readinessProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}'
pod own strange.example/web:1 'command: [/bin/sh, -c], args: ["cat $GREETING; exec python3 -c \"import time; time.sleep(900)\""], workingDir: /tmp/deep, env: [{name: GREETING, value: /srv/index.html}]' 'securityContext: {runAsUser: 0}'
pod fixed strange.example/web:1 'readinessProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}, securityContext: {readOnlyRootFilesystem: true, runAsUser: 4321}'
pod named strange.example/web:1 'securityContext: {runAsNonRoot: true}'
pod absent strange.example/other:1
pod never strange.example/other:1 'imagePullPolicy: Never'
pod odd 'Strange.Example/WEB:1'
pod later strange.example/later:2 'imagePullPolicy: Always, readinessProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}'

check "it runs" k wait --for=condition=Ready --timeout=60s pod/web
ip=$(k get pod web -o 'jsonpath={.status.podIP}')
pod client debian 'command: [sleep, "1000"]'
check "a client runs" k wait --for=condition=Ready --timeout=60s pod/client
check "it serves its own files, from its own folder" shows "hello from a stranger" x client curl -s -m 5 "http://$ip:8000/index.html"
check "its user has a name, a group and another group" shows "uid=4321(web) gid=4322(web) groups=4322(web),777(extra)" x web id
check "its variables, and HOME of its user" shows "from the image /srv/home" x web sh -c 'echo "$GREETING $HOME"'
check "a whiteout takes a file away, an opaque one what was below" shows "above" x web ls /srv/dir
check "what is below an opaque folder is gone" shows "No such file" x web cat /srv/dir/below
check "what was whited out is gone" shows "No such file" x web cat /srv/old.txt
check "a path through a link of a lower layer" shows "it went to /usr/bin" x web cat /usr/bin/through-a-link
check "nothing of this machine is inside" shows "No such file" x web ls /usr/share
check "files keep their owner and mode" shows "-rw-r----- 1 web web 22 " x web ls -l /srv/index.html
check "command, args, directory and variables of the pod count first" shows "hello from a stranger" k logs own
check "the pod's working directory is made" shows "/tmp/deep" x own sh -c 'pwd'
check "the pod's user counts first" shows "uid=0(root) gid=0(root)" x own id
check "what a container writes" x own touch /srv/mine
check "is its own" shows "No such file" x web cat /srv/mine
check "a read-only root" k wait --for=condition=Ready --timeout=60s pod/fixed
check "takes no file" shows "Read-only file system" x fixed touch /tmp/x
check "a user by name cannot be told not to be root" until_ok 20 shows "container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root" why named
check "an absent image backs off and says what to do" until_ok 20 shows 'ImagePullBackOff: Back-off pulling image "strange.example/other:1": ErrImagePull: the lab has no image' why absent
check "one that must not be pulled" until_ok 20 shows 'ErrImageNeverPull: Container image "strange.example/other:1" is not present with pull policy of Never' why never
check "a name that is none" until_ok 20 shows 'InvalidImageName: image name "Strange.Example/WEB:1"' why odd
check "imageID" shows "strange.example/web@sha256:" k get pod web -o 'jsonpath={.status.containerStatuses[0].imageID}'

check "an archive put into the folder" archive "$TMP/folder/later.tar" strange.example/later:2
check "is found by the pod that waits for it" k wait --for=condition=Ready --timeout=60s pod/later
shows Running k get pod later >/dev/null || { why later; tail -n 5 "$D/log"; }
check "and that is told" until_ok 10 shows 'Successfully pulled image "strange.example/later:2"' k get events --field-selector involvedObject.name=later
check "an archive that names nothing" archive "$TMP/nameless.tar" ""
check "is refused without a name" shows "does not say what the image is called" "$BIN/weft-lab" load --data "$D" "$TMP/nameless.tar"
check "and loaded with one" shows "loaded strange.example/other:1" "$BIN/weft-lab" load --data "$D" --name strange.example/other:1 "$TMP/nameless.tar"
check "the pod that waits goes on" until_ok 40 shows "Running" k get pod absent
check "both are listed" shows "strange.example/later:2" "$BIN/weft-lab" images --data "$D"

kill -9 "$(cat "$D/pid")"
"$BIN/weft-lab" up --detach --data "$D" --images "$TMP/folder" || fail "weft-lab up again"
eval "$("$BIN/weft-lab" env --data "$D")"
check "a new daemon finds it running" until_ok 30 shows "hello from a stranger" x client curl -s -m 5 "http://$ip:8000/index.html"
began=$(date +%s)
check "it ends by the signal that its image names" k delete pod web --timeout=30s
check "at once" test $(( $(date +%s) - began )) -lt 6
