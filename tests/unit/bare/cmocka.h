/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few words of cmocka that fips_paths_test.c uses, for a processor that the
 * library is not installed for. A failure ends the program, with a status.
 */
#ifndef BARE_CMOCKA_H
#define BARE_CMOCKA_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	void *initial_state;
};

enum {
	CM_OUTPUT_TAP
};

static bool bare_skipped;

#define cmocka_unit_test(f) \
	{                   \
#f, f, NULL \
	}
#define cmocka_set_message_output(how) ((void)(how))
#define print_message		       printf

/* Where cmocka leaves the test, this only notes it: skip() comes last. */
#define skip() ((void)(bare_skipped = true))

#define fail_msg(...)                            \
	do {                                     \
		printf("not ok - " __VA_ARGS__); \
		printf("\n");                    \
		exit(1);                         \
	} while (0)

#define assert_int_equal(a, b)                                          \
	do {                                                            \
		if ((a) != (b))                                         \
			fail_msg("%s: %s is not %s", __func__, #a, #b); \
	} while (0)

static inline int _cmocka_run_group_tests(const char *group,
					  const struct CMUnitTest *tests,
					  size_t count, void *setup,
					  void *teardown)
{
	void *state;
	size_t n;

	(void)group;
	(void)setup;
	(void)teardown;
	printf("1..%zu\n", count);
	for (n = 0; n < count; n++) {
		bare_skipped = false;
		state = tests[n].initial_state;
		tests[n].test_func(&state);
		printf("ok %zu - %s%s\n", n + 1, tests[n].name,
		       bare_skipped ? " # SKIP" : "");
		fflush(stdout);
	}
	return 0;
}

#endif
