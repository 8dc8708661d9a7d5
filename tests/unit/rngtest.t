#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngtest as its users meet it: what it prints, passes on and refuses, its exit
# statuses and signals. Threads and engines must not change any of that. It writes only
# to a temporary folder. TAP on stdout; B names the folder of built programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=rngtest
rngd=$(apart_rngd) || exit 1
rngtest=$(program rngd/rngtest) || exit 1
drbg=drbg:seed=0000000000000000000000000000000000000000000000000000000000000000

# Replaces times, speeds and the version.
masked() {
	sed 's/(min=[0-9.]*; avg=[0-9.]*; max=[0-9.]*)[KMGT]*i*bits/SPEED/
		s/^\(rngtest\) [0-9].*/\1 VERSION/
		s/time: [0-9]*/time: N/' "$@"
}

# ------------------------------------------------------------------- the data

"$rngd" -fq --source=$drbg -o good --blocks=200
{
	head -c 25004 good
	head -c 5000 /dev/zero
	tail -c 5000 good
} >mixed

# word AT FROM: copies the four bytes at FROM of the file many to AT.
word() {
	dd if=many of=many bs=1 count=4 seek="$1" skip="$2" conv=notrunc 2>/dev/null
}

# 1,250 blocks are 13 chunks for threads to share, and the last chunk is short. Some
# places are zeros, and some words repeat across the ends of blocks and chunks.
"$rngd" -fq --source=$drbg -o many --blocks=1250
printf 'a tail, and no block' >>many
for at in 100 4000 77777 250004 250503 1000000 1499000 3000000; do
	head -c 3000 /dev/zero |
		dd of=many bs=1 seek=$at conv=notrunc 2>/dev/null
done
word 4 0
word 2504 2500
word $((250000 + 4)) 250000
word $((2000000 + 4)) 2000000

# -------------------------------------------------------------------- its lines

run "$rngtest" <mixed
cat >want <<-EOF
	rngtest: starting FIPS tests...
	rngtest: entropy source drained
	rngtest: bits received from input: 280032
	rngtest: FIPS 140-2 successes: 12
	rngtest: FIPS 140-2 failures: 2
	rngtest: FIPS 140-2(2001-10-10) Monobit: 2
	rngtest: FIPS 140-2(2001-10-10) Poker: 2
	rngtest: FIPS 140-2(2001-10-10) Runs: 2
	rngtest: FIPS 140-2(2001-10-10) Long run: 2
	rngtest: FIPS 140-2(2001-10-10) Continuous run: 2
	rngtest: input channel speed: SPEED/s
	rngtest: FIPS tests speed: SPEED/s
	rngtest: Program run time: N microseconds
	rngtest: the number of failures is doubtful: good data has 0.0111 in 14 blocks, and 2 or more with probability 5.7e-05; test more blocks
EOF
masked err | sed 1,4d | cmp -s - want
ok $? "it prints the lines of rng-tools, and one about the number of failures"
[ $status = 1 ] && [ ! -s out ] && [ "$(masked err | sed -n 1p)" = \
	"rngtest VERSION" ] && [ -z "$(sed -n 4p err)" ]
ok $? "a bad block is status 1; a banner of four lines"

