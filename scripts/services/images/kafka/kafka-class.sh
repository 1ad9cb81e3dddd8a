#!/usr/bin/env bash
# class [argument…]: runs a class of Kafka.
set -euo pipefail
options=()
if [ -f /opt/kafka/kafka.jsa ]; then options+=(-XX:SharedArchiveFile=/opt/kafka/kafka.jsa -Xshare:auto); fi
# Words of these variables are arguments of their own.
# shellcheck disable=SC2086
exec java "${options[@]}" ${KAFKA_HEAP_OPTS:--Xms128m -Xmx384m} \
  ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true} \
  ${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties} \
  ${KAFKA_JMX_OPTS:-} ${KAFKA_OPTS:-} -cp '/opt/kafka/libs/*' "$@"
