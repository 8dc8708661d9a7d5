#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd in a guest: what it reads from /dev/hwrng reaches the kernel's pool.
#
# The driver is told to claim next to no entropy (quality=1) and the CPU is not
# trusted, so that it is rngd, and nobody else, that makes the crng ready.
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2016
readonly FEED='
set -e
mkdir -p /var/run
echo "before=$(cat /proc/sys/kernel/random/entropy_avail)"
rngd -f -r /dev/hwrng 2>/tmp/log & pid=$!
tries=0
until grep -q credited /tmp/log; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || { cat /tmp/log; exit 1; }
	sleep 0.1
done
echo "after=$(cat /proc/sys/kernel/random/entropy_avail)"
kill -TERM $pid
wait $pid && echo "status=0"
dmesg | grep -q "crng init done" && echo "crng=ready"
sed -n "s/^rngd: stats: bits of entropy credited: /credited=/p" /tmp/log
sed -n "s/^rngd: stats: FIPS 140-2 successes: /passed=/p" /tmp/log
'

fed() {
	holds "before < 256" "after == 256" \
		"credited >= 256" "passed >= 1" &&
		prints crng ready
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	check "$kernel: rngd feeds the pool and ends on SIGTERM" \
		in_guest --kernel "$kernel" --device vhost-user \
		--driver-param quality=1 --append random.trust_cpu=off \
		--append random.trust_bootloader=off \
		--file "$BUILD/rngd/rngd" -- "$FEED"
	check "$kernel: it is rngd that makes the crng ready" fed
done

done_testing
