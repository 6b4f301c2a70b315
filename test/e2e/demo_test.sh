#!/usr/bin/env bash
# The five-minute demo from beginning to end, on an embedded cluster of its own.
set -u
log=$(mktemp)
DATA=$TEST_TMP/lab demo/run.sh 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
passed=$(grep -c '^ *ok   ' "$log") failed=$(grep -c '^ *FAIL ' "$log")
rm -f "$log"
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
exit "$status"
