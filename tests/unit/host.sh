# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # harness.sh sets it
# Cases that the host's programs have in common, for their scripts to source
# behind harness.sh. A COMMAND is a program with what it needs to start.

# names_sources COMMAND...: --help has all kinds that a wrong one is told of.
names_sources() {
	run "$@" --source=nonsense
	refused 64 "no such kind; there are " \
		"an unknown kind of source is refused with those that there are"
	kinds=$(sed 's/.*there are //; s/,//g' err)
	run "$@" --help
	unnamed=
	for kind in $kinds; do
		grep -qw "$kind" out || unnamed="$unnamed $kind"
	done
	[ "$status" = 0 ] && [ -n "$kinds" ] && [ -z "$unnamed" ]
	ok $? "help names all kinds of sources$unnamed"
}

# spares_all_but_files COMMAND...: statistics go to regular files alone.
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
		ok $? "and is still there"
	done
	run "$@" --stats=tcp:9000
	refused 64 "write ./tcp:9000" "--stats=tcp:9000 is no file by mistake"
	begin_as spare "$@" --stats=late
	await grep -q 'listening on' spare.log
	mkfifo late
	kill -USR1 "$pid"
	await grep -q 'late: cannot write statistics: it is no reg' spare.log
	ok $? "what took the file's place while it ran is told of"
	finish TERM
	[ "$status" = 0 ] && [ -p late ]
	ok $? "and is still there at the end"
	rm -r folder pipe link plain late
}

# What a process that faces guests or clients may do. Sanitizers need more.
# confined PID LOG
confined() {
	held=1
	sandbox=
	! grep -q 'without its sandbox' "$2" ||
		sandbox=' # SKIP built without it'
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

# outlives_its_clerk PATH COMMAND...: with a source that needs no process, and the
# socket PATH. One that is lost is told of, one that hangs is left behind.
outlives_its_clerk() {
	at=$1
	shift
	for signal in KILL STOP; do
		begin_as bereft "$@" --stats=stats
		await grep -q 'listening on' bereft.log
		clerk=$(cat "/proc/$pid/task/$pid/children")
		# shellcheck disable=SC2086 # it is followed by a space
		kill -s $signal $clerk
		kill -USR1 "$pid"
		finish TERM
		[ "$status" = 0 ]
		ok $? "without its clerk it ends with status 0, too ($signal)"
		grep -q 'stats: cannot write statistics' bereft.log
		ok $? "and tells that its statistics were not written"
		# shellcheck disable=SC2086
		kill -9 $clerk 2>/dev/null
		rm -f "$at"
	done
	begin_as bereft "$@"
	await grep -q 'listening on' bereft.log
	clerk=$(cat "/proc/$pid/task/$pid/children")
	# shellcheck disable=SC2086
	kill -s STOP $clerk
	finish TERM
	[ "$status" = 0 ]
	ok $? "the end does not wait for one that hangs"
	# shellcheck disable=SC2086
	kill -9 $clerk
	rm -f "$at"
}
