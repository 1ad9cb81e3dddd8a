#!/usr/bin/env bash
# Installs from the system's packages (Debian, Ubuntu) what the tests need and this machine lacks:
# `scripts/services/install.sh`. Needs root, or sudo without a password. No installed service is started.
set -euo pipefail

# Debian keeps servers there, off the path of ordinary users.
PATH=$PATH:/usr/sbin:/sbin:/usr/local/go/bin
export DEBIAN_FRONTEND=noninteractive

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

has() {
  command -v "$1" >/dev/null
}

java_version() {
  java -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = \([0-9]*\).*/\1/p'
}

missing=()
has curl || missing+=(curl ca-certificates)
has git || missing+=(git)
has flock && has unshare && has setsid || missing+=(util-linux)
has chromium || missing+=(chromium)
# From 1.21 on, Go fetches a newer version of itself where a module asks for it.
has go || missing+=(golang-go)
has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
has redis-server || missing+=(redis-server)
has nats-server || missing+=(nats-server)
has rabbitmq-server || missing+=(rabbitmq-server)
has mariadbd || missing+=(mariadb-server)
has mosquitto || missing+=(mosquitto)
has faketime || missing+=(faketime)
# The imitation of a broker that `fidelity: 'mock'` asks for is in it.
ldconfig -p | grep -q 'librdkafka\.so\.1' || missing+=(librdkafka1)
# A service of the tests is compiled.
has javac && [ "$(java_version)" -ge 17 ] 2>/dev/null || missing+=(default-jdk-headless)
# Debian's Python has no environments of its own without this.
has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
has mvn || missing+=(maven)
# An engine that answers needs no package; some machines have the client alone.
{ has docker && timeout 10 docker version >/dev/null 2>&1; } || { has docker && has dockerd; } || missing+=(docker.io)
timeout 10 docker compose version >/dev/null 2>&1 || has docker-compose || missing+=(docker-compose)
has debootstrap || missing+=(debootstrap)
[ ${#missing[@]} -gt 0 ] || exit 0

has apt-get || {
  echo "install.sh: these are missing, and only Debian's and Ubuntu's packages are known here: ${missing[*]}" >&2
  exit 1
}
as_root true 2>/dev/null || {
  echo "install.sh: needs root to install ${missing[*]}; run it as root, or allow sudo without a password" >&2
  exit 1
}

# Packages start what they install, unless this file says that they must not.
policy=/usr/sbin/policy-rc.d
saved=
# shellcheck disable=SC2317
restore() {
  as_root rm -f "$policy"
  if [ -n "$saved" ]; then as_root mv "$saved" "$policy"; fi
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
  saved=$policy.before-keploy-framework
  as_root mv "$policy" "$saved"
fi
trap restore EXIT
trap 'exit 130' INT TERM
printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
as_root chmod 755 "$policy"

echo "Installing ${missing[*]}"
as_root apt-get update -qq
if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; then
  # One package that this release lacks must not cost the others.
  failed=()
  for package in "${missing[@]}"; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" ||
      failed+=("$package")
  done
  [ ${#failed[@]} -eq 0 ] || { echo "install.sh: could not install ${failed[*]}" >&2 && exit 1; }
fi
