// SPDX-License-Identifier: GPL-2.0-or-later
/* A snapshot of rngd as text, read back from text, and as metrics: no daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/control/metrics.h"
#include "rngd/control/status.h"

/* Two sources, and a value of its own for each number. */
static const struct rngd_snapshot full = {
	.version = "1.2.3",
	.pid = 101,
	.uptime = 102,
	.output = "/dev/random",
	.output_type = "kernel",
	.level = 103,
	.encryption = "SEV-SNP",
	.hwrng = "tpm-rng-0",
	.hwrng_quality = 1000,
	.hwrng_idle = "virtio",
	.interval = 104,
	.fed = 1,
	.waiting = "for the host: 4 bytes",
	.generation = 105,
	.generation_devices = 106,
	.renewal = { .forks = 107,
		     .requests = 108,
		     .failed = 113,
		     .hooks_run = 109,
		     .hooks_failed = 110,
		     .last_fed_ms = 111,
		     .last_done_ms = 112 },
	.feed = {
		.total = { .bytes_in = 201,
			   .bytes_out = 202,
			   .bits = 203,
			   .health = 204,
			   .suspended = 205,
			   .dropped = 206,
			   .good = 207,
			   .bad = 208,
			   .tally.failed = { 209, 210, 211, 212, 213 },
			   .tested = 214,
			   .failed = 215,
			   .repeated = 216,
			   .conditioned = 217,
			   .credited = 218,
			   .claimed = 219,
			   .failures = 220,
			   .reopens = 221 },
		.sources = 2,
		.source = { { .name = "file:\"a\" b",
			      .state = "flows",
			      .entropy = 7500,
			      .stats = { .bytes_in = 301,
					 .bytes_out = 302,
					 .bits = 303,
					 .health = 304,
					 .suspended = 305,
					 .dropped = 306,
					 .good = 307,
					 .bad = 308,
					 .tally.failed = { 309, 310, 311, 312,
							   313 },
					 .tested = 314,
					 .failed = 315,
					 .repeated = 316,
					 .conditioned = 317,
					 .credited = 318,
					 .claimed = 319,
					 .failures = 320,
					 .reopens = 321 } },
			    { .name = "getrandom",
			      .state = "failed",
			      .refusal = "is the kernel's own",
			      .message = "getrandom: no such thing" } },
	},
};

static const char text_of_own[] = "version 1.2.3\n"
				  "pid 101\n"
				  "uptime_seconds 102\n"
				  "output /dev/random\n"
				  "output_type kernel\n"
				  "entropy_avail 103\n"
				  "memory_encryption SEV-SNP\n"
				  "hwrng tpm-rng-0\n"
				  "hwrng_quality 1000\n"
				  "hwrng_idle virtio\n"
				  "feed_interval_seconds 104\n"
				  "fed 1\n"
				  "waiting for the host: 4 bytes\n"
				  "bytes_received 201\n"
				  "bytes_tested 214\n"
				  "bytes_failed 215\n"
				  "bytes_repeated 216\n"
				  "bytes_conditioned 217\n"
				  "bytes_delivered 202\n"
				  "bytes_credited 218\n"
				  "bits_claimed 219\n"
				  "bits_credited 203\n"
				  "blocks_good 207\n"
				  "blocks_bad 208\n"
				  "fips_monobit 209\n"
				  "fips_poker 210\n"
				  "fips_runs 211\n"
				  "fips_long_run 212\n"
				  "fips_continuous 213\n"
				  "health_failures 204\n"
				  "suspensions 205\n"
				  "bytes_dropped 206\n"
				  "failures 220\n"
				  "reopens 221\n"
				  "generation 105\n"
				  "generation_devices 106\n"
				  "vm_forks 107\n"
				  "reseed_requests 108\n"
				  "reseeds_failed 113\n"
				  "reseed_milliseconds 111\n"
				  "hooks_run 109\n"
				  "hooks_failed 110\n"
				  "hooks_milliseconds 112\n"
				  "sources 2\n";

