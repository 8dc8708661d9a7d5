/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The continuous health tests of SP 800-90B, section 4.4, on samples of one
 * byte, for the kernel and userspace alike: integers only, no allocation.
 *
 * Repetition count (4.4.1): a value that comes C times in a row fails.
 * Adaptive proportion (4.4.2): the first value of a window of W samples that
 * comes C times within it fails.
 *
 * The cut-offs are those for H = 1 bit of entropy a byte and a false alarm
 * rate alpha of 2^-30 a test:
 *
 *	RCT  C = 1 + ceil(-log2(alpha) / H) = 31
 *	APT  C = 1 + critbinom(W, 2^-H, 1 - alpha) = 325, W = 512
 *
 * A stream that fails is bad until 1,024 samples in a row pass, as many as the
 * start-up tests of 4.3 ask for. Those are not to be used: they are its test.
 *
 * The tests look at each sample but do not touch each: of the groups of four
 * that begin every 28 bytes, a run of 31 bytes covers one whatever its place,
 * and a window in which 188 samples differ from the first cannot fail any
 * more.
 */
#ifndef VRNG_HEALTH_H
#define VRNG_HEALTH_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

#define VRNG_RCT_CUTOFF	 31u
#define VRNG_APT_WINDOW	 512u
#define VRNG_APT_CUTOFF	 325u
#define VRNG_HEALTH_GOOD 1024u

enum vrng_health_test {
	VRNG_HEALTH_NONE,
	VRNG_HEALTH_RCT,
	VRNG_HEALTH_APT,
};

/* All zeros is the state before the first sample. */
struct vrng_health {
	uint32_t run; /* RCT: how often last came in a row, 0 at the start */
	uint32_t seen; /* APT: samples of the window so far, 0 at its start */
	uint32_t same; /* APT: those equal to first, itself included */
	uint32_t good; /* samples passed since the last failure, while bad */
	uint8_t last;
	uint8_t first;
	bool bad; /* the stream is to be withheld */
	uint64_t episodes; /* how often it turned bad */
	enum vrng_health_test failed; /* the test that did it last */
};

static inline uint64_t vrng_health_load(const uint8_t *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

/* Are the four bytes at @data equal? */
static inline bool vrng_health_is_uniform(const uint8_t *data)
{
	uint32_t group;

	memcpy(&group, data, sizeof(group));
	return group == (group << 8 | group >> 24);
}

/* How long is the run of @value that begins at @data? */
static inline size_t vrng_health_run(const uint8_t *data, size_t len,
				     uint8_t value)
{
	size_t n = 0;

	while (n < len && data[n] == value)
		n++;
	return n;
}

/* The run that ends right before @data + @at, as far back as @from. */
static inline size_t vrng_health_run_back(const uint8_t *data, size_t from,
					  size_t at)
{
	size_t n = 0;

	while (at - n > from && data[at - n - 1] == data[at - 1])
		n++;
	return n;
}

/* The next group of equal bytes in steps that no failing run fits between. */
static inline size_t vrng_health_uniform(const uint8_t *data, size_t at,
					 size_t len)
{
	const size_t step = VRNG_RCT_CUTOFF - 3;

	for (; at < len && len - at >= 3 * step + 4; at += 4 * step)
		if (vrng_health_is_uniform(data + at) ||
		    vrng_health_is_uniform(data + at + step) ||
		    vrng_health_is_uniform(data + at + 2 * step) ||
		    vrng_health_is_uniform(data + at + 3 * step))
			break;
	for (; at + 4 <= len; at += step)
		if (vrng_health_is_uniform(data + at))
			return at;
	return len;
}

/* True if no value came too often in a row. */
static inline bool vrng_health_rct(struct vrng_health *health,
				   const uint8_t *data, size_t len)
{
	size_t at = 0, from, run;

	if (health->run) {
		at = vrng_health_run(data, len, health->last);
		health->run += (uint32_t)at;
		if (health->run >= VRNG_RCT_CUTOFF)
			return false;
		if (at == len)
			return true;
	}
	from = at; /* a run that lies within begins here or later */
	while ((at = vrng_health_uniform(data, at, len)) < len) {
		at -= vrng_health_run_back(data, from, at + 1) - 1;
		run = vrng_health_run(data + at, len - at, data[at]);
		if (run >= VRNG_RCT_CUTOFF)
			return false;
		at += run;
	}
	health->last = data[len - 1];
	health->run = (uint32_t)vrng_health_run_back(data, from, len);
	return true;
}

/* The high bit of some byte is set if, and only if, a byte of @word is zero. */
static inline uint64_t vrng_health_has_zero(uint64_t word)
{
	return (word - 0x0101010101010101ull) & ~word;
}

/* How many of the eight bytes of @word are zero? */
static inline uint32_t vrng_health_count_zeros(uint64_t word)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7full;
	const uint64_t ones = 0x0101010101010101ull;
	const uint64_t zero = ~(((word & low) + low) | word | low);

	return (uint32_t)((zero >> 7) * ones >> 56);
}

