/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The continuous health tests of SP 800-90B, section 4.4, on samples of 8 bits
 * or of 1, for the kernel and userspace alike: integers only, no allocation.
 *
 * Repetition count (4.4.1): a value that comes C times in a row fails.
 * Adaptive proportion (4.4.2): the first value of a window of W samples that
 * comes C times within it fails.
 *
 * The cut-offs C follow from H, the bits of entropy that a sample is to have,
 * and alpha, the rate of false alarms that is allowed to each test:
 *
 *	RCT  C = 1 + ceil(-log2(alpha) / H)
 *	APT  C = 1 + critbinom(W, 2^-H, 1 - alpha)
 *	     W = 512 for samples of 8 bits, 1,024 for those of 1
 *
 * Computing them takes floating point and is vrng_health_limits_find()'s, in
 * userspace. The kernel has those for H = 1 bit a byte and alpha = 2^-30, which
 * vrng_health_pass() tests by: 31, and 325 of 512.
 *
 * A stream that fails is bad until 1,024 samples in a row pass, as many as the
 * start-up tests of 4.3 ask for. Those are not to be used: they are its test.
 *
 * The tests look at each sample but do not touch each: of the groups of four
 * that begin every C - 3 bytes, a run of C bytes covers one whatever its place,
 * and a window in which more than W - C samples differ from the first cannot
 * fail any more.
 *
 * Pure. One state is used by one thread at a time.
 */
#ifndef VRNG_HEALTH_H
#define VRNG_HEALTH_H

#include "vrng/health_bits.h"
#include "vrng/health_bytes.h"
#include "vrng/health_types.h"

#ifndef __KERNEL__
/*
 * The limits for samples of @width 8 or 1 bits with @h bits of entropy each and
 * a false alarm rate of 2^-@exponent for each test; the standard recommends 20
 * to 40. 0, or -EINVAL unless 0 < @h <= @width and 1 <= @exponent <= 64, or if
 * @h is so low that a cut-off passes 2^31.
 */
int vrng_health_limits_find(struct vrng_health_limits *limits,
			    unsigned int width, double h, double exponent);
#endif

static inline void vrng_health_fail(struct vrng_health *health,
				    enum vrng_health_test test)
{
	if (!health->bad)
		health->episodes++;
	health->bad = true;
	health->failed = test;
	health->good = 0;
	health->run = 0;
	health->seen = 0;
	health->same = 0;
}

/*
 * Begin with the start-up tests of 4.3: nothing is to be used before 1,024
 * samples in a row have passed. No episode is counted for it.
 */
static inline void vrng_health_start(struct vrng_health *health)
{
	memset(health, 0, sizeof(*health));
	health->bad = true;
}

VRNG_HEALTH_INLINE size_t vrng_health_scan_rct(
	struct vrng_health *health, const struct vrng_health_limits *limits,
	const uint8_t *data, size_t at, size_t end)
{
	if (limits->width == 1)
		return vrng_health_rct_bits(health, limits->rct, data, at, end);
	return at + vrng_health_rct(health, limits->rct, data + at, end - at);
}

static inline size_t
vrng_health_scan_apt(struct vrng_health *health,
		     const struct vrng_health_limits *limits,
		     const uint8_t *data, size_t at, size_t end)
{
	size_t stop;

	if (limits->width == 1)
		return vrng_health_apt_bits(health, limits, data, at, end);
	stop = vrng_health_apt(health, limits, data + at, end - at);
	if (!stop)
		return end;
	return vrng_health_find_back(data, at + stop, health->first,
				     health->same - limits->apt);
}

VRNG_HEALTH_INLINE bool
vrng_health_passes_apt(struct vrng_health *health,
		       const struct vrng_health_limits *limits,
		       const uint8_t *data, size_t count)
{
	if (limits->width == 1)
		return vrng_health_apt_bits(health, limits, data, 0, count) ==
		       count;
	return !vrng_health_apt(health, limits, data, count);
}

/*
 * Test samples @at to @end - 1 of @data. Returns the first one at which a test
 * fails, which health->failed names (if both do, the repetition count), or
 * @end. After a failure both tests begin anew with the next sample: to go on,
 * call again from there. How a stream is divided into calls does not matter.
 */
VRNG_HEALTH_INLINE size_t vrng_health_scan(
	struct vrng_health *health, const struct vrng_health_limits *limits,
	const uint8_t *data, size_t at, size_t end)
{
	size_t rct, apt, until;

	if (at >= end)
		return end;
	rct = vrng_health_scan_rct(health, limits, data, at, end);
	until = rct < end ? rct + 1 : end;
	apt = vrng_health_scan_apt(health, limits, data, at, until);
	if (apt < until && apt < rct) {
		vrng_health_fail(health, VRNG_HEALTH_APT);
		return apt;
	}
	if (rct < end)
		vrng_health_fail(health, VRNG_HEALTH_RCT);
	return rct;
}

/*
 * Test @count samples, at least one, as a whole. True if they may be used.
 * False if one of the tests failed, of which health->failed tells one, or did
 * so before and these are of the 1,024 that must pass first; health->bad tells
 * whether that is over. What follows a failure in the same call is not looked
 * at, as nothing of it is used.
 */
VRNG_HEALTH_INLINE bool
vrng_health_pass_limits(struct vrng_health *health,
			const struct vrng_health_limits *limits,
			const uint8_t *data, size_t count)
{
	if (vrng_health_scan_rct(health, limits, data, 0, count) < count) {
		vrng_health_fail(health, VRNG_HEALTH_RCT);
		return false;
	}
	if (!vrng_health_passes_apt(health, limits, data, count)) {
		vrng_health_fail(health, VRNG_HEALTH_APT);
		return false;
	}
	if (!health->bad)
		return true;
	/* No more is ever needed, and so much cannot overflow. */
	health->good +=
		count < VRNG_HEALTH_GOOD ? (uint32_t)count : VRNG_HEALTH_GOOD;
	health->bad = health->good < VRNG_HEALTH_GOOD;
	return false;
}

/* The same of @len bytes that are to have 1 bit of entropy each. */
static inline bool vrng_health_pass(struct vrng_health *health,
				    const uint8_t *data, size_t len)
{
	const struct vrng_health_limits limits = {
		.width = 8,
		.rct = VRNG_RCT_CUTOFF,
		.apt = VRNG_APT_CUTOFF,
		.window = VRNG_APT_WINDOW,
	};

	return vrng_health_pass_limits(health, &limits, data, len);
}

#endif