static const char text_of_first[] = "source.0.name file:\"a\" b\n"
				    "source.0.state flows\n"
				    "source.0.entropy_millibits 7500\n"
				    "source.0.bytes_received 301\n"
				    "source.0.bytes_tested 314\n"
				    "source.0.bytes_failed 315\n"
				    "source.0.bytes_repeated 316\n"
				    "source.0.bytes_conditioned 317\n"
				    "source.0.bytes_delivered 302\n"
				    "source.0.bytes_credited 318\n"
				    "source.0.bits_claimed 319\n"
				    "source.0.bits_credited 303\n"
				    "source.0.blocks_good 307\n"
				    "source.0.blocks_bad 308\n"
				    "source.0.fips_monobit 309\n"
				    "source.0.fips_poker 310\n"
				    "source.0.fips_runs 311\n"
				    "source.0.fips_long_run 312\n"
				    "source.0.fips_continuous 313\n"
				    "source.0.health_failures 304\n"
				    "source.0.suspensions 305\n"
				    "source.0.bytes_dropped 306\n"
				    "source.0.failures 320\n"
				    "source.0.reopens 321\n"
				    "source.1.name getrandom\n"
				    "source.1.state failed\n"
				    "source.1.entropy_millibits 0\n"
				    "source.1.no_credit is the kernel's own\n";

static char text[65536];

static void print(const struct rngd_snapshot *snapshot, size_t size)
{
	size_t len = rngd_status_write(snapshot, text, size);

	assert_true(len < sizeof(text));
	text[len] = '\0';
}

static void each_value_has_its_line_in_order(void **unused)
{
	const size_t own = sizeof(text_of_own) - 1;

	(void)unused;
	print(&full, sizeof(text));
	assert_memory_equal(text, text_of_own, own);
	assert_memory_equal(text + own, text_of_first,
			    sizeof(text_of_first) - 1);
	assert_non_null(strstr(text, "\nsource.1.reopens 0\n"
				     "source.1.message getrandom: no such "
				     "thing\n"));
}

static void what_there_is_not_has_no_line(void **unused)
{
	struct rngd_snapshot snapshot = full;

	(void)unused;
	snapshot.level = RNGD_SNAPSHOT_NONE;
	print(&snapshot, sizeof(text));
	assert_null(strstr(text, "entropy_avail"));
	assert_null(strstr(text, "source.0.message"));
}

/* Every size from nothing to all: never half a line, never beyond the size. */
static void a_buffer_that_is_too_small_holds_whole_lines(void **unused)
{
	static char all[65536];
	size_t size, len, most;

	(void)unused;
	most = rngd_status_write(&full, all, sizeof(all));
	for (size = 0; size <= most; size++) {
		memset(text, '!', most + 1);
		len = rngd_status_write(&full, text, size);
		assert_true(len < size || !size);
		assert_memory_equal(text, all, len);
		assert_true(!len || text[len - 1] == '\n');
		assert_int_equal(text[size], '!');
	}
	assert_int_equal(rngd_status_write(&full, text, most + 1), most);
}

static void read_back(struct rngd_snapshot *snapshot,
		      struct rngd_client_answer *answer)
{
	(void)snprintf(answer->text, sizeof(answer->text), "%s", text);
	assert_int_equal(rngd_client_split(answer, NULL), 0);
	rngd_status_read(answer, snapshot);
}

static void what_was_written_is_read_back_the_same(void **unused)
{
	static struct rngd_client_answer answer;
	static struct rngd_snapshot got;
	static char again[sizeof(text)];

	(void)unused;
	print(&full, sizeof(text));
	read_back(&got, &answer);
	assert_string_equal(got.version, "1.2.3");
	assert_string_equal(got.feed.source[0].name, "file:\"a\" b");
	assert_int_equal(got.feed.sources, 2);
	again[rngd_status_write(&got, again, sizeof(again) - 1)] = '\0';
	assert_string_equal(again, text);
}

static void an_answer_of_less_is_read_as_less(void **unused)
{
	static struct rngd_client_answer answer;
	static struct rngd_snapshot got;

	(void)unused;
	(void)strcpy(text, "pid 7\nsources 99999999999\nsource.3.name x\n");
	read_back(&got, &answer);
	assert_int_equal(got.pid, 7);
	assert_null(got.version);
	assert_true(got.level == RNGD_SNAPSHOT_NONE);
	assert_int_equal(got.feed.sources, RNGD_SOURCES_MAX);
	assert_null(got.feed.source[0].name);
	assert_string_equal(got.feed.source[3].name, "x");
}

