#!/bin/sh
set -e

# `docker run image --appendonly yes` and `docker run image /etc/my.conf` mean the server.
case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi

if [ "${1:-}" = redis-server ]; then
  shift
  # Debian's build refuses other machines without a password; the published image was built not to. In a file, so that
  # every setting of the command or of a file of one's own wins.
  conf=$(mktemp)
  echo 'protected-mode no' >"$conf"
  case ${1:-} in
    *.conf)
      printf 'include "%s"\n' "$1" >>"$conf"
      shift
      ;;
  esac
  exec redis-server "$conf" "$@"
fi

exec "$@"
