/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terms on which a source is used: the entropy that is claimed for it, the
 * tests and the conditioner that follow from the claim, and its suspension.
 *
 * The main loop makes them; the feeder that takes them owns them.
 */
#ifndef RNGD_FEED_TERMS_H
#define RNGD_FEED_TERMS_H

#include <stdbool.h>

#include "rngd/checks/conditioner.h"
#include "vrng/error.h"
#include "vrng/health.h"
#include "vrng/source.h"

struct rngd_terms {
	unsigned int entropy; /* thousandths of a bit a byte, 0 to 8000 */
	unsigned int suspend; /* s, the first time; see probation.h */
	bool ignore_failures; /* never suspend */

	/* Set by the owner after rngd_terms_make(). */
	bool is_claimed; /* the SPEC has entropy=, so that a stored file counts */
	bool is_generator; /* its bytes look random, whatever is claimed */
	bool host_sees; /* bytes from outside are known to the host: no credit */

	/* If the claim is above 0 and below 8 bits a byte. */
	struct vrng_health_limits limits;
	struct vrng_conditioner *conditioner; /* NULL for other claims */
};

/*
 * Terms of a source called @name, with its cut-offs and its conditioner. -ENOMEM,
 * or -EINVAL where there are no cut-offs for so little entropy.
 */
int rngd_terms_make(struct rngd_terms **terms, const char *name,
		    unsigned int entropy, unsigned int suspend,
		    bool ignore_failures, struct vrng_error *error);

/*
 * Raw noise claims some entropy, but not all of 8 bits a byte, and is no generator's
 * output. It is conditioned, and tested by SP 800-90B alone: it may be biased.
 */
bool rngd_terms_are_raw(const struct rngd_terms *terms);

/*
 * Why bytes of @origin get no credit, as a predicate for the name of the source
 * ("is ..."), never freed; NULL if they get what is claimed.
 */
const char *rngd_terms_refusal(const struct rngd_terms *terms,
			       enum vrng_origin origin);

/* NULL is allowed. */
void rngd_terms_free(struct rngd_terms *terms);

#endif
