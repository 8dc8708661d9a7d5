#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngtest's tests of SP 800-90B as its users meet them: estimates, the IID track,
# restarts, conditioning, and reports. It writes only to a temporary folder. TAP on
# stdout; B names the folder of built programs.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=rngtest
rngd=$(apart_rngd) || exit 1
rngtest=$(program rngd/rngtest) || exit 1
drbg=drbg:seed=0000000000000000000000000000000000000000000000000000000000000000

# ------------------------------------------------------------------- the data

"$rngd" -fq --source=$drbg -o good --blocks=200

# The same with zeros in some places, which are whole rows of a matrix of bits.
cp good many
for at in 100 4000 77777; do
	head -c 3000 /dev/zero |
		dd of=many bs=1 seek=$at conv=notrunc 2>/dev/null
done
mkdir one

# ------------------------------------------------------------------- estimates

run "$rngtest" --estimate --samples=20000 good
[ $status = 0 ] && grep -q '20000 samples of 8 bits' out &&
	[ "$(grep -c '^  6\.3\.' out)" = 10 ] &&
	grep -q '^assessed min-entropy  *[5-7]\.' out
ok $? "--estimate gives ten estimates and the assessment"
run "$rngtest" --estimate --samples=1000 good
[ "$(grep -c 'too few' out)" = 3 ] && grep -q '^  6.3.7 .* too few  *0\.' out &&
	grep -q '^There are too few samples for 2 of the estimates' out
ok $? "an estimator with too few samples says so, and gives no figure"
head -c 10 good >ten
run "$rngtest" --estimate ten
[ $status = 1 ] && grep -q '^  6.3.4 .* too few' out && grep -q 'no whole' err
ok $? "of ten bytes few estimators give a figure"
run "$rngtest" --estimate --json --samples=1000 good
[ "$(wc -l <out)" = 2 ] && tail -n 1 out | perl -MJSON::PP -ne '$j = decode_json($_)->{sp800_90b};
	exit !("@{$j->{original_too_few}}" eq "t_tuple multi_mcw" &&
		!exists $j->{original}{multi_mcw} &&
		"@{$j->{bitstring_too_few}}" eq "")'
ok $? "--json lists the estimators that had too few samples"
run "$rngtest" --estimate --samples=20000 --sample-bits=1 good
[ $status = 0 ] && grep -q '20000 samples of 1 bit,' out &&
	grep -q '^assessed min-entropy  *0\.' out
ok $? "--sample-bits=1 takes them from each byte's bits"

# The samples 0 to 4 in 3 bits, at random, packed and one in each byte.
perl -e 'srand 1; $/ = undef; open F, "<", "good"; $_ = <F>;
	@s = map { ord($_) % 5 } split //, substr $_, 0, 40000;
	open P, ">", "three.packed"; open B, ">", "three.bytes";
	print P pack "B*", join "", map { sprintf "%03b", $_ } @s;
	print B pack "C*", @s'
for layout in packed bytes; do
	options=--one-per-byte
	[ $layout = bytes ] || options=
	# shellcheck disable=SC2086
	run "$rngtest" --estimate --json --samples=40000 --sample-bits=3 $options \
		three.$layout
	tail -n 1 out >one/$layout
done
[ -s one/packed ] && cmp -s one/packed one/bytes && perl -MJSON::PP -ne '$j = decode_json($_)->{sp800_90b};
	exit !($j->{samples} == 40000 && $j->{sample_bits} == 3 &&
		$j->{original}{mcv} > 2.2 && $j->{original}{mcv} < 2.33 &&
		exists $j->{bitstring}{markov})' one/packed
ok $? "--sample-bits=3: the same of samples that are packed and one in a byte"
run "$rngtest" --estimate --samples=40000 --sample-bits=2 --one-per-byte three.bytes
[ $status = 10 ] && [ ! -s out ] &&
	grep -q '^rngtest: sample [0-9]* is 4 and does not fit --sample-bits=2; ' err
ok $? "a sample that does not fit its bits is named, and nothing is assessed"
LC_ALL=C tr '\000-\177\200-\377' '[\021*128][\356*128]' <good >two
run "$rngtest" --estimate --json --samples=40000 --one-per-byte two
[ "$(wc -l <out)" = 2 ] && tail -n 1 out | perl -MJSON::PP -ne '$j = decode_json($_)->{sp800_90b};
	exit !($j->{original}{markov} > 0.9 && !%{$j->{bitstring}} &&
		$j->{min_entropy} < 1)'
