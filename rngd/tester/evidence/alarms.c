// SPDX-License-Identifier: GPL-2.0-or-later
/* Health tests on samples: see alarms.h. */
#include <math.h>

#include "rngd/checks/binomial.h"
#include "rngd/tester/evidence/alarms.h"

static void find_rates(struct rngtest_alarm *alarm)
{
	const double p = exp2(-alarm->entropy);

	alarm->rct_rate = exp2(-alarm->entropy * (alarm->limits.rct - 1));
	alarm->apt_rate = vrng_binomial_or_more(alarm->limits.window,
						alarm->limits.apt, p);
}

/* Count failures. After each, the tests begin anew with the next sample. */
static uint64_t replay(const struct vrng_health_limits *limits,
		       const uint8_t *samples, size_t count)
{
	struct vrng_health health = { 0 };
	uint64_t failures = 0;
	size_t at = 0;

	while (at < count) {
		at = vrng_health_scan(&health, limits, samples, at, count);
		failures += at < count;
		at++;
	}
	return failures;
}

int rngtest_alarm_find(struct rngtest_alarm *alarm, const uint8_t *samples,
		       size_t count, bool bits, double entropy, double exponent)
{
	int ret = vrng_health_limits_find(&alarm->limits, bits ? 1 : 8, entropy,
					  exponent);

	if (ret)
		return ret;
	alarm->entropy = entropy;
	find_rates(alarm);
	/* Bits are here one in each byte, so they are scanned as bytes are. */
	alarm->limits.width = 8;
	alarm->failures = replay(&alarm->limits, samples, count);
	return 0;
}

void rngtest_alarm_default(struct rngtest_alarm *alarm, const uint8_t *bytes,
			   size_t len)
{
	alarm->limits = (struct vrng_health_limits){
		.width = 8,
		.rct = VRNG_RCT_CUTOFF,
		.apt = VRNG_APT_CUTOFF,
		.window = VRNG_APT_WINDOW,
	};
	alarm->entropy = 1;
	find_rates(alarm);
	alarm->failures = replay(&alarm->limits, bytes, len);
}
