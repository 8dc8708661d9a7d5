// SPDX-License-Identifier: GPL-2.0-or-later
/* The chi-square tests: see chi_square.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/chi_square.h"

#define VALUES	256
#define PARTS	10 /* of the goodness of fit */
#define EXPECT	5.0 /* the least expectation of a bin */
#define SUCCESS 0.001
#define TUPLE	11 /* the most bits of a tuple */

/* ----------------------------------------------------- the distribution */

#define STEPS 100000 /* more than any number of degrees here takes */

/* The lower incomplete gamma function over x^a e^-x / gamma(a), as a series. */
static double lower_series(double a, double x)
{
	double term = 1 / a, sum = term;
	unsigned int n;

	for (n = 1; n < STEPS && term > sum * 0x1p-56; n++) {
		term *= x / (a + n);
		sum += term;
	}
	return sum;
}

/* The upper one over the same, as a continued fraction (by Lentz). */
static double upper_fraction(double a, double x)
{
	double b = x + 1 - a, c = 1e300, d = 1 / b, h = d, change;
	unsigned int n;

	for (n = 1; n < STEPS; n++) {
		const double an = -(double)n * ((double)n - a);

		b += 2;
		d = an * d + b;
		d = fabs(d) < 1e-300 ? 1e300 : 1 / d;
		c = b + an / c;
		if (fabs(c) < 1e-300)
			c = 1e-300;
		change = c * d;
		h *= change;
		if (fabs(change - 1) < 0x1p-52)
			break;
	}
	return h;
}

double vrng_chi_square_tail(double score, double freedom)
{
	const double a = freedom / 2, x = score / 2;
	double factor;

	if (!(a > 0) || !(x > 0))
		return 1;
	factor = exp(a * log(x) - x - lgamma(a));
	return x < a + 1 ? 1 - factor * lower_series(a, x) :
			   factor * upper_fraction(a, x);
}

static void finish(struct vrng_chi_square *result, double score, double freedom)
{
	result->score = score;
	result->freedom = freedom > 0 ? (unsigned int)freedom : 0;
	result->probability = vrng_chi_square_tail(score, freedom);
	result->passed = result->freedom && result->probability >= SUCCESS;
}

/* -------------------------------------------------------------------- bins */

/* An outcome, and the bin that it is counted in. */
struct outcome {
	double expected;
	uint32_t number;
	uint32_t bin;
};

struct bins {
	uint32_t *of; /* by the number of an outcome */
	double *expected; /* by bin */
	uint32_t count; /* of bins */
};

