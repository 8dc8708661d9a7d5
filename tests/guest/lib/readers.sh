# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# For cases in which devices are added and removed under readers, after tap.sh.

# Commands for a guest. A reader survives a removed device: a read ends with data or
# with an error, and the reader continues until it is stopped. It adds a line to
# /tmp/readN for each block.
#   readers_begin COUNT     starts readers; their pids are in $pids, and a case may add
#                           others
#   readers_end             waits until each has read two more blocks, stops them and
#                           prints the number of all blocks
#   core_reads              has the hwrng core's own thread begun to read?
#   await_core              waits until it has, on a kernel where that matters, before
#                           the last device is removed. A core without
#                           cleanup_rng_work() (5.10, 6.1 before its last updates) keeps
#                           a pointer to a thread that it stopped before the thread
#                           ran, and stops it again at the next unregistration: it
#                           hangs or uses freed memory, with any driver.
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
		renice -n 10 -p $! # so that the rounds make progress
	done
}
core_reads() {
	grep -qs hwrng_fillfn /proc/$(pidof hwrng)/stack
}
core_is_fixed() {
	# Kept: to list its symbols takes a guest seconds.
	: ${core_fixed:=$(grep -csw cleanup_rng_work /proc/kallsyms)}
	[ "${core_fixed:-0}" != 0 ]
}
await_core() {
	core_is_fixed || until_true core_reads
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