/* A name may have any byte in it but zero. */
static void names_of_any_bytes_are_read_back_the_same(void **unused)
{
	static struct rngd_client_answer answer;
	static struct rngd_snapshot got;
	struct rngd_snapshot snapshot = full;
	char name[256];
	int i;

	(void)unused;
	for (i = 0; i < 255; i++)
		name[i] = (char)(i + 1);
	name[255] = '\0';
	snapshot.feed.source[0].name = name;
	snapshot.feed.source[1].name = "exec:printf \"\\n\\\\\"\n\\";
	snapshot.output = "/\n\n/\\n";
	(void)snprintf(snapshot.feed.source[0].message,
		       sizeof(snapshot.feed.source[0].message), "%s", name + 1);
	print(&snapshot, sizeof(text));
	read_back(&got, &answer);
	assert_string_equal(got.feed.source[0].name, name);
	assert_string_equal(got.feed.source[1].name,
			    snapshot.feed.source[1].name);
	assert_string_equal(got.output, snapshot.output);
	assert_string_equal(got.feed.source[0].message, name + 1);
	assert_string_equal(got.feed.source[1].message,
			    full.feed.source[1].message);
}

static void write_metrics(const struct rngd_snapshot *snapshot,
			  bool openmetrics)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	rngd_metrics_write(snapshot, openmetrics, out);
	assert_int_equal(fclose(out), 0);
}

static void metrics(const struct rngd_snapshot *snapshot)
{
	write_metrics(snapshot, false);
}

