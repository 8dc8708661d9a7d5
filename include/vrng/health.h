/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The continuous health tests of SP 800-90B, section 4.4, on samples of 8 bits
 * or 1 bit. The same code serves the kernel and userspace: it uses integers
 * only and allocates nothing.
 *
 * Repetition count test, RCT (4.4.1): fails when one value comes C times in a
 * row. Adaptive proportion test, APT (4.4.2): fails when the first value of a
 * window of W samples comes C times within that window.
 *
 * The cut-offs C follow from H, the bits of entropy claimed for a sample, and
 * alpha, the rate of false alarms allowed to each test:
 *
 *	RCT  C = 1 + ceil(-log2(alpha) / H)
 *	APT  C = 1 + critbinom(W, 2^-H, 1 - alpha)
 *	     W = 512 for samples of 8 bits, 1,024 for samples of 1 bit
 *
 * vrng_health_limits_find() computes them, in userspace, because that takes
 * floating point. vrng_health_pass(), which the kernel calls, uses constants
 * for H = 1 bit a byte and alpha = 2^-30: 31, and 325 of 512.
 *
 * A stream that fails a test is bad until 1,024 samples in a row have passed,
 * as many as the start-up tests of section 4.3 ask for. These samples are the
 * test and must not be used.
 *
 * The scans need not load every sample. A run of C bytes covers one of the
 * groups of four bytes that begin every C - 3 bytes, wherever the run begins. A
 * window cannot fail any more once more than W - C samples differ from its
 * first one.
 *
 * Pure functions without errors. A state is used by one thread at a time.
 */
#ifndef VRNG_HEALTH_H
#define VRNG_HEALTH_H

#include "vrng/health_bits.h"
#include "vrng/health_bytes.h"
#include "vrng/health_types.h"

#ifndef __KERNEL__
/*
 * Compute the limits for samples of @width bits, 8 or 1, with @h bits of
 * entropy each and a false alarm rate of 2^-@exponent for each test. Section
 * 4.4 recommends an exponent of 20 to 40.
 *
 * Returns 0, or -EINVAL unless 0 < @h <= @width and 1 <= @exponent <= 64, or
 * if @h is so low that a cut-off exceeds 2^31.
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
 * Begin a stream with the start-up tests of section 4.3: it is bad until 1,024
 * samples in a row have passed. This does not count as an episode.
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
 * Test samples @at to @end - 1 of @data. Returns the index of the first sample
 * at which a test fails, or @end. health->failed names the test, the repetition
 * count if both fail there.
 *
 * After a failure both tests begin anew with the next sample: to continue, call
 * again from there. The results do not depend on how a stream is divided into
 * calls.
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
 * Test @count samples, at least one, as a whole. Returns whether they may be
 * used.
 *
 * False if a test fails: health->failed names one that did. Samples after the
 * failure are not tested, because the caller uses none of them. False also if
 * the stream was bad before the call: samples that pass then count towards the
 * 1,024, and health->bad tells whether more are needed.
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
	/* Limited to what is needed, so that the sum cannot overflow. */
	health->good +=
		count < VRNG_HEALTH_GOOD ? (uint32_t)count : VRNG_HEALTH_GOOD;
	health->bad = health->good < VRNG_HEALTH_GOOD;
	return false;
}

/* The same for @len bytes with a claim of 1 bit of entropy each. */
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
