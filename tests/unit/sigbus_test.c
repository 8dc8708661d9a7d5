// SPDX-License-Identifier: GPL-2.0-or-later
/* Which guarded range holds an address. */
#include <errno.h>
#include <pthread.h>
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

/* As many as a process with thousands of guests has. */
static void there_is_no_limit_of_ranges(void **unused)
{
	enum {
		MANY = 10000
	};
	uintptr_t start;
	size_t len;

	(void)unused;
	for (uintptr_t i = 0; i < MANY; i++)
		assert_int_equal(sigbus_guard((void *)(LOW + i * PAGE), PAGE),
				 i);
	assert_int_equal(sigbus_find(LOW + (MANY - 1) * PAGE, &start, &len),
			 MANY - 1);
	assert_false(sigbus_torn(MANY - 1));
	for (int i = 0; i < MANY; i++)
		sigbus_forget(i);
	assert_int_equal(sigbus_find(LOW, &start, &len), -ENOENT);
}

static void *find_low(void *unused)
{
	uintptr_t start;
	size_t len;

	(void)unused;
	return (void *)(intptr_t)sigbus_find(LOW, &start, &len);
}

static void a_range_is_its_threads_own(void **unused)
{
	int handle = sigbus_guard((void *)LOW, PAGE);
	pthread_t thread;
	void *found;

	(void)unused;
	assert_int_equal(pthread_create(&thread, NULL, find_low, NULL), 0);
	assert_int_equal(pthread_join(thread, &found), 0);
	assert_int_equal((intptr_t)found, -ENOENT);
	sigbus_forget(handle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_found_in_its_range),
		cmocka_unit_test(there_is_no_limit_of_ranges),
		cmocka_unit_test(a_range_is_its_threads_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sigbus", tests, NULL, NULL);
}
