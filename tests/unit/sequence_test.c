// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests the sequential test of a source's rate of bad blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "rngd/checks/sequence.h"

static struct vrng_sequence sequence;

static bool add(unsigned int n, bool bad)
{
	bool beyond = false;

	while (n--)
		beyond = vrng_sequence_add(&sequence, bad) || beyond;
	return beyond;
}

static int reset(void **unused)
{
	(void)unused;
	sequence = (struct vrng_sequence){ 0 };
	return 0;
}

static void six_in_a_row_are_beyond_chance_and_five_are_not(void **unused)
{
	(void)unused;
	assert_false(add(5, true));
	assert_true(add(1, true));
}

static void good_blocks_before_do_not_delay_an_alarm(void **unused)
{
	(void)unused;
	assert_false(add(1000000, false));
	assert_false(add(5, true));
	assert_true(add(1, true));
}

/* The tests of FIPS 140-2 fail one in 1,257 blocks of a good source. */
static void a_good_source_raises_no_alarm(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		assert_false(add(1349, false));
		assert_false(add(1, true));
	}
}

static void one_bad_in_ten_is_found_within_a_hundred(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < 10; i++)
		if (add(1, true) || add(9, false))
			break;
	assert_true(i < 10);
}

/*
 * With a seeded generator: 10^7 blocks at the good rate raise no alarm, as
 * expected with 10^9 blocks between alarms. At one bad block in twenty an alarm
 * comes within 1,000 blocks.
 */
static void good_and_bad_rates_are_distinguished(void **unused)
{
	unsigned int seed = 20261122, i;

	(void)unused;
	for (i = 0; i < 10000000; i++)
		if (add(1, (unsigned int)rand_r(&seed) % 1000 == 0))
			break;
	assert_int_equal(i, 10000000);
	for (i = 0; i < 1000; i++)
		if (add(1, (unsigned int)rand_r(&seed) % 20 == 0))
			break;
	assert_true(i < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			six_in_a_row_are_beyond_chance_and_five_are_not, reset),
		cmocka_unit_test_setup(good_blocks_before_do_not_delay_an_alarm,
				       reset),
		cmocka_unit_test_setup(a_good_source_raises_no_alarm, reset),
		cmocka_unit_test_setup(one_bad_in_ten_is_found_within_a_hundred,
				       reset),
		cmocka_unit_test_setup(good_and_bad_rates_are_distinguished,
				       reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
