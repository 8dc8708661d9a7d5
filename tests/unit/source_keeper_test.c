// SPDX-License-Identifier: GPL-2.0-or-later
/* The keeper: when it reopens a source, and what it reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rngd/sources/keeper.h"
#include "rngd/sources/kind.h"
#include "tests/unit/within.h"

/* A fake source. */
static struct {
	int open; /* what open returns */
	ssize_t read; /* what read returns */
	int opens;
	int closes;
	int reads;
} script;

static int script_open(struct vrng_source *src, struct vrng_error *error)
{
	script.opens++;
	src->poll_fd = 7;
	if (script.open)
		return vrng_fail(error, -script.open, "%s: cannot open: %m",
				 src->name);
	return 0;
}

static ssize_t script_read(struct vrng_source *src, void *buf, size_t len,
			   struct vrng_error *error)
{
	script.reads++;
	if (script.read > 0) {
		memset(buf, 'x', len);
		return script.read;
	}
	if (script.read == 0)
		return vrng_source_end(error, "%s: end of file", src->name);
	if (script.read == -EAGAIN)
		return -EAGAIN;
	return vrng_fail(error, (int)-script.read, "%s: cannot read: %m",
			 src->name);
}

static void script_close(struct vrng_source *src)
{
	script.closes++;
	src->poll_fd = -1;
}

static const struct vrng_kind script_kind = {
	.name = "script",
	.revives = true,
	.open = script_open,
	.read = script_read,
	.close = script_close,
};

/* The same, as a file: reopening cannot end its silence. */
static const struct vrng_kind file_kind = {
	.name = "script",
	.open = script_open,
	.read = script_read,
	.close = script_close,
};

static char script_name[] = "script";
static struct vrng_source source;
static struct vrng_keeper keeper;
static char buf[8];

static struct {
	int lines;
	enum vrng_keeper_state state;
	char text[512];
} told;

static void note(void *opaque, enum vrng_keeper_state state, const char *text)
{
	assert_ptr_equal(opaque, &told);
	told.state = state;
	if (!text)
		return;
	told.lines++;
	snprintf(told.text, sizeof(told.text), "%s", text);
}

static int begin(void **unused)
{
	const struct vrng_keeper_setup setup = {
		.source = &source,
		.consequence = "the guest gets nothing until it is back",
		.tell = note,
		.opaque = &told,
		.first_ms = 100,
		.max_ms = 1000,
		.stall_ms = 5000,
	};

	(void)unused;
	memset(&script, 0, sizeof(script));
	memset(&told, 0, sizeof(told));
	source = (struct vrng_source){ .kind = &script_kind,
				       .name = script_name,
				       .fd = -1,
				       .poll_fd = -1 };
	vrng_keeper_init(&keeper, &setup);
	return 0;
}

static ssize_t draw(uint64_t now)
{
	return vrng_keeper_read(&keeper, buf, sizeof(buf), now);
}

static void assert_told(int lines, enum vrng_keeper_state state,
			const char *text)
{
	assert_int_equal(told.lines, lines);
	assert_int_equal(told.state, state);
	assert_string_equal(told.text, text);
	assert_null(strchr(told.text, '\n'));
}

/* One line. The errno text depends on the C library. */
static void assert_told_of(int err, enum vrng_keeper_state state,
			   const char *what)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "script: %s: %s; the guest gets nothing until it is back",
		 what, strerror(err));
	assert_told(1, state, text);
}

static void it_is_opened_by_the_first_read_and_not_before(void **unused)
{
	(void)unused;
	script.read = 8;
	assert_int_equal(script.opens, 0);
	assert_int_equal(vrng_keeper_state(&keeper), VRNG_KEEPER_CLOSED);
	assert_int_equal(vrng_keeper_fd(&keeper), -1);
	assert_int_equal(draw(0), 8);
	assert_int_equal(draw(0), 8);
	assert_int_equal(script.opens, 1);
	assert_int_equal(vrng_keeper_state(&keeper), VRNG_KEEPER_FLOWS);
	assert_int_equal(vrng_keeper_fd(&keeper), 7);
	assert_int_equal(told.lines, 0);
}

