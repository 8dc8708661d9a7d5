// SPDX-License-Identifier: GPL-2.0-or-later
/* What feeders share: which blocks are wanted, and what the main loop is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "rngd/feed/outlet.h"

#define WANTED 8

static const struct vrng_sink_setup discarding; /* no path */
static struct vrng_log quiet_log;
static struct vrng_sink *sink;
static struct rngd_outlet *outlet;

static int begin(void **unused)
{
	(void)unused;
	assert_int_equal(vrng_sink_open(&sink, &discarding, NULL), 0);
	return rngd_outlet_make(&outlet, sink, &quiet_log, WANTED, NULL);
}

static int end(void **unused)
{
	(void)unused;
	rngd_outlet_free(outlet);
	vrng_sink_close(sink);
	return 0;
}

static bool is_readable(void)
{
	struct pollfd pfd = { .fd = rngd_outlet_fd(outlet), .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void fed(unsigned int blocks)
{
	rngd_outlet_fed(outlet, rngd_outlet_asked(outlet), blocks, 2500, 0, -1);
}

static void no_more_blocks_are_claimed_than_are_wanted(void **unused)
{
	(void)unused;
	assert_int_equal(rngd_outlet_wanted(outlet, 100), WANTED);
	assert_int_equal(rngd_outlet_claim(outlet, 5), 5);
	assert_int_equal(rngd_outlet_wanted(outlet, 5), 3);
	assert_int_equal(rngd_outlet_claim(outlet, 5), 3);
	assert_int_equal(rngd_outlet_wanted(outlet, 5), 0);
	assert_int_equal(rngd_outlet_claim(outlet, 5), 0);
}

static void claimed_blocks_that_are_given_back_are_wanted_again(void **unused)
{
	(void)unused;
	assert_int_equal(rngd_outlet_claim(outlet, WANTED), WANTED);
	fed(5);
	rngd_outlet_unclaim(outlet, 3);
	assert_int_equal(rngd_outlet_wanted(outlet, 100), 3);
}

static void the_last_wanted_block_ends_it(void **unused)
{
	struct vrng_error error;

	(void)unused;
	assert_int_equal(rngd_outlet_claim(outlet, WANTED), WANTED);
	fed(WANTED - 1);
	assert_int_equal(rngd_outlet_take_events(outlet), RNGD_EVENT_FIRST);
	assert_int_equal(rngd_outlet_outcome(outlet, &error), RNGD_STOPPED);
	assert_false(is_readable());
	fed(1);
	assert_true(is_readable());
	assert_int_equal(rngd_outlet_take_events(outlet), RNGD_EVENT_ENDED);
	assert_int_equal(rngd_outlet_outcome(outlet, &error), RNGD_DONE);
}

static void a_request_is_met_by_a_block_begun_after_it(void **unused)
{
	const uint64_t before = rngd_outlet_asked(outlet);

	(void)unused;
	fed(1);
	(void)rngd_outlet_take_events(outlet);
	rngd_outlet_ask(outlet, false, 0);
	rngd_outlet_fed(outlet, before, 1, 2500, 0, -1);
	assert_int_equal(rngd_outlet_take_events(outlet), 0);
	fed(1);
	assert_int_equal(rngd_outlet_take_events(outlet), RNGD_EVENT_FED);
	fed(1);
	assert_int_equal(rngd_outlet_take_events(outlet), 0);
}

static void a_request_is_met_though_another_follows(void **unused)
{
	(void)unused;
	fed(1);
	(void)rngd_outlet_take_events(outlet);
	assert_int_equal(rngd_outlet_ask(outlet, false, 0), 1);
	assert_int_equal(rngd_outlet_ask(outlet, false, 0), 2);
	rngd_outlet_fed(outlet, 1, 1, 2500, 0, -1);
	assert_int_equal(rngd_outlet_take_events(outlet), RNGD_EVENT_FED);
	assert_int_equal(rngd_outlet_met(outlet), 1);
	fed(1);
	assert_int_equal(rngd_outlet_take_events(outlet), RNGD_EVENT_FED);
	assert_int_equal(rngd_outlet_met(outlet), 2);
}

static void a_fork_tells_what_is_stale_and_a_request_does_not(void **unused)
{
	(void)unused;
	rngd_outlet_ask(outlet, false, 99);
	assert_int_equal(rngd_outlet_forks(outlet), 0);
	assert_int_equal(rngd_outlet_stale(outlet), 0);
	rngd_outlet_ask(outlet, true, 256);
	assert_int_equal(rngd_outlet_forks(outlet), 1);
	assert_int_equal(rngd_outlet_stale(outlet), 256);
	assert_int_equal(rngd_outlet_asked(outlet), 2);
}

static void the_first_outcome_counts(void **unused)
{
	struct vrng_error error;

	(void)unused;
	vrng_fail(&error, EIO, "first");
	rngd_outlet_end(outlet, RNGD_SINK_FAILED, &error);
	rngd_outlet_end(outlet, RNGD_DONE, NULL);
	assert_int_equal(rngd_outlet_outcome(outlet, &error), RNGD_SINK_FAILED);
	assert_string_equal(error.text, "first");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_more_blocks_are_claimed_than_are_wanted),
		CASE(claimed_blocks_that_are_given_back_are_wanted_again),
		CASE(the_last_wanted_block_ends_it),
		CASE(a_request_is_met_by_a_block_begun_after_it),
		CASE(a_request_is_met_though_another_follows),
		CASE(a_fork_tells_what_is_stale_and_a_request_does_not),
		CASE(the_first_outcome_counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