run "$rngtest" <good
[ $status = 0 ] && grep -q 'successes: 199$' err
ok $? "good blocks are status 0"
[ "$(tail -n 1 err)" = "rngtest: the number of failures is plausible: good data \
has 0.158 in 199 blocks, and none with probability 0.85" ]
ok $? "the last line says whether the number of failures is plausible"
run "$rngtest" -c 50 /dev/zero
[ $status = 1 ] && grep -q 'is implausible: .*; the data is not random$' err
ok $? "the failures of zeros are implausible; the status is as before"
run "$rngtest" -b 50 <good
[ "$(grep -c 'is plausible' err)" = 1 ]
ok $? "reports in between do not say it"
if command -v strace >/dev/null; then
	strace -f -qq -e trace=write -e signal=none -o calls "$rngtest" --threads=1 \
		<good 2>err
	[ "$(grep -c 'write(2, "rngtest: bits' calls)" = 1 ] &&
		[ "$(grep -c 'write(2, ' calls)" = 3 ] && grep -q 'probability' err
	ok $? "all statistics are written with one write, so nothing comes between"
	strace -f -qq -e trace=write -e signal=none -o calls "$rngtest" --threads=1 \
		--hist --estimate --samples=1000 <good >out 2>err
	[ "$(grep -c 'write(1,' calls)" = 1 ] && grep -q 'assessed' out
	ok $? "so are the histogram and the estimate"
else
	skip "one write" "strace is not installed"
	skip "one write for histogram and estimate" "strace is not installed"
fi

cp good large && truncate -s 3G large
run "$rngtest" -c 199 <large
[ $status = 0 ] && grep -q 'successes: 199$' err
ok $? "a file may be larger than an offset of 32 bits reaches"
rm large

{ printf abcd && cat mixed; } >piped
run "$rngtest" -p <piped
{
	head -c 25004 good | tail -c +5
	tail -c 5000 good
} >want
[ $status = 1 ] && cmp -s out want && ! grep -q drained err &&
	grep -q '^rngtest: bits sent to output: 240000$' err &&
	grep -q '^rngtest: output channel speed: (min=' err &&
	grep -q '^rngtest: bits received from input: 280064$' err
ok $? "-p passes good blocks on, and is silent until the end"

run "$rngtest" -c 7 -b 3 <good
[ $status = 0 ] && [ "$(grep -c 'successes: ' err)" = 3 ] &&
	grep -q 'successes: 3$' err && grep -q 'successes: 6$' err &&
	grep -q 'successes: 7$' err && ! grep -q drained err &&
	grep -q 'input: 60032$' err && grep -q 'input: 140032$' err
ok $? "-c ends it, -b reports in between"
run "$rngtest" -c 6 -b 3 <good
[ "$(grep -c 'successes: ' err)" = 2 ]
ok $? "-b does not report what the end will"

{ timeout $patience "$rngtest" -c 7 && wc -c >left; } <good >out 2>err
status=$?
[ $status = 0 ] && [ "$(cat left)" = $((500000 - 4 - 17500)) ]
ok $? "-c leaves what it did not test to the next reader of a file"
# shellcheck disable=SC2002 # it has to be a pipe
cat good | { timeout $patience "$rngtest" -c 7 && wc -c >left; } >out 2>err
status=$?
[ "$(cat left)" = $((500000 - 4 - 17500)) ]
ok $? "-c leaves what it did not test to the next reader of a pipe"

# ---------------------------------------------------------- threads and engines

# same_as DESCRIPTION ARGUMENT...: with `many` on stdin, rngtest prints and passes on
# the same as one thread with the reference engine did, whose output is in one/.
same_as() {
	local what=$1
	shift
	run "$rngtest" "$@" <many
	masked err >err.masked
	cmp -s out one/out && cmp -s err.masked one/err && [ $status = 1 ]
	ok $? "$what"
}

mkdir one
for mode in "" "-b 7" "-p" "-p -b 90 -c 1100"; do
	# shellcheck disable=SC2086 # a list of options
	run "$rngtest" --threads=1 --engine=reference $mode <many
	mv out one/out
	masked err >one/err
	[ $status = 1 ] && grep -q "Continuous run: [1-9]" one/err
	ok $? "one thread, bit by bit: rngtest $mode"
	for threads in 1 2 3 8; do
		# shellcheck disable=SC2086
		same_as "the same with $threads threads: rngtest $mode" \
			--threads=$threads $mode
	done
	for engine in avx512 avx2 neon portable; do
		run "$rngtest" --engine=$engine -c 1 <good
		if [ $status = 10 ]; then
			n=$((n + 1))
			echo "ok $n - engine $engine # SKIP not on this machine"
			continue
		fi
		# shellcheck disable=SC2086
		same_as "the same with engine $engine: rngtest $mode" \
			--engine=$engine $mode
	done
	for size in 13 777 65536; do
		# shellcheck disable=SC2086
		dd if=many bs=100k status=none | dd obs=$size status=none |
			timeout $patience "$rngtest" --threads=3 $mode >out 2>err
		status=$?
		masked err | cmp -s - one/err && cmp -s out one/out
		ok $? "the same from a pipe, $size at a time: rngtest $mode"
	done
done

# ------------------------------------------------------------------------ files

head -c 1001 many >one/1
tail -c +1002 many | head -c 800000 >one/2
tail -c +801002 many >one/3
: >one/empty
run "$rngtest" many
masked err >want
run "$rngtest" one/1 one/empty one/2 one/3
masked err | cmp -s - want
ok $? "files are tested as if they were one"
run "$rngtest" one/1 - one/3 <one/2
masked err | cmp -s - want
ok $? "\"-\" among files is stdin"
for order in "nosuch good" "good nosuch"; do
	# shellcheck disable=SC2086
	run "$rngtest" $order
	refused 11 "nosuch: cannot read: No such file or directory" \
		"a file that is not there: nothing is tested ($order)"
done
run "$rngtest" .
refused 11 ".: cannot read: Is a directory" "a directory is no file"

# --------------------------------------------------------------------- a terminal

# on_terminal TERM: runs rngtest on a terminal; its input pauses for 1.5 s after the
# first block.
on_terminal() {
	{ head -c 2504 good && sleep 1.5 && tail -c +2505 good; } >piece.fifo &
	TERM=$1 timeout $patience script -qec "$rngtest --threads=1 -c 150 piece.fifo" \
		/dev/null >out 2>err </dev/null
	status=$?
	wait $!
}

mkfifo piece.fifo
if command -v script >/dev/null; then
	on_terminal xterm
	grep -q '\[#.*MB/s.*K' out && [ "$(grep -c 'successes: 150' out)" = 1 ]
	ok $? "a progress bar on a terminal, once it takes more than a second"
	grep -q 'MB/s.*K.*rngtest: bits received' out
	ok $? "the bar is gone before the statistics"
	on_terminal dumb
	! grep -q 'MB/s' out && grep -q 'successes: 150' out
	ok $? "no bar on a terminal that cannot move its cursor"
else
	n=$((n + 1))
	echo "ok $n - a progress bar # SKIP script is not installed"
fi

# -------------------------------------------------------------------------- JSON

run "$rngtest" --json --hist -b 100 many
[ $status = 1 ] && [ ! -s err ] && [ "$(wc -l <out)" = 13 ] &&
	perl -MJSON::PP -ne '
		$j = decode_json($_);
		END { exit !($j->{bits_received} == (3125000 + 20) * 8 &&
			$j->{successes} + $j->{failures} == 1250 &&
			$j->{failed}{monobit} > 0 && $j->{microseconds} > 0 &&
			$j->{plausibility}{verdict} eq "implausible" &&
			$j->{plausibility}{probability} < 1e-6 &&
			$j->{bits_per_second}{test}{avg} > 0 &&
			@{$j->{nibbles}} == 16 && @{$j->{runs_of_ones}} == 6) }
	' out
ok $? "--json prints an object a line on stdout, and nothing else"
run "$rngtest" --json -p piped
[ $status = 1 ] && [ "$(wc -c <out)" = 30000 ] &&
	perl -MJSON::PP -e 'local $/; $j = decode_json(<>);
		exit !($j->{bits_sent} == 240000)' err
ok $? "--json -p prints it on stderr"

# -------------------------------------------------------------------- a picture

run "$rngtest" --hist many
[ $status = 1 ] && [ "$(wc -l <out)" = 31 ] && grep -q '^  0101 .*#.*|' out &&
	[ "$(awk 'length > 80' out)" = "" ] && grep -q 'successes: ' err
ok $? "--hist draws 16 nibbles and 12 runs, within 80 columns"
run "$rngtest" --hist -c 1 /dev/zero
[ "$(grep -c '5000.00 of ' out)" = 1 ] && grep -q '  0000 .*#|#####' out
ok $? "--hist shows a value that is always there, and no more than its width"

# --------------------------------------------------------------------- bad input

head -c 2503 good >short
run "$rngtest" short
[ $status = 1 ] && [ "$(grep 'no whole' err)" = \
	'rngtest: no whole block: the first takes 2504 bytes, and there were 2503' ]
ok $? "less than a block: one line says so, and status 1"
head -c 2504 good >short
run "$rngtest" short
[ $status = 0 ] && ! grep -q 'no whole' err
ok $? "one block is enough"
run "$rngtest" -p short
[ $status = 1 ] && grep -q 'the first takes 2508 bytes, and there were 2504' err
ok $? "-p drops a word more, and the line says so"

for args in "-c 1x" "-c -1" "-b 0x" "-t 1.5" "-c=" "--nosuch" "--threads=0" \
	"--threads=2000" "--engine=nosuch" "--samples=9" "--sample-bits=0" \
	"--sample-bits=9" "--seed=x" "--restart=9" \
	"--restart=0" "--conditioning=8" "--conditioning=8,8,8,9" \
	"--conditioning=8,8,8,1,1,1"; do
	# shellcheck disable=SC2086
	run "$rngtest" $args </dev/null
	refused 10 "rngtest --help" "$args is usage"
done

run "$rngtest" </dev/null
[ $status = 1 ] && grep -q 'input: 0$' err
ok $? "empty input is status 1"
head -c 2503 good >short
run "$rngtest" <short
[ $status = 1 ] && grep -q 'input: 20024$' err && grep -q 'failures: 0$' err
ok $? "less than a block is status 1"
run "$rngtest" <.
[ $status = 11 ] && grep -q 'error reading input: Is a directory' err &&
	grep -q 'input: 0$' err
ok $? "a directory is an input error"
run "$rngtest" <&-
[ $status = 11 ] && grep -q 'error reading input: Bad file' err
ok $? "a closed stdin is an input error"
timeout $patience "$rngtest" -p <many >&- 2>err
status=$?
[ $status = 11 ] && grep -q 'error writing to output: Bad file' err &&
	grep -q 'sent to output: 0$' err
ok $? "a closed stdout is an output error"
timeout $patience "$rngtest" -p <many >/dev/full 2>err
status=$?
[ $status = 11 ] && grep -q 'error writing to output: No space' err
ok $? "a full disk is an output error"
timeout $patience "$rngtest" --json <good >/dev/full 2>err
status=$?
[ $status = 11 ] && grep -q 'error writing to output: No space' err
ok $? "a full disk is an output error for JSON, too"
{
	timeout $patience "$rngtest" -p <many 2>err
	echo $? >status
} | head -c 1 >out
status=$(cat status)
[ "$status" = 11 ] && grep -q 'error writing to output: Broken pipe' err
ok $? "a reader that goes away is an output error"

# Reading /proc/self/mem at 0, where nothing is mapped, fails with EIO.
run "$rngtest" good /proc/self/mem
[ $status = 11 ] &&
	grep -q '/proc/self/mem: error reading input: I[^;]*/[^;]*; check' err &&
	grep -q 'input: 4000000$' err && grep -q 'successes: 199$' err
ok $? "a read error in the middle: the counts are true for what was read"
run "$rngtest" -p good /proc/self/mem
[ $status = 11 ] && [ "$(wc -c <out)" = 497500 ] &&
	grep -q 'sent to output: 3980000$' err
ok $? "a read error in the middle: what was good before it is passed on"
run "$rngtest" --help
[ $status = 0 ] && grep -q -e '--blockcount=n' out
ok $? "help is on stdout, with status 0"
run "$rngtest" -V
[ $status = 0 ] && grep -q '^rngtest [0-9]' out
ok $? "the version is on stdout, with status 0"

mkfifo fifo
exec 9<>fifo
for signal in TERM INT; do
	begin "$rngtest" --threads=3 -t 1000 <fifo
	await grep -q 'starting' err
	finish $signal
	[ "$status" = 1 ] && ! grep -q drained err &&
		grep -q 'Program run time' err
	ok $? "SIG$signal ends it with its statistics"
done

begin "$rngtest" --threads=3 -t 1 <fifo
head -c 30004 good >&9
await grep -q 'input: 240032' err && await grep -q 'successes: 12$' err
ok $? "-t reports while there is no input, on all that came"
finish TERM

begin "$rngtest" --threads=2 -p <fifo
head -c 30008 good >&9
await [ -s out ]
finish TERM
[ "$(wc -c <out)" = 30000 ] && [ "$status" = 0 ]
ok $? "-p passes blocks on while it waits for more"
rm -f status
: >out
{
	timeout $patience "$rngtest" --threads=2 -p <fifo 2>err
	echo $? >status
} | head -c 1 >out &
head -c 2508 good >&9
await [ -s out ] && await gone $! && head -c 40000 good >&9
await [ -s status ]
status=$(cat status)
[ "$status" = 11 ] && grep -q 'error writing to output: Broken pipe' err
ok $? "a reader that goes away ends it, though a thread waits for input"
exec 9>&-

done_testing
