#!/usr/bin/env bash
# The contract of the published image: MARIADB_ROOT_PASSWORD, _ALLOW_EMPTY_ROOT_PASSWORD, _RANDOM_ROOT_PASSWORD,
# _ROOT_HOST, _DATABASE, _USER, _PASSWORD (each also as MYSQL_…, and as …_FILE), /docker-entrypoint-initdb.d.
set -euo pipefail

data=/var/lib/mysql

# name: sets MARIADB_name from itself, from MYSQL_name, or from the file that either's …_FILE names
from_environment() {
  local prefix name file
  for prefix in MARIADB MYSQL; do
    name=${prefix}_$1
    file=${name}_FILE
    if [ -n "${!file:-}" ]; then export "$name=$(<"${!file}")"; fi
    if [ -n "${!name:-}" ]; then
      export "MARIADB_$1=${!name}"
      return
    fi
  done
  export "MARIADB_$1="
}

# A value as a string of SQL
quoted() {
  local value=${1//\\/\\\\}
  printf "'%s'" "${value//\'/\\\'}"
}

client() {
  mariadb --protocol=socket --socket=/run/mysqld/mysqld.sock -uroot "$@"
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) client ${MARIADB_DATABASE:+"$MARIADB_DATABASE"} <"$file" ;;
      *.sql.gz) gunzip -c "$file" | client ${MARIADB_DATABASE:+"$MARIADB_DATABASE"} ;;
      /docker-entrypoint-initdb.d/\*) ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

setup_sql() {
  local host=${MARIADB_ROOT_HOST:-%}
  if [ -n "$MARIADB_DATABASE" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"; fi
  if [ -n "$MARIADB_USER" ] && [ -n "$MARIADB_PASSWORD" ]; then
    echo "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");"
    if [ -n "$MARIADB_DATABASE" ]; then
      # In a grant, _ stands for any one character.
      echo "GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO $(quoted "$MARIADB_USER")@'%';"
    fi
  fi
  if [ "$host" != localhost ]; then
    echo "CREATE USER 'root'@$(quoted "$host") IDENTIFIED BY $(quoted "$MARIADB_ROOT_PASSWORD");"
    echo "GRANT ALL ON *.* TO 'root'@$(quoted "$host") WITH GRANT OPTION;"
  fi
}

first_start() {
  if [ -z "$MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    cat >&2 <<'END'
[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified
	You need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD
END
    exit 1
  fi
  if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
    echo "[Note] [Entrypoint]: GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
  fi
  cp -a /var/lib/mysql-baked/. "$data/"

  # Without a port, so that a probe over TCP cannot take this server for the real one.
  "$@" --skip-networking --loose-innodb_buffer_pool_load_at_startup=0 &
  local server=$!
  until client -e 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { echo '[ERROR] [Entrypoint]: the server ended while it was set up' >&2 && exit 1; }
    sleep 0.02
  done
  setup_sql | client
  run_init_files
  if [ -n "$MARIADB_ROOT_PASSWORD" ]; then
    client <<<"ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$MARIADB_ROOT_PASSWORD");"
  fi
  kill -TERM "$server"
  wait "$server"
  printf '\n[Note] [Entrypoint]: MariaDB init process done. Ready for start up.\n\n'
}

main() {
  if [ "${1:-}" = '' ] || [ "${1:0:1}" = - ]; then set -- mariadbd "$@"; fi
  case $1 in
    mariadbd | mysqld) ;;
    *) exec "$@" ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    find "$data" /run/mysqld \! -user mysql -exec chown mysql:mysql '{}' +
    exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
  fi
  local name
  for name in ROOT_PASSWORD ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD ROOT_HOST DATABASE USER PASSWORD; do
    from_environment "$name"
  done
  if [ ! -d "$data/mysql" ]; then first_start "$@"; fi
  exec "$@"
}

main "$@"
