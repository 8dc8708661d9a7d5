/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The min-entropy estimators of SP 800-90B, section 6.3 (January 2018), and the
 * assessment that 3.1.3 makes of them.
 *
 * Samples are of 8 bits or of 1. Of 8-bit samples two things are assessed: the
 * samples as they are, and the string of their bits, most significant first,
 * for the standard defines three of the estimators on bits alone:
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
 * The assessment is min(H_original, 8 x H_bitstring): H_original is the lowest
 * estimate over the samples, H_bitstring the lowest over the bits. For 1-bit
 * samples there is but one string and H_original is the assessment.
 *
 * What a reader of a report has to know: the standard asks for 1,000,000
 * samples in a row from the raw noise source, for each bound is lowered by what
 * chance can do to it (99 % confidence). Fewer give lower estimates, and good
 * data is never assessed at its full 8 bits: 7.0 to 7.4 is what 1,000,000
 * bytes of an ideal source get, by whichever estimator was least lucky. The
 * estimators say nothing about data that was whitened, hashed or encrypted:
 * that looks ideal whatever it was made of.
 *
 * The confidence bounds use Z = 2.5758293035489008, the 99.5 % quantile of the
 * normal distribution that the standard prints rounded to 2.576; NIST's own
 * ea_non_iid does the same, and the figures here agree with it.
 *
 * Floating point, allocates, no I/O. Safe to call from several threads at once,
 * for different results.
 */
#ifndef VRNG_ESTIMATE_H
#define VRNG_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As many as the standard demands of a noise source (3.1.1). */
#define VRNG_ASSESS_SAMPLES 1000000u

/* The most that can be assessed: suffixes of bits are numbered in 31 bits. */
#define VRNG_ASSESS_MAX ((size_t)1 << 27)

/*
 * Bytes of memory that an assessment takes for each bit of the string, at most:
 * 256 MB for 1,000,000 bytes. Good samples take 10: it is those which repeat
 * over all their length that have the most to count.
 */
#define VRNG_ASSESS_BYTES_PER_BIT 32u

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
 * A step of the calculation, under the standard's name for it in lower case
 * ("p_hat" for p with a hat). Counts are whole and below 2^53.
 */
struct vrng_figure {
	const char *name;
	double value;
};

#define VRNG_FIGURES 8

/*
 *	mcv		mode p_hat p_u
 *	collision	v x_bar sigma_hat x_bar_prime p
 *	markov		p_0 p_1 p_00 p_01 p_10 p_11 p_max
 *	compression	v x_bar sigma_hat x_bar_prime p
 *	t-tuple		t p_hat p_u
 *	lrs		u v p_hat p_u
 *	predictors	n c r p_global p_global_prime p_local
 */
struct vrng_estimate {
	bool done; /* false: undefined on such samples, or they are too few */
	double entropy; /* min-entropy, bits a sample: 0 to its width */
	unsigned int count; /* of figures */
	struct vrng_figure figures[VRNG_FIGURES];
};

struct vrng_assessment {
	size_t samples;
	unsigned int width; /* bits a sample: 8 or 1 */
	unsigned int symbols; /* different values among the samples */
	struct vrng_estimate original[VRNG_ESTIMATORS];
	struct vrng_estimate bits[VRNG_ESTIMATORS]; /* none done if width is 1 */
	double h_original; /* bits a sample */
	double h_bitstring; /* bits a bit; 1 if width is 1 */
	double entropy; /* the assessment, bits a sample */
};

/*
 * Assess @count samples of @width 8 or 1 bits, each in a byte of its own at
 * @samples. At most @threads (0: as many as there are processors) work on it.
 *
 * Returns 0, -EINVAL for another width, for no samples, for more than
 * VRNG_ASSESS_MAX or for a 1-bit sample above 1, -ENOMEM or another negative
 * errno if memory or threads could not be had.
 */
int vrng_assess(const uint8_t *samples, size_t count, unsigned int width,
		unsigned int threads, struct vrng_assessment *result);

/* As reports name it: "Most common value", ..., or as JSON would: "mcv". */
const char *vrng_estimator_name(enum vrng_estimator estimator);
const char *vrng_estimator_key(enum vrng_estimator estimator);

/* Its section in the standard: "6.3.1" to "6.3.10". */
const char *vrng_estimator_section(enum vrng_estimator estimator);

/* The figure called @name, or NAN. */
double vrng_estimate_figure(const struct vrng_estimate *estimate,
			    const char *name);

/*
 * Make 8 @bits, each in a byte of its own, of each of @count bytes at @packed,
 * most significant first: a file of packed bits as 1-bit samples.
 */
void vrng_assess_unpack(const uint8_t *packed, size_t count, uint8_t *bits);

#endif