ok $? "samples of two values are assessed as bits, whatever their width"
run "$rngtest" --estimate --json --samples=5000 -c 2 good
tail -n 1 out | perl -MJSON::PP -ne 'exit !(decode_json($_)->{sp800_90b}
	{samples} == 5000)'
ok $? "--estimate --json is one more object"
run "$rngtest" --estimate /dev/null
[ $status = 1 ] && grep -q 'no samples' err && [ ! -s out ]
ok $? "--estimate of an empty file says that there are no samples"

# --------------------------------------------------------------------------- IID

# The upper halves of good bytes, one in a byte, and a walk of four bits.
perl -e '$/ = undef; open F, "<", "good"; @b = map { ord() >> 4 } split //, <F>;
	open G, ">", "half.good"; print G pack "C*", @b[0 .. 9999];
	open W, ">", "half.walk"; print W pack "C*", map { ($s += $_ & 1) & 15 } @b[0 .. 499]'
iid=(--iid --one-per-byte --sample-bits=4 --samples=10000)

for threads in 1 3; do
	run "$rngtest" "${iid[@]}" --seed=5 --threads=$threads half.good
	mv out one/$threads
done
cmp -s one/1 one/3 && [ "$(grep -c ' passed: ' one/1)" = 22 ] &&
	grep -q '^[0-9]* shuffles, --seed=5$' one/1 &&
	grep -q '^No test contradicts that the samples are IID' one/1
ok $? "--iid makes 22 tests; the seed repeats them, whatever the threads"
run "$rngtest" "${iid[@]}" half.good
mv out one/1
seed=$(sed -n 's/.*--seed=//p' one/1)
run "$rngtest" "${iid[@]}" --seed="$seed" half.good
[ -n "$seed" ] && cmp -s out one/1
ok $? "a seed that was chosen is printed, and repeats the report"
run "$rngtest" "${iid[@]}" --json half.walk
[ $status = 1 ] && [ "$(wc -l <out)" = 2 ] && tail -n 1 out | perl -MJSON::PP -ne '
	$j = decode_json($_)->{sp800_90b_iid};
	exit !(!$j->{iid} && $j->{shuffles} == 10000 && $j->{samples} == 500 &&
		@{$j->{permutations}} == 19 &&
		(grep { $_->{name} eq "runs about the median" && !$_->{passed} }
			@{$j->{permutations}}))'
ok $? "samples that are not IID are status 1; --json has each test"
head -c 3000 /dev/zero >zeros
run "$rngtest" --iid --samples=1000 zeros
[ $status = 1 ] && grep -q '^rngtest: all samples are equal: nothing to test' err
ok $? "samples that are all equal are not tested, and the message says so"
# 1,000 bytes of all values fill no bins.
perl -e 'print pack "C*", map { ($_ * 167 + ($_ >> 8) * 13) & 255 } 0 .. 999' |
	cat - zeros >few
run "$rngtest" --iid --one-per-byte --samples=1000 few
[ "$(grep -c '5\.2\.[12]  .* too few samples$' out)" -ge 1 ] &&
	! grep -q ' 0 degrees' out && ! grep -q '^No test contradicts' out
ok $? "--iid has no verdict from a test that had too few samples"

begin "$rngtest" --iid --one-per-byte --samples=100000 many
await grep -q 'Program run time' err
finish INT
[ "$status" = 1 ] &&
	grep -q '^rngtest: stopped after [0-9]* of 10000 shuffles: no verdict' err
ok $? "SIGINT ends it, without a verdict"

# -------------------------------------------------------- restarts, conditioning

run "$rngtest" --restart=0.5 --sample-bits=1 good
[ $status = 0 ] && [ "$(grep -c '^  6\.3\.' out)" = 10 ] &&
	grep -q '^min-entropy after restarts  *0.500000 bits per sample' out
ok $? "--restart confirms a claim"
run "$rngtest" --restart=1 --sample-bits=1 --json many
tail -n 1 out | perl -MJSON::PP -ne '$j = decode_json($_)->{sp800_90b_restart};
	exit !(!$j->{sane} && !$j->{valid} && $j->{min_entropy} == 0 &&
		$j->{most_in_row} > $j->{cutoff})' && [ $status = 1 ]
