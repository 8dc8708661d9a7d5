// SPDX-License-Identifier: GPL-2.0-or-later
/* Waits and suspensions after bad blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rngd/feed/probation.h"

static struct rngd_probation probation;
static uint64_t ms;

static int begin(void **unused)
{
	(void)unused;
	probation = (struct rngd_probation){ .suspend = 60 };
	return 0;
}

/* Add bad blocks until the source is suspended. Returns their number. */
static unsigned int until_suspended(void)
{
	unsigned int n = 1;

	while (rngd_probation_bad(&probation, &ms) != RNGD_SUSPEND)
		assert_true(n++ < 1000);
	return n;
}

static void one_bad_block_is_chance(void **unused)
{
	(void)unused;
	assert_int_equal(rngd_probation_bad(&probation, &ms), RNGD_TRUSTED);
	assert_int_equal(ms, 0);
	assert_int_equal(rngd_probation_good(&probation), RNGD_TRUSTED);
	assert_int_equal(rngd_probation_bad(&probation, &ms), RNGD_TRUSTED);
	assert_int_equal(ms, 0);
}

static void bad_blocks_in_a_row_are_read_more_and_more_slowly(void **unused)
{
	static const uint64_t want[] = {
		0, 100, 200, 400, 800, 1000, 1000, 1000
	};
	size_t i;

	(void)unused;
	probation.never_suspend = true;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(rngd_probation_bad(&probation, &ms),
				 RNGD_TRUSTED);
		assert_int_equal(ms, want[i]);
	}
}

/* ln(10^9) in steps of ln(50): see sequence.h. */
static void the_sixth_in_a_row_is_beyond_chance(void **unused)
{
	(void)unused;
	assert_int_equal(until_suspended(), 6);
	assert_int_equal(ms, 60000);
	assert_true(probation.is_suspended);
}

static void each_suspension_of_a_row_is_twice_as_long(void **unused)
{
	static const uint64_t want[] = { 60,  120,  240,  480,
					 960, 1920, 3600, 3600 };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(until_suspended(), 6);
		assert_int_equal(ms, want[i] * 1000);
	}
}

static void a_first_suspension_beyond_the_maximum_is_kept(void **unused)
{
	(void)unused;
	probation.suspend = 5000;
	until_suspended();
	assert_int_equal(ms, 5000000);
	until_suspended();
	assert_int_equal(ms, 5000000);
}

static void a_good_block_ends_a_suspension_once(void **unused)
{
	(void)unused;
	until_suspended();
	assert_int_equal(rngd_probation_good(&probation), RNGD_TAKE_UP);
	assert_false(probation.is_suspended);
	assert_int_equal(rngd_probation_good(&probation), RNGD_TRUSTED);
}

static void suspensions_are_forgotten_once_nothing_is_suspected(void **unused)
{
	(void)unused;
	until_suspended();
	rngd_probation_settle(&probation); /* in vain: suspended */
	until_suspended();
	assert_int_equal(ms, 120000);
	(void)rngd_probation_good(&probation);
	(void)rngd_probation_bad(&probation, &ms);
	rngd_probation_settle(&probation); /* in vain: one was bad */
	until_suspended();
	assert_int_equal(ms, 240000);
	(void)rngd_probation_good(&probation);
	rngd_probation_settle(&probation);
	until_suspended();
	assert_int_equal(ms, 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_bad_block_is_chance, begin),
		cmocka_unit_test_setup(
			bad_blocks_in_a_row_are_read_more_and_more_slowly,
			begin),
		cmocka_unit_test_setup(the_sixth_in_a_row_is_beyond_chance,
				       begin),
		cmocka_unit_test_setup(
			each_suspension_of_a_row_is_twice_as_long, begin),
		cmocka_unit_test_setup(
			a_first_suspension_beyond_the_maximum_is_kept, begin),
		cmocka_unit_test_setup(a_good_block_ends_a_suspension_once,
				       begin),
		cmocka_unit_test_setup(
			suspensions_are_forgotten_once_nothing_is_suspected,
			begin),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("probation", tests, NULL, NULL);
}
