// SPDX-License-Identifier: GPL-2.0-or-later
/* The statistics of the permutation tests: see statistics.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/runs.h"
#include "rngd/tester/iid/statistics.h"

#define LAGS 5
static const size_t lags[LAGS] = { 1, 2, 8, 16, 32 };

static const struct {
	const char *name;
	const char *section;
} statistics[VRNG_IID_STATISTICS] = {
	{ "excursion", "5.1.1" },
	{ "directional runs", "5.1.2" },
	{ "longest directional run", "5.1.3" },
	{ "increases, decreases", "5.1.4" },
	{ "runs about the median", "5.1.5" },
	{ "longest run, median", "5.1.6" },
	{ "mean collision", "5.1.7" },
	{ "longest collision", "5.1.8" },
	{ "periodicity(1)", "5.1.9" },
	{ "periodicity(2)", "5.1.9" },
	{ "periodicity(8)", "5.1.9" },
	{ "periodicity(16)", "5.1.9" },
	{ "periodicity(32)", "5.1.9" },
	{ "covariance(1)", "5.1.10" },
	{ "covariance(2)", "5.1.10" },
	{ "covariance(8)", "5.1.10" },
	{ "covariance(16)", "5.1.10" },
	{ "covariance(32)", "5.1.10" },
	{ "compression", "5.1.11" },
};

const char *vrng_iid_statistic_name(enum vrng_iid_statistic statistic)
{
	return statistics[statistic].name;
}

const char *vrng_iid_statistic_section(enum vrng_iid_statistic statistic)
{
	return statistics[statistic].section;
}

/* --------------------------------------------------------------- the set */

/* The median of an even number of samples lies between the middle two. */
static uint8_t median_of(const size_t counts[256], size_t len)
{
	size_t below = 0;
	unsigned int lower, upper;

	for (lower = 0; below + counts[lower] <= (len - 1) / 2; lower++)
		below += counts[lower];
	for (upper = lower; below + counts[upper] <= len / 2; upper++)
		below += counts[upper];
	return (uint8_t)((lower + upper + 1) / 2);
}

void vrng_iid_set_init(struct vrng_iid_set *set, const uint8_t *samples,
		       size_t len, bool bits)
{
	size_t counts[256] = { 0 }, i;

	*set = (struct vrng_iid_set){ .len = len, .bits = bits };
	for (i = 0; i < len; i++) {
		counts[samples[i]]++;
		set->total += samples[i];
	}
	for (i = 0; i < 256; i++)
		set->seen[i] = counts[i];
	set->values[1] = 1;
	/* Section 5.1.5: the median of bits is 1/2. */
	set->median = bits ? 1 : median_of(counts, len);
}

/* The numbers that samples stand for, as the standard compresses them. */
static void find_values(const struct vrng_iid_set *set, uint8_t values[256])
{
	unsigned int i;

	for (i = 0; i < 256; i++)
		values[i] = set->bits && i < 2 ? set->values[i] : (uint8_t)i;
}

int vrng_iid_room_init(struct vrng_iid_room *room,
		       const struct vrng_iid_set *set)
{
	uint8_t values[256];
	int ret;

	find_values(set, values);
	*room = (struct vrng_iid_room){
		.ones = malloc(set->len),
		.numbers = malloc(set->len),
	};
	ret = vrng_bzip2_init(&room->bzip2, VRNG_BZIP2_LEVEL, set->len,
			      set->seen, values);
	return room->ones && room->numbers ? ret : -ENOMEM;
}

static void wipe(void *bytes, size_t len)
{
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
}

void vrng_iid_room_free(struct vrng_iid_room *room, size_t len)
{
	wipe(room->ones, len);
	wipe(room->numbers, len);
	vrng_bzip2_free(&room->bzip2);
}

/* -------------------------------------------------------------- the tests */

/*
 * The largest distance of a sum from its expectation, times the number of
 * samples, so that it is exact in integers: below 2^27 * 2^35.
 */
static double excursion(const struct vrng_iid_set *set, const uint8_t *s)
{
	const int64_t len = (int64_t)set->len, total = (int64_t)set->total;
	const int scale = set->bits ? set->values[1] - set->values[0] : 1;
	int64_t away = 0, low = 0, high = 0;
	size_t i;

	for (i = 0; i < set->len; i++) {
		away += s[i] * len - total;
		high = away > high ? away : high;
		low = away < low ? away : low;
	}
	high = high > -low ? high : -low;
	return (double)high / (double)len * scale;
}

/* Runs of samples that do not fall, and of those that do. */
static void directional(const uint8_t *s, size_t len, double *values)
{
	struct vrng_runs runs;
	size_t rises;

	if (len < 2) {
		memset(values, 0, 3 * sizeof(*values));
		return;
	}
	vrng_runs_falling(s, len, &runs);
	rises = len - 1 - runs.less;
	values[0] = (double)runs.count;
	values[1] = (double)runs.longest;
	values[2] = (double)(rises > runs.less ? rises : runs.less);
}

