#!/usr/bin/env bash
# suite folder: makes a small Debian in the folder, as root, for images.sh.
set -euo pipefail
suite=$1 folder=$2
PATH=$PATH:/usr/sbin:/sbin

# The mirror of this machine where it runs Debian itself; debootstrap's own otherwise. Only over plain HTTP, as the base
# has no certificates: packages are verified by their signatures.
mirror=
if [ "$(. /etc/os-release && echo "$ID")" = debian ]; then
  mirror=$(find /etc/apt -name '*.list' -o -name '*.sources' | xargs -r cat |
    sed -nE 's,^(deb|URIs:)[^#]*[ \t](http://[^ ]+/debian/?)( .*|$),\2,p' | sed -n 1p)
fi
debootstrap --variant=minbase "$suite" "$folder" ${mirror:+"$mirror"}

# Packages must not start what they install, and an image has no use for manuals, nor for writing them to disk safely.
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod +x "$folder/usr/sbin/policy-rc.d"
echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/image"
for path in doc man info locale lintian; do
  echo "path-exclude /usr/share/$path/*" >>"$folder/etc/dpkg/dpkg.cfg.d/image"
  rm -rf "$folder/usr/share/$path"/*
done
cat >"$folder/etc/apt/apt.conf.d/image" <<'END'
APT::Install-Recommends "false";
Acquire::Languages "none";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
END
# Java's package links its manual pages there.
mkdir -p "$folder/usr/share/man/man1"
chroot "$folder" apt-get update -qq
rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/cache/apt/*.bin