static int compare(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	if (x->expected < y->expected || x->expected > y->expected)
		return x->expected < y->expected ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/*
 * Fill bins with outcomes, the least expected first, until each expects five or
 * more. What is left at the end joins the last bin.
 */
static void fill_bins(struct bins *bins, struct outcome *outcomes, size_t count)
{
	double expected = 0;
	size_t i;

	qsort(outcomes, count, sizeof(*outcomes), compare);
	bins->count = 0;
	for (i = 0; i < count; i++) {
		if (expected >= EXPECT) {
			bins->expected[bins->count++] = expected;
			expected = 0;
		}
		outcomes[i].bin = bins->count;
		expected += outcomes[i].expected;
	}
	if (bins->count && expected < EXPECT)
		bins->expected[bins->count - 1] += expected;
	else
		bins->expected[bins->count++] = expected;
	for (i = 0; i < count; i++)
		bins->of[outcomes[i].number] = outcomes[i].bin < bins->count ?
						       outcomes[i].bin :
						       bins->count - 1;
}

static int bins_init(struct bins *bins, size_t numbers)
{
	bins->of = calloc(numbers, sizeof(*bins->of));
	bins->expected = calloc(numbers, sizeof(*bins->expected));
	return bins->of && bins->expected ? 0 : -ENOMEM;
}

static void bins_free(struct bins *bins)
{
	free(bins->of);
	free(bins->expected);
}

static double score_of(const struct bins *bins, const uint64_t *observed)
{
	double score = 0, away;
	uint32_t i;

	for (i = 0; i < bins->count; i++) {
		away = (double)observed[i] - bins->expected[i];
		score += away * away / bins->expected[i];
	}
	return score;
}

static unsigned int count_values(const uint8_t *samples, size_t len,
				 size_t counts[VALUES])
{
	unsigned int symbols = 0, i;
	size_t n;

	memset(counts, 0, VALUES * sizeof(*counts));
	for (n = 0; n < len; n++)
		counts[samples[n]]++;
	for (i = 0; i < VALUES; i++)
		symbols += counts[i] != 0;
	return symbols;
}

/*
 * The share of each value, added up sample by sample as NIST's program does: its
 * rounding decides the order of outcomes that are equally likely in theory, and
 * so the bins.
 */
static void find_shares(const size_t counts[VALUES], size_t len,
			double shares[VALUES])
{
	const double one = 1 / (double)len;
	size_t n;
	int i;

	for (i = 0; i < VALUES; i++) {
		shares[i] = 0;
		for (n = 0; n < counts[i]; n++)
			shares[i] += one;
	}
}

/* ------------------------------------------------------------ independence */

/* The pairs of values that occur, in the order of their numbers. */
static size_t list_pairs(const double shares[VALUES], size_t len,
			 struct outcome *outcomes)
{
	const double pairs = floor((double)len / 2);
	size_t found = 0;
	uint32_t i, j;

	for (i = 0; i < VALUES; i++)
		for (j = 0; j < VALUES; j++) {
			if (!(shares[i] > 0) || !(shares[j] > 0))
				continue;
			outcomes[found].number = i * VALUES + j;
			outcomes[found++].expected =
				shares[i] * shares[j] * pairs;
		}
	return found;
}

/* 5.2.1 */
static int pairs_independence(const uint8_t *samples, size_t len,
			      struct vrng_chi_square *result)
{
	struct outcome *outcomes =
		calloc((size_t)VALUES * VALUES, sizeof(*outcomes));
	uint64_t *observed = calloc((size_t)VALUES * VALUES, sizeof(*observed));
	struct bins bins = { NULL, NULL, 0 };
	size_t counts[VALUES], i;
	unsigned int symbols = count_values(samples, len, counts);
	int ret = bins_init(&bins, (size_t)VALUES * VALUES);
	double shares[VALUES];

	find_shares(counts, len, shares);
	if (!outcomes || !observed)
		ret = -ENOMEM;
	if (!ret) {
		fill_bins(&bins, outcomes, list_pairs(shares, len, outcomes));
		for (i = 0; i + 1 < len; i += 2)
			observed[bins.of[samples[i] * VALUES + samples[i + 1]]]++;
		finish(result, score_of(&bins, observed),
		       (double)bins.count - symbols);
	}
	free(outcomes);
	free(observed);
	bins_free(&bins);
	return ret;
}

/* The most bits of a tuple whose rarest value is expected five times; or 1. */
static unsigned int tuple_bits(double rare, size_t len)
{
	unsigned int m = TUPLE;
	size_t tuples = len / m;

	while (m > 1 && pow(rare, m) * (double)tuples < EXPECT)
		tuples = len / --m;
	return m;
}

/* 5.2.3 */
static void tuples_independence(const uint8_t *bits, size_t len,
				struct vrng_chi_square *result)
{
	uint64_t observed[1u << TUPLE] = { 0 };
	size_t counts[VALUES], tuples, i;
	double p, score = 0, expected, away;
	unsigned int m, tuple, bit, ones;

	count_values(bits, len, counts);
	p = (double)counts[1] / (double)len;
	m = tuple_bits(fmin(p, 1 - p), len);
	if (m < 2) {
		finish(result, 0, 0);
		return;
	}
	tuples = len / m;
	for (i = 0; i < tuples; i++) {
		tuple = 0;
		for (bit = 0; bit < m; bit++)
			tuple = tuple << 1 | bits[i * m + bit];
		observed[tuple]++;
	}
	for (tuple = 0; tuple < 1u << m; tuple++) {
		ones = (unsigned int)__builtin_popcount(tuple);
		expected = pow(p, ones) * pow(1 - p, m - ones) * (double)tuples;
		away = (double)observed[tuple] - expected;
		score += away * away / expected;
	}
	finish(result, score, (double)(1u << m) - 2);
}

int vrng_chi_square_independence(const uint8_t *samples, size_t len, bool bits,
				 struct vrng_chi_square *result)
{
	if (!bits)
		return pairs_independence(samples, len, result);
	tuples_independence(samples, len, result);
	return 0;
}

/* --------------------------------------------------------- goodness of fit */

/* 5.2.2 */
static int values_fit(const uint8_t *samples, size_t len,
		      struct vrng_chi_square *result)
{
	struct outcome outcomes[VALUES];
	uint64_t observed[VALUES];
	struct bins bins = { NULL, NULL, 0 };
	size_t counts[VALUES], found = 0, part = len / PARTS, i, n;
	int ret = bins_init(&bins, VALUES);
	double shares[VALUES], score = 0;

	count_values(samples, len, counts);
	find_shares(counts, len, shares);
	for (i = 0; i < VALUES; i++) {
		if (!counts[i])
			continue;
		outcomes[found].number = (uint32_t)i;
		outcomes[found++].expected = shares[i] * (double)part;
	}
	if (!ret) {
		fill_bins(&bins, outcomes, found);
		for (n = 0; n < PARTS && part; n++) {
			memset(observed, 0, sizeof(observed));
			for (i = 0; i < part; i++)
				observed[bins.of[samples[n * part + i]]]++;
			score += score_of(&bins, observed);
		}
		finish(result, score, (PARTS - 1) * ((double)bins.count - 1));
	}
	bins_free(&bins);
	return ret;
}

/* 5.2.4 */
static void bits_fit(const uint8_t *bits, size_t len,
		     struct vrng_chi_square *result)
{
	const size_t part = len / PARTS;
	size_t counts[VALUES], ones, i, n;
	double p, score = 0, away;

	count_values(bits, len, counts);
	p = (double)counts[1] / (double)len;
	if (!part || !counts[0] || !counts[1]) {
		finish(result, 0, 0);
		return;
	}
	for (n = 0; n < PARTS; n++) {
		ones = 0;
		for (i = 0; i < part; i++)
			ones += bits[n * part + i];
		away = (double)ones - p * (double)part;
		score += away * away / (p * (double)part) +
			 away * away / ((1 - p) * (double)part);
	}
	finish(result, score, PARTS - 1);
}

int vrng_chi_square_fit(const uint8_t *samples, size_t len, bool bits,
			struct vrng_chi_square *result)
{
	if (!bits)
		return values_fit(samples, len, result);
	bits_fit(samples, len, result);
	return 0;
}
