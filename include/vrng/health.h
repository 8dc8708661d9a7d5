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

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* Registers that the kernel has to itself. Tests ask for both ways. */
#if defined(__SSE2__) && !defined(VRNG_HEALTH_WORDS)
#define VRNG_HEALTH_SSE2
#include <emmintrin.h>
#endif
#endif

/* H = 1 bit a byte, alpha = 2^-30 */
#define VRNG_RCT_CUTOFF 31u
#define VRNG_APT_WINDOW 512u
#define VRNG_APT_CUTOFF 325u

#define VRNG_APT_WINDOW_BITS 1024u /* of samples of 1 bit */
#define VRNG_HEALTH_GOOD     1024u

/* So that limits which the compiler knows cost nothing. */
#define VRNG_HEALTH_INLINE static inline __attribute__((always_inline))

enum vrng_health_test {
	VRNG_HEALTH_NONE,
	VRNG_HEALTH_RCT,
	VRNG_HEALTH_APT,
};

/* What a stream is held against. */
struct vrng_health_limits {
	unsigned int width; /* bits a sample: 8 or 1 */
	uint32_t rct; /* C: 2 or more */
	uint32_t apt; /* C: 2 to window; window + 1: nothing can fail */
	uint32_t window; /* W */
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

/* ------------------------------------------------------- samples of 8 bits */

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

/*
 * A place in each run of @cutoff, and in few others: the next group of equal
 * bytes, or pair if a run may be shorter, in steps that no failing run fits
 * between. @len if there is none.
 */
VRNG_HEALTH_INLINE size_t vrng_health_uniform(const uint8_t *data, size_t at,
					      size_t len, uint32_t cutoff)
{
	const size_t step = cutoff - 3;

	if (cutoff < 4) {
		for (; at + 2 <= len; at++)
			if (data[at] == data[at + 1])
				return at;
		return len;
	}
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

/* The sample that makes a run of @cutoff, or @len if there is none. */
VRNG_HEALTH_INLINE size_t vrng_health_rct(struct vrng_health *health,
					  uint32_t cutoff, const uint8_t *data,
					  size_t len)
{
	size_t at = 0, from, run, most;

	if (health->run && data[0] == health->last) {
		most = cutoff - health->run;
		at = vrng_health_run(data, len < most ? len : most,
				     health->last);
		if (at == most)
			return at - 1;
		health->run += (uint32_t)at;
		if (at == len)
			return len;
	}
	from = at; /* a run that lies within begins here or later */
	while ((at = vrng_health_uniform(data, at, len, cutoff)) < len) {
		at -= vrng_health_run_back(data, from, at + 1) - 1;
		most = len - at < cutoff ? len - at : cutoff;
		run = vrng_health_run(data + at, most, data[at]);
		if (run == cutoff)
			return at + cutoff - 1;
		at += run;
	}
	health->last = data[len - 1];
	health->run = (uint32_t)vrng_health_run_back(data, from, len);
	return len;
}

#ifdef VRNG_HEALTH_SSE2
#define VRNG_HEALTH_PIECE 64u

/* How many of the bytes of the piece at @data are not @value? */
static inline uint32_t vrng_health_differing(const uint8_t *data, uint8_t value)
{
	const __m128i values = _mm_set1_epi8((char)value);
	__m128i same = _mm_setzero_si128();
	size_t i;

	for (i = 0; i < VRNG_HEALTH_PIECE; i += sizeof(same))
		same = _mm_sub_epi8(
			same, _mm_cmpeq_epi8(
				      _mm_loadu_si128((const void *)(data + i)),
				      values));
	same = _mm_sad_epu8(same, _mm_setzero_si128());
	return VRNG_HEALTH_PIECE - (uint32_t)_mm_cvtsi128_si32(same) -
	       (uint32_t)_mm_extract_epi16(same, 4);
}
#else
#define VRNG_HEALTH_PIECE 32u

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

static inline uint32_t vrng_health_differing(const uint8_t *data, uint8_t value)
{
	const uint64_t pattern = value * 0x0101010101010101ull;
	const uint64_t a = vrng_health_load(data) ^ pattern;
	const uint64_t b = vrng_health_load(data + 8) ^ pattern;
	const uint64_t c = vrng_health_load(data + 16) ^ pattern;
	const uint64_t d = vrng_health_load(data + 24) ^ pattern;
	const uint64_t zeros =
		vrng_health_has_zero(a) | vrng_health_has_zero(b) |
		vrng_health_has_zero(c) | vrng_health_has_zero(d);

	if (!(zeros & 0x8080808080808080ull))
		return VRNG_HEALTH_PIECE;
	return VRNG_HEALTH_PIECE - vrng_health_count_zeros(a) -
	       vrng_health_count_zeros(b) - vrng_health_count_zeros(c) -
	       vrng_health_count_zeros(d);
}
#endif

/* Count on in one window; @len does not reach beyond it. */
VRNG_HEALTH_INLINE void vrng_health_count(struct vrng_health *health,
					  uint32_t spare, const uint8_t *data,
					  uint32_t len)
{
	const uint8_t first = health->first;
	uint32_t other = health->seen - health->same;
	uint32_t at = 0;

	health->seen += len;
	for (; at + VRNG_HEALTH_PIECE <= len && other <= spare;
	     at += VRNG_HEALTH_PIECE)
		other += vrng_health_differing(data + at, first);
	for (; at < len && other <= spare; at++)
		other += data[at] != first;
	/* Given up: nothing of the rest can make it fail. */
	health->same = other <= spare ? health->seen - other : 0;
}

/*
 * 0, or the end of the piece of one window in which some sample was one too
 * many: a caller who wants to know which looks for it himself, for that costs
 * registers here.
 */
VRNG_HEALTH_INLINE size_t vrng_health_apt(
	struct vrng_health *health, const struct vrng_health_limits *limits,
	const uint8_t *data, size_t len)
{
	const uint32_t spare = limits->apt <= limits->window ?
				       limits->window - limits->apt :
				       0;
	uint32_t piece;
	size_t at = 0;

	while (at < len) {
		if (!health->seen)
			health->first = data[at];
		piece = limits->window - health->seen;
		if (piece > len - at)
			piece = (uint32_t)(len - at);
		vrng_health_count(health, spare, data + at, piece);
		at += piece;
		if (health->same >= limits->apt)
			return at;
		if (health->seen == limits->window) {
			health->seen = 0;
			health->same = 0;
		}
	}
	return 0;
}

/* The last place of @value before @end but @n. It is there. */
static inline size_t vrng_health_find_back(const uint8_t *data, size_t end,
					   uint8_t value, uint32_t n)
{
	while (data[end - 1] != value || n--)
		end--;
	return end - 1;
}

/* -------------------------------------------------------- samples of 1 bit */

/* Taken from each byte most significant bit first; numbered from @data's. */

/* 64 bits from @at on, the first one highest. */
static inline uint64_t vrng_health_bits(const uint8_t *data, size_t at)
{
	const unsigned int shift = at % 8;
	const uint8_t *p = data + at / 8;
	uint64_t word = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
			(uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
			(uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
			(uint64_t)p[6] << 8 | p[7];

	return shift ? word << shift | p[8] >> (8 - shift) : word;
}

static inline unsigned int vrng_health_bit(const uint8_t *data, size_t at)
{
	return data[at / 8] >> (7 - at % 8) & 1;
}

static inline uint32_t vrng_health_ones(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555ull;
	word = (word & 0x3333333333333333ull) +
	       (word >> 2 & 0x3333333333333333ull);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (uint32_t)(word * 0x0101010101010101ull >> 56);
}

/* Does @word have @want bits or more set in a row? */
static inline bool vrng_health_has_ones(uint64_t word, uint32_t want)
{
	uint32_t have = 1, by;

	if (want > 64)
		return false;
	if (want >= 16) {
		/* Of good bits it ends here: no branch to guess on the way. */
		word &= word << 1;
		word &= word << 2;
		word &= word << 4;
		word &= word << 8;
		have = 16;
	}
	for (; have < want && word; have += by) {
		by = have < want - have ? have : want - have;
		word &= word << by;
	}
	return word;
}

/* As vrng_health_rct(), one bit after the other. */
static inline size_t vrng_health_rct_each(struct vrng_health *health,
					  uint32_t cutoff, const uint8_t *data,
					  size_t at, size_t end)
{
	unsigned int bit;

	for (; at < end; at++) {
		bit = vrng_health_bit(data, at);
		if (!health->run || bit != health->last)
			health->run = 0;
		health->last = (uint8_t)bit;
		if (++health->run >= cutoff)
			return at;
	}
	return end;
}

/*
 * @change has a bit for each of 64 that differs from the one before; if there
 * is one, what follows the last such bit is a run that goes on.
 */
static inline size_t vrng_health_rct_bits(struct vrng_health *health,
					  uint32_t cutoff, const uint8_t *data,
					  size_t at, size_t end)
{
	uint64_t word, change;
	size_t ret;

	for (; end - at >= 64; at += 64) {
		word = vrng_health_bits(data, at);
		change = word ^ (word >> 1 | (uint64_t)health->last << 63);
		if (!health->run)
			change |= 1ull << 63;
		if (!change ||
		    health->run + (uint32_t)__builtin_clzll(change) >= cutoff ||
		    vrng_health_has_ones(~change, cutoff - 1)) {
			ret = vrng_health_rct_each(health, cutoff, data, at,
						   at + 64);
			if (ret < at + 64)
				return ret;
			continue;
		}
		health->run = (uint32_t)__builtin_ctzll(change) + 1;
		health->last = word & 1;
	}
	return vrng_health_rct_each(health, cutoff, data, at, end);
}

/* As vrng_health_apt(), one bit after the other and within one window. */
static inline size_t
vrng_health_apt_each(struct vrng_health *health,
		     const struct vrng_health_limits *limits,
		     const uint8_t *data, size_t at, size_t end)
{
	for (; at < end; at++) {
		health->seen++;
		health->same += vrng_health_bit(data, at) == health->first;
		if (health->same >= limits->apt)
			return at;
	}
	return end;
}

static inline size_t
vrng_health_apt_bits(struct vrng_health *health,
		     const struct vrng_health_limits *limits,
		     const uint8_t *data, size_t at, size_t end)
{
	uint64_t word;
	size_t stop, ret;

	while (at < end) {
		if (!health->seen)
			health->first = (uint8_t)vrng_health_bit(data, at);
		stop = limits->window - health->seen;
		stop = stop < end - at ? at + stop : end;
		for (; stop - at >= 64 && health->same + 64 < limits->apt;
		     at += 64) {
			word = vrng_health_bits(data, at);
			health->same +=
				vrng_health_ones(health->first ? word : ~word);
			health->seen += 64;
		}
		ret = vrng_health_apt_each(health, limits, data, at, stop);
		if (ret < stop)
			return ret;
		at = stop;
		if (health->seen == limits->window) {
			health->seen = 0;
			health->same = 0;
		}
	}
	return end;
}

/* ------------------------------------------------------------------ verdicts */

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
