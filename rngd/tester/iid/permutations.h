/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The permutation tests of SP 800-90B, 5.1: each statistic of the samples is
 * compared with that of 10,000 shuffles of them. A statistic passes as soon as
 * more than five shuffles are not below it and more than five not above; it is
 * not computed any more then, as the standard allows.
 *
 * Compression takes some ten times as long as all others. So it comes after them,
 * and only if they have passed: if one has failed, the samples are not IID,
 * whatever their compression.
 *
 * The result depends on the samples and the seed only, not on the threads.
 */
#ifndef RNGD_TESTER_IID_PERMUTATIONS_H
#define RNGD_TESTER_IID_PERMUTATIONS_H

#include "rngd/tester/iid/statistics.h"

#define VRNG_IID_SHUFFLES 10000u

/* How far the tests are. The caller waits for them, and may end them. */
struct vrng_iid_watch {
	/* Called after each shuffle, by one thread at a time; false: stop. */
	bool (*go_on)(void *arg, unsigned int shuffles, unsigned int passed);
	void *arg;
};

struct vrng_permutation {
	double value; /* of the samples */
	unsigned int above; /* shuffles with a greater value */
	unsigned int equal;
	unsigned int below;
	bool passed;
	bool left_out; /* another has failed already; nothing was counted */
};

struct vrng_permutations {
	struct vrng_permutation tests[VRNG_IID_STATISTICS];
	/* The most of a statistic: until all had passed, or 10,000. */
	unsigned int shuffles;
	bool passed; /* all of them */
};

/*
 * Test samples of @set with @threads threads. Returns 0, -ENOMEM or -EINTR if
 * @watch ended it. If threads cannot be started, fewer do the work.
 */
int vrng_permutations_run(const struct vrng_iid_set *set,
			  const uint8_t *samples, uint64_t seed,
			  unsigned int threads,
			  const struct vrng_iid_watch *watch,
			  struct vrng_permutations *result);

#endif
