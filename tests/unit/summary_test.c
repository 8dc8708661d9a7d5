// SPDX-License-Identifier: GPL-2.0-or-later
/* The status for systemd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/sources/hwrng.h"
#include "rngd/process/summary.h"

static struct rngd_report report;
static char text[RNGD_SUMMARY_SIZE];
static char folder[] = "/tmp/hw_random.XXXXXX";
static char rng_current[sizeof(folder) + sizeof("/rng_current")];

/* /dev/hwrng is served by the generator called @name; NULL: there is none. */
static void serve(const char *name)
{
	int fd;

	(void)unlink(rng_current);
	if (!name)
		return;
	fd = open(rng_current, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
	close(fd);
}

static int begin(void **unused)
{
	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	(void)snprintf(rng_current, sizeof(rng_current), "%s/rng_current",
		       folder);
	vrng_hwrng_folder = folder;
	memset(&report, 0, sizeof(report));
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	serve(NULL);
	return rmdir(folder);
}

static void add(const char *name, const char *state, uint64_t held,
		uint64_t awaited, const char *message)
{
	struct rngd_source_report *source = &report.source[report.sources++];

	source->name = name;
	source->state = state;
	source->held = held;
	source->awaited = awaited;
	(void)snprintf(source->message, sizeof(source->message), "%s", message);
}

static void says_waiting(bool was_fed, const char *want)
{
	rngd_summary_waiting(text, sizeof(text), &report, was_fed);
	assert_string_equal(text, want);
}

static void says(bool was_fed, const char *want)
{
	rngd_summary(text, sizeof(text), &report, was_fed);
	assert_string_equal(text, want);
}

static void virtio_is_the_host(void **unused)
{
	(void)unused;
	serve("virtio.0\n");
	add("file:/dev/hwrng", "stalled", 640, 2504, "");
	says(false, "waiting for the host: 640 of 2504 bytes");
	serve("tpm-rng-0\n");
	says(false, "waiting for file:/dev/hwrng: 640 of 2504 bytes");
	serve("virt");
	says(false, "waiting for file:/dev/hwrng: 640 of 2504 bytes");
	serve(NULL);
	says(false, "waiting for file:/dev/hwrng: 640 of 2504 bytes");
}

static void another_file_is_not_the_host(void **unused)
{
	(void)unused;
	serve("virtio\n");
	add("file:/dev/hwrng2", "waits", 0, 2504, "");
	says(false, "waiting for file:/dev/hwrng2: 0 of 2504 bytes");
	report.sources = 0;
	add("file:/dev/hwrng,entropy=1", "waits", 0, 2504, "");
	says(false, "waiting for the host: 0 of 2504 bytes");
}

static void the_source_that_lacks_least_is_waited_for(void **unused)
{
	(void)unused;
	add("tcp:a:1", "waits", 100, 2504, "");
	add("file:/b", "flows", 0, 0, "");
	add("tcp:c:1", "flows", 200, 2500, "");
	add("tcp:d:1", "failed", 2400, 2500, "tcp:d:1: refused");
	says(false, "waiting for tcp:c:1: 200 of 2500 bytes");
}

static void counters_come_first_after_a_block(void **unused)
{
	(void)unused;
	report.total.good = 3;
	report.total.bad = 1;
	report.total.bits = 60000;
	add("file:/a", "flows", 0, 0, "");
	says(true, "1 sources, 3 blocks good, 1 bad, 60000 bits credited");
	says_waiting(true, "");
	add("tcp:b:1", "waits", 7, 2504, "");
	says(true, "2 sources, 3 blocks good, 1 bad, 60000 bits credited; "
		   "waiting for tcp:b:1: 7 of 2504 bytes");
	says_waiting(true, "waiting for tcp:b:1: 7 of 2504 bytes");
}

static void without_a_source_that_waits_it_says_why(void **unused)
{
	(void)unused;
	says(false, "there is no source");
	add("file:/a", "failed", 0, 2504, "file:/a: cannot open");
	says(false, "waiting for a source; file:/a: cannot open");
	report.source[0].state = "suspended";
	says(false, "waiting for a source; file:/a: suspended");
	report.source[0].state = "flows";
	report.source[0].awaited = 0;
	says(false, "waiting for file:/a");
}

static void a_long_line_is_cut(void **unused)
{
	char small[20];

	(void)unused;
	add("file:/a", "waits", 0, 2504, "");
	rngd_summary(small, sizeof(small), &report, true);
	assert_string_equal(small, "1 sources, 0 blocks");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(virtio_is_the_host),
		CASE(another_file_is_not_the_host),
		CASE(the_source_that_lacks_least_is_waited_for),
		CASE(counters_come_first_after_a_block),
		CASE(without_a_source_that_waits_it_says_why),
		CASE(a_long_line_is_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
