#!/bin/sh
# Entrypoint of the postgres image, with the variables of the official one: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB,
# PGDATA, POSTGRES_HOST_AUTH_METHOD. Root becomes postgres. A cluster is made aside and moved in place when it is whole.
set -eu
case ${1:-postgres} in -*) set -- postgres "$@" ;; esac
[ "$1" = postgres ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /run/postgresql
  chown -R postgres:postgres "$PGDATA" /run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
owner=${POSTGRES_USER:-postgres}
name=${POSTGRES_DB:-$owner}
method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
umask 077
mkdir -p "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo 'POSTGRES_PASSWORD is not set: a new database needs one' >&2
    exit 1
  fi
  find "$PGDATA" -mindepth 1 -delete
  fresh=$PGDATA/fresh
  printf '%s\n' "${POSTGRES_PASSWORD:-}" >/tmp/password
  initdb -D "$fresh" --no-sync --encoding=UTF8 --locale=C.UTF-8 --auth=trust --username="$owner" ${POSTGRES_PASSWORD:+--pwfile=/tmp/password}
  rm /tmp/password
  echo "listen_addresses = '*'" >>"$fresh/postgresql.conf"
  echo "host all all all $method" >>"$fresh/pg_hba.conf"
  [ "$name" = postgres ] || echo "CREATE DATABASE \"$name\"" | postgres --single -j -D "$fresh" postgres >/dev/null
  find "$fresh" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$PGDATA" '{}' +
  mv "$fresh/PG_VERSION" "$PGDATA/" && rmdir "$fresh"
fi
chmod 700 "$PGDATA"
shift
exec postgres "$@"
