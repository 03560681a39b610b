#!/bin/bash
# Runs the blocks of a document on a copy of this machine that nobody else sees: an overlay over the whole file system,
# its own network with nothing but loopback, its own processes. Nothing it does reaches the machine, and everything it
# has started dies with it. Called by quick-start.test.ts through unshare(1), as process 1 of its namespaces.
#
#   sandbox.sh DIR CHECKOUT   DIR/steps holds N.sh; N.out and N.code are written there
set -eu
dir=$1 checkout=$2

mount --make-rprivate /
mkdir -p "$dir/private"
mount -t tmpfs -o mode=0755 tmpfs "$dir/private"
mkdir "$dir/private/upper" "$dir/private/work" "$dir/private/root"
root=$dir/private/root
mount -t overlay -o "lowerdir=/,upperdir=$dir/private/upper,workdir=$dir/private/work" overlay "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/opt/posthorn" "$root/run/steps"
mount --bind "$checkout" "$root/opt/posthorn"
mount -o remount,bind,ro "$root/opt/posthorn"
mount --bind "$dir/steps" "$root/run/steps"
hostname mail.example.test
# Loopback up (SIOCSIFFLAGS, IFF_UP): perl is on every Debian, iproute2 is not.
perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0) && ioctl(S, 0x8914, my $flags = pack("a16 s x22", "lo", 1)) || die "lo: $!\n"'

exec chroot "$root" /bin/bash /run/steps/run.sh
