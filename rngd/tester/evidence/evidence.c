// SPDX-License-Identifier: GPL-2.0-or-later
/* Evidence for a claim of entropy: see evidence.h. */
#include <errno.h>
#include <gcrypt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rngd/tester/evidence/evidence.h"
#include "rngd/tester/iid_report.h"

/* -log2 of the rates of false alarms that section 4.4 recommends. */
static const double exponents[RNGTEST_ALARMS] = { 20, 30, 40 };

static void digest(char text[RNGTEST_DIGEST], const uint8_t *bytes, size_t len)
{
	uint8_t hash[32];
	size_t i;

	gcry_md_hash_buffer(GCRY_MD_SHA256, hash, bytes, len);
	for (i = 0; i < sizeof(hash); i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

static int assess(struct rngtest_evidence *evidence,
		  const struct rngtest_matter *matter,
		  const struct rngtest_options *options,
		  struct vrng_error *error)
{
	int ret = vrng_assess(matter->samples, matter->count, options->width,
			      options->threads, &evidence->assessment);

	if (ret)
		return ret;
	evidence->per_sample = evidence->assessment.entropy;
	ret = rngtest_iid_run(matter->samples, matter->count, options,
			      &evidence->iid, error);
	evidence->constant = ret == -EDOM;
	return evidence->constant ? 0 : ret;
}

/* The claim is what the estimators grant, and what is left after restarts. */
static int test_restarts(struct rngtest_evidence *evidence,
			 const struct rngtest_matter *restart,
			 const struct rngtest_options *options,
			 struct vrng_error *error)
{
	int ret;

	if (!restart || !(evidence->per_sample > 0))
		return 0;
	ret = vrng_restart_test(restart->samples, options->width,
				evidence->per_sample, options->threads,
				&evidence->restart);
	if (ret == -EDOM)
		return vrng_fail(
			error, EDOM,
			"the restart matrix has too few different "
			"values for %.6f bits a sample; take both from "
			"the same source",
			evidence->per_sample);
	evidence->restarted = !ret;
	evidence->per_sample = evidence->restart.entropy;
	digest(evidence->restart_digest, restart->bytes, restart->len);
	return ret;
}

static void find_alarms(struct rngtest_evidence *evidence,
			const struct rngtest_matter *matter)
{
	const bool bits = evidence->assessment.symbols <= 2;
	unsigned int i;

	rngtest_alarm_default(&evidence->of_vrng, matter->bytes, matter->len);
	for (i = 0; i < RNGTEST_ALARMS && evidence->per_sample > 0; i++)
		if (!rngtest_alarm_find(&evidence->alarms[evidence->alarm_count],
					matter->samples, matter->count, bits,
					evidence->per_sample, exponents[i]))
			evidence->alarm_count++;
}

int rngtest_evidence_gather(struct rngtest_evidence *evidence,
			    const struct rngtest_matter *matter,
			    const struct rngtest_matter *restart,
			    const struct rngtest_options *options,
			    struct vrng_error *error)
{
	size_t i;
	int ret;

	memset(evidence, 0, sizeof(*evidence));
	digest(evidence->digest, matter->bytes, matter->len);
	ret = assess(evidence, matter, options, error);
	if (!ret)
		ret = test_restarts(evidence, restart, options, error);
	if (ret)
		return ret;
	evidence->per_byte = evidence->per_sample *
			     (options->one_per_byte ? 1 : 8.0 / options->width);
	find_alarms(evidence, matter);
	for (i = 0; i < matter->count; i++)
		evidence->counts[matter->samples[i]]++;
	rngtest_autocorrelation(matter->samples, matter->count, evidence->lags);
	evidence->pieces = rngtest_spectrum(matter->samples, matter->count,
					    evidence->bands);
	return 0;
}
