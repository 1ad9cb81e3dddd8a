#!/usr/bin/env bash
# Builds the service beside it, with its modules from the Go module proxy: `tests/services/go/prepare.sh`. Prints the
# program. Does nothing where it is there already. The folder can be given: `prepare.sh folder`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/go}

fail() {
  echo "prepare.sh of Go: $*" >&2
  exit 1
}

command -v go >/dev/null || fail 'no go was found; install Go 1.21 or newer (Debian: apt-get install golang-go)'
inputs=$({ go env GOVERSION && cat "$here"/main.go "$here"/go.mod "$here"/go.sum; } | sha256sum | cut -c 1-16)
program=$folder/$inputs/orders

mkdir -p "$folder"
# Two runs on one machine may both find the folder empty.
exec 9>"$folder/.lock"
flock -w 300 9 || fail "another run has been building in $folder for 5 minutes; end it, or name another folder"
if [ ! -x "$program" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$folder/$inputs"
  (cd "$here" && CGO_ENABLED=0 GO111MODULE=on GOFLAGS=-mod=readonly go build -o "$work/orders" .) \
    >"$work/log" 2>&1 9>&- || { tail -n 20 "$work/log" >&2 && fail 'the service could not be built; the last lines are above'; }
  mv -f "$work/orders" "$program"
fi
printf '%s\n' "$program"
