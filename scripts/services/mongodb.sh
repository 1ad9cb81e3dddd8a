#!/usr/bin/env bash
# Builds a server that speaks MongoDB's protocol, FerretDB 1 on SQLite, from the Go module proxy, for machines that have
# no mongod: `export KEPLOY_FIXTURES_MONGODB_BIN=$(scripts/services/mongodb.sh [folder])`. Prints the program. Does
# nothing where it is there already. It is not MongoDB: no transactions, no change streams, part of the aggregations.
set -euo pipefail

# The last one with a backend of its own; version 2 needs a Postgres with an extension.
version=v1.24.2
module=github.com/FerretDB/FerretDB
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/ferretdb/$version}
program=$folder/ferretdb

fail() {
  echo "mongodb.sh: $*" >&2
  exit 1
}

if [ -x "$program" ]; then
  printf '%s\n' "$program"
  exit
fi
command -v go >/dev/null || fail 'no go was found; install Go 1.21 or newer (Debian: apt-get install golang-go)'

mkdir -p "$folder"
exec 9>"$folder/.lock"
flock -w 900 9 || fail "another run has been building in $folder for 15 minutes; end it, or name another folder"
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

run() {
  "$@" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2 && fail "$1 $2 failed; its last lines are above"; }
}

# A copy, because the program refuses to start without a version in this file, which the module has none in.
run go mod download "$module@$version"
source=$(go env GOMODCACHE)/github.com/\!ferret\!d\!b/\!ferret\!d\!b@$version
cp -R "$source" "$work/source"
chmod -R u+w "$work/source"
printf '%s\n' "$version" >"$work/source/build/version/version.txt"
cd "$work/source"
run go build -trimpath -ldflags='-s -w' -o "$work/ferretdb" ./cmd/ferretdb
mv -f "$work/ferretdb" "$program"
printf '%s\n' "$program"
