#!/usr/bin/env bash
# Makes sure that a Docker engine answers: `scripts/services/dockerd.sh`. Starts `dockerd` where none does, as root or
# through `sudo -n`, and leaves it running; `scripts/services/dockerd.sh stop` ends one that this script started.
set -euo pipefail

folder=${TMPDIR:-/tmp}/keploy-dockerd-$(id -u)
log=$folder/dockerd.log

fail() {
  echo "dockerd.sh: $*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

answers() {
  timeout 5 docker version >/dev/null 2>&1
}

# The process that this script started, if it still runs. A process id alone may belong to somebody else by now.
started() {
  local pid
  pid=$(cat "$folder/pid" 2>/dev/null) || return 1
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && echo "$pid"
}

stop() {
  local pid
  if ! pid=$(started); then
    echo 'There is no engine that this script started.'
    return
  fi
  as_root kill -TERM "$pid"
  # It stops its containers first, ten seconds each at most.
  timeout 60 tail --pid="$pid" -f /dev/null || fail "dockerd (process $pid) still runs 60 s after SIGTERM; see $log"
  rm -f "$folder/pid"
}

start() {
  if answers; then return; fi
  if [ -n "${DOCKER_HOST:-}" ]; then
    fail "no engine answers at DOCKER_HOST=$DOCKER_HOST; start that one, or unset the variable"
  fi
  command -v docker >/dev/null || fail 'the command docker is missing; install Docker (Debian: apt-get install docker.io)'
  command -v dockerd >/dev/null || [ -x /usr/sbin/dockerd ] ||
    fail 'dockerd is missing; install Docker Engine (Debian: apt-get install docker.io)'
  as_root true 2>/dev/null ||
    fail 'no engine answers, and starting one needs root: run this as root, or allow sudo without a password'

  mkdir -p "$folder"
  : >"$log"
  # --ip: a port that a container publishes without an address is open to this machine only.
  # A session of its own, so that neither a closing terminal nor Ctrl-C in the tests takes the engine down.
  as_root setsid env PATH="$PATH:/usr/sbin:/sbin" sh -c '
    echo $$ >"$1/pid"
    exec dockerd --host unix:///var/run/docker.sock --ip 127.0.0.1 --log-level warn
  ' sh "$folder" </dev/null >>"$log" 2>&1 &

  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if as_root docker version >/dev/null 2>&1; then
      answers || fail "the engine runs, but $(id -un) may not use its socket: add the user to the group docker"
      echo "dockerd started; its log is $log"
      return
    fi
    if ((tries > 20)) && ! started >/dev/null; then break; fi
    sleep 0.1
  done
  echo "dockerd.sh: dockerd did not start; the end of $log:" >&2
  tail -n 20 "$log" >&2
  exit 1
}

case ${1:-start} in
  start) start ;;
  stop) stop ;;
  *) fail "there is no '$1'; say start (the default) or stop" ;;
esac