static void waits_double_up_to_their_limit(void **unused)
{
	static const uint64_t waits[] = { 100, 200, 400, 800, 1000, 1000 };
	uint64_t now = 50;
	size_t i;

	(void)unused;
	script.open = -ENOENT;
	for (i = 0; i < 6; i++) {
		assert_int_equal(draw(now), -EAGAIN);
		assert_int_equal(script.opens, i + 1);
		assert_int_equal(vrng_keeper_fd(&keeper), -1);
		assert_int_equal(vrng_keeper_due(&keeper), now + waits[i]);
		assert_int_equal(draw(now + waits[i] - 1), -EAGAIN);
		assert_int_equal(script.opens, i + 1);
		assert_int_equal(vrng_keeper_due(&keeper), now + waits[i]);
		now += waits[i];
	}
	assert_told(1, VRNG_KEEPER_FAILED,
		    "script: cannot open: No such file or directory; the guest "
		    "gets nothing until it is back");
}

static void failure_and_recovery_are_reported_once(void **unused)
{
	(void)unused;
	script.read = 8;
	assert_int_equal(draw(0), 8);
	script.read = -EIO;
	assert_int_equal(draw(10), -EAGAIN);
	assert_told_of(EIO, VRNG_KEEPER_FAILED, "cannot read");
	script.open = -ENOENT;
	assert_int_equal(draw(110), -EAGAIN);
	script.open = 0;
	assert_int_equal(draw(310), -EAGAIN);
	assert_int_equal(told.lines, 1);

	script.read = 8;
	assert_int_equal(draw(2510), 8);
	assert_told(2, VRNG_KEEPER_FLOWS,
		    "script: gives bytes again after 2.5 s");
	assert_int_equal(draw(2511), 8);
	assert_int_equal(told.lines, 2);
	assert_int_equal(vrng_keeper_failures(&keeper), 1);
	assert_int_equal(vrng_keeper_reopens(&keeper), 3);
	vrng_keeper_close(&keeper);
	assert_int_equal(draw(2512), 8);
	assert_int_equal(vrng_keeper_failures(&keeper), 1);
	assert_int_equal(vrng_keeper_reopens(&keeper), 3);
}

static void end_unplugging_and_failure_differ(void **unused)
{
	static const struct {
		int err;
		enum vrng_keeper_state state;
	} table[] = {
		{ 0, VRNG_KEEPER_ENDED },
		{ ENODEV, VRNG_KEEPER_UNPLUGGED },
		{ ENXIO, VRNG_KEEPER_UNPLUGGED },
		{ EIO, VRNG_KEEPER_FAILED },
	};
	char text[64];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin(NULL);
		script.read = 8;
		assert_int_equal(draw(0), 8);
		script.read = -table[i].err;
		assert_int_equal(draw(1), -EAGAIN);
		assert_int_equal(told.lines, 1);
		assert_int_equal(told.state, table[i].state);
		snprintf(text, sizeof(text), "%s; ",
			 table[i].err ? strerror(table[i].err) : "end of file");
		assert_non_null(strstr(told.text, text));
		assert_int_equal(script.closes, 1);
		assert_int_equal(vrng_keeper_state(&keeper), table[i].state);
	}
}

static void silence_is_a_stall_only_when_something_is_wanted(void **unused)
{
	(void)unused;
	script.read = -EAGAIN;
	assert_int_equal(draw(1000), -EAGAIN);
	assert_int_equal(vrng_keeper_state(&keeper), VRNG_KEEPER_WAITS);
	assert_int_equal(vrng_keeper_fd(&keeper), 7);
	assert_int_equal(vrng_keeper_due(&keeper), 6000);
	assert_int_equal(draw(3000), -EAGAIN);
	assert_int_equal(vrng_keeper_due(&keeper), 6000);

	vrng_keeper_rest(&keeper);
	assert_int_equal(draw(9000), -EAGAIN);
	assert_int_equal(draw(13999), -EAGAIN);
	assert_int_equal(told.lines, 0);
	assert_int_equal(draw(14000), -EAGAIN);
	assert_told_of(ETIMEDOUT, VRNG_KEEPER_STALLED,
		       "stalled: no byte for 5000 ms");
	assert_int_equal(script.closes, 1);

	script.read = 1;
	assert_int_equal(draw(14100), 1);
	assert_int_equal(script.opens, 2);
	assert_int_equal(told.state, VRNG_KEEPER_FLOWS);
}

static void one_byte_now_and_then_is_no_stall(void **unused)
{
	uint64_t now;

	(void)unused;
	for (now = 0; now < 60000; now += 4000) {
		script.read = -EAGAIN;
		assert_int_equal(draw(now), -EAGAIN);
		script.read = 1;
		assert_int_equal(draw(now + 3999), 1);
	}
	assert_int_equal(told.lines, 0);
	assert_int_equal(script.opens, 1);
}

