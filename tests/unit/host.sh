# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # harness.sh sets it
# Cases for both programs of the host side. Their scripts source this file after
# harness.sh. COMMAND is a program with the options that it needs to start.

# names_sources COMMAND...: an unknown kind of source is refused with a list of all
# kinds, and --help has the same kinds.
names_sources() {
	run "$@" --source=nonsense
	refused 64 "no such kind; there are " \
		"an unknown kind of source is refused with the list of kinds"
	kinds=$(sed 's/.*there are //; s/,//g' err)
	run "$@" --help
	unnamed=
	for kind in $kinds; do
		grep -qw "$kind" out || unnamed="$unnamed $kind"
	done
	[ "$status" = 0 ] && [ -n "$kinds" ] && [ -z "$unnamed" ]
	ok $? "help names all kinds of sources$unnamed"
}

# spares_all_but_files COMMAND...: statistics replace only a regular file, never
# something else of that name.
spares_all_but_files() {
	mkdir folder
	mkfifo pipe
	: >plain
	ln -s plain link
	for path in folder pipe link /dev/null; do
		before=$(stat -c '%F %i' $path)
		run "$@" --stats=$path
		refused 64 "--stats=$path: is a" "--stats=$path is refused"
		[ "$(stat -c '%F %i' $path)" = "$before" ]
		ok $? "$path is still there"
	done
	run "$@" --stats=tcp:9000
	refused 64 "write ./tcp:9000" "--stats=tcp:9000 is not taken for a file"
	begin_as spare "$@" --stats=late
	await grep -q 'listening on' spare.log
	mkfifo late
	kill -USR1 "$pid"
	await grep -q 'late: cannot write statistics: it is no reg' spare.log
	ok $? "a pipe that took the file's place while it ran is reported"
	finish TERM
	[ "$status" = 0 ] && [ -p late ]
	ok $? "that pipe is still there at the end"
	rm -r folder pipe link plain late
}

# confined PID LOG: each thread of a process that serves guests or clients has a
# system call filter and no capabilities. A build with sanitizers has no sandbox.
confined() {
	held=1
	sandbox=
	! grep -q 'without its sandbox' "$2" ||
		sandbox=' # SKIP built without a sandbox'
	for line in 'Seccomp:	2' 'NoNewPrivs:	1' \
		'CapEff:	0000000000000000' 'CapPrm:	0000000000000000'; do
		for task in /proc/"$1"/task/*; do
			grep -qx "$line" "$task/status" || held=0
		done
	done
	[ "$(find /proc/"$1"/task -maxdepth 1 | wc -l)" -gt 2 ] || held=0
	[ $held = 1 ] || [ -n "$sandbox" ]
	ok $? "each of its threads is filtered and has no capabilities$sandbox"
	grep -q '^Max core file size *0 *0 ' /proc/"$1"/limits ||
		[ -n "$sandbox" ]
	ok $? "it leaves no core dump$sandbox"
}

# open_files /proc/PID: prints the limit that the kernel compares.
open_files() {
	sed -n 's/^Max open files  *\([0-9]*\) .*/\1/p' "$1/limits"
}

# helper_confined PID LOG: a file helper has a filter of its own. Of root's capabilities it
# has those to replace files in other users' folders: 1 and 3, which make 0xa.
helper_confined() {
	sandbox=
	! grep -q 'without its sandbox' "$2" ||
		sandbox=' # SKIP built without a sandbox'
	[ -n "$sandbox" ] || {
		await grep -q '^Seccomp:.2' "/proc/$1/status" &&
			grep -q '^NoNewPrivs:.1' "/proc/$1/status" &&
			grep -q '^CapPrm:.000000000000000[028a]$' "/proc/$1/status"
	}
	ok $? "the file helper is filtered and has no capabilities but for files$sandbox"
	# If it had a limit of its own, what other programs of its user pass at the time
	# could keep it from passing signs of forks on.
	[ "$(open_files "/proc/$1")" = "$(open_files /proc/self)" ]
	ok $? "it has no limit of descriptors of its own"
}

# outlives_its_file_helper PATH COMMAND...: with the socket PATH and a source that
# needs no process. The program reports that its file helper is gone, and does not
# wait for one that hangs.
outlives_its_file_helper() {
	at=$1
	shift
	for signal in KILL STOP; do
		begin_as bereft "$@" --stats=stats
		await grep -q 'listening on' bereft.log
		helper=$(cat "/proc/$pid/task/$pid/children")
		helper=${helper% }
		[ $signal = STOP ] || helper_confined "$helper" bereft.log
		# shellcheck disable=SC2086 # a space follows the number
		kill -s $signal $helper
		kill -USR1 "$pid"
		finish TERM
		[ "$status" = 0 ]
		ok $? "without its file helper it ends with status 0 ($signal)"
		grep -q 'stats: cannot write statistics' bereft.log
		ok $? "it reports that its statistics were not written ($signal)"
		# shellcheck disable=SC2086
		kill -9 $helper 2>/dev/null
		rm -f "$at"
	done
	begin_as bereft "$@"
	await grep -q 'listening on' bereft.log
	helper=$(cat "/proc/$pid/task/$pid/children")
	# shellcheck disable=SC2086
	kill -s STOP $helper
	finish TERM
	[ "$status" = 0 ]
	ok $? "the end does not wait for a file helper that hangs"
	# shellcheck disable=SC2086
	kill -9 $helper
	rm -f "$at"
}

# page_of GENERATION: makes "page", a generation page, or changes it.
page_of() {
	perl -e 'open my $f, -e "page" ? "+<" : ">", "page" or die;
		truncate $f, 4096; seek $f, 104, 0;
		print $f pack("V2", $ARGV[0], 0); close $f or die' "$1"
}

# takes_up_a_page COMMAND...: rngd begins to maintain its page when the program runs. Its
# log is later.log. The page is left, and the program runs on.
takes_up_a_page() {
	rm -f page later.log
	begin_as later "$@" --fork-page="$tmp/page"
	await grep -q 'listening on' later.log
	page_of 1
	await grep -q 'VM forks: a sign has appeared (page)' later.log
	ok $? "a sign of VM forks that comes later is taken up"
}
