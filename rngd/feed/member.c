// SPDX-License-Identifier: GPL-2.0-or-later
/* One source of the set: see member.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/feed/member.h"
#include "rngd/sources/spec.h"

int rngd_member_parse(struct rngd_member **member, struct rngd_set *set,
		      const char *spec, const struct vrng_opener *opener,
		      struct vrng_error *error)
{
	struct rngd_member *m = calloc(1, sizeof(*m));
	int ret;

	*member = NULL;
	if (m)
		m->spec = strdup(spec);
	if (!m || !m->spec) {
		rngd_member_free(m);
		return vrng_fail(error, ENOMEM, "source: %m");
	}
	m->set = set;
	ret = vrng_source_parse(&m->source, spec, opener, error);
	if (ret) {
		rngd_member_free(m);
		return ret;
	}
	vrng_spec_leave_out_claim(m->spec);
	m->claim = vrng_source_entropy(m->source);
	*member = m;
	return 0;
}

int rngd_member_reclaim(struct rngd_member *member, const char *spec,
			const struct vrng_opener *opener,
			struct vrng_error *error)
{
	struct vrng_source *source;
	int ret = vrng_source_parse(&source, spec, opener, error);

	if (ret)
		return ret;
	member->claim = vrng_source_entropy(source);
	vrng_source_free(source);
	return 0;
}

/*
 * The claim of a SPEC counts before --entropy-count, which a generator does not
 * reach.
 */
static unsigned int claim(const struct rngd_member *m,
			  const struct rngd_set_defaults *defaults)
{
	unsigned int reseeded = vrng_source_reseeded(m->source);
	unsigned int all = defaults->entropy * 1000;

	if (m->claim)
		return m->claim;
	return reseeded && reseeded < all ? reseeded : all;
}

static bool terms_differ(const struct rngd_member *m,
			 const struct rngd_set_defaults *defaults,
			 bool host_sees)
{
	return m->entropy != claim(m, defaults) ||
	       m->is_claimed != (m->claim > 0) ||
	       m->suspend != defaults->suspend ||
	       m->ignore_failures != defaults->ignore_failures ||
	       m->host_sees != host_sees;
}

/* Remember which terms are in use, for the next comparison and for reports. */
static void note_terms(struct rngd_member *m, const struct rngd_terms *terms)
{
	m->entropy = terms->entropy;
	m->suspend = terms->suspend;
	m->ignore_failures = terms->ignore_failures;
	m->host_sees = terms->host_sees;
	m->is_claimed = terms->is_claimed;
}

static int make_terms(struct rngd_member *m,
		      const struct rngd_set_defaults *defaults, bool host_sees,
		      struct vrng_error *error)
{
	int ret = rngd_terms_make(&m->terms, vrng_source_name(m->source),
				  claim(m, defaults), defaults->suspend,
				  defaults->ignore_failures, error);

	if (ret)
		return ret;
	m->terms->is_claimed = m->claim > 0;
	m->terms->is_generator = vrng_source_reseeded(m->source) > 0;
	m->terms->host_sees = host_sees;
	return 0;
}

const char *rngd_member_refusal(const struct rngd_member *member,
				bool host_sees)
{
	const struct rngd_terms terms = { .is_claimed = member->claim > 0,
					  .host_sees = host_sees };

	return rngd_terms_refusal(&terms, vrng_source_origin(member->source));
}

int rngd_member_prepare(struct rngd_member *member,
			const struct rngd_set_defaults *defaults,
			bool host_sees, struct rngd_feeder_setup setup,
			struct vrng_error *error)
{
	struct rngd_member *m = member;
	int ret;

	if (m->feeder && !terms_differ(m, defaults, host_sees))
		return 0;
	ret = make_terms(m, defaults, host_sees, error);
	if (ret || m->feeder)
		return ret;
	m->refusal =
		rngd_terms_refusal(m->terms, vrng_source_origin(m->source));
	note_terms(m, m->terms);
	setup.source = m->source;
	ret = rngd_feeder_make(&m->feeder, &setup, m->terms, error);
	m->terms = NULL;
	return ret;
}

bool rngd_member_commit(struct rngd_member *member)
{
	if (member->terms) {
		note_terms(member, member->terms);
		rngd_feeder_change(member->feeder, member->terms);
		member->terms = NULL;
	}
	if (member->feeds)
		return false;
	rngd_feeder_refuse(member->feeder, member->refusal);
	rngd_feeder_start(member->feeder);
	member->feeds = true;
	return true;
}

void rngd_member_abort(struct rngd_member *member)
{
	rngd_terms_free(member->terms);
	member->terms = NULL;
	member->claim = member->is_claimed ? member->entropy : 0;
}

void rngd_member_report(const struct rngd_member *member,
			struct rngd_source_report *report)
{
	struct rngd_source_status status = { .state = VRNG_KEEPER_CLOSED };

	if (member->feeder)
		rngd_feeder_status(member->feeder, &status);
	report->name = vrng_source_name(member->source);
	report->state = rngd_source_state_name(&status);
	report->refusal = status.refusal;
	report->entropy = status.refusal ? 0 : member->entropy;
	report->stats = status.stats;
	report->awaited = status.awaited;
	report->held = status.held;
	(void)snprintf(report->message, sizeof(report->message), "%s",
		       status.error);
}

void rngd_member_free(struct rngd_member *member)
{
	if (!member)
		return;
	rngd_feeder_free(member->feeder);
	rngd_terms_free(member->terms);
	vrng_source_free(member->source);
	if (member->spec)
		explicit_bzero(member->spec, strlen(member->spec));
	free(member->spec);
	free(member);
}
