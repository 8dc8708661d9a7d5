/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engines' functions, for fips.c: see struct vrng_fips_engine. */
#ifndef RNGD_CHECKS_FIPS_ENGINES_H
#define RNGD_CHECKS_FIPS_ENGINES_H

#include "vrng/fips.h"

typedef void vrng_fips_measure(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			       struct vrng_fips_stats *stats);

vrng_fips_measure vrng_fips_measure_reference;
vrng_fips_measure vrng_fips_measure_portable;
/* Defined only where the build is for that architecture. */
vrng_fips_measure vrng_fips_measure_avx2;
vrng_fips_measure vrng_fips_measure_avx512;
vrng_fips_measure vrng_fips_measure_neon;

#endif
