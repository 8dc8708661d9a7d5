/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Self-tests with known answers, of every part that judges or conditions bytes:
 * a processor, a compiler or a library may compute something else than the tests
 * of the build saw. They take a few milliseconds and no random bytes.
 */
#ifndef RNGD_CHECKS_SELFTEST_H
#define RNGD_CHECKS_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

struct vrng_selftest {
	const char *name; /* "FIPS 140-2, avx512" */
	bool usable; /* false: this processor cannot run what it tests */
	bool passed;
};

/*
 * Run self-test @n, from 0. Returns false if there is none. vrng_crypto_init()
 * must have been called.
 */
bool vrng_selftest_run(size_t n, struct vrng_selftest *result);

/* Run all of them. Returns 0, or -EIO with @error naming the first failure. */
int vrng_selftest_all(struct vrng_error *error);

#endif
