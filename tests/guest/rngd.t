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

# A host that gives 192 bytes in 300 s. The kernel takes some of them for itself.
# shellcheck disable=SC2016
readonly SLOW='
mkdir -p /var/run /run
rngd -f -r /dev/hwrng 2>/tmp/log & pid=$!
waits() {
	rngctl status | grep -q "^  waiting for the host: [0-9]* of 2504 bytes$"
}
until_true waits && echo "waits=1"
rngctl status >&2
echo "credited=$(grep -c credited.with /tmp/log)"
kill -TERM $pid
wait $pid && echo "status=0"
cat /tmp/log >&2
'

waited() {
	prints waits 1 && prints credited 0 && prints status 0
}

# The file stands for the device of a guest with SEV-SNP.
# shellcheck disable=SC2016
readonly ENCRYPTED='
mkdir -p /var/run /run
: >/dev/sev-guest
rngd -f -r /dev/hwrng 2>/tmp/log & pid=$!
until_true grep -q "mixed in without credit" /tmp/log || { cat /tmp/log; exit 1; }
rngctl status >/tmp/status
cat /tmp/status >&2
grep -q "memory encrypted by SEV-SNP" /tmp/status && echo "encryption=1"
grep -q "no credit: is known to the host" /tmp/status && echo "reason=1"
kill -TERM $pid
wait $pid
sed -n "s/^rngd: stats: bits of entropy credited: /distrusted=/p" /tmp/log
rngd -f --trust-host -r /dev/hwrng 2>/tmp/log & pid=$!
until_true grep -q "credited with" /tmp/log || { cat /tmp/log; exit 1; }
kill -TERM $pid
wait $pid
sed -n "s/^rngd: stats: bits of entropy credited: /trusted=/p" /tmp/log
'

distrusted() {
	prints encryption 1 && prints reason 1 &&
		holds "distrusted == 0" "trusted >= 20000"
}

for kernel in ${KERNELS:-debian uml}; do
	needs "$kernel"
	check "$kernel: rngd feeds the pool and ends on SIGTERM" \
		in_guest --kernel "$kernel" --device vhost-user \
		--driver-param quality=1 --append random.trust_cpu=off \
		--append random.trust_bootloader=off \
		--file "$BUILD/rngd/rngd" -- "$UNTIL$FEED"
	check "$kernel: rngd makes the crng ready" fed
	check "$kernel: rngd runs where memory is encrypted against the host" \
		in_guest --kernel "$kernel" --device vhost-user \
		--file "$BUILD/rngd/rngd" --file "$BUILD/rngd/rngctl" -- \
		"$UNTIL$ENCRYPTED"
	check "$kernel: rngd credits its bytes only with --trust-host" distrusted
	check "$kernel: rngd runs with a slow host" \
		in_guest --kernel "$kernel" --device vhost-user \
		--device-arg --max-bytes=192 --device-arg --period=300000 \
		--file "$BUILD/rngd/rngd" --file "$BUILD/rngd/rngctl" -- \
		"$UNTIL$SLOW"
	check "$kernel: rngd waits for it, and says how much has come" waited
done

done_testing
