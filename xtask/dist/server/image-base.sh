#!/bin/sh
# Finishes the image's lowest layer ($1): what scripts of its packages would do, as none runs there, and nothing of the
# machine that makes it.
set -eu
cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1/etc/ssl/certs/ca-certificates.crt"
echo 'touroku:x:10001:10001::/var/lib/touroku:/usr/sbin/nologin' > "$1/etc/passwd"
echo 'touroku:x:10001:' > "$1/etc/group"
# Names that the container's own file of hosts has count before DNS.
echo 'hosts: files dns' > "$1/etc/nsswitch.conf"
install -d -o 10001 -g 10001 -m 0700 "$1/var/lib/touroku" "$1/var/backups/touroku"
rm -rf "$1"/etc/fstab "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/usr/bin "$1"/usr/sbin "$1"/usr/share/bash-completion \
    "$1"/usr/share/debconf "$1"/usr/share/lintian "$1"/usr/share/locale "$1"/usr/share/man "$1"/usr/share/perl5 \
    "$1"/usr/lib/*/gconv "$1"/usr/lib/*/perl-base
