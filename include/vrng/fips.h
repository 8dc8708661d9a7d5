/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistical random number generator tests of FIPS 140-2 (section 4.9 as
 * of change notice 1, 2001-10-10) on blocks of 20,000 bits. Bits are taken from
 * each byte most significant first.
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
 * A run is counted within its block: a run that crosses the end of a block
 * counts in each of the two blocks with the length that it has there. Only the
 * continuous test carries a state from block to block: the last word.
 *
 * On good data about one block in 1,257 fails. One failure says nothing about
 * a source; the rate of failures does.
 *
 * An engine measures the statistics of a block. The reference engine reads bit
 * by bit, as the standard words the tests. The others are faster, need certain
 * processors, and measure the same. vrng_fips_init() chooses the fastest.
 *
 * Pure: no I/O, no allocation, no errors. A state is used by one thread at a
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
#define VRNG_FIPS_LONG_RUN    26 /* bits; such a run fails */

enum vrng_fips_test {
	VRNG_FIPS_MONOBIT,
	VRNG_FIPS_POKER,
	VRNG_FIPS_RUNS,
	VRNG_FIPS_LONG,
	VRNG_FIPS_CONTINUOUS,
	VRNG_FIPS_TESTS
};

#define VRNG_FIPS_BIT(test) (1u << (test))

/* What an engine measures in a block. The verdicts follow from this alone. */
struct vrng_fips_stats {
	uint32_t ones; /* 0 to 20,000 */
	uint32_t poker; /* sum of f(i)^2: 1,562,500 to 25,000,000 */
	uint32_t runs[2][VRNG_FIPS_RUN_LENGTHS]; /* [bit][length - 1] */
	uint32_t longest; /* bits in the longest run: 1 to 20,000 */
	uint32_t repeats; /* words equal to the one before: 0 to 625 */
	uint32_t nibbles[VRNG_FIPS_NIBBLES]; /* f(i): 5,000 in all */
};

struct vrng_fips_result {
	unsigned int failed; /* VRNG_FIPS_BIT() of each failed test, or 0 */
	struct vrng_fips_stats stats;
};

/*
 * A way to measure a block. @measure fills all of @stats; repeats are counted
 * within the block only. @measure must not be called unless @usable returns
 * true: the processor may lack the instructions.
 */
struct vrng_fips_engine {
	const char *name; /* "reference", "portable", "avx2", "avx512", "neon" */
	bool (*usable)(void);
	void (*measure)(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			struct vrng_fips_stats *stats);
};

/*
 * Engine @n of this architecture, from 0, fastest first; NULL after the last.
 * Engines are static.
 */
const struct vrng_fips_engine *vrng_fips_engine(size_t n);

/* The fastest usable engine; there always is one. */
const struct vrng_fips_engine *vrng_fips_best_engine(void);

/* The state of a stream. */
struct vrng_fips {
	const struct vrng_fips_engine *engine;
	uint8_t last[VRNG_FIPS_WORD_BYTES]; /* in the stream's byte order */
};

/*
 * Begin a stream whose first word is @first. As section 4.9.2 demands, that
 * word is only compared with and not used: it belongs to no block, and the
 * caller's first block begins after it. (rng-tools does the same.)
 */
void vrng_fips_init(struct vrng_fips *fips,
		    const uint8_t first[VRNG_FIPS_WORD_BYTES]);

/* The same with a given engine, which must be usable. */
void vrng_fips_init_with(struct vrng_fips *fips,
			 const uint8_t first[VRNG_FIPS_WORD_BYTES],
			 const struct vrng_fips_engine *engine);

/*
 * Run all tests on the next block of the stream and fill @result. Returns
 * @result->failed. The state advances in the same way whether or not the block
 * fails.
 */
unsigned int vrng_fips_check(struct vrng_fips *fips,
			     const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			     struct vrng_fips_result *result);

/* Judge @stats. Returns VRNG_FIPS_BIT() of each failed test, or 0. */
unsigned int vrng_fips_judge(const struct vrng_fips_stats *stats);

/* The name in reports: "Monobit", "Poker", "Runs", "Long run", ... */
const char *vrng_fips_test_name(enum vrng_fips_test test);

#endif
