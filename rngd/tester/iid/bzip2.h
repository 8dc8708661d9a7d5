/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The length of samples, as decimal numbers, after bzip2 (SP 800-90B, 5.1.11).
 * Only this length is wanted, and the text has eleven characters in words: so it
 * is computed some times faster than libbz2 compresses. Where that does not work,
 * libbz2 compresses the text. The length is the same.
 */
#ifndef RNGD_TESTER_IID_BZIP2_H
#define RNGD_TESTER_IID_BZIP2_H

#include "rngd/tester/iid/coding.h"
#include "rngd/tester/iid/rotations.h"
#include "rngd/tester/iid/words.h"

/* The blocks of NIST's program, by 100 kB; the standard does not say. */
#define VRNG_BZIP2_LEVEL 5

struct vrng_bzip2 {
	unsigned int level;
	struct vrng_words words;
	size_t samples;
	struct vrng_rotations rotations;
	struct vrng_coding coding;
	uint8_t *column;
	/* What libbz2 works on: */
	char *text;
	char *packed;
	unsigned int packed_room;
};

/*
 * For @samples samples, 1 or more, in blocks of @level (1 to 9) times 100 kB. @seen
 * and @values are as in words.h. 0 or -ENOMEM; the caller frees in either case.
 */
int vrng_bzip2_init(struct vrng_bzip2 *bzip2, unsigned int level,
		    size_t samples, const bool seen[256],
		    const uint8_t values[256]);
void vrng_bzip2_free(struct vrng_bzip2 *bzip2);

size_t vrng_bzip2_length(struct vrng_bzip2 *bzip2, const uint8_t *samples);

/*
 * The two ways. The first returns 0 if it does not work: samples are few, or too
 * much alike.
 */
size_t vrng_bzip2_compute(struct vrng_bzip2 *bzip2, const uint8_t *samples);
size_t vrng_bzip2_compress(struct vrng_bzip2 *bzip2, const uint8_t *samples);

#endif
