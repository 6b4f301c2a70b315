#!/usr/bin/env bash
# Every program says how it is used and which version it is, and refuses a flag that it does not know.
set -u
ok=0 bad=0
check() { local what=$1; shift; if "$@" >"$TEST_TMP/out" 2>&1; then ok=$((ok + 1)); else bad=$((bad + 1)); echo "FAIL $what"; cat "$TEST_TMP/out"; fi; }
helps() { "$1" --help 2>"$TEST_TMP/err" | head -n 1 | grep -q "^usage: ${1##*/}" && [ ! -s "$TEST_TMP/err" ]; }
versions() { "$1" --version | grep -qxE "${1##*/} v[0-9]+\.[0-9]+\.[0-9]+[-a-z0-9.]* \(commit ([0-9a-f]{40}(-dirty)?|unknown)\)"; }
refuses() { ! "$1" --no-such-flag >"$TEST_TMP/out" 2>"$TEST_TMP/err" </dev/null && grep -q -- "^${1##*/}: there is no flag --no-such-flag" "$TEST_TMP/err" && [ ! -s "$TEST_TMP/out" ]; }
for p in "$BIN"/*; do
  check "${p##*/} --help" helps "$p"
  check "${p##*/} --version" versions "$p"
  check "${p##*/} --no-such-flag" refuses "$p"
done
echo "$ok passed, $bad failed"
[ $bad = 0 ]
