// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The input buffer of a source that is silent. Cases have a clock of their own, which
 * a wait advances.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rngd/base/clock.h"
#include "rngd/feed/intake.h"
#include "rngd/sources/kind.h"

#define BYTES 100

#define MINUTES_MS 60000

/* ------------------------------------------------------------------ the clock */

static uint64_t now_ms;

/* The source gives bytes from then on, ms; or the worker is stopped, if it never does. */
static uint64_t gives_from, stops_at;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names, see unit.mk. */
uint64_t __wrap_vrng_now(void);
uint64_t __wrap_vrng_now(void)
{
	return now_ms * VRNG_NS_PER_MS;
}

bool __wrap_vrng_worker_wait_for(struct vrng_worker *worker, int fd,
				 short events, int timeout);
bool __wrap_vrng_worker_wait_for(struct vrng_worker *worker, int fd,
				 short events, int timeout)
{
	const uint64_t end = now_ms + (unsigned int)timeout;

	(void)worker;
	(void)events;
	assert_true(timeout > 0); /* it neither spins nor sleeps for ever */
	now_ms = fd >= 0 && gives_from < end ? gives_from : end;
	return now_ms < stops_at;
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* ----------------------------------------------------------------- the source */

static int opens;

static int script_open(struct vrng_source *src, struct vrng_error *error)
{
	(void)error;
	opens++;
	src->poll_fd = src->kind->revives ? 7 : -1;
	return 0;
}

static ssize_t script_read(struct vrng_source *src, void *buf, size_t len,
			   struct vrng_error *error)
{
	(void)src;
	(void)error;
	if (now_ms < gives_from)
		return -EAGAIN;
	memset(buf, 'x', len);
	return (ssize_t)len;
}

static void script_close(struct vrng_source *src)
{
	src->poll_fd = -1;
}

static const struct vrng_kind device_kind = { .name = "device",
					      .open = script_open,
					      .read = script_read,
					      .close = script_close };

static const struct vrng_kind peer_kind = { .name = "peer",
					    .revives = true,
					    .open = script_open,
					    .read = script_read,
					    .close = script_close };

/* ----------------------------------------------------------------- the intake */

static const struct vrng_sink_setup discarding; /* no path */
static char name[] = "script";
static struct vrng_source source;
static struct vrng_sink *sink;
static struct rngd_outlet *outlet;
static struct vrng_worker worker;
static struct rngd_account account;
static struct rngd_intake intake;

static struct {
	int failures, recoveries;
	uint64_t failed_at, recovered_at; /* ms */
	char text[256];
} told;

static void note(void *opaque, bool failed, const char *text)
{
	assert_ptr_equal(opaque, &told);
	if (failed) {
		told.failures++;
		told.failed_at = now_ms;
		(void)snprintf(told.text, sizeof(told.text), "%s", text);
	} else {
		told.recoveries++;
		told.recovered_at = now_ms;
	}
}

static int lines;

static void count_line(const struct vrng_log *log, enum vrng_log_level level,
		       const char *text)
{
	(void)log;
	(void)level;
	(void)text;
	lines++;
}

static struct vrng_log log_of_case = { .sink = count_line };

static void begin(const struct vrng_kind *kind)
{
	const struct rngd_intake_setup setup = {
		.source = &source,
		.outlet = outlet,
		.worker = &worker,
		.account = &account,
		.log = &log_of_case,
		.size = BYTES,
		.tell = note,
		.opaque = &told,
	};

	memset(&told, 0, sizeof(told));
	lines = 0;
	opens = 0;
	now_ms = 1000;
	source = (struct vrng_source){
		.kind = kind, .name = name, .fd = -1, .poll_fd = -1
	};
	assert_int_equal(rngd_intake_make(&intake, &setup), 0);
}

static int set_up(void **unused)
{
	(void)unused;
	assert_int_equal(vrng_sink_open(&sink, &discarding, NULL), 0);
	assert_int_equal(rngd_outlet_make(&outlet, sink, &log_of_case, 0, NULL),
			 0);
	assert_int_equal(vrng_worker_init(&worker), 0);
	rngd_account_init(&account);
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	rngd_intake_free(&intake);
	rngd_account_free(&account);
	vrng_worker_free(&worker);
	rngd_outlet_free(outlet);
	vrng_sink_close(sink);
	return 0;
}

/* --------------------------------------------------------------------- cases */

static void fails_after_thirty_minutes(const struct vrng_kind *kind)
{
	begin(kind);
	gives_from = 45 * MINUTES_MS;
	stops_at = UINT64_MAX;
	assert_int_equal(rngd_intake_fill(&intake, BYTES), RNGD_GO_ON);
	assert_int_equal(told.failures, 1);
	assert_int_equal(told.failed_at, 1000 + 30 * MINUTES_MS);
	assert_string_equal(told.text, "script: no byte for 1800 s");
	assert_int_equal(told.recoveries, 1);
	assert_true(told.recovered_at >= gives_from);
	assert_int_equal(lines,
			 1); /* that it is silent; an hour later another */
}

static void a_silence_of_thirty_minutes_is_a_failure(void **unused)
{
	(void)unused;
	fails_after_thirty_minutes(&device_kind);
	assert_int_equal(opens, 1);
}

/* Opening it again, which does not end its silence, does not begin a new one. */
static void a_peer_that_is_opened_again_fails_as_early(void **unused)
{
	(void)unused;
	fails_after_thirty_minutes(&peer_kind);
	assert_true(opens > 1);
}

static void a_shorter_silence_is_no_failure(void **unused)
{
	(void)unused;
	begin(&device_kind);
	gives_from = 30 * MINUTES_MS - 1000;
	stops_at = UINT64_MAX;
	assert_int_equal(rngd_intake_fill(&intake, BYTES), RNGD_GO_ON);
	assert_int_equal(told.failures, 0);
}

static void a_failure_is_told_once(void **unused)
{
	(void)unused;
	begin(&device_kind);
	gives_from = UINT64_MAX;
	stops_at = 150 * MINUTES_MS;
	assert_int_equal(rngd_intake_fill(&intake, BYTES), RNGD_STOP);
	assert_int_equal(told.failures, 1);
	assert_int_equal(told.recoveries, 0);
	assert_true(lines <= 3);
}

#define STALE 40

/* Takes a block of a source, and forgets it after a fork. */
static void fork_after_a_block(bool holds_nothing)
{
	begin(&device_kind);
	source.holds_nothing = holds_nothing;
	gives_from = 0;
	stops_at = UINT64_MAX;
	assert_int_equal(rngd_intake_fill(&intake, BYTES), RNGD_GO_ON);
	assert_int_equal(opens, 1);
	(void)rngd_outlet_ask(outlet, true, STALE);
	assert_true(rngd_intake_is_void(&intake));
	rngd_intake_forget(&intake);
	assert_int_equal(intake.have, 0);
	assert_false(rngd_intake_is_void(&intake));
	assert_int_equal(rngd_intake_drain(&intake), RNGD_GO_ON);
	assert_int_equal(rngd_intake_fill(&intake, BYTES), RNGD_GO_ON);
}

/* Bytes that are held for this reader go with its descriptor. */
static void after_a_fork_a_source_is_opened_again(void **unused)
{
	(void)unused;
	fork_after_a_block(false);
	assert_int_equal(opens, 2);
}

static void after_a_fork_a_source_that_holds_nothing_stays_open(void **unused)
{
	(void)unused;
	fork_after_a_block(true);
	assert_int_equal(opens, 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_silence_of_thirty_minutes_is_a_failure),
		CASE(a_peer_that_is_opened_again_fails_as_early),
		CASE(a_shorter_silence_is_no_failure),
		CASE(a_failure_is_told_once),
		CASE(after_a_fork_a_source_is_opened_again),
		CASE(after_a_fork_a_source_that_holds_nothing_stays_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
