#!/usr/bin/env bash
# Builds the images of the services from Debian's packages, for machines that reach no registry of images:
# `scripts/services/images.sh [name…]` (all by default). An image is built again only when what goes into it changed.
# An image of your own takes its place: where KEPLOY_FIXTURES_<NAME>_IMAGE is set already, that one is left alone.
# Prints `export KEPLOY_FIXTURES_<NAME>_IMAGE=…` for each, to be evaluated by the caller.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
suite=bookworm
base=keploy-local/base:$suite
label=dev.keploy-framework.inputs
declare -A tags=(
  [postgres]=15 [redis]=7 [kafka]=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/kafka/pom.xml")
  [nats]=2.9 [rabbitmq]=3.10-management [mariadb]=10.11 [mosquitto]=2.0 [exits]=1
)
# The longest first.
order=(kafka mariadb rabbitmq postgres redis nats mosquitto exits)

fail() {
  echo "images.sh: $*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The variable of the service, which has one name for MySQL and MariaDB
variable_of() {
  local service=${1/mariadb/mysql}
  printf 'KEPLOY_FIXTURES_%s_IMAGE' "${service^^}"
}

# The inputs that an image was built from, as it says itself; nothing where it does not exist
inputs_of() {
  docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null || true
}

# Names, modes and contents of all files below a folder
sum_of() {
  (cd "$1" && find . -type f -printf '%P %m\n' | LC_ALL=C sort | while read -r file mode; do
    printf '%s %s %s\n' "$mode" "$(sha256sum <"$file")" "$file"
  done) | sha256sum | cut -c 1-32
}

chosen=()
for name in "${@:-${order[@]}}"; do
  [ -n "${tags[$name]:-}" ] || fail "there is no image $name; there are: ${order[*]}"
  variable=$(variable_of "$name")
  if [ -z "${!variable:-}" ]; then chosen+=("$name"); fi
done
[ ${#chosen[@]} -gt 0 ] || exit 0

command -v docker >/dev/null || fail 'the command docker is missing; install Docker (Debian: apt-get install docker.io)'
timeout 10 docker version >/dev/null 2>&1 || fail 'no Docker engine answers; run scripts/services/dockerd.sh first'

# One run at a time builds; the others wait, and then find what they need.
lock=${TMPDIR:-/tmp}/keploy-images-$(id -u).lock
exec 9>>"$lock"
flock -w 600 9 || fail "another run has been building images for 10 minutes; end it, or remove $lock"

work=$(mktemp -d)
trap 'as_root rm -rf "$work"' EXIT

# ── the base: a small Debian, its package lists included, so that no image has to fetch them
base_inputs=$(sha256sum "$here/base.sh" | cut -c 1-32)
if [ "$(inputs_of "$base")" != "$base_inputs" ]; then
  command -v debootstrap >/dev/null || [ -x /usr/sbin/debootstrap ] ||
    fail 'debootstrap is missing; install it (Debian, Ubuntu: apt-get install debootstrap)'
  as_root bash "$here/base.sh" "$suite" "$work/base" >"$work/base.log" 2>&1 ||
    { tail -n 20 "$work/base.log" >&2 && fail 'the base of the images could not be made; the last lines are above'; }
  as_root tar -C "$work/base" -c . |
    docker import --change "LABEL $label=$base_inputs" --change 'CMD ["/bin/bash"]' \
      --change 'ENV DEBIAN_FRONTEND=noninteractive' - "$base" >/dev/null
  as_root rm -rf "$work/base"
fi

# name: builds its image where what is in its folder, or its base, is not what it was built from
build() {
  local name=$1 image=keploy-local/$1:${tags[$1]} inputs context=(-C "$here/images/$1" .)
  inputs=$base_inputs$(sum_of "$here/images/$name")
  if [ "$name" = kafka ]; then inputs+=$(sum_of "$here/kafka"); fi
  inputs=$(sha256sum <<<"$inputs" | cut -c 1-32)
  [ "$(inputs_of "$image")" != "$inputs" ] || return 0
  if [ "$name" = kafka ]; then
    local home
    home=$("$here/kafka.sh" 9>&-) || return 1
    context+=(-C "$home" libs config bootstrap.checkpoint)
  fi
  # The host's network: the packages come the way they come for the machine itself.
  tar -c "${context[@]}" | docker build --network host --label "$label=$inputs" --tag "$image" - >"$work/$name.log" 2>&1
}

# Two at a time: one unpacks while the other fetches.
failed=()
running=()
finish_first() {
  wait "${running[0]#*:}" || failed+=("${running[0]%%:*}")
  running=("${running[@]:1}")
}
for name in "${chosen[@]}"; do
  build "$name" &
  running+=("$name:$!")
  if [ ${#running[@]} -ge 2 ]; then finish_first; fi
done
while [ ${#running[@]} -gt 0 ]; do finish_first; done

# Images that new ones took the names of
docker image prune --force --filter "label=$label" >/dev/null 2>&1 || true

for name in "${chosen[@]}"; do
  if [[ " ${failed[*]:-} " == *" $name "* ]]; then
    echo "images.sh: the image $name could not be built; its log ends with:" >&2
    tail -n 20 "$work/$name.log" >&2 || true
  else
    echo "export $(variable_of "$name")=keploy-local/$name:${tags[$name]}"
  fi
done
[ ${#failed[@]} -eq 0 ] || exit 1
