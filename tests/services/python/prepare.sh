#!/usr/bin/env bash
# Makes a virtual environment with what requirements.txt lists: `export KEPLOY_TEST_PYTHON=$(tests/services/python/prepare.sh)`.
# Prints its Python. Does nothing where it is there already. The folder can be given: `prepare.sh folder`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/python}

fail() {
  echo "prepare.sh of Python: $*" >&2
  exit 1
}

command -v python3 >/dev/null || fail 'no python3 was found; install Python 3.10 or newer (Debian: apt-get install python3-venv)'
# Of another Python, or of other packages, is another environment.
inputs=$({ python3 -c 'import sys; print(sys.version, sys.base_prefix)' && cat "$here/requirements.txt"; } | sha256sum | cut -c 1-16)
python=$folder/$inputs/bin/python

mkdir -p "$folder"
# Two runs on one machine may both find the folder empty.
exec 9>"$folder/.lock"
flock -w 300 9 || fail "another run has been filling $folder for 5 minutes; end it, or name another folder"

if [ ! -e "$folder/$inputs/.complete" ]; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  run() {
    "$@" >"$log" 2>&1 9>&- || { tail -n 20 "$log" >&2 && fail "$* failed; its last lines are above"; }
  }
  rm -rf "${folder:?}/$inputs"
  run python3 -m venv "$folder/$inputs"
  # Wheels only: nothing is compiled here. Bytecode is written when a module is first used, which is later for most.
  run "$python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: --no-compile \
    --requirement "$here/requirements.txt"
  : >"$folder/$inputs/.complete"
fi
printf '%s\n' "$python"
