/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assert_within(value, least, most): both bounds are allowed. cmocka 1
 * has only assert_in_range() for this, and cmocka 2 warns about that one.
 * Include <cmocka.h> first.
 */
#ifndef VRNG_UNIT_WITHIN_H
#define VRNG_UNIT_WITHIN_H

#include <stdint.h>

#define assert_within(value, least, most)                                \
	do {                                                             \
		const uint64_t found = (uint64_t)(value);                \
		const uint64_t low = (uint64_t)(least);                  \
		const uint64_t high = (uint64_t)(most);                  \
                                                                         \
		if (found < low || found > high)                         \
			fail_msg("%s is %llu, not %llu to %llu", #value, \
				 (unsigned long long)found,              \
				 (unsigned long long)low,                \
				 (unsigned long long)high);              \
	} while (0)

#endif
