#!/usr/bin/env bash
# Brings the drivers of Service.java from Maven Central and compiles it: `tests/services/java/prepare.sh`.
# Prints a class path. Does nothing where it is complete already. The folder can be given: `prepare.sh folder`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/java}

fail() {
  echo "prepare.sh of Java: $*" >&2
  exit 1
}

command -v javac >/dev/null || fail 'no javac was found; install a JDK 17 or newer (Debian: apt-get install default-jdk-headless)'
version=$(javac -version 2>&1)
jars=$folder/$(sha256sum <"$here/pom.xml" | cut -c 1-16)
classes=$jars/classes-$({ echo "$version" && cat "$here/Service.java"; } | sha256sum | cut -c 1-16)

mkdir -p "$folder"
# Two runs on one machine may both find the folder empty.
exec 9>"$folder/.lock"
flock -w 300 9 || fail "another run has been filling $folder for 5 minutes; end it, or name another folder"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  "$@" >"$log" 2>&1 9>&- || { tail -n 20 "$log" >&2 && fail "$1 failed; its last lines are above"; }
}

if [ ! -e "$jars/.complete" ]; then
  command -v mvn >/dev/null || fail 'no mvn was found; install Maven (Debian: apt-get install maven)'
  rm -rf "$jars"
  run mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$jars"
  : >"$jars/.complete"
fi
if [ ! -e "$classes/Service.class" ]; then
  rm -rf "$jars"/classes-*
  run javac -cp "$jars/*" -d "$jars/new" "$here/Service.java"
  mv "$jars/new" "$classes"
fi
printf '%s\n' "$classes:$jars/*"
