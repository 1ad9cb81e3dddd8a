#!/usr/bin/env bash
# The contract of the published image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB (each also as …_FILE),
# POSTGRES_HOST_AUTH_METHOD, POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR, PGDATA, /docker-entrypoint-initdb.d.
set -euo pipefail

# variable [default]: its value, or the content of the file that variable_FILE names
from_file() {
  local file=${1}_FILE
  if [ -n "${!1:-}" ] && [ -n "${!file:-}" ]; then
    echo "error: both $1 and $file are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!file:-}" ]; then
    export "$1=$(<"${!file}")"
  else
    export "$1=${!1:-${2:-}}"
  fi
}

fill_data_folder() {
  if [ -z "${POSTGRES_INITDB_ARGS:-}${POSTGRES_INITDB_WALDIR:-}" ]; then
    cp -a /var/lib/postgresql/baked/. "$PGDATA/"
    return
  fi
  local arguments=()
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then arguments+=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  # Words of the variable are arguments of their own, quotes in it are honoured.
  eval "initdb --username=postgres --pgdata=\"\$PGDATA\" \"\${arguments[@]}\" ${POSTGRES_INITDB_ARGS:-}"
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) psql_here --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | psql_here --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" ;;
      /docker-entrypoint-initdb.d/\*) ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

psql_here() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --quiet "$@"
}

first_start() {
  fill_data_folder
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"

  # Without an address, so that a probe over TCP cannot take this server for the real one.
  postgres -c listen_addresses='' -c fsync=off "${@:2}" -p "${PGPORT:-5432}" &
  local server=$!
  until pg_isready -q -U postgres -d postgres; do
    kill -0 "$server" 2>/dev/null || { echo 'error: the server ended while it was set up' >&2 && exit 1; }
    sleep 0.01
  done

  # All in one session: each takes as long as starting a server. The folder was made for a superuser named postgres, who
  # cannot rename himself.
  {
    if [ "$POSTGRES_USER" != postgres ]; then echo "UPDATE pg_authid SET rolname = :'user' WHERE oid = 10;"; fi
    if [ -n "$POSTGRES_PASSWORD" ]; then echo "ALTER ROLE :\"user\" PASSWORD :'password';"; fi
    if [ "$POSTGRES_DB" != postgres ]; then echo 'CREATE DATABASE :"database" STRATEGY file_copy;'; fi
  } | psql_here --username postgres --dbname postgres -v user="$POSTGRES_USER" -v password="$POSTGRES_PASSWORD" \
    -v database="$POSTGRES_DB"
  run_init_files
  kill -INT "$server"
  wait "$server"
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

main() {
  if [ "${1:-}" = '' ] || [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
  if [ "$1" != postgres ]; then exec "$@"; fi

  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS

  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    # All of it, blindly, takes more than half a second on overlay2.
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres:postgres '{}' +
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then install -d -o postgres -g postgres -m 700 "$POSTGRES_INITDB_WALDIR"; fi
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi

  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
      cat >&2 <<'END'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser,
       or POSTGRES_HOST_AUTH_METHOD=trust to allow all connections without one.
END
      exit 1
    fi
    first_start "$@"
  else
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  fi
  unset POSTGRES_PASSWORD
  exec "$@"
}

main "$@"