/* Runs of samples below the median, and of those that are not. */
static void median_runs(const uint8_t *s, size_t len, uint8_t median,
			double *values)
{
	struct vrng_runs runs;

	vrng_runs_below(s, len, median, &runs);
	values[0] = (double)runs.count;
	values[1] = (double)runs.longest;
}

/* How many samples it takes until one has come before, over and over. */
static void collisions(const uint8_t *s, size_t len, double *values)
{
	size_t seen[256] = { 0 }; /* index + 1 of the last sample so far */
	size_t begin = 0, count = 0, sum = 0, longest = 0, i;

	for (i = 0; i < len; i++) {
		if (seen[s[i]] > begin) {
			const size_t length = i + 1 - begin;

			sum += length;
			count++;
			longest = length > longest ? length : longest;
			begin = i + 1;
		}
		seen[s[i]] = i + 1;
	}
	values[0] = count ? (double)sum / (double)count : 0;
	values[1] = (double)longest;
}

/* In pieces whose count fits a byte, which the compiler makes vectors of. */
static double periodicity(const uint8_t *s, size_t len, size_t lag)
{
	const size_t pairs = len > lag ? len - lag : 0;
	size_t same = 0, i = 0, n;

	for (; i + 4096 <= pairs; i += 4096) {
		uint16_t piece = 0;

		for (n = 0; n < 4096; n++)
			piece = (uint16_t)(piece +
					   (s[i + n] == s[i + n + lag]));
		same += piece;
	}
	for (; i < pairs; i++)
		same += s[i] == s[i + lag];
	return (double)same;
}

static double covariance(const uint8_t *s, size_t len, size_t lag)
{
	const size_t pairs = len > lag ? len - lag : 0;
	uint64_t sum = 0;
	size_t i = 0, n;

	for (; i + 4096 <= pairs; i += 4096) {
		uint32_t piece = 0;

		for (n = 0; n < 4096; n++)
			piece += (uint32_t)(s[i + n] * s[i + n + lag]);
		sum += piece;
	}
	for (; i < pairs; i++)
		sum += (uint64_t)(s[i] * s[i + lag]);
	return (double)sum;
}

/* ------------------------------------------------------------ conversions */

static size_t convert(const struct vrng_iid_set *set, const uint8_t *s,
		      struct vrng_iid_room *room)
{
	size_t i;

	memset(room->ones, 0, (set->len + 7) / 8);
	memset(room->numbers, 0, (set->len + 7) / 8);
	for (i = 0; i < set->len; i++) {
		room->ones[i / 8] = (uint8_t)(room->ones[i / 8] + s[i]);
		room->numbers[i / 8] |= (uint8_t)(s[i] << (7 - i % 8));
	}
	return (set->len + 7) / 8;
}

static bool any_of(unsigned int wanted, unsigned int from, unsigned int to)
{
	return wanted >> from & ((1u << (to - from + 1)) - 1);
}

void vrng_iid_measure(const struct vrng_iid_set *set, const uint8_t *samples,
		      unsigned int wanted, struct vrng_iid_room *room,
		      double values[VRNG_IID_STATISTICS])
{
	const uint8_t *s = samples, *numbers = samples;
	size_t len = set->len;
	unsigned int i;

	if (set->bits && wanted & ~VRNG_IID_BIT(VRNG_IID_COMPRESSION)) {
		len = convert(set, samples, room);
		s = room->ones;
		numbers = room->numbers;
	}
	if (any_of(wanted, VRNG_IID_EXCURSION, VRNG_IID_EXCURSION))
		values[VRNG_IID_EXCURSION] = excursion(set, samples);
	if (any_of(wanted, VRNG_IID_DIRECTIONAL_RUNS, VRNG_IID_INCREASES))
		directional(s, len, values + VRNG_IID_DIRECTIONAL_RUNS);
	if (any_of(wanted, VRNG_IID_MEDIAN_RUNS, VRNG_IID_LONGEST_MEDIAN_RUN))
		median_runs(samples, set->len, set->median,
			    values + VRNG_IID_MEDIAN_RUNS);
	if (any_of(wanted, VRNG_IID_MEAN_COLLISION, VRNG_IID_LONGEST_COLLISION))
		collisions(numbers, len, values + VRNG_IID_MEAN_COLLISION);
	for (i = 0; i < LAGS; i++) {
		if (wanted & VRNG_IID_BIT(VRNG_IID_PERIODICITY + i))
			values[VRNG_IID_PERIODICITY + i] =
				periodicity(s, len, lags[i]);
		if (wanted & VRNG_IID_BIT(VRNG_IID_COVARIANCE + i))
			values[VRNG_IID_COVARIANCE + i] =
				covariance(s, len, lags[i]);
	}
	if (wanted & VRNG_IID_BIT(VRNG_IID_COMPRESSION))
		values[VRNG_IID_COMPRESSION] =
			(double)vrng_bzip2_length(&room->bzip2, samples);
}
