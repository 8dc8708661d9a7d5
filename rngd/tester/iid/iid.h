/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IID track of SP 800-90B: tests whether samples are independent and
 * identically distributed (section 5), and the min-entropy that 3.1.3 grants if
 * they are. Any failed test ends the claim that they are.
 */
#ifndef RNGD_TESTER_IID_IID_H
#define RNGD_TESTER_IID_IID_H

#include "rngd/tester/iid/chi_square.h"
#include "rngd/tester/iid/permutations.h"

/* Section 5.2.5: the longest repeated substring. */
struct vrng_iid_repeat {
	size_t length;
	double p_col; /* probability that two samples are equal */
	double probability; /* of a repeat of such a length or more */
	bool passed; /* probability >= 0.001 */
};

struct vrng_iid {
	size_t samples;
	unsigned int width; /* bits a sample, 1 to 8 */
	unsigned int symbols; /* different values */
	uint64_t seed;
	double h_original; /* most common value, bits a sample */
	double h_bitstring; /* bits a bit; 1 with no more than two symbols */
	double entropy; /* min(h_original, width * h_bitstring) */
	struct vrng_chi_square independence;
	struct vrng_chi_square fit;
	struct vrng_iid_repeat repeat;
	struct vrng_permutations permutations;
	unsigned int
		too_few; /* tests that had too few samples, and say nothing */
	bool passed; /* all tests */
	bool failed; /* one of them; neither: there is no verdict */
};

/*
 * Test @count samples of @width bits, one in each byte, with @threads threads.
 * Returns 0; -EINVAL for fewer than 2 samples, more than VRNG_ASSESS_MAX, or a
 * sample of more bits; -EDOM if all samples are equal, so that there is nothing
 * to test; -ENOMEM; or -EINTR if @watch ended it.
 */
int vrng_iid_test(const uint8_t *samples, size_t count, unsigned int width,
		  uint64_t seed, unsigned int threads,
		  const struct vrng_iid_watch *watch, struct vrng_iid *result);

#endif
