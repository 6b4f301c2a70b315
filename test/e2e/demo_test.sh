#!/usr/bin/env bash
# The five-minute demo from beginning to end: on the cluster of KUBECONFIG, else on an embedded one of its own, with every program
# built with the address and undefined-behaviour sanitizers: whatever they find ends the program, and a restarted container fails
# the demo. The launcher of containers is the plain one: it lives between namespaces, where the leak check cannot look.
set -uo pipefail
log=$TEST_TMP/demo.log
if [ -n "${KUBECONFIG:-}" ]; then
  . "${ROOT:=$PWD}/test/lib/mesh.sh"
  trap 'mesh_down coolstore-catalog coolstore-inventory' EXIT
  demo/run.sh 2>&1 | tee "$log"
else
  mkdir "$TEST_TMP/bin"
  cp "$BIN_ASAN"/* "$TEST_TMP/bin" && cp "$BIN/weft-shim" "$TEST_TMP/bin"
  SOURCE_DATE_EPOCH=0 python3 deploy/images/images.py build --arch "$(dpkg --print-architecture)" --bin "$TEST_TMP/bin" --out "$TEST_TMP/images" \
    --version test --commit test coolstore-catalog coolstore-inventory >"$log" || { cat "$log"; exit 1; }
  BIN=$TEST_TMP/bin DATA=$TEST_TMP/lab demo/run.sh 2>&1 | tee "$log"
fi
status=$?
passed=$(grep -c '^ *ok   ' "$log") failed=$(grep -c '^ *FAIL ' "$log")
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
exit "$status"
