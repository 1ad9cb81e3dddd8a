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
  # Debian's build refuses other machines without a password; the published image of Redis was built not to. The
  # setting goes before all others, so that theirs win, and a configuration file has to stay first.
  case ${1:-} in
    *.conf)
      conf=$1
      shift
      exec redis-server "$conf" --protected-mode no "$@"
      ;;
    *) exec redis-server --protected-mode no "$@" ;;
  esac
fi

exec "$@"
