// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 3.1.3: runs all estimators over the samples and over their bits
 * and takes the lowest estimate. Each run is a task; threads take the tasks one
 * by one, longest first.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/tester/estimate/repeats.h"

#define MAX_THREADS 16

typedef int estimate_fn(const struct vrng_samples *samples,
			struct vrng_estimate *estimates);

struct task {
	estimate_fn *run;
	enum vrng_estimator estimator;
	bool of_bits;
	size_t least; /* samples below which there is no estimate */
};

struct job {
	struct vrng_samples original;
	struct vrng_samples bits; /* empty if original is bits */
	bool no_bits; /* samples of more than two values: not their bits */
	struct vrng_assessment *result; /* each task writes its own estimates */
	atomic_size_t next; /* task to take */
	atomic_int status; /* 0, or the negative errno of the first failure */
};

/*
 * Makes both estimates that count repeats. @estimate is the t-tuple estimate of
 * an array by estimator.
 */
static int tuples(const struct vrng_samples *samples,
		  struct vrng_estimate *estimate)
{
	struct vrng_estimate *lrs =
		estimate + (VRNG_EST_LRS - VRNG_EST_T_TUPLE);
	struct vrng_repeats repeats;
	int ret;

	ret = vrng_repeats_find(&repeats, samples->s, samples->len);
	if (!ret) {
		vrng_estimate_t_tuple(&repeats, VRNG_TUPLE_CUTOFF, estimate);
		vrng_estimate_lrs(&repeats, VRNG_TUPLE_CUTOFF, lrs);
	}
	vrng_repeats_free(&repeats);
	return ret;
}

/*
 * The least of MultiMCW is its longest window and a sample; NIST's program
 * refuses the same. Compression, t-tuple and LRS find out themselves.
 */
static const struct task tasks[] = {
	{ tuples, VRNG_EST_T_TUPLE, true, 2 },
	{ vrng_estimate_lz78y, VRNG_EST_LZ78Y, true, 18 },
	{ vrng_estimate_multi_mmc, VRNG_EST_MULTI_MMC, true, 3 },
	{ vrng_estimate_multi_mmc, VRNG_EST_MULTI_MMC, false, 3 },
	{ vrng_estimate_lz78y, VRNG_EST_LZ78Y, false, 18 },
	{ vrng_estimate_lag, VRNG_EST_LAG, true, 2 },
	{ vrng_estimate_multi_mcw, VRNG_EST_MULTI_MCW, true, 4096 },
	{ tuples, VRNG_EST_T_TUPLE, false, 2 },
	{ vrng_estimate_lag, VRNG_EST_LAG, false, 2 },
	{ vrng_estimate_multi_mcw, VRNG_EST_MULTI_MCW, false, 4096 },
	{ vrng_estimate_compression, VRNG_EST_COMPRESSION, true, 2 },
	{ vrng_estimate_collision, VRNG_EST_COLLISION, true, 2 },
	{ vrng_estimate_markov, VRNG_EST_MARKOV, true, 2 },
	{ vrng_estimate_mcv, VRNG_EST_MCV, true, 2 },
	{ vrng_estimate_mcv, VRNG_EST_MCV, false, 2 },
};

#define TASKS VRNG_LENGTH(tasks)

/* Run @task. The estimates that it leaves undone had too few samples. */
static int run_on(const struct task *task, const struct vrng_samples *samples,
		  struct vrng_estimate *estimates)
{
	struct vrng_estimate *estimate = estimates + task->estimator;
	int ret = 0;

	if (samples->len >= task->least)
		ret = task->run(samples, estimate);
	estimate->too_few = !estimate->done;
	if (task->run == tuples)
		estimates[VRNG_EST_LRS].too_few = !estimates[VRNG_EST_LRS].done;
	return ret;
}

/* Bits are their own bit string: all estimates are "original". */
static int run_task(struct job *job, const struct task *task)
{
	struct vrng_assessment *result = job->result;

	if (!task->of_bits && job->original.width == 1)
		return 0;
	if (task->of_bits && job->no_bits && job->original.width != 1)
		return 0;
	if (!task->of_bits || job->original.width == 1)
		return run_on(task, &job->original, result->original);
	return run_on(task, &job->bits, result->bits);
}

static void *work(void *arg)
{
	struct job *job = arg;
	int ret, none = 0;
	size_t n;

	while ((n = atomic_fetch_add(&job->next, 1)) < TASKS) {
		ret = run_task(job, &tasks[n]);
		if (ret)
			atomic_compare_exchange_strong(&job->status, &none,
						       ret);
	}
	return NULL;
}

