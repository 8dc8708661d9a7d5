/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples as a series of numbers: what a period or a drift shows in. */
#ifndef RNGD_TESTER_EVIDENCE_SERIES_H
#define RNGD_TESTER_EVIDENCE_SERIES_H

#include <stddef.h>
#include <stdint.h>

#define RNGTEST_LAGS  100
#define RNGTEST_BANDS 256

/*
 * The autocorrelation of samples for the lags 1 to RNGTEST_LAGS, each -1 to 1;
 * 0 if all samples are equal.
 */
void rngtest_autocorrelation(const uint8_t *samples, size_t count,
			     double lags[RNGTEST_LAGS]);

/*
 * The power of bands of frequencies from 0 to half of the rate of samples, over
 * the mean of all bands, as the mean of pieces of 512 samples. All 0 if there is
 * no piece. Returns the number of pieces.
 */
size_t rngtest_spectrum(const uint8_t *samples, size_t count,
			double bands[RNGTEST_BANDS]);

#endif
