# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# For cases in which devices come and go under readers, after tap.sh.

# shellcheck source=tests/guest/lib/until.sh
. "${BASH_SOURCE[0]%/*}/until.sh"

# Said in the guest first. Readers that outlive devices: a read ends, by data or
# by an error, and they go on until told. A block read is a line in /tmp/readN.
#   readers_begin COUNT     their processes are in $pids, for others to be added
#   readers_end             once each has read two blocks more; says how many in all
#   core_reads              has the hwrng core's own thread begun to read?
#   await_core              until it has, before the last device goes, on a kernel
#                           where that matters. A core without cleanup_rng_work()
#                           (5.10, 6.1 before its last updates) keeps a pointer to a
#                           thread that it stopped before it ran, and its next
#                           unregistering stops that again: it waits for ever or
#                           uses freed memory, whatever the driver.
# shellcheck disable=SC2016 # expanded in there
readonly READERS=$UNTIL'
reader() {
	while [ ! -e /tmp/stop ]; do
		if dd if=/dev/hwrng of=/tmp/block$1 bs=4096 count=1 \
			iflag=fullblock 2>/dev/null; then
			echo >>/tmp/read$1
		else
			sleep 0.02
		fi
	done
}
blocks() {
	cat /tmp/read? | wc -l
}
each_reads_on() {
	for n in $readers; do
		[ "$(wc -l </tmp/read$n)" -ge $(($(cat /tmp/had$n) + 2)) ] ||
			return
	done
}
readers_begin() {
	readers=$(seq $1)
	for n in $readers; do
		: >/tmp/read$n
		reader $n &
		pids="$pids $!"
		renice -n 10 -p $! # the rounds are to get on
	done
}
core_reads() {
	grep -qs hwrng_fillfn /proc/$(pidof hwrng)/stack
}
core_is_mended() {
	# Once: a guest takes a while to list its symbols.
	: ${core_mended:=$(grep -csw cleanup_rng_work /proc/kallsyms)}
	[ "${core_mended:-0}" != 0 ]
}
await_core() {
	core_is_mended || until_true core_reads
}
readers_end() {
	for n in $readers; do
		wc -l </tmp/read$n >/tmp/had$n
	done
	until_true each_reads_on || exit
	touch /tmp/stop
	wait $pids || exit
	echo "blocks=$(blocks)"
}
'