/* The caller is one of the threads. If others cannot be started, fewer work. */
static int run_all(struct job *job, unsigned int threads)
{
	pthread_t helpers[MAX_THREADS];
	unsigned int n = 0;

	while (n + 1 < threads && n < MAX_THREADS &&
	       pthread_create(&helpers[n], NULL, work, job) == 0)
		n++;
	work(job);
	while (n)
		pthread_join(helpers[--n], NULL);
	return atomic_load(&job->status);
}

static unsigned int count_symbols(const uint8_t *samples, size_t count)
{
	bool seen[256] = { false };
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		n += !seen[samples[i]];
		seen[samples[i]] = true;
	}
	return n;
}

static double lowest(const struct vrng_estimate *estimates, double most)
{
	unsigned int i;

	for (i = 0; i < VRNG_ESTIMATORS; i++)
		if (estimates[i].done)
			most = fmin(most, estimates[i].entropy);
	return most;
}

static unsigned int processors(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 && n < MAX_THREADS ? (unsigned int)n : 1;
}

size_t vrng_assess_unpack(const uint8_t *packed, size_t count,
			  unsigned int width, uint8_t *samples)
{
	const size_t n = count * 8 / width;
	unsigned int have = 0; /* bits of bits that are not yet used */
	uint32_t bits = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (have < width) {
			bits = bits << 8 | *packed++;
			have += 8;
		}
		have -= width;
		samples[i] = (uint8_t)(bits >> have & ((1u << width) - 1));
	}
	return n;
}

static bool valid(const uint8_t *samples, size_t count, unsigned int width)
{
	size_t i;

	if (!count || count > VRNG_ASSESS_MAX || !width || width > 8)
		return false;
	for (i = 0; i < count; i++)
		if (samples[i] >> width)
			return false;
	return true;
}

/* The bits of samples, or 0 and 1 for samples of at most two values. */
static uint8_t *make_bits(const struct vrng_samples *samples, size_t *len)
{
	const unsigned int width = samples->width;
	uint8_t least = 255, *bits;
	unsigned int bit;
	size_t i;

	*len = samples->symbols > 2 ? samples->len * width : samples->len;
	bits = malloc(*len);
	if (!bits)
		return NULL;
	for (i = 0; i < samples->len; i++)
		least = samples->s[i] < least ? samples->s[i] : least;
	for (i = 0; samples->symbols <= 2 && i < samples->len; i++)
		bits[i] = samples->s[i] != least;
	for (i = 0; samples->symbols > 2 && i < samples->len; i++)
		for (bit = 0; bit < width; bit++)
			bits[i * width + bit] =
				samples->s[i] >> (width - 1 - bit) & 1;
	return bits;
}

/* The samples as job.original and, if they are more than bits, job.bits. */
static int assess(struct job *job, unsigned int threads)
{
	struct vrng_samples *original = &job->original;
	uint8_t *bits;
	size_t len;
	int ret;

	if (!original->len || original->width == 1 ||
	    (job->no_bits && original->symbols > 2))
		return run_all(job, threads);
	bits = make_bits(original, &len);
	if (!bits)
		return -ENOMEM;
	job->bits = (struct vrng_samples){ bits, len, 1, 2 };
	if (original->symbols <= 2) {
		job->bits.symbols = original->symbols;
		*original = job->bits;
	}
	ret = run_all(job, threads);
	explicit_bzero(bits, len);
	free(bits);
	return ret;
}

static int assess_all(const uint8_t *samples, size_t count, unsigned int width,
		      unsigned int threads, bool no_bits,
		      struct vrng_assessment *result)
{
	struct job job = { .result = result, .no_bits = no_bits };
	int ret;

	if (!valid(samples, count, width))
		return -EINVAL;
	*result = (struct vrng_assessment){ .samples = count, .width = width };
	result->symbols = count_symbols(samples, count);
	job.original =
		(struct vrng_samples){ samples, count, width, result->symbols };
	ret = assess(&job, threads ? threads : processors());
	result->h_original = lowest(result->original, width);
	result->h_bitstring = lowest(result->bits, 1);
	result->entropy = fmin(result->h_original, width * result->h_bitstring);
	return ret;
}

int vrng_assess(const uint8_t *samples, size_t count, unsigned int width,
		unsigned int threads, struct vrng_assessment *result)
{
	return assess_all(samples, count, width, threads, false, result);
}

int vrng_assess_samples(const uint8_t *samples, size_t count,
			unsigned int width, unsigned int threads,
			struct vrng_assessment *result)
{
	return assess_all(samples, count, width, threads, true, result);
}
