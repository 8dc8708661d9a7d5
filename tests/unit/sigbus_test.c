// SPDX-License-Identifier: GPL-2.0-or-later
/* Which guarded range holds an address. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/device/guest-memory/sigbus.h"

#define LOW  0x10000000UL
#define HIGH 0x40000000UL
#define PAGE 0x1000UL
#define LONG 0x10000000UL

static void an_address_is_found_in_its_range(void **unused)
{
	int low = sigbus_guard((void *)LOW, PAGE);
	int high = sigbus_guard((void *)HIGH, LONG);
	uintptr_t start;
	size_t len;

	(void)unused;
	assert_int_equal(sigbus_find(LOW - 1, &start, &len), -ENOENT);
	assert_int_equal(sigbus_find(LOW, &start, &len), low);
	assert_int_equal(start, LOW);
	assert_int_equal(len, PAGE);
	assert_int_equal(sigbus_find(LOW + PAGE, &start, &len), -ENOENT);
	assert_int_equal(sigbus_find(HIGH + LONG - 1, &start, &len), high);
	sigbus_forget(high);
	assert_int_equal(sigbus_find(HIGH, &start, &len), -ENOENT);
	sigbus_forget(low);
	assert_int_equal(sigbus_find(1, &start, &len), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_found_in_its_range),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sigbus", tests, NULL, NULL);
}
