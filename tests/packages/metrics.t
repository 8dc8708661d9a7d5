#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The metrics of all programs, read by the programs that collect them: the node exporter,
# promtool and Python's parser, of each suite of Debian below. Alert rules and dashboards.
# B names the folder of built programs.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
B=$(readlink -f "${B:-$TOP/build}")
PACKAGING=$TOP/packaging
readonly B PACKAGING
[ -x "$B/rngd/rngd" ] || skip_all "$B/rngd/rngd is not built; run 'make programs'"
command -v apt-get >/dev/null || skip_all "the collectors are Debian's packages"
cd "$WORK" || exit

PIDS=()
clean_up() {
	local pid
	for pid in ${PIDS[@]+"${PIDS[@]}"}; do
		kill -KILL "$pid" 2>/dev/null
	done
	cd /
	rm -rf "$WORK"
}

# await COMMAND...: repeats it until it succeeds, for at most a minute.
await() {
	local tries=600
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# begin LOG COMMAND...: runs it in the background. Sets PID.
begin() {
	local log=$1
	shift
	: >"$log" # await must not find what an earlier program printed
	"$@" >>"$log" 2>&1 </dev/null &
	PID=$!
	PIDS+=("$PID")
	disown "$PID"
}

# ---------------------------------------------------------------- what is collected

# reports PID FILE LINE: tells the program to write its statistics to FILE. Does LINE come?
reports() {
	kill -USR1 "$1"
	grep -x "$3" "$2"
}

# texts FOLDER [OPTION]: starts each program with sources that flow and that fail, and
# names that need to be escaped, and writes FOLDER/PROGRAM.prom.
texts() {
	local to=$1 egd device
	shift
	mkdir "$to" && rm -f sock
	begin rngd.log "$B/rngd/rngd" -f --control="$WORK/sock" -o file \
		--source=getrandom --source=file:missing \
		--source="$(printf 'exec:sleep 1000 #\n\\"\377')" \
		--source="drbg:seed=$(printf %064d 1)" \
		--source="drbg:seed=$(printf %064d 2)"
	await test -S sock && await grep -q 'first good block' rngd.log &&
		await grep -q 'missing' rngd.log &&
		"$B/rngd/rngctl" -s "$WORK/sock" metrics "$@" >"$to/rngd.prom" ||
		return
	kill "$PID"
	begin egd.log "$B/tests/device/egd-server" --listen=unix:egd \
		--source='exec:exit 1' --stats="$to/egd-server.prom" "$@"
	egd=$PID
	await grep -q 'listening on' egd.log || return
	# shellcheck disable=SC2016 # that program's
	begin client.log perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => "egd") or die;
		syswrite $s, "\2\20"; sleep 600'
	await reports "$egd" "$to/egd-server.prom" 'egd_server_source_down 1' ||
		return
	kill "$egd"
	for device in one two; do
		begin $device.log "$B/tests/device/vhost-user-rng" \
			--socket-path="$(printf '%s\\"\n\377' $device)" \
			--socket-path=$device --stats="$to/$device.prom" "$@"
		await grep -q 'listening on' $device.log &&
			await reports "$PID" "$to/$device.prom" \
				"vrng_device_faults{socket=\"$device\"} 0" || return
		kill "$PID"
	done
}
check 'all programs write their metrics' texts text
# As a link to what the units write.
mkdir run && mv text/two.prom run && ln -s ../run/two.prom text/two.prom
check 'and with --openmetrics, in that format' texts open --openmetrics

failures_are_counted() {
	grep -Ex 'rngd_source_failures_total\{source="file:[^"]*/missing"\} 1' \
		text/rngd.prom &&
		grep -Ex 'egd_server_source_failures_total [1-9][0-9]*' \
			text/egd-server.prom &&
		grep -x 'vrng_device_source_down{socket="one"} 0' text/one.prom
}
check 'a source that fails is counted' failures_are_counted

# ------------------------------------------------------------------- the collectors

in_tree() {
	"$TOP/tests/distros/enter" "$tree" "$@"
}

# Accepts a text without a word, which it has for each breach of the conventions.
promtool_is_content() {
	local text
	for text in text/{rngd,egd-server,one,two}.prom; do
		[ -s "$text" ] || return
		in_tree promtool check metrics <"$text" >said 2>&1 || {
			echo "$text: status $?"
			cat said
			return 1
		}
		[ ! -s said ] || {
			cat said
			return 1
		}
	done
}

