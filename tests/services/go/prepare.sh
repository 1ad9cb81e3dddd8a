#!/usr/bin/env bash
# Builds the service beside it, and the MySQL server of the tests of MySQL, and prints the program of the service. The
# folder can be given: `prepare.sh folder`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/../build-go.sh" "$here/../mysql/server" caching-sha2 "$@" >/dev/null
"$here/../build-go.sh" "$here" orders "$@"