static void has_line(const char *line)
{
	const char *at;

	for (at = strstr(text, line); at; at = strstr(at + 1, line))
		if ((at == text || at[-1] == '\n') && at[strlen(line)] == '\n')
			return;
	fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void metrics_show_each_value_in_its_unit(void **unused)
{
	(void)unused;
	metrics(&full);
	has_line("rngd_uptime_seconds 102");
	has_line("rngd_build_info{version=\"1.2.3\"} 1");
	has_line("rngd_kernel_entropy_bytes 12.875");
	has_line("rngd_fed 1");
	has_line("rngd_vm_forks_total 107");
	has_line("rngd_reseed_requests_total 108");
	has_line("rngd_reseed_seconds 0.111");
	has_line("rngd_reseeds_failed_total 113");
	has_line("rngd_hooks_total 109");
	has_line("rngd_hooks_failed_total 110");
	has_line("rngd_hwrng_info{current=\"tpm-rng-0\"} 1");
	has_line("rngd_hwrng_quality 1000");
	has_line("rngd_hwrng_virtio_idle 1");
	has_line(
		"rngd_source_received_bytes_total{source=\"file:\\\"a\\\" b\"} "
		"301");
	has_line("rngd_source_entropy_credited_bytes_total{source=\"getrandom\""
		 "} 0.000");
	has_line("rngd_source_entropy_claimed_bytes_total{source=\"file:"
		 "\\\"a\\\" b\"} 39.875");
	has_line("rngd_source_failures_total{source=\"file:\\\"a\\\" b\"} "
		 "320");
	has_line("rngd_source_reopens_total{source=\"file:\\\"a\\\" b\"} 321");
	has_line(
		"rngd_source_repeated_bytes_total{source=\"file:\\\"a\\\" b\"} "
		"316");
	has_line("rngd_source_fips_failures_total{source=\"file:\\\"a\\\" b\","
		 "test=\"continuous\"} 313");
	has_line("rngd_source_state{source=\"getrandom\",state=\"failed\"} 1");
}

/* In this format TYPE and HELP name the sample, and there is nothing else. */
static void the_text_format_names_the_sample(void **unused)
{
	(void)unused;
	metrics(&full);
	has_line("# TYPE rngd_source_received_bytes_total counter");
	has_line("# HELP rngd_source_received_bytes_total Bytes received from "
		 "a source.");
	has_line("# TYPE rngd_build_info gauge");
	has_line("# TYPE rngd_uptime_seconds gauge");
	assert_null(strstr(text, "# UNIT"));
	assert_null(strstr(text, "# EOF"));
}

static void openmetrics_names_the_family(void **unused)
{
	(void)unused;
	write_metrics(&full, true);
	has_line("# TYPE rngd_source_received_bytes counter");
	has_line("# HELP rngd_source_received_bytes Bytes received from a "
		 "source.");
	has_line("# UNIT rngd_source_received_bytes bytes");
	has_line("# TYPE rngd_build info");
	has_line("rngd_source_received_bytes_total{source=\"getrandom\"} 0");
	has_line("rngd_build_info{version=\"1.2.3\"} 1");
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
}

static void labels_are_escaped(void **unused)
{
	struct rngd_snapshot snapshot = full;

	(void)unused;
	snapshot.feed.source[0].name = "exec:a\n\"\\\xc3\xa9\xff\xc3";
	metrics(&snapshot);
	has_line("rngd_source_received_bytes_total{source=\"exec:a\\n\\\"\\\\"
		 "\xc3\xa9\\\\xff\\\\xc3\"} 301");
}

/* Two series with the same labels make a collector refuse all of them. */
static void sources_that_print_the_same_are_told_apart(void **unused)
{
	struct rngd_snapshot snapshot = full;

	(void)unused;
	snapshot.feed.source[0].name = "drbg:seed=...";
	snapshot.feed.source[1].name = "drbg:seed=...";
	snapshot.feed.source[2] = snapshot.feed.source[1];
	snapshot.feed.sources = 3;
	metrics(&snapshot);
	has_line("rngd_source_blocks_total{source=\"drbg:seed=...\","
		 "verdict=\"good\"} 307");
	has_line("rngd_source_blocks_total{source=\"drbg:seed=...\",nth=\"2\","
		 "verdict=\"good\"} 0");
	has_line("rngd_source_state{source=\"drbg:seed=...\",nth=\"3\","
		 "state=\"failed\"} 1");
	snapshot.feed.sources = 2;
	snapshot.feed.source[0].name = "file:\xff";
	snapshot.feed.source[1].name = "file:\\xff";
	metrics(&snapshot);
	has_line("rngd_source_reopens_total{source=\"file:\\\\xff\"} 321");
	has_line("rngd_source_reopens_total{source=\"file:\\\\xff\",nth=\"2\"} "
		 "0");
}

/* Bits are counted in thousandths of a byte, without rounding, up to the end. */
static void large_counters_lose_no_bit(void **unused)
{
	struct rngd_snapshot snapshot = full;

	(void)unused;
	snapshot.feed.source[1].stats.claimed = UINT64_MAX - 1;
	metrics(&snapshot);
	has_line("rngd_source_entropy_claimed_bytes_total{source=\"getrandom\""
		 "} 2305843009213693951.750");
}

static void metrics_leave_out_what_there_is_not(void **unused)
{
	struct rngd_snapshot snapshot = full;

	(void)unused;
	snapshot.level = RNGD_SNAPSHOT_NONE;
	snapshot.hwrng = NULL;
	snapshot.hwrng_quality = RNGD_SNAPSHOT_NONE;
	snapshot.feed.source[1].name = NULL;
	metrics(&snapshot);
	assert_null(strstr(text, "rngd_kernel_entropy_bytes"));
	assert_null(strstr(text, "rngd_hwrng"));
	assert_null(strstr(text, "getrandom"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_has_its_line_in_order),
		cmocka_unit_test(what_there_is_not_has_no_line),
		cmocka_unit_test(a_buffer_that_is_too_small_holds_whole_lines),
		cmocka_unit_test(what_was_written_is_read_back_the_same),
		cmocka_unit_test(an_answer_of_less_is_read_as_less),
		cmocka_unit_test(names_of_any_bytes_are_read_back_the_same),
		cmocka_unit_test(metrics_show_each_value_in_its_unit),
		cmocka_unit_test(the_text_format_names_the_sample),
		cmocka_unit_test(openmetrics_names_the_family),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(sources_that_print_the_same_are_told_apart),
		cmocka_unit_test(large_counters_lose_no_bit),
		cmocka_unit_test(metrics_leave_out_what_there_is_not),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
