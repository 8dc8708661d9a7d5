/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Evidence for a claim of entropy: all that SP 800-90B asks to be tested on
 * samples of a noise source, and what may be claimed.
 */
#ifndef RNGD_TESTER_EVIDENCE_EVIDENCE_H
#define RNGD_TESTER_EVIDENCE_EVIDENCE_H

#include "rngd/tester/estimate/restart.h"
#include "rngd/tester/evidence/alarms.h"
#include "rngd/tester/evidence/series.h"
#include "rngd/tester/iid/iid.h"
#include "rngd/tester/options.h"
#include "vrng/estimate.h"

#define RNGTEST_DIGEST 65 /* SHA-256 in hexadecimal digits, and a 0 */
#define RNGTEST_ALARMS 3

/* Bytes of the input, and the samples in them, one in each byte. */
struct rngtest_matter {
	const uint8_t *bytes;
	size_t len;
	const uint8_t *samples;
	size_t count;
};

struct rngtest_evidence {
	char digest[RNGTEST_DIGEST]; /* of the bytes */
	struct vrng_assessment assessment;
	bool constant; /* all samples are equal: no IID track */
	struct vrng_iid iid;
	bool restarted; /* there was a restart matrix */
	char restart_digest[RNGTEST_DIGEST];
	struct vrng_restart restart;
	unsigned int alarm_count; /* alarms for the claim, at most */
	struct rngtest_alarm alarms[RNGTEST_ALARMS];
	struct rngtest_alarm of_vrng; /* what driver and daemon do */
	double counts[256]; /* of each value */
	double lags[RNGTEST_LAGS];
	double bands[RNGTEST_BANDS];
	size_t pieces; /* that the spectrum is the mean of */
	double per_sample; /* the claim, in bits */
	double per_byte; /* the same for "entropy=" */
};

/*
 * Gather the evidence that @matter gives, and @restart if that is not NULL.
 * Returns 0, -EINTR if it was stopped, -EDOM if the restart matrix does not fit,
 * all with @error set, or -ENOMEM.
 */
int rngtest_evidence_gather(struct rngtest_evidence *evidence,
			    const struct rngtest_matter *matter,
			    const struct rngtest_matter *restart,
			    const struct rngtest_options *options,
			    struct vrng_error *error);

#endif
