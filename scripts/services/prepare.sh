#!/usr/bin/env bash
# Brings all services that the tests use onto this machine: `eval "$(scripts/services/prepare.sh)"`. Installs packages,
# starts Docker Engine, builds the images, and fetches the broker; and what only `npm run acceptance` uses (drivers and
# programs in other languages, OPA), unless `--services-only` is given. Prints the variables to set, on standard output,
# and nothing else there. What fails is said on standard error, the rest goes on, and the last exit code is 1.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
code=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# name, command…: runs it, shows its end if it fails, and says how long it took
step() {
  local name=$1 started=$SECONDS
  shift
  if "$@" >"$work/$name.out" 2>"$work/$name.err"; then
    echo "prepared $name in $((SECONDS - started)) s" >&2
  else
    echo "prepare.sh: $name failed after $((SECONDS - started)) s: $(basename "$1") ended with:" >&2
    tail -n 20 "$work/$name.out" "$work/$name.err" >&2
    return 1
  fi
}

step packages "$here/install.sh" || code=1
# Services in other languages, with their drivers: fetched and compiled while the rest is brought.
languages=()
for language in python go java node/prisma; do
  [ "${1:-}" != --services-only ] || break
  step "${language#node/}" "$here/../../tests/services/$language/prepare.sh" &
  languages+=($!)
done
# Go compiles it for minutes, once.
if [ "${1:-}" != --services-only ]; then
  step opa "$here/../../apps/sample-service/policies/build.sh" --opa &
  languages+=($!)
fi
step broker "$here/kafka.sh" || code=1
if [ -s "$work/broker.out" ]; then printf 'export KAFKA_HOME=%q\n' "$(tail -n 1 "$work/broker.out")"; fi
step mongodb "$here/mongodb.sh" || code=1
if [ -s "$work/mongodb.out" ]; then printf 'export KEPLOY_FIXTURES_MONGODB_BIN=%q\n' "$(tail -n 1 "$work/mongodb.out")"; fi
step engine "$here/dockerd.sh" || code=1
# To stop again only what this started
if grep -q started "$work/engine.out"; then echo 'export KEPLOY_STARTED_DOCKERD=1'; fi
step images "$here/images.sh" || code=1
grep '^export ' "$work/images.out"
for process in "${languages[@]}"; do wait "$process" || code=1; done
if [ -s "$work/opa.out" ]; then printf 'export OPA=%q\n' "$(tail -n 1 "$work/opa.out")"; fi
if [ -s "$work/python.out" ]; then printf 'export KEPLOY_TEST_PYTHON=%q\n' "$(tail -n 1 "$work/python.out")"; fi
exit "$code"
