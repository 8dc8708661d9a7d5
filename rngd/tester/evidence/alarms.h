/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health tests on samples (SP 800-90B, 4.4): cut-offs for a claim, how often
 * they raise a false alarm, and how often they failed on the samples.
 */
#ifndef RNGD_TESTER_EVIDENCE_ALARMS_H
#define RNGD_TESTER_EVIDENCE_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/health.h"

struct rngtest_alarm {
	struct vrng_health_limits limits;
	double entropy; /* the claim, bits a sample */
	double rct_rate; /* false alarms a sample, at most */
	double apt_rate; /* false alarms a window, at most */
	uint64_t failures; /* on the samples */
};

/*
 * The alarm for a claim of @entropy bits a sample and a rate of 2^-@exponent,
 * on @count samples, one in each byte; @bits: they have only two values. Returns
 * 0, or -EINVAL if the claim is so low that no cut-off can be given.
 */
int rngtest_alarm_find(struct rngtest_alarm *alarm, const uint8_t *samples,
		       size_t count, bool bits, double entropy,
		       double exponent);

/* The alarm of driver and daemon, which test bytes for 1 bit of entropy each. */
void rngtest_alarm_default(struct rngtest_alarm *alarm, const uint8_t *bytes,
			   size_t len);

#endif
