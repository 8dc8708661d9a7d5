// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tests of FIPS 140-2: see include/vrng/fips.h. Engines measure a block,
 * and vrng_fips_judge() judges the statistics. So a new engine is correct if
 * its statistics equal the reference engine's.
 */
#include <string.h>
#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "rngd/base/array.h"
#include "rngd/checks/fips_engines.h"

struct range {
	uint32_t min;
	uint32_t max;
};

/* Change notice 1, 4.9.1. Both ends are allowed. */
static const struct range ones_allowed = { 9726, 10274 };
static const struct range poker_allowed = { 1563176, 1576928 };
static const struct range runs_allowed[VRNG_FIPS_RUN_LENGTHS] = {
	{ 2315, 2685 }, { 1114, 1386 }, { 527, 723 },
	{ 240, 384 },	{ 103, 209 },	{ 103, 209 },
};

static const char *const names[VRNG_FIPS_TESTS] = {
	[VRNG_FIPS_MONOBIT] = "Monobit",
	[VRNG_FIPS_POKER] = "Poker",
	[VRNG_FIPS_RUNS] = "Runs",
	[VRNG_FIPS_LONG] = "Long run",
	[VRNG_FIPS_CONTINUOUS] = "Continuous run",
};

const char *vrng_fips_test_name(enum vrng_fips_test test)
{
	return names[test];
}

/* ---------------------------------------------------------------- engines */

static bool always(void)
{
	return true;
}

/*
 * The checks stand here because the engines' own files contain instructions
 * that the processor may lack. __builtin_cpu_supports() also checks that the
 * system saves the registers.
 */
#if defined(__x86_64__)
static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512vpopcntdq");
}
#endif

#if defined(__aarch64__)
static bool has_neon(void)
{
	return getauxval(AT_HWCAP) & HWCAP_ASIMD;
}
#endif

static const struct vrng_fips_engine engines[] = {
#if defined(__x86_64__)
	{ "avx512", has_avx512, vrng_fips_measure_avx512 },
	{ "avx2", has_avx2, vrng_fips_measure_avx2 },
#endif
#if defined(__aarch64__)
	{ "neon", has_neon, vrng_fips_measure_neon },
#endif
	{ "portable", always, vrng_fips_measure_portable },
	{ "reference", always, vrng_fips_measure_reference },
};

const struct vrng_fips_engine *vrng_fips_engine(size_t n)
{
	return n < VRNG_LENGTH(engines) ? &engines[n] : NULL;
}

const struct vrng_fips_engine *vrng_fips_best_engine(void)
{
	const struct vrng_fips_engine *engine = engines;

	while (!engine->usable())
		engine++;
	return engine;
}

/* ---------------------------------------------------------------- streams */

void vrng_fips_init_with(struct vrng_fips *fips,
			 const uint8_t first[VRNG_FIPS_WORD_BYTES],
			 const struct vrng_fips_engine *engine)
{
	fips->engine = engine;
	memcpy(fips->last, first, sizeof(fips->last));
}

void vrng_fips_init(struct vrng_fips *fips,
		    const uint8_t first[VRNG_FIPS_WORD_BYTES])
{
	vrng_fips_init_with(fips, first, vrng_fips_best_engine());
}

static bool outside(uint32_t value, const struct range *allowed)
{
	return value < allowed->min || value > allowed->max;
}

static bool runs_fail(const struct vrng_fips_stats *stats)
{
	size_t i;

	for (i = 0; i < VRNG_FIPS_RUN_LENGTHS; i++)
		if (outside(stats->runs[0][i], &runs_allowed[i]) ||
		    outside(stats->runs[1][i], &runs_allowed[i]))
			return true;
	return false;
}

unsigned int vrng_fips_judge(const struct vrng_fips_stats *stats)
{
	unsigned int failed = 0;

	if (outside(stats->ones, &ones_allowed))
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_MONOBIT);
	if (outside(stats->poker, &poker_allowed))
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_POKER);
	if (runs_fail(stats))
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_RUNS);
	if (stats->longest >= VRNG_FIPS_LONG_RUN)
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_LONG);
	if (stats->repeats)
		failed |= VRNG_FIPS_BIT(VRNG_FIPS_CONTINUOUS);
	return failed;
}

unsigned int vrng_fips_check(struct vrng_fips *fips,
			     const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			     struct vrng_fips_result *result)
{
	struct vrng_fips_stats *stats = &result->stats;

	fips->engine->measure(block, stats);
	stats->repeats += !memcmp(block, fips->last, sizeof(fips->last));
	memcpy(fips->last, block + VRNG_FIPS_BLOCK_BYTES - sizeof(fips->last),
	       sizeof(fips->last));
	result->failed = vrng_fips_judge(stats);
	return result->failed;
}