static void a_source_that_cannot_be_polled_is_asked_again_soon(void **unused)
{
	(void)unused;
	script.read = 1;
	assert_int_equal(draw(0), 1);
	source.poll_fd = -1;
	script.read = -EAGAIN;
	assert_int_equal(draw(5), -EAGAIN);
	assert_int_equal(vrng_keeper_due(&keeper), 5 + VRNG_KEEPER_POLL_MS);
}

/* A few bytes, then an error, over and over: the delays still grow. */
static void a_flapping_source_gets_longer_delays(void **unused)
{
	static const uint64_t waits[] = { 100, 200, 400, 800, 1000, 1000 };
	uint64_t now = 0;
	size_t i;

	(void)unused;
	for (i = 0; i < 6; i++) {
		script.read = 1;
		assert_int_equal(draw(now), 1);
		script.read = -EIO;
		assert_int_equal(draw(now + 1), -EAGAIN);
		assert_int_equal(vrng_keeper_due(&keeper), now + 1 + waits[i]);
		now += 1 + waits[i];
	}
	script.read = 1;
	assert_int_equal(draw(now), 1);
	assert_int_equal(draw(now + 1000), 1);
	script.read = -EIO;
	assert_int_equal(draw(now + 1000), -EAGAIN);
	assert_int_equal(vrng_keeper_due(&keeper), now + 1100);
}

static void a_fifo_stays_open_at_its_end(void **unused)
{
	(void)unused;
	source.kind = &file_kind;
	source.stays = true;
	script.read = 8;
	assert_int_equal(draw(0), 8);
	script.read = 0;
	assert_int_equal(draw(1), -EAGAIN);
	assert_int_equal(vrng_keeper_fd(&keeper), -1);
	assert_int_equal(draw(50), -EAGAIN);
	assert_int_equal(script.reads, 2);
	script.read = 8;
	assert_int_equal(draw(101), 8);
	assert_int_equal(script.opens, 1);
	assert_int_equal(script.closes, 0);
	assert_int_equal(told.lines, 2);

	script.read = -EAGAIN;
	assert_int_equal(draw(200), -EAGAIN);
	assert_int_equal(draw(5200), -EAGAIN);
	assert_int_equal(told.state, VRNG_KEEPER_STALLED);
	assert_int_equal(vrng_keeper_fd(&keeper), 7);
	script.read = 8;
	assert_int_equal(draw(5201), 8);
	assert_int_equal(script.opens, 1);
}

/* ------------------------------------------------------- silence, for hours */

#define HOUR   3600000
#define PERIOD 300000 /* of a host's limit that is known */

/*
 * Read as a caller does from @from to @until, ms. A byte is at hand at each multiple
 * of @period; 0: never.
 */
static void live(uint64_t from, uint64_t until, uint64_t period)
{
	uint64_t next = period ? (from / period + 1) * period : until;
	uint64_t now = from, due;

	while (now < until) {
		script.read = now >= next && period ? 1 : -EAGAIN;
		if (draw(now) > 0) {
			next += period;
			continue;
		}
		due = vrng_keeper_due(&keeper);
		assert_true(due > now);
		now = vrng_keeper_fd(&keeper) >= 0 && next < due ? next : due;
	}
}

static void a_trickle_is_no_stall_once_its_period_is_known(void **unused)
{
	int opens;

	(void)unused;
	live(1, 2 * PERIOD + 1, PERIOD);
	opens = script.opens;
	assert_within(opens, 2, 10);
	told.state = VRNG_KEEPER_CLOSED;
	live(2 * PERIOD + 1, 12 * HOUR, PERIOD);
	assert_int_equal(script.opens, opens);
	assert_int_equal(told.state, VRNG_KEEPER_CLOSED);
	assert_int_equal(vrng_keeper_state(&keeper), VRNG_KEEPER_FLOWS);
	assert_int_equal(told.lines, 1);
}

static void a_silent_file_stays_open(void **unused)
{
	(void)unused;
	source.kind = &file_kind;
	live(1, HOUR, PERIOD);
	assert_int_equal(told.lines, 1);
	live(HOUR, 25 * HOUR, 0);
	assert_int_equal(script.opens, 1);
	assert_int_equal(script.closes, 0);
	assert_int_equal(vrng_keeper_state(&keeper), VRNG_KEEPER_STALLED);
	assert_within(told.lines, 2, 26);
	script.read = 1;
	assert_int_equal(draw(25 * HOUR), 1);
	assert_int_equal(told.state, VRNG_KEEPER_FLOWS);
}

static void a_silent_peer_is_opened_again_less_and_less_often(void **unused)
{
	(void)unused;
	live(1, 60000, 0);
	assert_within(script.opens, 3, 5);
	live(60000, 24 * HOUR, 0);
	assert_within(script.opens, 20, 40);
	assert_int_equal(script.closes, script.opens - 1);
	assert_within(told.lines, 1, 24);
}

