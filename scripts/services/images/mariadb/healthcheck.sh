#!/bin/sh
# `healthcheck.sh --connect --innodb_initialized`: succeeds when the server answers over TCP, as a stranger would see it.
# A refused login is an answer.
mariadb-admin --protocol=tcp --host=127.0.0.1 --user=healthcheck --password=none ping >/dev/null 2>&1 ||
  mariadb-admin --protocol=tcp --host=127.0.0.1 --user=healthcheck --password=none ping 2>&1 | grep -q 'Access denied'