ok $? "--restart of rows of zeros: status 1, and --json says what failed"
run "$rngtest" --restart=7 good
[ $status = 1 ] &&
	grep -q '^rngtest: --restart takes 1000000 samples, .*; there were 500000' err
ok $? "--restart says how many samples it takes"
run "$rngtest" --restart=1.5 --sample-bits=1 good
[ $status = 1 ] && grep -q '^rngtest: --restart: the samples have too few' err
ok $? "--restart: a claim that the samples cannot hold"
run "$rngtest" --conditioning=512,256,256,300
[ $status = 0 ] && [ ! -s err ] && grep -q 'h_out *256.000000000 bits' out &&
	grep -q '(1 - 2^-51.471234) of all' out
ok $? "--conditioning of a vetted component reads no input"
run "$rngtest" --json --conditioning=512,256,256,300,0.9
[ $status = 0 ] && perl -MJSON::PP -ne '$j = decode_json($_)->{sp800_90b_conditioning};
	exit !(abs($j->{h_out} - 230.4) < 1e-9 && !$j->{vetted})' out
ok $? "--conditioning with h' is of one that is not vetted"

# ---------------------------------------------------------------------- evidence

head -c 125000 good >matrix
evidence=(--evidence=report --sample-bits=1 --samples=60000 --seed=4)
run "$rngtest" "${evidence[@]}" --restart-matrix=matrix good
[ $status = 0 ] && [ "$(ls report)" = "autocorrelation.svg
estimates.svg
report.json
report.md
spectrum.svg
values.svg" ] && grep -q '^entropy=5\.[0-9]*: 0\.' report/report.md &&
	[ "$(grep -n -m 1 '^\*\*' report/report.md)" = "5:$(grep '^\*\*Too few samples\.\*\* There are 60000;' report/report.md)" ] &&
	grep -q '^- Restarts (3.1.4): the claim holds' report/report.md &&
	grep -q "$(head -c 7500 good | sha256sum | cut -d' ' -f1)" report/report.md
ok $? "--evidence writes a report whose first page says what may be claimed"
perl -MJSON::PP -e 'local $/; $j = decode_json(<>);
	exit !($j->{entropy} > 5 && $j->{entropy} < 8 && @{$j->{reports}} == 3 &&
		$j->{entropy} <= 8 * $j->{per_sample} && @{$j->{health}} == 4 &&
		$j->{too_few_samples} &&
		$j->{reports}[2]{sp800_90b_restart}{valid} && $j->{seed} == 4 &&
		exists $j->{source} && !defined $j->{source} &&
		"@{$j->{files}}" eq "good")' report/report.json &&
	[ "$(grep '^| file' report/report.md)" = "| file | \`good\` |" ]
ok $? "report.json has the same and all results, and the name of the file"
for plot in report/*.svg; do
	# It begins as SVG, and each tag is closed.
	perl -e 'local $/; $_ = <>; $bad = !/^<svg /;
		while (/<(\/?)(\w+)[^>]*?(\/?)>/g) {
			$1 ? (pop(@s) eq $2 or $bad = 1) : $3 || push @s, $2 }
		exit($bad || @s > 0)' "$plot"
	ok $? "$plot is well formed"
done
[ "$(grep -c '>none<' report/estimates.svg)" = 10 ] &&
	grep -q '>0\.8<' report/estimates.svg && grep -q '>20<' report/estimates.svg
ok $? "a plot has labels, and says where there is no estimate"
mv report/report.md first.md
run "$rngtest" "${evidence[@]}" --restart-matrix=matrix --threads=3 good
cmp -s report/report.md first.md
ok $? "the seed repeats the report, whatever the threads"
cat many many | head -c 125000 >matrix
run "$rngtest" "${evidence[@]}" --restart-matrix=matrix good
[ $status = 1 ] && grep -q '^entropy=0\.000: ' report/report.md &&
	grep -q 'THE CLAIM DOES NOT HOLD' report/report.md
ok $? "if restarts do not confirm it, nothing may be claimed: status 1"
head -c 125001 good >matrix
run "$rngtest" "${evidence[@]}" --restart-matrix=matrix good
[ $status = 1 ] && grep -q '^rngtest: matrix: a restart matrix .* has 125000 bytes' err
ok $? "a restart matrix of another size is refused by name"
run "$rngtest" "${evidence[@]}" --restart-matrix=nosuch good
grep -q '^rngtest: nosuch: error reading: No such file' err
ok $? "so is one that is not there"
run "$rngtest" --evidence=good/report good
refused 11 "--evidence: good/report: cannot make the folder: Not a directory" \
	"a folder that cannot be made: nothing is tested"
run "$rngtest" --restart-matrix=matrix good
refused 10 "--restart-matrix is for --evidence" "--restart-matrix needs --evidence"

# unrecorded TEXT NAME: tests that the last run ended with this, after the warning.
unrecorded() {
	[ "$status" = 11 ] && [ ! -s out ] && [ "$(wc -l <err)" = 2 ] &&
		tail -n 1 err | grep -qF -e "rngtest: $1"
	ok $? "$2"
}

# A thousand starts of a program take their time on a busy machine.
patience=300
spec='exec:echo x >>starts; exec cat good # | cat'
source=(--evidence=taken --sample-bits=1 --samples=60000 --seed=4)
run "$rngtest" "${source[@]}" --source="$spec"
head -c 7500 good | cmp -s - taken/samples.bin
[ $status:$? = 1:0 ] && grep -q '^rngtest: recording raw samples of exec:.* in taken\. Who' err
ok $? "--source: the samples of the report are in its folder"
[ "$(wc -l <starts)" = 1001 ] && for _ in {1..1000}; do head -c 125 good; done |
	cmp -s - taken/matrix.bin
ok $? "the restart matrix is of a thousand starts"
grep -q 'THE CLAIM DOES NOT HOLD' taken/report.md
ok $? "starts that give the same bytes leave nothing to claim"
# shellcheck disable=SC2012 # the mode
[ "$(ls -l taken/*.bin | cut -c1-10 | uniq)" = -rw------- ]
ok $? "only their owner may read them"
[ "$(grep '^| source' taken/report.md)" = \
	"| source | \`exec:echo x >>starts; exec cat good # \\| cat\` |" ] &&
	grep -q "$(sha256sum <taken/matrix.bin | cut -d' ' -f1)" taken/report.md &&
	SPEC=$spec perl -MJSON::PP -e 'local $/; $j = decode_json(<>);
		exit !($j->{source} eq $ENV{SPEC} && "@{$j->{files}}" eq "taken/samples.bin")' \
		taken/report.json
ok $? "the report names the source"
odd=$'in "quotes" \\ and a\ttab'
cp good "$odd"
run "$rngtest" "${evidence[@]}" "$odd"
NAME=$odd perl -MJSON::PP -e 'local $/; exit !(decode_json(<>)->{files}[0] eq $ENV{NAME})' \
	report/report.json
ok $? "a file may have any name"
run "$rngtest" "${source[@]}" --source="$spec"
unrecorded "taken/samples.bin: cannot be made: File exists; name a new file" \
	"samples are not replaced"
run "$rngtest" "${source[@]/taken/nibbles}" --sample-bits=4 --one-per-byte \
	--source=$drbg --restart-matrix=taken/matrix.bin
[ "$(wc -c <nibbles/samples.bin)" = 60000 ] && [ ! -e nibbles/matrix.bin ]
ok $? "with --restart-matrix the source gives samples only"
run "$rngtest" "${source[@]/taken/brief}" --source=file:matrix --samples=1000001
unrecorded "file:matrix: end of file, 125 bytes too early" \
	"a source that ends is an error: nothing is tested"
run "$rngtest" "${source[@]/taken/bad}" --source=nosuch:thing
refused 10 "nosuch" "a SPEC that means nothing is a usage error"
run "$rngtest" --source=$drbg
refused 10 "--source is for --evidence" "--source needs --evidence"
run "$rngtest" "${source[@]}" --source=$drbg good
refused 10 "good: --source takes no file" "--source takes no file"
mkfifo silent
"$rngtest" "${source[@]/taken/stopped}" --source=file:silent >out 2>err &
child=$!
await grep -q 'recording raw' err
kill -INT $child
wait $child
status=$?
unrecorded "stopped/samples.bin: stopped, 7500 bytes before the end; what was" \
	"SIGINT ends a recording"

done_testing
