// SPDX-License-Identifier: GPL-2.0-or-later
/* What the driver claims of its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "driver/quality.h"

static void tested_bytes_are_as_good_as_any(void **state)
{
	(void)state;
	assert_int_equal(vrng_quality(0, false, true), 1024);
}

static void untested_bytes_are_not_as_good(void **state)
{
	(void)state;
	assert_int_equal(vrng_quality(0, false, false), 512);
}

static void host_of_an_encrypted_guest_is_not_trusted(void **state)
{
	(void)state;
	assert_int_equal(vrng_quality(0, true, true), 1);
	assert_int_equal(vrng_quality(0, true, false), 1);
}

static void administrator_has_the_last_word(void **state)
{
	(void)state;
	assert_int_equal(vrng_quality(700, false, true), 700);
	assert_int_equal(vrng_quality(700, true, true), 700);
	assert_int_equal(vrng_quality(1, false, false), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tested_bytes_are_as_good_as_any),
		cmocka_unit_test(untested_bytes_are_not_as_good),
		cmocka_unit_test(host_of_an_encrypted_guest_is_not_trusted),
		cmocka_unit_test(administrator_has_the_last_word),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("quality", tests, NULL, NULL);
}
