// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples as a series of numbers: see series.h. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "rngd/tester/evidence/series.h"

#define PIECE (2 * RNGTEST_BANDS)

static double mean_of(const uint8_t *samples, size_t count)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < count; i++)
		sum += samples[i];
	return count ? (double)sum / (double)count : 0;
}

void rngtest_autocorrelation(const uint8_t *samples, size_t count,
			     double lags[RNGTEST_LAGS])
{
	const double mean = mean_of(samples, count);
	double square = 0, sum;
	size_t lag, i;

	for (i = 0; i < count; i++)
		square += (samples[i] - mean) * (samples[i] - mean);
	for (lag = 1; lag <= RNGTEST_LAGS; lag++) {
		sum = 0;
		for (i = lag; i < count; i++)
			sum += (samples[i] - mean) * (samples[i - lag] - mean);
		lags[lag - 1] = square > 0 ? sum / square : 0;
	}
}

/* The discrete Fourier transform of PIECE numbers, in place (Cooley, Tukey). */
static void transform(double complex *x)
{
	size_t i, j = 0, bit, half, at;

	for (i = 1; i < PIECE; i++) {
		for (bit = PIECE / 2; j & bit; bit /= 2)
			j ^= bit;
		j |= bit;
		if (i < j) {
			const double complex swap = x[i];

			x[i] = x[j];
			x[j] = swap;
		}
	}
	for (half = 1; half < PIECE; half *= 2)
		for (i = 0; i < half; i++) {
			const double angle = -M_PI * (double)i / (double)half;
			const double complex turn = cos(angle) + sin(angle) * I;

			for (at = i; at < PIECE; at += 2 * half) {
				const double complex odd = x[at + half] * turn;

				x[at + half] = x[at] - odd;
				x[at] += odd;
			}
		}
}

size_t rngtest_spectrum(const uint8_t *samples, size_t count,
			double bands[RNGTEST_BANDS])
{
	const double mean = mean_of(samples, count);
	const size_t pieces = count / PIECE;
	double complex x[PIECE];
	double all = 0;
	size_t n, i;

	memset(bands, 0, RNGTEST_BANDS * sizeof(*bands));
	for (n = 0; n < pieces; n++) {
		for (i = 0; i < PIECE; i++)
			x[i] = samples[n * PIECE + i] - mean;
		transform(x);
		for (i = 0; i < RNGTEST_BANDS; i++)
			bands[i] += creal(x[i + 1] * conj(x[i + 1]));
	}
	for (i = 0; i < RNGTEST_BANDS; i++)
		all += bands[i];
	for (i = 0; all > 0 && i < RNGTEST_BANDS; i++)
		bands[i] *= RNGTEST_BANDS / all;
	return pieces;
}