/* As in /dev/hwrng: a host that gives nothing costs a read a second. */
static void silence_that_cannot_be_polled_costs_few_reads(void **unused)
{
	int reads;

	(void)unused;
	source.kind = &file_kind;
	script.read = 1;
	assert_int_equal(draw(0), 1);
	live(1, 1000, 0);
	source.poll_fd = -1;
	live(1000, 60000, 0);
	reads = script.reads;
	live(60000, HOUR, 0);
	assert_within(script.reads - reads, 3000, 3600);
	script.read = 1;
	assert_int_equal(draw(HOUR), 1);
	script.read = -EAGAIN;
	assert_int_equal(draw(HOUR), -EAGAIN);
	assert_int_equal(vrng_keeper_due(&keeper), HOUR + VRNG_KEEPER_POLL_MS);
}

static void silence_counts_until_bytes_come(void **unused)
{
	(void)unused;
	assert_int_equal(vrng_keeper_silence(&keeper, 5), 0);
	live(1000, 60000, 0);
	assert_true(script.opens > 1);
	assert_int_equal(vrng_keeper_silence(&keeper, 60000), 59000);
	script.read = 1;
	assert_int_equal(draw(HOUR), 1);
	assert_int_equal(vrng_keeper_silence(&keeper, HOUR), 0);
}

static void what_reopening_may_revive_is_known(void **unused)
{
	static const struct {
		const char *spec;
		bool revives;
	} table[] = {
		{ "file:/dev/hwrng", false }, { "getrandom", false },
		{ "jitter", false },	      { "rdrand", false },
		{ "tty:/dev/ttyS0", true },   { "exec:cat", true },
		{ "unix:/socket", true },     { "tcp:localhost:1", true },
		{ "egd:unix:/socket", true },
	};
	struct vrng_source *src;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(vrng_source_parse(&src, table[i].spec,
						   &vrng_opener_plain, NULL),
				 0);
		assert_int_equal(vrng_source_revives(src), table[i].revives);
		vrng_source_free(src);
	}
}

static void closing_forgets_what_has_failed(void **unused)
{
	(void)unused;
	script.open = -ENOENT;
	assert_int_equal(draw(0), -EAGAIN);
	vrng_keeper_close(&keeper);
	assert_int_equal(vrng_keeper_state(&keeper), VRNG_KEEPER_CLOSED);
	script.open = 0;
	script.read = 8;
	assert_int_equal(draw(1), 8);
	assert_int_equal(told.lines, 1);
	vrng_keeper_close(&keeper);
	vrng_keeper_close(&keeper);
	assert_int_equal(script.closes, 1);
}

static void each_state_has_a_name(void **unused)
{
	int state;

	(void)unused;
	for (state = VRNG_KEEPER_CLOSED; state <= VRNG_KEEPER_FAILED; state++)
		assert_non_null(
			vrng_keeper_state_name((enum vrng_keeper_state)state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			it_is_opened_by_the_first_read_and_not_before, begin),
		cmocka_unit_test_setup(waits_double_up_to_their_limit, begin),
		cmocka_unit_test_setup(failure_and_recovery_are_reported_once,
				       begin),
		cmocka_unit_test_setup(end_unplugging_and_failure_differ,
				       begin),
		cmocka_unit_test_setup(
			silence_is_a_stall_only_when_something_is_wanted,
			begin),
		cmocka_unit_test_setup(one_byte_now_and_then_is_no_stall,
				       begin),
		cmocka_unit_test_setup(
			a_source_that_cannot_be_polled_is_asked_again_soon,
			begin),
		cmocka_unit_test_setup(a_flapping_source_gets_longer_delays,
				       begin),
		cmocka_unit_test_setup(a_fifo_stays_open_at_its_end, begin),
		cmocka_unit_test_setup(
			a_trickle_is_no_stall_once_its_period_is_known, begin),
		cmocka_unit_test_setup(a_silent_file_stays_open, begin),
		cmocka_unit_test_setup(
			a_silent_peer_is_opened_again_less_and_less_often,
			begin),
		cmocka_unit_test_setup(
			silence_that_cannot_be_polled_costs_few_reads, begin),
		cmocka_unit_test_setup(silence_counts_until_bytes_come, begin),
		cmocka_unit_test(what_reopening_may_revive_is_known),
		cmocka_unit_test_setup(closing_forgets_what_has_failed, begin),
		cmocka_unit_test(each_state_has_a_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
