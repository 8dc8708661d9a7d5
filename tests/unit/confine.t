#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What rngd's processes hold, and what they may do, as /proc shows it. TAP on stdout;
# B names the folder of built programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
rngd=$(program rngd/rngd) || exit 1

mkfifo fifo
exec 9<>fifo

# of_status FIELD: prints that number of /proc/PID/status, of the last process begun.
of_status() {
	sed -n "s/^$1:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$pid/status"
}

# ------------------------------------------------------------- locked memory

# libgcrypt's pool is of 64 kB.
# shellcheck disable=SC3045 # dash and busybox have ulimit -l
limit=$(ulimit -l)
run "$rngd" -b -p "$tmp/pid" -r "$tmp/fifo" -o fed --control=none
pid=$(cat pid)
pids="$pids $pid"
if [ "$limit" != unlimited ] && [ "$limit" -lt 256 ]; then
	skip "in the background memory is locked" "ulimit -l is $limit"
else
	[ "$status" = 0 ] && [ "$(of_status VmLck)" -ge 64 ]
	ok $? "in the background memory is locked"
fi
finish TERM

# Root may raise its limit, where it has CAP_SYS_RESOURCE, before it gives up rights.
# 80 kB are the pool, and one buffer of a source.
begin sh -c "ulimit -l 70; exec '$rngd' -f -r '$tmp/fifo' -o fed --control=none"
await grep -q 'fifo: feeds' err
told=$(grep -c 'buffer not locked' err)
if [ "$(of_status VmLck)" -ge 80 ]; then
	[ "$told" = 0 ]
else
	[ "$told" = 1 ]
fi
ok $? "buffers are locked beyond ulimit -l, or one line says that they are not"
finish TERM

# ------------------------------------------------------- the privileged process

# named NAME: prints the id of the process of this rngd that is called so.
named() {
	grep -l "^PPid:.$pid\$" /proc/[0-9]*/status 2>/dev/null |
		xargs grep -lx "Name:.$1" | cut -d/ -f3
}

# It has standard input, output and error, its socket and the pid file, and where root
# may read the kernel's log, that and an eventfd.
if [ "$(id -u)" = 0 ]; then
	begin "$rngd" -f -p "$tmp/pid" -r "$tmp/fifo" -o fed --control=none
	await grep -q 'fifo: feeds' err
	helper=$(named rngd-helper)
	[ "$(find "/proc/$helper/fd" -type l ! -lname /dev/kmsg \
		! -lname 'anon_inode:*eventfd*' | wc -l)" = 5 ] &&
		[ "$(readlink "/proc/$helper/cwd")" = / ] &&
		[ "$(find "/proc/$helper/fd" -lname "$tmp/pid" | wc -l)" = 1 ] &&
		grep -q '^Umask:.0077' "/proc/$helper/status"
	ok $? "the privileged process inherits no descriptors, folder and umask"
	finish TERM
	[ ! -e pid ]
	ok $? "and removes the pid file"
else
	skip "the privileged process inherits no descriptors" "only root has it"
	skip "and removes the pid file" "only root has it"
fi

mkfifo private
chmod 600 private
if [ "$(id -u)" = 0 ]; then
	begin "$rngd" -f -r "$tmp/fifo" -r "$tmp/private" -o fed --control=none
	await grep -q 'private: feeds' err
	opener=$(named rngd-opener)
	[ "$(echo "$opener" | wc -w)" = 1 ] &&
		grep -q '^CapEff:.0000000000000000' "/proc/$opener/status" &&
		grep -q '^Seccomp:.2' "/proc/$opener/status" &&
		[ "$(find "/proc/$opener/fd" -type l | wc -l)" = 4 ]
	ok $? "what only root may open has a process without capabilities"
	await sh -c "find /proc/$pid/fd -lname '$tmp/private' | grep -q ."
	ok $? "which hands the file over"
	finish TERM
	await gone "$opener"
	ok $? "and ends with rngd"
else
	skip "what only root may open has a process" "not root"
	skip "which hands the file over" "not root"
	skip "and ends with rngd" "not root"
fi

# As a pipe, it is its maker's alone: only root's rngd needs a process for it.
for name in /dev/stdin /proc/self/fd/0; do
	mkfifo -m 600 in
	exec 8<>in
	head -c 20000 /dev/urandom >&8
	begin "$rngd" -f --source="file:$name" -o fed --control=none <in
	await grep -q 'first good block\|first block' err
	ok $? "standard input is read as $name"
	finish TERM
	exec 8>&-
	rm in
done

# -------------------------------------------------------------------- groups

groups() {
	sed -n 's/^Groups:[^0-9]*\(.*[0-9]\) *$/\1/p' "/proc/$pid/status"
}

mkfifo shared
chmod 640 shared
if [ "$(id -u)" = 0 ] && chgrp 4242 shared 2>/dev/null; then
	# shellcheck disable=SC2016 # perl's
	begin perl -e '$) = "0 4242 4243"; exec @ARGV' "$rngd" -f \
		-r "$tmp/shared" -o fed --control=none
	await grep -q 'shared: feeds' err
	[ "$(groups)" = 4242 ]
	ok $? "the reader keeps the group that a source needs, and no other"
	finish TERM
else
	skip "the reader keeps the group that a source needs" "not root"
fi

printf 'root:x:0:\nvrngtest:x:4244:nobody\n' >group
if unshare -m mount --bind group /etc/group 2>/dev/null; then
	begin unshare -m sh -c 'mount --bind group /etc/group && exec "$@"' sh \
		"$rngd" -f --drop-privileges=nobody -r "$tmp/fifo" -o fed \
		--control=none
	await grep -q 'fifo: feeds' err
	[ "$(groups)" = 4244 ]
	ok $? "the reader has the groups of its user"
	finish TERM
else
	skip "the reader has the groups of its user" "no mount namespaces"
fi

# ------------------------------------------------------------------ programs

begin "$rngd" -f --source='exec:exec cat /dev/urandom' -o fed --control=none
await grep -q 'first good block\|first block' err
runner=$(named rngd-runner)
program=$(grep -l "^PPid:.$runner\$" /proc/[0-9]*/status | cut -d/ -f3)
grep -q '^Seccomp:.2' "/proc/$pid/status" &&
	grep -q '^Seccomp:.0' "/proc/$runner/status" &&
	grep -q '^Seccomp:.0' "/proc/$program/status"
ok $? "with a program as a source, system calls of the reader are filtered"
for process in "$runner" "$program"; do
	grep -q '^CapEff:.0000000000000000' "/proc/$process/status" &&
		grep -q '^NoNewPrivs:.1' "/proc/$process/status" &&
		[ "$(grep ^Uid: "/proc/$process/status")" = \
			"$(grep ^Uid: "/proc/$pid/status")" ]
	ok $? "$(cat "/proc/$process/comm") has no privileges"
done
finish TERM
[ "$status" = 0 ] && await gone "$program" && await gone "$runner"
ok $? "both end with rngd"

begin "$rngd" -f --source='exec:exec cat /dev/urandom' -o fed --control=none
await grep -q 'first good block\|first block' err
runner=$(named rngd-runner)
program=$(grep -l "^PPid:.$runner\$" /proc/[0-9]*/status | cut -d/ -f3)
finish KILL
await gone "$program" && await gone "$runner"
ok $? "and so they do when rngd is killed"

done_testing
