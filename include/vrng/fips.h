/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistical tests of FIPS 140-2 (change notice 1, 2001-10-10) on blocks
 * of 20,000 bits, taken from each byte most significant bit first.
 *
 *	monobit (4.9.1)		9,725 < ones < 10,275
 *	poker (4.9.1)		f(i) counts the 4-bit values of 5,000 nibbles:
 *				1,563,176 <= sum f(i)^2 <= 1,576,928; that is
 *				2.16 < 16/5000 * sum - 5000 < 46.17
 *	runs (4.9.1)		runs of zeros and runs of ones, of each length:
 *				1: 2,315-2,685	2: 1,114-1,386	3: 527-723
 *				4: 240-384	5: 103-209	6+: 103-209
 *	long run (4.9.1)	no run of 26 or more of either value
 *	continuous (4.9.2)	no two consecutive 32-bit words are equal, also
 *				across blocks
 *
 * A run is counted within its block: one that the block's end cuts counts with
 * the length it has there. The tests are of a block on its own, save the
 * continuous one, whose last word is the state that is carried on.
 *
 * On good data about one block in 1,350 fails. One failure says nothing about
 * a source; the rate does.
 *
 * What is measured is the same whichever engine measures it: one that reads bit
 * by bit, to be held against the standard, and faster ones for the processors
 * that have what they need. vrng_fips_init() takes the fastest.
 *
 * Pure: no I/O, no allocation, no errors. One state is used by one thread at a
 * time; any number of states may be in use at once.
 */
#ifndef VRNG_FIPS_H
#define VRNG_FIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRNG_FIPS_BLOCK_BITS  20000
#define VRNG_FIPS_BLOCK_BYTES (VRNG_FIPS_BLOCK_BITS / 8)
#define VRNG_FIPS_WORD_BYTES  4

#define VRNG_FIPS_NIBBLES     16 /* values of a 4-bit piece */
#define VRNG_FIPS_RUN_LENGTHS 6 /* 1 to 5, and 6 or more */
#define VRNG_FIPS_LONG_RUN    26

enum vrng_fips_test {
	VRNG_FIPS_MONOBIT,
	VRNG_FIPS_POKER,
	VRNG_FIPS_RUNS,
	VRNG_FIPS_LONG,
	VRNG_FIPS_CONTINUOUS,
	VRNG_FIPS_TESTS
};

#define VRNG_FIPS_BIT(test) (1u << (test))

/* What was measured in a block. The verdicts follow from this alone. */
struct vrng_fips_stats {
	uint32_t ones; /* 0 to 20,000 */
	uint32_t poker; /* sum of f(i)^2: 1,562,500 to 25,000,000 */
	uint32_t runs[2][VRNG_FIPS_RUN_LENGTHS]; /* [bit][length - 1] */
	uint32_t longest; /* bits in the longest run: 1 to 20,000 */
	uint32_t repeats; /* words equal to the one before: 0 to 625 */
	uint32_t nibbles[VRNG_FIPS_NIBBLES]; /* f(i): 5,000 in all */
};

struct vrng_fips_result {
	unsigned int failed; /* VRNG_FIPS_BIT() of each test; 0: passed */
	struct vrng_fips_stats stats;
};

/*
 * A way to measure a block. @measure fills all of @stats; its repeats are those
 * within the block. Call it only where @usable says that this processor has
 * what it needs.
 */
struct vrng_fips_engine {
	const char *name; /* "reference", "portable", "avx2", "avx512", "neon" */
	bool (*usable)(void);
	void (*measure)(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			struct vrng_fips_stats *stats);
};

/* Those of this architecture, fastest first; NULL after the last. */
const struct vrng_fips_engine *vrng_fips_engine(size_t n);

/* The fastest that is usable; there always is one. */
const struct vrng_fips_engine *vrng_fips_best_engine(void);

/* Of a stream. */
struct vrng_fips {
	const struct vrng_fips_engine *engine;
	uint8_t last[VRNG_FIPS_WORD_BYTES]; /* in the stream's byte order */
};

/*
 * Begin a stream whose first word is @first. As 4.9.2 demands, that word is
 * there to be compared with and is not used: it belongs to no block, and the
 * caller passes on what follows it. (rng-tools does the same.)
 */
void vrng_fips_init(struct vrng_fips *fips,
		    const uint8_t first[VRNG_FIPS_WORD_BYTES]);

/* The same with an engine to choose, which must be usable. */
void vrng_fips_init_with(struct vrng_fips *fips,
			 const uint8_t first[VRNG_FIPS_WORD_BYTES],
			 const struct vrng_fips_engine *engine);

/*
 * Run all tests on the next block of the stream, fill @result and return its
 * @failed. A failed block leaves the state as a good one does.
 */
unsigned int vrng_fips_check(struct vrng_fips *fips,
			     const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			     struct vrng_fips_result *result);

/* The verdicts on @stats, as VRNG_FIPS_BIT() of each failed test. */
unsigned int vrng_fips_judge(const struct vrng_fips_stats *stats);

/* As reports name it: "Monobit", "Poker", "Runs", "Long run", ... */
const char *vrng_fips_test_name(enum vrng_fips_test test);

#endif
