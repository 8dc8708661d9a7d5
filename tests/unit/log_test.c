// SPDX-License-Identifier: GPL-2.0-or-later
/* The log's bound and levels, on a clock that the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rngd/base/clock.h"
#include "rngd/base/log.h"

#define BURST 5

struct fixture {
	struct vrng_log log;
	unsigned int lines;
	char last[2][160]; /* the last line, and the one before it */
};

static uint64_t now;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's name, see unit.mk. */
uint64_t __wrap_vrng_now(void);
uint64_t __wrap_vrng_now(void)
{
	return now;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void note_line(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	struct fixture *f = log->opaque;

	(void)level;
	f->lines++;
	memcpy(f->last[1], f->last[0], sizeof(f->last[1]));
	(void)snprintf(f->last[0], sizeof(f->last[0]), "%s", text);
}

static int setup(void **state)
{
	static struct fixture f;

	now = 1000 * VRNG_NS_PER_S;
	memset(&f, 0, sizeof(f));
	vrng_log_init(&f.log, "test", NULL, BURST);
	f.log.sink = note_line;
	f.log.opaque = &f;
	*state = &f;
	return 0;
}

static void log_lines(struct fixture *f, unsigned int n)
{
	while (n--)
		vrng_log_line(&f->log, "line");
}

static void a_burst_passes_and_no_more(void **state)
{
	struct fixture *f = *state;

	log_lines(f, 3 * BURST);
	assert_int_equal(f->lines, BURST);
}

static void a_second_allows_one_line_more(void **state)
{
	struct fixture *f = *state;

	log_lines(f, BURST);
	now += VRNG_NS_PER_S - 1;
	log_lines(f, 1);
	assert_int_equal(f->lines, BURST);
	now += 1;
	log_lines(f, 2);
	assert_int_equal(f->lines, BURST + 2);
	assert_string_equal(f->last[1],
			    "1 lines were left out: too many at once");
	assert_string_equal(f->last[0], "line");
}

static void a_long_rest_allows_one_burst(void **state)
{
	struct fixture *f = *state;

	log_lines(f, BURST);
	now += 1000 * VRNG_NS_PER_S;
	log_lines(f, 3 * BURST);
	assert_int_equal(f->lines, 2 * BURST);
}

static void errors_are_bounded_too(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 3 * BURST; i++)
		vrng_log(&f->log, VRNG_LOG_ERROR, "error %d", i);
	assert_int_equal(f->lines, BURST);
}

static void what_was_asked_for_has_no_bound(void **state)
{
	struct fixture *f = *state;
	int i;

	f->log.debug = true;
	for (i = 0; i < 3 * BURST; i++) {
		vrng_log(&f->log, VRNG_LOG_ASKED, "asked %d", i);
		vrng_log(&f->log, VRNG_LOG_DEBUG, "debug %d", i);
	}
	assert_int_equal(f->lines, 6 * BURST);
	log_lines(f, BURST);
	assert_int_equal(f->lines, 7 * BURST);
}

static void quiet_leaves_errors_alone(void **state)
{
	struct fixture *f = *state;

	f->log.quiet = true;
	vrng_log(&f->log, VRNG_LOG_INFO, "info");
	vrng_log(&f->log, VRNG_LOG_ASKED, "asked");
	vrng_log(&f->log, VRNG_LOG_DEBUG, "debug");
	assert_int_equal(f->lines, 0);
	vrng_log(&f->log, VRNG_LOG_ERROR, "error");
	assert_string_equal(f->last[0], "error");
}

static void a_text_is_one_line_whatever_is_in_it(void **state)
{
	struct fixture *f = *state;

	vrng_log(&f->log, VRNG_LOG_ERROR, "file:a\n<3>b\x1b[2J\x7f\xc3\xa9");
	assert_string_equal(f->last[0], "file:a?<3>b?[2J?\xc3\xa9");
}

static void a_log_without_a_sink_drops_lines(void **state)
{
	struct vrng_log none = { .sink = NULL };

	(void)state;
	vrng_log_line(&none, "nothing");
	vrng_log_line(NULL, "nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_burst_passes_and_no_more, setup),
		cmocka_unit_test_setup(a_second_allows_one_line_more, setup),
		cmocka_unit_test_setup(a_long_rest_allows_one_burst, setup),
		cmocka_unit_test_setup(errors_are_bounded_too, setup),
		cmocka_unit_test_setup(what_was_asked_for_has_no_bound, setup),
		cmocka_unit_test_setup(quiet_leaves_errors_alone, setup),
		cmocka_unit_test_setup(a_text_is_one_line_whatever_is_in_it,
				       setup),
		cmocka_unit_test(a_log_without_a_sink_drops_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
