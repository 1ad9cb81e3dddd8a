#!/usr/bin/env bash
# One start and stop of the broker; the JVM writes its classes to an archive when it ends.
set -euo pipefail
mkdir /tmp/data
cp /opt/kafka/bootstrap.checkpoint /tmp/data/
printf 'version=1\ncluster.id=5L6g3nShT-eMCtK--X86sw\nnode.id=1\n' >/tmp/data/meta.properties
sed -e 's#^log.dirs=.*#log.dirs=/tmp/data#' -e 's#PLAINTEXT://:9092,CONTROLLER://:9093#PLAINTEXT://127.0.0.1:39092,CONTROLLER://127.0.0.1:39093#' \
  -e 's#localhost:9092#127.0.0.1:39092#' -e 's#localhost:9093#127.0.0.1:39093#' \
  /etc/kafka/docker/server.properties >/tmp/archive.properties
KAFKA_OPTS=-XX:ArchiveClassesAtExit=/opt/kafka/kafka.jsa \
  /opt/kafka/bin/kafka-run-class.sh kafka.Kafka /tmp/archive.properties >/tmp/broker.log 2>&1 &
broker=$!
for _ in $(seq 600); do
  if grep -q 'Kafka Server started' /tmp/broker.log || ! kill -0 "$broker" 2>/dev/null; then break; fi
  sleep 0.1
done
kill -TERM "$broker" 2>/dev/null || true
wait "$broker" || true
test -s /opt/kafka/kafka.jsa || { cat /tmp/broker.log && exit 1; }
rm -rf /tmp/data /tmp/archive.properties /tmp/broker.log
