#!/usr/bin/env bash
# Brings the jars of a Kafka broker from Maven Central: `export KAFKA_HOME=$(scripts/services/kafka.sh [folder])`.
# The folder is laid out like a distribution of Kafka (libs/, config/), with two files that make a broker start sooner:
#   bootstrap.checkpoint  what formatting a storage folder writes into it; a copy of it saves a JVM for formatting
#   kafka.jsa             the broker's classes, parsed (a class data sharing archive of this JVM and these paths)
# Prints the folder. Does nothing where it is complete already.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/kafka/pom.xml")
home=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/kafka/$version}

fail() {
  echo "kafka.sh: $*" >&2
  exit 1
}

java=java
[ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ] && java=$JAVA_HOME/bin/java
command -v "$java" >/dev/null || fail 'no java was found; install Java 17 or newer (Debian: openjdk-17-jre-headless)'
about=$("$java" -XshowSettings:properties -version 2>&1)
major=$(sed -n 's/.*java.specification.version = //p' <<<"$about")
case $major in
  '' | 1.* | [0-9] | 1[0-6]) fail "Kafka $version needs Java 17 or newer, and $java is ${major:-of unknown version}" ;;
esac

mkdir -p "$home"
home=$(cd "$home" && pwd)
# Two runs on one machine may both find the folder empty.
exec 9>"$home/.lock"
flock -w 300 9 || fail "another run has been filling $home for 5 minutes; end it, or name another folder"

work=$(mktemp -d)
broker=
cleanup() {
  if [ -n "$broker" ]; then kill -KILL "$broker" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

inputs=$(cat "$here/kafka/pom.xml" "$here/kafka/log4j2.properties" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$home/.inputs" 2>/dev/null)" != "$inputs" ]; then
  command -v mvn >/dev/null || fail 'no mvn was found; install Maven (Debian: apt-get install maven)'
  mvn --quiet --batch-mode --file "$here/kafka/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work/libs" >"$work/mvn.log" 2>&1 ||
    { tail -n 20 "$work/mvn.log" >&2 && fail "Maven could not bring the jars of Kafka $version; its last lines are above"; }
  rm -rf "$home/libs" "$home/config" "$home/bootstrap.checkpoint" "$home/kafka.jsa" "$home/.inputs" "$home/.archive"
  mkdir -p "$home/config"
  cp "$here/kafka/log4j2.properties" "$home/config/"
  cp -R "$work/libs" "$home/libs"
  printf '%s\n' "$inputs" >"$home/.inputs"
fi

settings() { # client port, controller port
  cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$2
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1
controller.listener.names=CONTROLLER
log.dirs=$work/data
log.cleaner.dedupe.buffer.size=4194304
END
}

if [ ! -s "$home/bootstrap.checkpoint" ]; then
  settings 9092 9093 >"$work/format.properties"
  "$java" -cp "$home/libs/*" kafka.tools.StorageTool format -t 4L6g3nShT-eMCtK--X86sw -c "$work/format.properties" \
    >"$work/format.log" 2>&1 || { cat "$work/format.log" >&2 && fail 'the broker could not format a storage folder'; }
  cp "$work/data/bootstrap.checkpoint" "$home/bootstrap.checkpoint"
  rm -rf "$work/data"
fi

# One start of the broker that writes the archive down when it ends. Without it a broker starts too, only later.
archive() {
  local ports tries
  ports=$(node -e '
    const net = require("node:net")
    const open = () => new Promise((done) => { const s = net.createServer().listen(0, "127.0.0.1", () => done(s)) })
    Promise.all([open(), open()]).then((servers) => {
      console.log(servers.map((server) => server.address().port).join(" "))
      for (const server of servers) server.close()
    })') || return 1
  # shellcheck disable=SC2086
  settings $ports >"$work/server.properties"
  mkdir -p "$work/data"
  cp "$home/bootstrap.checkpoint" "$work/data/"
  printf 'version=1\ncluster.id=4L6g3nShT-eMCtK--X86sw\nnode.id=1\n' >"$work/data/meta.properties"
  "$java" -XX:ArchiveClassesAtExit="$work/kafka.jsa" -Xmx384m -XX:+UseSerialGC \
    -Dlog4j2.configurationFile="$home/config/log4j2.properties" -cp "$home/libs/*" \
    kafka.Kafka "$work/server.properties" >"$work/broker.log" 2>&1 9>&- &
  broker=$!
  for ((tries = 0; tries < 600; tries++)); do
    kill -0 "$broker" 2>/dev/null || break
    grep -q 'Kafka Server started' "$work/broker.log" && break
    sleep 0.1
  done
  kill -TERM "$broker" 2>/dev/null || true
  # 143: what Java answers after SIGTERM. The archive counts, not the code.
  wait "$broker" || true
  broker=
  [ -s "$work/kafka.jsa" ] && mv -f "$work/kafka.jsa" "$home/kafka.jsa"
}

# The archive is good for one JVM, and for jars at one place with one time of change.
runtime=$(printf '%s %s %s' "$(sed -n 's/.*java.vm.version = //p' <<<"$about")" "$home" "$inputs")
if [ ! -s "$home/kafka.jsa" ] || [ "$(cat "$home/.archive" 2>/dev/null)" != "$runtime" ]; then
  if archive; then
    printf '%s\n' "$runtime" >"$home/.archive"
  else
    echo "kafka.sh: no class archive was made; a broker takes about a second longer to start. Its log ends with:" >&2
    tail -n 5 "$work/broker.log" >&2 || true
  fi
fi

printf '%s\n' "$home"
