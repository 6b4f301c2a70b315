#!/usr/bin/env bash
# `make bench`: prints the tables of measure.py. Everything listens on loopback and ends with this script.
#   ROUNDS (default 5), SECONDS_EACH (default 2): how long it takes; about ten minutes by default, with an Envoy
#   ROWS="h1 rate h2 h2-h2 grpc pair jwt rules tracing idle": which tables; all of these by default, and "instructions" besides
#   BASE=COMMIT: builds that commit beside this tree (in build/base) and compares the two in 7 interleaved rounds
set -eu
cd "$(dirname "$0")/../.."
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
COMMIT=${BASE:-} ORIGIN=${ORIGIN_PORT:-18080} BASE=${BASE_PORT:-18081}
export BENCH_BASE_BIN=
if [ -n "$COMMIT" ]; then
  COMMIT=$(git rev-parse --verify --quiet "$COMMIT^{commit}") || { echo "bench: there is no such commit"; exit 1; }
  rm -rf build/base && mkdir -p build/base
  git archive "$COMMIT" | tar -x -C build/base
  env -u MAKEFLAGS -u MAKELEVEL -u BASE make -s -C build/base --no-print-directory build/bin/weft-proxy >build/base/build.log 2>&1 || { tail build/base/build.log; exit 1; }
  BENCH_BASE_BIN=$PWD/build/base/build/bin ROUNDS=${ROUNDS:-7}
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=bench-ca \
  -keyout "$T/ca-key.pem" -out "$T/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server.example \
  -addext subjectAltName=DNS:server.example,URI:spiffe://cluster.local/ns/bench/sa/bench \
  -keyout "$T/key.pem" -out "$T/req.pem" 2>/dev/null
openssl x509 -req -in "$T/req.pem" -CA "$T/ca.pem" -CAkey "$T/ca-key.pem" -days 1 -copy_extensions copy -out "$T/cert.pem" 2>/dev/null
cat "$T/cert.pem" "$T/key.pem" >"$T/both.pem"
echo "nginx $(nginx -v 2>&1 | sed 's/.*\///'), $(haproxy -v | head -n 1 | cut -d' ' -f1-3), $(uname -sr), $(nproc) cores"
python3 test/bench/measure.py "$T" "$PWD/build/bin" "$BASE" "$ORIGIN" "${ROUNDS:-5}" "${SECONDS_EACH:-2}" ${ROWS:-} || { tail -n 5 "$T/bench.log"; exit 1; }