/* How many of the 32 bytes at @data differ from those of @pattern? */
static inline uint32_t vrng_health_differing(const uint8_t *data,
					     uint64_t pattern)
{
	const uint64_t a = vrng_health_load(data) ^ pattern;
	const uint64_t b = vrng_health_load(data + 8) ^ pattern;
	const uint64_t c = vrng_health_load(data + 16) ^ pattern;
	const uint64_t d = vrng_health_load(data + 24) ^ pattern;
	const uint64_t zeros =
		vrng_health_has_zero(a) | vrng_health_has_zero(b) |
		vrng_health_has_zero(c) | vrng_health_has_zero(d);

	if (!(zeros & 0x8080808080808080ull))
		return 32;
	return 32 - vrng_health_count_zeros(a) - vrng_health_count_zeros(b) -
	       vrng_health_count_zeros(c) - vrng_health_count_zeros(d);
}

/* Count on in one window; @len does not reach beyond it. */
static inline void vrng_health_count(struct vrng_health *health,
				     const uint8_t *data, uint32_t len)
{
	const uint32_t spare = VRNG_APT_WINDOW - VRNG_APT_CUTOFF;
	const uint64_t pattern = health->first * 0x0101010101010101ull;
	uint32_t other = health->seen - health->same;
	uint32_t at = 0;

	health->seen += len;
	for (; at + 32 <= len && other <= spare; at += 32)
		other += vrng_health_differing(data + at, pattern);
	for (; at < len && other <= spare; at++)
		other += data[at] != health->first;
	/* Given up: nothing of the rest can make it fail. */
	health->same = other <= spare ? health->seen - other : 0;
}

/* True if no value came too often in its window. */
static inline bool vrng_health_apt(struct vrng_health *health,
				   const uint8_t *data, size_t len)
{
	uint32_t piece;
	size_t at = 0;

	while (at < len) {
		if (!health->seen)
			health->first = data[at];
		piece = VRNG_APT_WINDOW - health->seen;
		if (piece > len - at)
			piece = (uint32_t)(len - at);
		vrng_health_count(health, data + at, piece);
		if (health->same >= VRNG_APT_CUTOFF)
			return false;
		if (health->seen == VRNG_APT_WINDOW) {
			health->seen = 0;
			health->same = 0;
		}
		at += piece;
	}
	return true;
}

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
 * Test @len samples, at least one. True if they may be used. False if one of
 * the tests failed, or did so before and these are of the 1,024 that must pass
 * first; health->bad tells whether that is over.
 */
static inline bool vrng_health_pass(struct vrng_health *health,
				    const uint8_t *data, size_t len)
{
	if (!vrng_health_rct(health, data, len)) {
		vrng_health_fail(health, VRNG_HEALTH_RCT);
		return false;
	}
	if (!vrng_health_apt(health, data, len)) {
		vrng_health_fail(health, VRNG_HEALTH_APT);
		return false;
	}
	if (!health->bad)
		return true;
	health->good += (uint32_t)len;
	health->bad = health->good < VRNG_HEALTH_GOOD;
	return false;
}

#endif
