// SPDX-License-Identifier: GPL-2.0-or-later
/* Self-tests with known answers: see selftest.h. */
#include <errno.h>
#include <gcrypt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/checks/conditioner.h"
#include "rngd/checks/selftest.h"
#include "vrng/fips.h"
#include "vrng/health.h"

/* The same bytes everywhere (xorshift64*). */
static void fill(uint8_t *bytes, size_t len, uint64_t state)
{
	size_t i;

	for (i = 0; i < len; i++) {
		state ^= state >> 12;
		state ^= state << 25;
		state ^= state >> 27;
		bytes[i] = (uint8_t)(state * 0x2545f4914f6cdd1dULL >> 56);
	}
}

/* ------------------------------------------------------------------ engines */

/* What the reference engine measured in fill(..., 1). */
static const struct vrng_fips_stats good_stats = {
	.ones = 9902,
	.poker = 1568996,
	.runs = { { 2565, 1213, 624, 306, 159, 174 },
		  { 2590, 1254, 594, 298, 154, 151 } },
	.longest = 16,
	.repeats = 0,
	.nibbles = { 302, 316, 305, 337, 338, 341, 305, 295, 321, 274, 346, 320,
		     315, 292, 307, 286 },
};

/* A good block, one with long runs, and one of zeros, which fails all tests. */
static bool engine_passes(const struct vrng_fips_engine *engine)
{
	uint8_t block[VRNG_FIPS_BLOCK_BYTES];
	struct vrng_fips_stats stats;

	fill(block, sizeof(block), 1);
	engine->measure(block, &stats);
	if (memcmp(&stats, &good_stats, sizeof(stats)) ||
	    vrng_fips_judge(&stats))
		return false;
	memset(block + 1000, 0xff, 100);
	engine->measure(block, &stats);
	if (!(vrng_fips_judge(&stats) & VRNG_FIPS_BIT(VRNG_FIPS_LONG)) ||
	    stats.longest < 800 || stats.longest > 830)
		return false;
	memset(block, 0, sizeof(block));
	engine->measure(block, &stats);
	return vrng_fips_judge(&stats) == (1u << VRNG_FIPS_TESTS) - 1 &&
	       stats.longest == VRNG_FIPS_BLOCK_BITS;
}

/* ------------------------------------------------------------- health tests */

#define STREAM 5120

static const struct vrng_health_limits limits = {
	.width = 8,
	.rct = VRNG_RCT_CUTOFF,
	.apt = VRNG_APT_CUTOFF,
	.window = VRNG_APT_WINDOW,
};

static size_t scan(const uint8_t *stream, enum vrng_health_test *failed)
{
	struct vrng_health health = { 0 };
	size_t at = vrng_health_scan(&health, &limits, stream, 0, STREAM);

	*failed = health.failed;
	return at;
}

/*
 * A good stream passes. One that repeats a byte 30 times does, too, and fails
 * with the 31st. One where a window has the value too often fails with the
 * 325th.
 */
static bool health_passes(void)
{
	enum vrng_health_test failed;
	uint8_t stream[STREAM];
	size_t i;

	fill(stream, sizeof(stream), 2);
	if (scan(stream, &failed) != STREAM)
		return false;
	memset(stream + 1000, stream[999] + 1, VRNG_RCT_CUTOFF);
	stream[1000 + VRNG_RCT_CUTOFF - 1]++;
	stream[1000 + VRNG_RCT_CUTOFF] = stream[999];
	if (scan(stream, &failed) != STREAM)
		return false;
	stream[1000 + VRNG_RCT_CUTOFF - 1]--;
	if (scan(stream, &failed) != 1000 + VRNG_RCT_CUTOFF - 1 ||
	    failed != VRNG_HEALTH_RCT)
		return false;
	/* Two of three are equal, from the start of the first window on. */
	for (i = 0; i < VRNG_APT_WINDOW; i++)
		stream[i] = i % 3 == 2 ? (uint8_t)(100 + i / 3) : 7;
	return scan(stream, &failed) == (VRNG_APT_CUTOFF - 1) / 2 * 3 &&
	       failed == VRNG_HEALTH_APT;
}

/* The constants of the driver are what the standard's formulas give. */
static bool cutoffs_pass(void)
{
	struct vrng_health_limits found;

	return !vrng_health_limits_find(&found, 8, 1, 30) &&
	       found.rct == VRNG_RCT_CUTOFF && found.apt == VRNG_APT_CUTOFF &&
	       found.window == VRNG_APT_WINDOW;
}

/* -------------------------------------------------------------- conditioner */

/* RFC 4231, test case 2. */
static bool hmac_passes(void)
{
	static const char key[] = "Jefe";
	static const char data[] = "what do ya want for nothing?";
	static const uint8_t want[32] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
	};
	uint8_t mac[32];
	size_t len = sizeof(mac);
	gcry_mac_hd_t hd;
	bool passed;

	if (gcry_mac_open(&hd, GCRY_MAC_HMAC_SHA256, 0, NULL))
		return false;
	passed = !gcry_mac_setkey(hd, key, sizeof(key) - 1) &&
		 !gcry_mac_write(hd, data, sizeof(data) - 1) &&
		 !gcry_mac_read(hd, mac, &len) && len == sizeof(mac) &&
		 !memcmp(mac, want, sizeof(want));
	gcry_mac_close(hd);
	return passed;
}

/* 3.1.5.1.2, as NIST's ea_conditioning computes it. */
static bool conditioning_passes(void)
{
	return fabs(vrng_conditioner_entropy(256, 256) - 251.689764568727) <
	       1e-6;
}

/* -------------------------------------------------------------------- tests */

static const struct {
	const char *name;
	bool (*passes)(void);
} others[] = {
	{ "health tests", health_passes },
	{ "cut-offs of health tests", cutoffs_pass },
	{ "HMAC-SHA-256", hmac_passes },
	{ "entropy of conditioned bytes", conditioning_passes },
};

static const char *engine_name(const char *name)
{
	static const char *const names[] = {
		"FIPS 140-2, avx512",	 "FIPS 140-2, avx2",
		"FIPS 140-2, neon",	 "FIPS 140-2, portable",
		"FIPS 140-2, reference",
	};
	size_t i;

	for (i = 0; i < VRNG_LENGTH(names); i++)
		if (!strcmp(names[i] + strlen("FIPS 140-2, "), name))
			return names[i];
	return name;
}

bool vrng_selftest_run(size_t n, struct vrng_selftest *result)
{
	const struct vrng_fips_engine *engine;
	size_t engines = 0;

	while ((engine = vrng_fips_engine(engines))) {
		if (engines++ != n)
			continue;
		result->name = engine_name(engine->name);
		result->usable = engine->usable();
		result->passed = result->usable && engine_passes(engine);
		return true;
	}
	n -= engines;
	if (n >= VRNG_LENGTH(others))
		return false;
	result->name = others[n].name;
	result->usable = true;
	result->passed = others[n].passes();
	return true;
}

int vrng_selftest_all(struct vrng_error *error)
{
	struct vrng_selftest result;
	size_t n;

	for (n = 0; vrng_selftest_run(n, &result); n++)
		if (result.usable && !result.passed)
			return vrng_fail(error, EIO,
					 "self-test of %s: wrong answer; this "
					 "machine or its libraries are broken",
					 result.name);
	return 0;
}
