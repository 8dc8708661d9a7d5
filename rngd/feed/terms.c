// SPDX-License-Identifier: GPL-2.0-or-later
/* The terms on which a source is used: see terms.h. */
#include <errno.h>
#include <stdlib.h>

#include "rngd/feed/terms.h"
#include "rngd/sources/entropy.h"

/* False alarms of the health tests: one in 2^30 samples (SP 800-90B, 4.4). */
#define ALPHA_EXPONENT 30

bool rngd_terms_are_raw(const struct rngd_terms *terms)
{
	return terms->conditioner && !terms->is_generator;
}

static int make_raw(struct rngd_terms *terms, const char *name,
		    struct vrng_error *error)
{
	int ret = vrng_health_limits_find(
		&terms->limits, 8, terms->entropy / 1000.0, ALPHA_EXPONENT);

	if (ret)
		return vrng_fail(error, -ret,
				 "%s: no cut-offs for its entropy: %m", name);
	return vrng_conditioner_make(&terms->conditioner, error);
}

int rngd_terms_make(struct rngd_terms **terms, const char *name,
		    unsigned int entropy, unsigned int suspend,
		    bool ignore_failures, struct vrng_error *error)
{
	struct rngd_terms *t = calloc(1, sizeof(*t));
	int ret = 0;

	*terms = NULL;
	if (!t)
		return vrng_fail(error, ENOMEM, "%s: cannot start: %m", name);
	t->entropy = entropy;
	t->suspend = suspend;
	t->ignore_failures = ignore_failures;
	if (entropy && entropy < VRNG_ENTROPY_MAX)
		ret = make_raw(t, name, error);
	if (ret) {
		rngd_terms_free(t);
		return ret;
	}
	*terms = t;
	return 0;
}

const char *rngd_terms_refusal(const struct rngd_terms *terms,
			       enum vrng_origin origin)
{
	switch (origin) {
	case VRNG_ORIGIN_KERNEL:
		return "is the kernel's own generator";
	case VRNG_ORIGIN_STORED:
		return terms->is_claimed ? NULL :
					   "is a file that can be read again, "
					   "and its SPEC has no entropy=";
	case VRNG_ORIGIN_OUTSIDE:
		return terms->host_sees ? "is known to the host, against which "
					  "this guest's memory is encrypted" :
					  NULL;
	case VRNG_ORIGIN_OTHER:
	default:
		return NULL;
	}
}

void rngd_terms_free(struct rngd_terms *terms)
{
	if (!terms)
		return;
	vrng_conditioner_free(terms->conditioner);
	free(terms);
}
