// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * getrandom MEGABYTES: measures the rate of getrandom(2) in one thread that
 * does nothing else, in MB/s, with reads as large as rngd's.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "rngd/base/clock.h"

#define PIECE 20000

int main(int argc, char **argv)
{
	static uint8_t buf[PIECE];
	const uint64_t bytes =
		argc == 2 ? strtoull(argv[1], NULL, 10) * 1000000 : 0;
	uint64_t began = vrng_now(), done = 0;

	while (done < bytes) {
		ssize_t got = getrandom(buf, sizeof(buf), 0);

		if (got < 0)
			return 1;
		done += (uint64_t)got;
	}
	if (!bytes)
		return 64;
	printf("%.1f\n", (double)done * 1e3 / (double)(vrng_now() - began));
	return 0;
}
