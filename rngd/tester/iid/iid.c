// SPDX-License-Identifier: GPL-2.0-or-later
/* The IID track: see iid.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/tester/estimate/estimator.h"
#include "rngd/tester/estimate/repeats.h"
#include "rngd/tester/iid/iid.h"

#define SUCCESS 0.001

/* Samples, or 0 and 1 where they have only two values. */
struct plain {
	uint8_t *s;
	struct vrng_iid_set set;
};

static double min_entropy(double p, double n)
{
	p = vrng_upper_bound(p, n);
	return p < 1 ? -log2(p) : 0;
}

/* Section 6.3.1, over the samples and over their bits. */
static void find_entropy(const uint8_t *samples, const size_t counts[256],
			 struct vrng_iid *result)
{
	const double n = (double)result->samples;
	const double bits = n * result->width;
	size_t mode = 0, ones = 0, i;
	double p;

	for (i = 0; i < 256; i++)
		mode = counts[i] > mode ? counts[i] : mode;
	result->h_original = min_entropy((double)mode / n, n);
	result->h_bitstring = 1;
	if (result->symbols > 2) {
		for (i = 0; i < result->samples; i++)
			ones += (size_t)__builtin_popcount(samples[i]);
		p = (double)ones / bits;
		result->h_bitstring = min_entropy(fmax(p, 1 - p), bits);
	}
	result->entropy =
		fmin(result->h_original, result->width * result->h_bitstring);
}

static int make_plain(struct plain *plain, const uint8_t *samples,
		      const size_t counts[256], const struct vrng_iid *result)
{
	const bool bits = result->symbols <= 2;
	uint8_t values[2] = { 0, 0 };
	unsigned int found = 0, i;
	size_t n;

	plain->s = malloc(result->samples);
	if (!plain->s)
		return -ENOMEM;
	memcpy(plain->s, samples, result->samples);
	for (i = 0; bits && i < 256; i++)
		if (counts[i])
			values[found++] = (uint8_t)i;
	for (n = 0; bits && n < result->samples; n++)
		plain->s[n] = samples[n] == values[1];
	vrng_iid_set_init(&plain->set, plain->s, result->samples, bits);
	if (bits)
		memcpy(plain->set.values, values, sizeof(values));
	return 0;
}

/*
 * With p_col^w for the probability that two tuples of w samples are equal, and
 * N pairs of tuples, a repeat of length w has probability 1 - (1 - p_col^w)^N.
 */
static int find_repeat(const uint8_t *samples, const size_t counts[256],
		       size_t len, struct vrng_iid_repeat *repeat)
{
	struct vrng_repeats repeats;
	double p, n, w;
	int ret, i;

	for (i = 0; i < 256; i++) {
		p = (double)counts[i] / (double)len;
		repeat->p_col += p * p;
	}
	ret = vrng_repeats_find(&repeats, samples, len);
	if (!ret) {
		repeat->length = repeats.longest;
		w = (double)repeats.longest;
		n = (double)len - w + 1;
		p = exp(w * log(repeat->p_col));
		repeat->probability =
			p < 1 ? -expm1(n * (n - 1) / 2 * log1p(-p)) : 1;
		repeat->passed = repeat->probability >= SUCCESS;
	}
	vrng_repeats_free(&repeats);
	return ret;
}

static int check(const uint8_t *samples, size_t count, unsigned int width,
		 size_t counts[256])
{
	size_t i;

	if (count < 2 || count > VRNG_ASSESS_MAX || !width || width > 8)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		if (samples[i] >> width)
			return -EINVAL;
		counts[samples[i]]++;
	}
	return 0;
}

/* A test that had too few samples has neither passed nor failed. */
static void judge(struct vrng_iid *result)
{
	const struct vrng_chi_square *const tests[] = { &result->independence,
							&result->fit };
	bool failed = !result->repeat.passed || !result->permutations.passed;
	size_t i;

	for (i = 0; i < VRNG_LENGTH(tests); i++) {
		if (!tests[i]->freedom)
			result->too_few++;
		else if (!tests[i]->passed)
			failed = true;
	}
	result->failed = failed;
	result->passed = !failed && !result->too_few;
}

static int run_tests(const struct plain *plain, const size_t counts[256],
		     unsigned int threads, const struct vrng_iid_watch *watch,
		     struct vrng_iid *result)
{
	const size_t len = result->samples;
	int ret;

	ret = vrng_chi_square_independence(plain->s, len, plain->set.bits,
					   &result->independence);
	if (!ret)
		ret = vrng_chi_square_fit(plain->s, len, plain->set.bits,
					  &result->fit);
	if (!ret)
		ret = find_repeat(plain->s, counts, len, &result->repeat);
	if (!ret)
		ret = vrng_permutations_run(&plain->set, plain->s, result->seed,
					    threads, watch,
					    &result->permutations);
	if (!ret)
		judge(result);
	return ret;
}

int vrng_iid_test(const uint8_t *samples, size_t count, unsigned int width,
		  uint64_t seed, unsigned int threads,
		  const struct vrng_iid_watch *watch, struct vrng_iid *result)
{
	struct plain plain = { .s = NULL };
	size_t counts[256] = { 0 };
	unsigned int i;
	int ret = check(samples, count, width, counts);

	if (ret)
		return ret;
	*result = (struct vrng_iid){
		.samples = count,
		.width = width,
		.seed = seed,
	};
	for (i = 0; i < 256; i++)
		result->symbols += counts[i] != 0;
	if (result->symbols < 2)
		return -EDOM;
	find_entropy(samples, counts, result);
	ret = make_plain(&plain, samples, counts, result);
	if (!ret)
		ret = run_tests(&plain, counts, threads, watch, result);
	if (plain.s)
		explicit_bzero(plain.s, count);
	free(plain.s);
	return ret;
}
