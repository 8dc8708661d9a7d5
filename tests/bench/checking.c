// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checking BLOCKS [repeats]: measures how long both of rngd's tests of a block
 * take, or, with a second argument, the search for blocks that have come before.
 * Prints ns a block, as the median over batches of 8 blocks. As in rngd, a
 * batch comes from getrandom(2) just before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "rngd/base/clock.h"
#include "rngd/base/crypto.h"
#include "rngd/checks/recent.h"
#include "vrng/fips.h"
#include "vrng/health.h"

#define BATCH 8

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double check(struct vrng_health *health, struct vrng_fips *fips,
		    const uint8_t *blocks)
{
	const uint64_t began = vrng_now();
	struct vrng_fips_result result;
	unsigned int failed = 0;
	size_t i;

	for (i = 0; i < BATCH; i++, blocks += VRNG_FIPS_BLOCK_BYTES) {
		failed += !vrng_health_pass(health, blocks,
					    VRNG_FIPS_BLOCK_BYTES);
		failed += vrng_fips_check(fips, blocks, &result) != 0;
	}
	if (failed > BATCH)
		fprintf(stderr, "checking: these bytes are not random\n");
	return (double)(vrng_now() - began) / BATCH;
}

static double search(struct vrng_recent *recent, const uint8_t *blocks)
{
	const size_t window = vrng_recent_window(VRNG_FIPS_BLOCK_BYTES, 8000);
	const uint64_t began = vrng_now();
	unsigned int seen = 0;
	size_t i;

	for (i = 0; i < BATCH; i++, blocks += VRNG_FIPS_BLOCK_BYTES)
		seen += vrng_recent_seen(recent, blocks, VRNG_FIPS_BLOCK_BYTES,
					 window);
	if (seen)
		fprintf(stderr, "checking: these bytes are not random\n");
	return (double)(vrng_now() - began) / BATCH;
}

int main(int argc, char **argv)
{
	static uint8_t blocks[BATCH * VRNG_FIPS_BLOCK_BYTES];
	const size_t batches =
		argc == 2 || argc == 3 ? strtoul(argv[1], NULL, 10) / BATCH : 0;
	double *ns = calloc(batches + 1, sizeof(*ns));
	struct vrng_health health = { 0 };
	struct vrng_recent *recent = NULL;
	struct vrng_fips fips;
	size_t n;

	if (!ns || !batches || vrng_crypto_init(NULL) ||
	    vrng_recent_make(&recent, NULL, NULL, NULL)) {
		fprintf(stderr, "usage: checking BLOCKS [repeats], 8 at "
				"least\n");
		vrng_recent_free(recent);
		free(ns);
		return 64;
	}
	vrng_fips_init(&fips, blocks);
	for (n = 0; n < batches; n++) {
		if (getrandom(blocks, sizeof(blocks), 0) !=
		    (ssize_t)sizeof(blocks))
			break;
		ns[n] = argc == 3 ? search(recent, blocks) :
				    check(&health, &fips, blocks);
	}
	qsort(ns, batches, sizeof(*ns), compare);
	printf("%.1f\n", ns[batches / 2]);
	vrng_recent_free(recent);
	free(ns);
	return n < batches;
}
