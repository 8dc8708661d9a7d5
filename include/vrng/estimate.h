/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The min-entropy estimators of SP 800-90B, section 6.3 (January 2018), and the
 * assessment of section 3.1.3 that combines them.
 *
 * Samples have 1 to 8 bits. If they have more than two values, two strings are
 * assessed: the samples themselves, and their bits, most significant first. The
 * standard defines three of the estimators for bits only:
 *
 *				samples		bits
 *	6.3.1  most common	yes		yes
 *	6.3.2  collision	-		yes
 *	6.3.3  Markov		-		yes
 *	6.3.4  compression	-		yes
 *	6.3.5  t-tuple		yes		yes
 *	6.3.6  LRS		yes		yes
 *	6.3.7  MultiMCW		yes		yes
 *	6.3.8  lag		yes		yes
 *	6.3.9  MultiMMC		yes		yes
 *	6.3.10 LZ78Y		yes		yes
 *
 * The assessment is min(H_original, width x H_bitstring): H_original is the
 * lowest estimate over the samples, H_bitstring the lowest over the bits.
 * Samples of two values are assessed as bits, whatever their width: there is
 * one string only, and the assessment is H_original.
 *
 * How to read a report: the standard asks for 1,000,000 consecutive samples of
 * the raw noise source. Each estimate is the lower end of a 99 % confidence
 * interval, so fewer samples give lower estimates, and good data is never
 * assessed at its full 8 bits: 1,000,000 bytes of an ideal source get 7.0 to
 * 7.4. The estimators say nothing about data that was whitened, hashed or
 * encrypted: such data looks ideal whatever its source.
 *
 * The confidence bounds use Z = 2.5758293035489008, the 99.5 % quantile of the
 * normal distribution, which the standard prints rounded to 2.576. NIST's
 * program ea_non_iid uses the same value, and the results here agree with it.
 *
 * Uses floating point and allocates; no I/O. Several threads may call at once
 * for different results.
 */
#ifndef VRNG_ESTIMATE_H
#define VRNG_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Section 3.1.1: samples that the standard demands of a noise source. */
#define VRNG_ASSESS_SAMPLES 1000000u

/*
 * The most samples that can be assessed: the suffix array of their bits has
 * indices of 31 bits.
 */
#define VRNG_ASSESS_MAX ((size_t)1 << 27)

enum vrng_estimator {
	VRNG_EST_MCV,
	VRNG_EST_COLLISION,
	VRNG_EST_MARKOV,
	VRNG_EST_COMPRESSION,
	VRNG_EST_T_TUPLE,
	VRNG_EST_LRS,
	VRNG_EST_MULTI_MCW,
	VRNG_EST_LAG,
	VRNG_EST_MULTI_MMC,
	VRNG_EST_LZ78Y,
	VRNG_ESTIMATORS
};

/*
 * An intermediate result, under the standard's name for it in lower case
 * ("p_hat" for p with a hat). Counts are whole numbers below 2^53.
 */
struct vrng_figure {
	const char *name;
	double value;
};

#define VRNG_FIGURES 8

/*
 * An estimate. Its figures are, by estimator:
 *
 *	mcv		mode p_hat p_u
 *	collision	v x_bar sigma_hat x_bar_prime p
 *	markov		p_0 p_1 p_00 p_01 p_10 p_11 p_max
 *	compression	v x_bar sigma_hat x_bar_prime p
 *	t-tuple		t p_hat p_u
 *	lrs		u v p_hat p_u
 *	predictors	n c r p_global p_global_prime p_local
 */
struct vrng_estimate {
	bool done; /* false: not defined for such samples, or too_few */
	bool too_few; /* defined, but there are too few samples: no figure */
	double entropy; /* min-entropy, bits a sample: 0 to the width */
	unsigned int count; /* of figures */
	struct vrng_figure figures[VRNG_FIGURES];
};

struct vrng_assessment {
	size_t samples;
	unsigned int width; /* bits a sample: 1 to 8 */
	unsigned int symbols; /* different values among the samples */
	struct vrng_estimate original[VRNG_ESTIMATORS];
	/* Not done if there are no more than two symbols. */
	struct vrng_estimate bits[VRNG_ESTIMATORS];
	double h_original; /* bits a sample */
	double h_bitstring; /* bits a bit; 1 with no more than two symbols */
	double entropy; /* the assessment, bits a sample */
};

/*
 * Assess @count samples of @width bits, 1 to 8, one in each byte at @samples.
 * At most @threads threads work on it, the caller included; 0 stands for the
 * number of processors.
 *
 * Returns 0, or -EINVAL for another width, for no samples, for more than
 * VRNG_ASSESS_MAX and for a sample of more bits, or -ENOMEM. If threads cannot
 * be started, fewer do the work.
 *
 * Takes at most 32 bytes of memory for each bit of the string, 256 MB for 1,000,000
 * bytes. Good samples take about 10; those that repeat over their whole length most.
 */
int vrng_assess(const uint8_t *samples, size_t count, unsigned int width,
		unsigned int threads, struct vrng_assessment *result);

/* The same for the samples only, without their bits: H_original. */
int vrng_assess_samples(const uint8_t *samples, size_t count,
			unsigned int width, unsigned int threads,
			struct vrng_assessment *result);

/* The name in reports ("Most common value"), and in JSON ("mcv"). */
const char *vrng_estimator_name(enum vrng_estimator estimator);
const char *vrng_estimator_key(enum vrng_estimator estimator);

/* The section of the standard: "6.3.1" to "6.3.10". */
const char *vrng_estimator_section(enum vrng_estimator estimator);

/* The value of the figure @name, or NAN if the estimate has none. */
double vrng_estimate_figure(const struct vrng_estimate *estimate,
			    const char *name);

/*
 * Unpack @count bytes at @packed to samples of @width bits, 1 to 8, one in each
 * byte at @samples. The first bit of a byte, and of a sample, is the most
 * significant. Returns the number of samples, 8 * @count / @width; bits that
 * are left are ignored.
 */
size_t vrng_assess_unpack(const uint8_t *packed, size_t count,
			  unsigned int width, uint8_t *samples);

#endif
