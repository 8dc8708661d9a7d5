#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd in a guest: bytes that it reads from /dev/hwrng reach the kernel's pool.
#
# The driver claims almost no entropy (quality=1) and the CPU is not trusted, so that
# only rngd can make the crng ready.
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2016
readonly FEED='
set -e
mkdir -p /var/run
echo "before=$(cat /proc/sys/kernel/random/entropy_avail)"
rngd -f -r /dev/hwrng 2>/tmp/log & pid=$!
until_true grep -q credited /tmp/log || { cat /tmp/log; exit 1; }
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
		--file "$BUILD/rngd/rngd" -- "$UNTIL$FEED"
	check "$kernel: rngd makes the crng ready" fed
done

done_testing
