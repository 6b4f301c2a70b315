#!/usr/bin/env bash
# The five-minute demonstration of OpenShift Service Mesh as its document has it, command by command (document.toml), with kubectl
# under the name `oc`, on an embedded cluster: its router has the ports 80 and 443, as addresses there name none, so all runs in
# a network of its own, without a way out. A browser (`open`) is a program that fetches the page.
set -u
ROOT=${ROOT:-$PWD}
[ -z "${KUBECONFIG:-}" ] || { echo "skipped: the document's addresses want a cluster of the test's own"; exit 0; }
if [ -z "${DOCUMENT_INSIDE:-}" ]; then
  . test/lib/kubectl.sh
  oc=$(kubectl_path 1.32) || { echo "FAIL no kubectl 1.32"; echo "0 passed, 1 failed"; exit 1; }
  mkdir -p "$TEST_TMP/bin" && cp "$oc" "$TEST_TMP/bin/oc" && cp "$oc" "$TEST_TMP/bin/kubectl"
  DOCUMENT_INSIDE=1 exec unshare --net --mount --propagation private "$0" "$@"
fi
ip link set lo up
export PATH=$TEST_TMP/bin:$PATH HOME=$TEST_TMP
. "$ROOT/test/lib/mesh.sh"

# ---- what the table says, as files
python3 - "$TEST_TMP" <<'P' || exit 1
import os, shutil, subprocess, sys, tomllib
tmp = sys.argv[1]
table = tomllib.load(open("test/e2e/document.toml", "rb"))
catalog = f"{tmp}/catalog"
for s in table["stands"]:
    at = os.path.join(catalog, s["path"])
    if "folder" in s:
        shutil.copytree(s["folder"], at)
        continue
    os.makedirs(at)
    open(f"{at}/objects.yaml", "w").write(s["objects"])
    open(f"{at}/kustomization.yaml", "w").write("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- objects.yaml\n")
git = ["git", "-c", "user.name=test", "-c", "user.email=test@weft.example", "-C", catalog]
for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "catalog"]):
    subprocess.run(git + words, check=True)
open(f"{tmp}/.gitconfig", "w").write(f'[url "{catalog}"]\n\tinsteadOf = {table["catalog"]["url"]}\n')
for i, s in enumerate(table["step"]):
    at = f"{tmp}/steps/{i:03}"
    os.makedirs(at)
    for key, value in s.items():
        open(f"{at}/{key}", "w").write("\n".join(value) if isinstance(value, list) else str(value))
P

# ---- what commands of the table use

# A browser: what it was told to open, and what it shows.
open() { echo "$3"; curl -sSfL -m 20 --cacert "$APPS_DOMAIN_CA" "$3"; }

query() { curl -sSfG -m 20 --cacert "$APPS_DOMAIN_CA" "$PROMETHEUS_URL/api/v1/query" --data-urlencode "query=$1"; }

shows_a_value() { query "$1" | grep -q '"value":\['; }
# more_than_before N EXPRESSION: whether its value is at least N more than when it was first asked for
more_than_before() {
  local now
  now=$(query "$2" | jq -r '.data.result[0].value[1] | tonumber') || return 1
  : "${before:=$now}"
  [ "$now" -ge $((before + $1)) ]
}

# The hosts of Routes lead to this machine, as DNS would have it; seen by this test alone.
hosts_known() {
  { echo "127.0.0.1 localhost"; oc get routes -A -o jsonpath='{range .items[*]}127.0.0.1 {.spec.host}{"\n"}{end}'; } >"$TEST_TMP/hosts"
  mount --bind "$TEST_TMP/hosts" /etc/hosts
}

# Objects named after the application, or in its namespaces. Events tell of what is gone.
left_of_the_application() {
  local kinds
  kinds=$(oc api-resources --verbs=list -o name | grep -vE '^events(\.|$)|^selfsubject' | paste -sd,)
  oc get "$kinds" -A -o jsonpath='{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}' --ignore-not-found \
    >"$TEST_TMP/all" 2>"$TEST_TMP/warned" || cat "$TEST_TMP/warned"
  grep -q '^Namespace /istio-system$' "$TEST_TMP/all" || echo "not all objects were seen"
  grep -E 'coolstore|inventory|catalog' "$TEST_TMP/all" || :
}

# ---- typing

# as_shown FOLDER FILE: whether the file has a line for each pattern, and no others where there is `only`
as_shown() {
  local pattern
  if [ -e "$1/shows" ]; then
    while read -r pattern || [ -n "$pattern" ]; do
      grep -qE -- "$pattern" "$2" || { missing=$pattern; return 1; }
    done <"$1/shows"
  fi
  [ ! -e "$1/only" ] || ! grep -qvE -- "$(cat "$1/only")" "$2" || { missing="nothing but $(cat "$1/only")"; return 1; }
}

# The youngest child of this shell gets what Ctrl-C would give it, once enough was seen.
interrupted_by() {
  until . "$1" >"$TEST_TMP/ends" 2>&1; do pause 0.5; done
  pkill -INT -n -P $$
}

# The output goes to $out; whether all is as the table says.
typed() {
  local status ender=
  if [ -e "$1/ends" ]; then interrupted_by "$1/ends" & ender=$!; fi
  . "$1/run" >"$out" 2>&1
  status=$?
  if [ -n "$ender" ]; then end_other $ender; fi
  if [ -e "$1/fails" ]; then status=$((status == 0)); fi
  [ $status = 0 ] || { missing="exit status"; return 1; }
  as_shown "$1" "$out"
}

declare -A others=()
# In another terminal, until it has shown what it should; with `goes_on` until the end.
in_background() {
  local pid
  (. "$1/run") >"$out" 2>&1 &
  pid=$!
  others[$pid]=1
  if [ -e "$1/goes_on" ]; then loop=$out; fi
  until_ok "$(cat "$1/within")" as_shown "$1" "$out" || return 1
  if [ ! -e "$1/goes_on" ]; then end_other "$pid"; fi
}

end_other() {
  pkill -P "$1"
  kill "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  unset "others[$1]"
}

again_until() {
  local end=$((SECONDS + $(cat "$1/within" 2>/dev/null || echo 0)))
  until typed "$1"; do [ $SECONDS -lt $end ] || return 1; pause 0.3; done
}

step() {
  local about mark='' begin=$SECONDS missing=''
  about=$(cat "$1/about") out=$1/out
  [ -e "$1/ours" ] && mark='(ours) '
  if if [ -e "$1/background" ]; then in_background "$1"; else again_until "$1"; fi; then
    pass "$mark$about, $((SECONDS - begin)) s"
  else
    fail "$mark$about: missing: $missing"
    tail -n 12 "$out" | sed 's/^/     | /'
  fi
}

ended() {
  for pid in "${!others[@]}"; do end_other "$pid"; done
  finish
}
trap 'ended; exit $?' EXIT

embedded=1
"$BIN/weft-lab" up --detach --data "$data" --router-port 80 --router-tls-port 443 || { fail "weft-lab up"; exit 1; }
eval "$("$BIN/weft-lab" env --data "$data")"
for s in "$TEST_TMP"/steps/*; do step "$s"; done