# scrape FOLDER: lets the node exporter read the files of FOLDER; what it makes of them
# is in `scraped`.
scrape() {
	local address
	begin exporter.log in_tree prometheus-node-exporter \
		--collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$WORK/$1" \
		--web.listen-address=127.0.0.1:0
	await grep -q 'Listening on' exporter.log
	address=$(grep -om 1 'address=127\.0\.0\.1:[0-9]*' exporter.log)
	# shellcheck disable=SC2016 # that program's
	timeout 60 perl -MHTTP::Tiny -e '
		my $http = HTTP::Tiny->new(proxy => undef, http_proxy => undef);
		my $r = $http->get("http://$ARGV[0]/metrics");
		print $r->{content};
		die "$r->{status}: $r->{content}\n" if !$r->{success}
		' "${address#address=}" >scraped
	set -- $?
	kill "$PID"
	cat exporter.log
	return "$1"
}

# Prints the lines of texts in one form: sorted, and so are the labels of each sample. The
# exporter gives all samples of a family the same labels, of which some are empty.
in_order() {
	# shellcheck disable=SC2016 # that program's
	perl -ne '
		if (/^([a-z_]+)(?:\{(.*)\})? (\S+)$/) {
			my ($name, $labels, $value) = ($1, $2 // "", $3 + 0);
			my @labels = grep { !/=""$/ }
				$labels =~ /[a-z]+="(?:[^"\\]|\\.)*"/g;
			$_ = "$name " . join(",", sort @labels) . " $value\n";
		}
		print' "$@" | LC_ALL=C sort -u
}

# All lines arrive: each sample, and its HELP and TYPE.
exporter_reads_all() {
	scrape text || return
	grep -x 'node_textfile_scrape_error 0' scraped || return
	in_order scraped >got
	in_order text/*.prom >want
	[ "$(grep -c '^# TYPE [a-z_]*_total counter$' want)" -gt 30 ] || return
	LC_ALL=C comm -23 want got >lost
	cat lost
	[ ! -s lost ]
}

# The control: the former text is refused, and that is seen.
exporter_refuses_openmetrics() {
	scrape open || return
	grep -x 'node_textfile_scrape_error 1' scraped
}

openmetrics_is_strict() {
	in_tree python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for path in sys.argv[1:]:
    with open(path, encoding="utf-8", newline="") as text:
        families = list(text_string_to_metric_families(text.read()))
    if not any(f.type == "counter" and f.samples for f in families):
        sys.exit(path + ": no counter")
    print(path, len(families))' open/*.prom
}

rules_are_right() {
	local file
	for file in "$PACKAGING"/prometheus/*.rules.yml; do
		cp "$file" "$ROOM/metrics/$(basename "$file" .rules.yml).test.yml" . ||
			return
	done
	in_tree promtool check rules ./*.rules.yml &&
		in_tree promtool test rules ./*.test.yml
}

for suite in bookworm trixie; do
	tree=
	userland() {
		tree=$("$ROOM/collectors" "$suite")
	}
	check "$suite: its collectors are there" userland
	[ -n "$tree" ] || continue
	check "$suite: promtool check metrics is content" promtool_is_content
	check "$suite: the node exporter reads all metrics" exporter_reads_all
	check "$suite: and refuses those with --openmetrics" exporter_refuses_openmetrics
	check "$suite: Python's parser of OpenMetrics reads those" openmetrics_is_strict
	check "$suite: promtool finds the alert rules right" rules_are_right
done

# ------------------------------------------------------------- rules and dashboards

# Prints the metrics that a file of rules or a dashboard names.
named() {
	grep -ohE '\b(rngd|vrng_devices?|egd_server)_[a-z_]+' "$@" | sort -u
}

# A metric that is renamed would end an alert without a word.
names_are_metrics() {
	sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' text/*.prom | sort -u >metrics
	# There only where the kernel has hw_random, and is what rngd feeds.
	printf 'rngd_%s\n' hwrng_{info,quality,virtio_idle} \
		kernel_entropy_bytes >>metrics
	sort -u -o metrics metrics
	named "$@" | comm -23 - metrics >unknown
	cat unknown
	[ ! -s unknown ] && [ "$(named "$@" | wc -l)" -gt 5 ]
}

dashboards_are_json() {
	perl -MJSON::PP -e '
		for my $file (@ARGV) {
			local (@ARGV, $/) = $file;
			my $d = decode_json(<>);
			my %seen;
			for my $panel (@{$d->{panels}}) {
				die "$file: $panel->{id} twice\n"
					if $seen{$panel->{id}}++;
				die "$file: $panel->{title}: asks for nothing\n"
					if !@{$panel->{targets}};
			}
			die "$file: $d->{uid}\n" if keys %seen < 5;
		}' "$PACKAGING"/grafana/*.json
}

for name in rngd vrng-host; do
	check "the alert rules of $name name metrics that there are" \
		names_are_metrics "$PACKAGING/prometheus/$name.rules.yml"
	check "the dashboard of $name names metrics that there are" \
		names_are_metrics "$PACKAGING/grafana/$name.json"
done
check 'dashboards are JSON, with panels that ask for something' dashboards_are_json
done_testing
