/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of the input, kept for an estimate of their entropy. */
#ifndef RNGD_TESTER_SAMPLES_H
#define RNGD_TESTER_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "rngd/tester/options.h"

/* Of one thread at a time. */
struct rngtest_samples {
	uint8_t *bytes;
	size_t have;
	size_t want; /* 0: none are kept */
};

/* As many as @options ask for; -ENOMEM. */
int rngtest_samples_init(struct rngtest_samples *samples,
			 const struct rngtest_options *options);

/* What comes next; more than is wanted is let go. */
void rngtest_samples_add(struct rngtest_samples *samples, const uint8_t *bytes,
			 size_t len);

/* Assess and report them, if any were wanted. Negative errno. */
int rngtest_samples_report(const struct rngtest_samples *samples,
			   const struct rngtest_options *options);

/* Wipes them. */
void rngtest_samples_free(struct rngtest_samples *samples);

#endif
