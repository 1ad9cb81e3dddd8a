#!/usr/bin/env bash
# Builds a Go program of the tests, with its modules from the Go module proxy: `build-go.sh SOURCE NAME [FOLDER]`. Prints
# the program. Does nothing where it is there already.
set -euo pipefail

source=$(cd "$1" && pwd)
name=$2
folder=${3:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/go}

fail() {
  echo "build-go.sh $name: $*" >&2
  exit 1
}

command -v go >/dev/null || fail 'no go was found; install Go 1.21 or newer (Debian: apt-get install golang-go)'
inputs=$({ go env GOVERSION && cat "$source"/*.go "$source"/go.mod "$source"/go.sum; } | sha256sum | cut -c 1-16)
program=$folder/$inputs/$name

mkdir -p "$folder"
# Two runs on one machine may both find the folder empty.
exec 9>"$folder/.lock-$name"
flock -w 300 9 || fail "another run has been building in $folder for 5 minutes; end it, or name another folder"
if [ ! -x "$program" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$folder/$inputs"
  (cd "$source" && CGO_ENABLED=0 GO111MODULE=on GOFLAGS=-mod=readonly go build -o "$work/$name" .) \
    >"$work/log" 2>&1 9>&- || { tail -n 20 "$work/log" >&2 && fail 'it could not be built; the last lines are above'; }
  mv -f "$work/$name" "$program"
fi
printf '%s\n' "$program"
