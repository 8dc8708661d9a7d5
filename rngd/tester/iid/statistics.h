/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistics of the permutation tests (SP 800-90B, 5.1.1 to 5.1.11): 11
 * tests, of which two are made with five lags each and so give 19 values.
 *
 * Samples of two values are bits: as section 5.1 says, some tests take the
 * number of ones in each 8 of them (conversion I), and collisions take 8 bits
 * as one number (conversion II).
 */
#ifndef RNGD_TESTER_IID_STATISTICS_H
#define RNGD_TESTER_IID_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/tester/iid/bzip2.h"

enum vrng_iid_statistic {
	VRNG_IID_EXCURSION,
	VRNG_IID_DIRECTIONAL_RUNS,
	VRNG_IID_LONGEST_DIRECTIONAL_RUN,
	VRNG_IID_INCREASES,
	VRNG_IID_MEDIAN_RUNS,
	VRNG_IID_LONGEST_MEDIAN_RUN,
	VRNG_IID_MEAN_COLLISION,
	VRNG_IID_LONGEST_COLLISION,
	VRNG_IID_PERIODICITY, /* five, for the lags 1, 2, 8, 16, 32 */
	VRNG_IID_COVARIANCE = VRNG_IID_PERIODICITY + 5, /* five likewise */
	VRNG_IID_COMPRESSION = VRNG_IID_COVARIANCE + 5,
	VRNG_IID_STATISTICS
};

#define VRNG_IID_BIT(statistic) (1u << (statistic))
#define VRNG_IID_ALL		(VRNG_IID_BIT(VRNG_IID_STATISTICS) - 1)

/* What the samples have in common with all their permutations. */
struct vrng_iid_set {
	size_t len;
	bool bits; /* no more than two values: samples are 0 and 1 */
	bool seen[256]; /* the samples that occur */
	uint8_t values[2]; /* of bits: what 0 and 1 stand for */
	uint64_t total; /* sum of all samples */
	uint8_t median; /* the least value that is not below the median */
};

/* Memory for one thread's statistics. */
struct vrng_iid_room {
	uint8_t *ones; /* conversion I */
	uint8_t *numbers; /* conversion II */
	struct vrng_bzip2 bzip2;
};

/* Describe @len samples, at least 1, which are bits if @bits. */
void vrng_iid_set_init(struct vrng_iid_set *set, const uint8_t *samples,
		       size_t len, bool bits);

/* 0 or -ENOMEM; the caller frees in either case, which wipes. */
int vrng_iid_room_init(struct vrng_iid_room *room,
		       const struct vrng_iid_set *set);
void vrng_iid_room_free(struct vrng_iid_room *room, size_t len);

/* Compute the statistics with a bit in @wanted of a permutation of a set. */
void vrng_iid_measure(const struct vrng_iid_set *set, const uint8_t *samples,
		      unsigned int wanted, struct vrng_iid_room *room,
		      double values[VRNG_IID_STATISTICS]);

/* The name in reports, such as "periodicity(8)", and the section. */
const char *vrng_iid_statistic_name(enum vrng_iid_statistic statistic);
const char *vrng_iid_statistic_section(enum vrng_iid_statistic statistic);

#endif
