// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Renewals after VM forks and requests: when each of several ends, and with what. The
 * case is the feeder and the clock; hooks are real programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/fork/limit.h"
#include "rngd/fork/renewal.h"

/* A bound for waits, ms: generous for the slowest machine. */
#define PATIENCE 20000
#define T	 RNGD_RENEWAL_TIMEOUT

static const struct vrng_sink_setup discarding; /* no path */
static struct vrng_log quiet_log = { .quiet = true };
static struct vrng_sink *sink;
static struct rngd_outlet *outlet;
static struct rngd_renewal renewal;
static struct rngd_renewal_round told[8];
static size_t tells;

static void tell(void *opaque, const struct rngd_renewal_round *round)
{
	(void)opaque;
	assert_true(tells < 8);
	told[tells++] = *round;
}

static int begin(void **unused)
{
	(void)unused;
	tells = 0;
	assert_int_equal(vrng_sink_open(&sink, &discarding, NULL), 0);
	assert_int_equal(rngd_outlet_make(&outlet, sink, &quiet_log, 0, NULL),
			 0);
	renewal = (struct rngd_renewal){ .outlet = outlet,
					 .log = &quiet_log,
					 .tell = tell };
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	rngd_hooks_end(renewal.hooks);
	rngd_outlet_free(outlet);
	vrng_sink_close(sink);
	return 0;
}

/* A block that was begun when @number was the last request is handed over. */
static void fed(uint64_t number, uint64_t now)
{
	rngd_outlet_fed(outlet, number, 1, 2500, 16, -1);
	if (rngd_outlet_take_events(outlet) & RNGD_EVENT_FED)
		rngd_renewal_fed(&renewal, now);
}

static uint64_t request(uint64_t now)
{
	return rngd_renewal_begin(&renewal, NULL, 0, 0, now);
}

static void ended(size_t n, uint64_t number, bool fresh)
{
	assert_true(tells > n);
	assert_int_equal(told[n].number, number);
	assert_int_equal(told[n].fresh, fresh);
}

/* ---------------------------------------------------------------- deadlines */

static void
requests_that_follow_do_not_postpone_the_first_deadline(void **unused)
{
	uint64_t now, first = request(1000);

	(void)unused;
	for (now = 4000; now < 1000 + T; now += 500) {
		(void)request(now);
		rngd_renewal_late(&renewal, now);
		assert_int_equal(tells, 0);
		assert_int_equal(rngd_renewal_due(&renewal), 1000 + T);
	}
	rngd_renewal_late(&renewal, 1000 + T);
	ended(0, first, false);
	assert_int_equal(rngd_renewal_due(&renewal), 4000 + T);
}

static void nor_does_a_fork_that_follows(void **unused)
{
	uint64_t first = request(1000);

	(void)unused;
	(void)rngd_renewal_begin(&renewal, "agent", 256, 1, 4000);
	rngd_renewal_late(&renewal, 1000 + T);
	ended(0, first, false);
	assert_false(told[0].fork);
}

static void the_last_of_too_many_has_an_earlier_deadline(void **unused)
{
	uint64_t last = 0, now;

	(void)unused;
	for (now = 1; now <= 2 * RNGD_RENEWAL_WAITING; now++)
		last = request(now);
	rngd_renewal_late(&renewal, RNGD_RENEWAL_WAITING + T);
	assert_int_equal(tells, 1);
	ended(0, last, false);
	assert_int_equal(renewal.counts.failed, 2 * RNGD_RENEWAL_WAITING);
	assert_int_equal(told[0].since, 1);
	assert_int_equal(rngd_renewal_due(&renewal), 0);
}

/* ------------------------------------------------------------------ answers */

/* A source of one block in 4 s is asked each 3 s. */
static void a_block_meets_the_requests_before_it_and_no_other(void **unused)
{
	uint64_t first = request(1000), second = request(4000);

	(void)unused;
	fed(0, 4500);
	assert_int_equal(tells, 0);
	fed(first, 5000);
	assert_int_equal(tells, 1);
	ended(0, first, true);
	assert_int_equal(told[0].fed_ms, 4000);
	fed(second, 6000);
	assert_int_equal(renewal.counts.failed, 0);
	assert_int_equal(tells, 2);
	ended(1, second, true);
	assert_int_equal(told[1].fed_ms, 2000);
}

static void one_block_meets_all_requests_before_it(void **unused)
{
	uint64_t last;

	(void)unused;
	(void)rngd_renewal_begin(&renewal, "agent", 256, 7, 1000);
	last = rngd_renewal_begin(&renewal, NULL, 0, 7, 2000);
	fed(last, 3000);
	assert_int_equal(tells, 1);
	ended(0, last, true);
	assert_true(told[0].fork);
	assert_int_equal(told[0].generation, 7);
	assert_int_equal(told[0].fed_ms, 2000);
	assert_int_equal(renewal.counts.forks, 1);
	assert_int_equal(renewal.counts.requests, 1);
}

/* -------------------------------------------------------------------- hooks */

static char folder[] = "/tmp/renewal.XXXXXX";

