/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's suites, in the order in which they run. */
#ifndef VRNG_KUNIT_SUITES_H
#define VRNG_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite vrng_pool_suite;
extern struct kunit_suite vrng_devices_suite;
extern struct kunit_suite vrng_lengths_suite;
extern struct kunit_suite vrng_ring_suite;
extern struct kunit_suite vrng_recovery_suite;
extern struct kunit_suite vrng_life_suite;
extern struct kunit_suite vrng_memory_suite;
extern struct kunit_suite vrng_clone_suite;
extern struct kunit_suite vrng_generation_suite;
extern struct kunit_suite vrng_health_suite;

#endif
