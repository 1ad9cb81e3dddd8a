#!/bin/sh
set -e

if [ "$(id -u)" = 0 ]; then
  case ${1:-} in
    rabbitmq*)
      find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq '{}' +
      exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$0" "$@"
      ;;
  esac
fi

if [ -n "${RABBITMQ_ERLANG_COOKIE:-}" ] && [ ! -f /var/lib/rabbitmq/.erlang.cookie ]; then
  (umask 077 && printf '%s' "$RABBITMQ_ERLANG_COOKIE" >/var/lib/rabbitmq/.erlang.cookie)
fi

exec "$@"