static void path_of(char *path, size_t size, const char *name)
{
	assert_true(snprintf(path, size, "%s/%s", folder, name) < (int)size);
}

/* The hook appends to began.txt and waits for the file go.txt, which it removes. */
static void make_hook(void)
{
	char path[64];
	FILE *file;

	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	path_of(path, sizeof(path), "hook");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(
		fprintf(file,
			"#!/bin/sh\ncd %s\necho $VRNG_SOURCE $VRNG_FRESH >>began.txt\n"
			"until rm go.txt 2>/dev/null || [ ! -e began.txt ]; do sleep 0.01; done\n",
			folder) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(rngd_hooks_start(&renewal.hooks, folder, NULL), 0);
	assert_non_null(renewal.hooks);
}

static void remove_hook(void)
{
	static const char *const names[] = { "hook", "began.txt", "go.txt" };
	char path[64];
	size_t i;

	for (i = 0; i < 3; i++) {
		path_of(path, sizeof(path), names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

/* The hook that runs ends. */
static void let_go(uint64_t now)
{
	struct pollfd pfd = { .fd = rngd_hooks_fd(renewal.hooks),
			      .events = POLLIN };
	char path[64];
	FILE *file;

	path_of(path, sizeof(path), "go.txt");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	rngd_renewal_hooked(&renewal, now);
}

/* Both have the same generation, as they have without a driver that counts. */
static void a_request_ends_after_hooks_that_began_after_it(void **unused)
{
	uint64_t first, second;

	(void)unused;
	make_hook();
	first = request(1000);
	fed(first, 2000);
	second = request(2500);
	fed(second, 3000);
	assert_int_equal(tells, 0);
	let_go(4000);
	assert_int_equal(tells, 1);
	ended(0, first, true);
	let_go(5000);
	assert_int_equal(tells, 2);
	ended(1, second, true);
	remove_hook();
}

static void requests_while_hooks_run_share_the_next_run(void **unused)
{
	uint64_t last = 0, now;

	(void)unused;
	make_hook();
	fed(request(1000), 1000);
	for (now = 1001; now < 1100; now++) {
		last = request(now);
		fed(last, now);
	}
	let_go(2000);
	let_go(3000);
	assert_int_equal(tells, 2);
	ended(1, last, true);
	assert_int_equal(renewal.counts.hooks_run, 2);
	remove_hook();
}

/* Their process is gone: a run that was begun counts, and one that could not be. */
static void hooks_that_cannot_run_count_as_failed(void **unused)
{
	(void)unused;
	make_hook();
	assert_int_equal(shutdown(rngd_hooks_fd(renewal.hooks), SHUT_RDWR), 0);
	fed(request(1000), 1000);
	assert_int_equal(tells, 1);
	assert_int_equal(renewal.counts.hooks_failed, 1);
	rngd_renewal_hooked(&renewal, 3000);
	assert_int_equal(renewal.counts.hooks_run, 0);
	assert_int_equal(renewal.counts.hooks_failed, 2);
	assert_null(renewal.hooks);
	remove_hook();
}

/* What the hooks have said. */
static void hooks_said(const char *text)
{
	char path[64], got[256] = "";
	FILE *file;

	path_of(path, sizeof(path), "began.txt");
	file = fopen(path, "r");
	assert_non_null(file);
	got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
	(void)fclose(file);
	assert_string_equal(got, text);
}

/* ---------------------------------------------------------------- freshness */

static void is(enum rngd_freshness wanted)
{
	assert_int_equal(rngd_renewal_freshness(&renewal), wanted);
}

static uint64_t forked(uint64_t now)
{
	return rngd_renewal_begin(&renewal, "vmclock", 256, 1, now);
}

static void nothing_is_fresh_before_the_first_credit(void **unused)
{
	(void)unused;
	is(RNGD_FRESH_WAITS);
	rngd_outlet_fed(outlet, 0, 1, 2500, 0, -1);
	is(RNGD_FRESH_WAITS);
	fed(0, 1000);
	is(RNGD_FRESH);
}

static void after_a_fork_only_a_block_begun_after_it_is_fresh(void **unused)
{
	uint64_t number;

	(void)unused;
	fed(0, 500);
	number = forked(1000);
	is(RNGD_FRESH_WAITS);
	fed(0, 1500);
	is(RNGD_FRESH_WAITS);
	fed(number, 2000);
	is(RNGD_FRESH);
}

static void while_hooks_run_not_all_is_done(void **unused)
{
	(void)unused;
	make_hook();
	fed(forked(1000), 1500);
	is(RNGD_FRESH_HOOKS);
	let_go(2000);
	is(RNGD_FRESH);
	assert_true(told[0].is_well);
	hooks_said("vmclock yes\n");
	remove_hook();
}

/* A hook that is killed has failed, too. */
static void write_failing_hook(void)
{
	char path[64];
	FILE *file;

	path_of(path, sizeof(path), "hook");
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("#!/bin/sh\nexit 3\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void await_hooks(uint64_t now)
{
	struct pollfd pfd = { .fd = rngd_hooks_fd(renewal.hooks),
			      .events = POLLIN };

	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	rngd_renewal_hooked(&renewal, now);
}

static void a_hook_that_fails_is_told_until_hooks_run_well(void **unused)
{
	(void)unused;
	make_hook();
	write_failing_hook();
	fed(forked(1000), 1500);
	await_hooks(2000);
	is(RNGD_FRESH_FAILED);
	fed(request(3000), 3500);
	await_hooks(4000);
	is(RNGD_FRESH_FAILED);
	assert_int_equal(tells, 2);
	assert_true(told[1].fresh);
	assert_false(told[0].is_well);
	assert_false(told[1].is_well);
	remove_hook();
}

static void without_the_process_of_the_hooks_they_have_failed(void **unused)
{
	(void)unused;
	make_hook();
	assert_int_equal(shutdown(rngd_hooks_fd(renewal.hooks), SHUT_RDWR), 0);
	rngd_renewal_hooked(&renewal, 500);
	assert_null(renewal.hooks);
	fed(forked(1000), 1500);
	is(RNGD_FRESH_FAILED);
	remove_hook();
}

/* Services that reseed without fresh entropy have to do so again. */
static void hooks_of_a_late_fork_run_again_when_it_is_fresh(void **unused)
{
	uint64_t number;

	(void)unused;
	make_hook();
	fed(0, 500);
	number = forked(1000);
	rngd_renewal_late(&renewal, 1000 + T);
	let_go(1000 + T);
	is(RNGD_FRESH_WAITS);
	fed(number, 2000 + T);
	is(RNGD_FRESH_HOOKS);
	let_go(3000 + T);
	is(RNGD_FRESH);
	assert_int_equal(tells, 2);
	ended(0, number, false);
	ended(1, number, true);
	assert_int_equal(renewal.counts.forks, 1);
	hooks_said("vmclock no\nvmclock yes\n");
	remove_hook();
}

/* The request's block is the fork's, too. */
static void a_late_fork_and_a_later_request_share_a_run(void **unused)
{
	uint64_t last;

	(void)unused;
	make_hook();
	(void)forked(1000);
	rngd_renewal_late(&renewal, 1000 + T);
	let_go(1000 + T);
	last = request(2000 + T);
	fed(last, 2500 + T);
	let_go(3000 + T);
	is(RNGD_FRESH);
	assert_true(told[1].fork);
	assert_int_equal(told[1].number, last);
	hooks_said("vmclock no\nvmclock yes\n");
	remove_hook();
}

static void a_renewal_that_is_restarted_needs_a_later_block(void **unused)
{
	uint64_t first = rngd_renewal_begin(&renewal, "agent", 999, 1, 1000);
	uint64_t second = 0;

	(void)unused;
	assert_true(rngd_renewal_restart(&renewal, 256, &second));
	assert_true(second > first);
	assert_int_equal(rngd_outlet_stale(outlet), 256);
	fed(first, 1500);
	assert_int_equal(tells, 0);
	is(RNGD_FRESH_WAITS);
	fed(second, 2000);
	ended(0, second, true);
	is(RNGD_FRESH);
	assert_int_equal(renewal.counts.forks, 1);
	assert_false(rngd_renewal_restart(&renewal, 256, &second));
}

/* -------------------------------------------------------------------- limit */

static void forks_that_clients_report_are_limited(void **unused)
{
	struct rngd_limit limit = { .next = 0 };
	uint64_t now;

	(void)unused;
	for (now = 1; now <= RNGD_LIMIT_FORKS; now++)
		assert_int_equal(rngd_limit_take(&limit, RNGD_LIMIT_FORKS, now),
				 0);
	assert_int_equal(rngd_limit_take(&limit, RNGD_LIMIT_FORKS, 10),
			 RNGD_LIMIT_PERIOD - 9);
	assert_int_equal(rngd_limit_take(&limit, RNGD_LIMIT_FORKS,
					 1 + RNGD_LIMIT_PERIOD),
			 0);
	assert_int_equal(rngd_limit_take(&limit, RNGD_LIMIT_FORKS,
					 1 + RNGD_LIMIT_PERIOD),
			 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(requests_that_follow_do_not_postpone_the_first_deadline),
		CASE(nor_does_a_fork_that_follows),
		CASE(the_last_of_too_many_has_an_earlier_deadline),
		CASE(a_block_meets_the_requests_before_it_and_no_other),
		CASE(one_block_meets_all_requests_before_it),
		CASE(a_request_ends_after_hooks_that_began_after_it),
		CASE(requests_while_hooks_run_share_the_next_run),
		CASE(hooks_that_cannot_run_count_as_failed),
		CASE(nothing_is_fresh_before_the_first_credit),
		CASE(after_a_fork_only_a_block_begun_after_it_is_fresh),
		CASE(while_hooks_run_not_all_is_done),
		CASE(a_hook_that_fails_is_told_until_hooks_run_well),
		CASE(without_the_process_of_the_hooks_they_have_failed),
		CASE(hooks_of_a_late_fork_run_again_when_it_is_fresh),
		CASE(a_late_fork_and_a_later_request_share_a_run),
		CASE(a_renewal_that_is_restarted_needs_a_later_block),
		cmocka_unit_test(forks_that_clients_report_are_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
