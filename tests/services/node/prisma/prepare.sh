#!/usr/bin/env bash
# Installs Prisma in a folder of its own, as it is large, and generates the client of schema.prisma: `prepare.sh [FOLDER]`.
# Prints the folder. Does nothing where it is there already.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/prisma}
version=7.10.0

fail() {
  echo "prepare.sh of Prisma: $*" >&2
  exit 1
}

command -v npm >/dev/null || fail 'no npm was found; install Node.js 22 or newer'
inputs=$({ node --version && cat "$here/schema.prisma" "$here/prepare.sh"; } | sha256sum | cut -c 1-16)
place=$folder/$inputs

mkdir -p "$folder"
# Two runs on one machine may both find the folder empty.
exec 9>"$folder/.lock"
flock -w 300 9 || fail "another run has been filling $folder for 5 minutes; end it, or name another folder"

if [ ! -e "$place/.complete" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  run() {
    "$@" >"$log" 2>&1 9>&- || { tail -n 20 "$log" >&2 && fail "$* failed; its last lines are above"; }
  }
  rm -rf "${place:?}"
  mkdir -p "$place"
  cp "$here/schema.prisma" "$place/"
  cd "$place"
  echo '{ "type": "module", "private": true }' >package.json
  run npm install --ignore-scripts --no-audit --no-fund --no-package-lock \
    "prisma@$version" "@prisma/client@$version" "@prisma/adapter-pg@$version"
  # Generating needs no engine, but the command looks for one before it does anything, and would fetch it from elsewhere.
  export PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1
  run node_modules/.bin/prisma generate --schema schema.prisma
  : >.complete
fi
printf '%s\n' "$place"
