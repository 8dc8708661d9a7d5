/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One source of the set: its SPEC, the source, what is claimed for it, and its
 * feeder. For set.c and the main loop's thread, but for @failed.
 */
#ifndef RNGD_FEED_MEMBER_H
#define RNGD_FEED_MEMBER_H

#include <stdbool.h>

#include "rngd/feed/feeder.h"
#include "rngd/feed/report.h"
#include "rngd/feed/terms.h"
#include "rngd/sinks/sink.h"
#include "vrng/error.h"
#include "vrng/opener.h"
#include "vrng/source.h"

struct rngd_set;

/* For sources whose SPEC does not say otherwise, and for all of them together. */
struct rngd_set_defaults {
	unsigned int entropy; /* --entropy-count: bits a byte, 0 to 8 */
	unsigned int suspend; /* --suspend: s, the first time */
	bool ignore_failures; /* --ignorefail: never suspend */
	bool trust_host; /* --trust-host: see rngd_set_encryption() */
	bool require_source; /* --require-source: end when all have failed */
	bool standby; /* the last source is used while the others give nothing */
};

struct rngd_member {
	struct rngd_set *set; /* for the feeder's calls */
	char *spec; /* without its claim; may hold a seed: wiped when it is freed */
	struct vrng_source *source;
	const char *refusal; /* before the first block, by what its path names */
	unsigned int suspend; /* as in the terms */
	bool ignore_failures;
	bool host_sees;
	bool is_claimed;
	unsigned int entropy; /* claimed: thousandths of a bit a byte */
	unsigned int claim; /* of entropy=, for the next terms; 0: not given */

	struct rngd_feeder *feeder; /* NULL: not made yet */
	bool feeds; /* the feeder was started */
	struct rngd_terms *terms; /* for rngd_member_commit(), or NULL */
	bool failed; /* set by the feeder's thread, under the set's lock */
	bool is_dry; /* likewise */
	struct rngd_member *next; /* see struct rngd_set, leaving */
};

/* Parse @spec. -EINVAL for a SPEC that means nothing, -ENOMEM. */
int rngd_member_parse(struct rngd_member **member, struct rngd_set *set,
		      const char *spec, const struct vrng_opener *opener,
		      struct vrng_error *error);

/*
 * @spec is of the same source, and may have another claim: it counts from
 * rngd_member_commit() on. Errors as rngd_member_parse().
 */
int rngd_member_reclaim(struct rngd_member *member, const char *spec,
			const struct vrng_opener *opener,
			struct vrng_error *error);

/*
 * As rngd_terms_refusal(), for the source as it is now, before a start; @host_sees as
 * in the terms.
 */
const char *rngd_member_refusal(const struct rngd_member *member,
				bool host_sees);

/*
 * Make what @defaults ask for, without using it yet: a feeder with @setup, whose
 * source is set here, where there is none; else new terms, if they differ from
 * those in use. @host_sees as in the terms. rngd_member_commit() or
 * rngd_member_abort() follows.
 */
int rngd_member_prepare(struct rngd_member *member,
			const struct rngd_set_defaults *defaults,
			bool host_sees, struct rngd_feeder_setup setup,
			struct vrng_error *error);

/* Use what was prepared: this cannot fail. True if the feeder was started. */
bool rngd_member_commit(struct rngd_member *member);

/* Drop new terms and a new claim. A new feeder is stopped by its owner. */
void rngd_member_abort(struct rngd_member *member);

void rngd_member_report(const struct rngd_member *member,
			struct rngd_source_report *report);

/* When the feeder has been joined, or never made. NULL is allowed. */
void rngd_member_free(struct rngd_member *member);

#endif
