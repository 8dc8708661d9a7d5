// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module of the KUnit suites. Load vrng.ko first: all suites but the pool's
 * add devices for it.
 */
#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&vrng_pool_suite, &vrng_devices_suite, &vrng_lengths_suite,
		  &vrng_ring_suite, &vrng_recovery_suite, &vrng_life_suite,
		  &vrng_memory_suite, &vrng_clone_suite, &vrng_generation_suite,
		  &vrng_health_suite);

MODULE_DESCRIPTION("KUnit suites of the vrng driver");
MODULE_LICENSE("GPL");
