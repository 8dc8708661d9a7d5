// SPDX-License-Identifier: GPL-2.0-or-later
/* Code shared by the predictors: see predict.h. */
#include <math.h>

#include "rngd/base/number.h"
#include "rngd/tester/estimate/predict.h"

static unsigned int count_ones(uint64_t mask)
{
	return (unsigned int)__builtin_popcountll(mask);
}

/* Returns the length of the run of ones at the low end of @mask. */
static unsigned int ones_below(uint64_t mask)
{
	return ~mask ? (unsigned int)__builtin_ctzll(~mask) : 64;
}

static uint64_t shift_down(uint64_t mask, unsigned int by)
{
	return by < 64 ? mask >> by : 0;
}

/* ------------------------------------------------------------------ hits */

void vrng_hits_add(struct vrng_hits *hits, uint64_t mask, unsigned int count)
{
	unsigned int at = 0, n;

	hits->made += count;
	hits->right += count_ones(mask);
	while (at < count) {
		n = (unsigned int)vrng_least(ones_below(mask), count - at);
		hits->run += n;
		if (hits->run > hits->longest)
			hits->longest = hits->run;
		at += n;
		if (at == count)
			return;
		hits->run = 0;
		mask = shift_down(mask, n);
		n = mask ? (unsigned int)__builtin_ctzll(mask) : count;
		mask = shift_down(mask, n);
		at += n;
	}
}

/*
 * ln of the probability that @n trials, each a hit with probability @p, have no
 * run of @r hits (Feller, XIII.7): (1 - px) / ((r + 1 - rx) q) x^-(n+1), where
 * x is the root of x = 1 + q p^r x^(r+1), iterated from 1 upwards. The root is
 * often too near 1 for a double, so y = x - 1 is computed.
 */
static double log_no_run(double p, double r, double n)
{
	const double q = 1 - p, qpr = q * exp(r * log(p));
	double y = 0, next;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		next = qpr * exp((r + 1) * log1p(y));
		if (!isfinite(next) || p * next >= q)
			return -INFINITY;
		if (next <= y)
			break;
		y = next;
	}
	if (r * y >= 1)
		return -INFINITY;
	return log1p(-p * y / q) - log1p(-r * y) - (n + 1) * log1p(y);
}

double vrng_hits_p_local(uint64_t r, uint64_t n)
{
	double low = 0, high = 1, middle;
	unsigned int i;

	for (i = 0; i < 1100; i++) {
		middle = (low + high) / 2;
		if (middle <= low || middle >= high)
			break;
		if (log_no_run(middle, (double)r, (double)n) > log(0.99))
			low = middle;
		else
			high = middle;
	}
	return low;
}

static double p_global_prime(double right, double made)
{
	if (right == 0)
		return 1 - pow(0.01, 1 / made);
	return vrng_upper_bound(right / made, made);
}

void vrng_hits_estimate(const struct vrng_hits *hits, unsigned int symbols,
			struct vrng_estimate *estimate)
{
	const uint64_t r = hits->longest + 1;
	const double n = (double)hits->made, c = (double)hits->right;
	double global, local;

	if (hits->made < 2)
		return;
	global = p_global_prime(c, n);
	local = vrng_hits_p_local(r, hits->made);
	vrng_figure_add(estimate, "n", n);
	vrng_figure_add(estimate, "c", c);
	vrng_figure_add(estimate, "r", (double)r);
	vrng_figure_add(estimate, "p_global", c / n);
	vrng_figure_add(estimate, "p_global_prime", global);
	vrng_figure_add(estimate, "p_local", local);
	vrng_estimate_finish(estimate,
			     fmax(fmax(global, local), 1 / (double)symbols));
}

/* ------------------------------------------------------------ scoreboard */

/*
 * Update the scores of the subpredictors that cannot reach the winner's score
 * within these steps. Puts the others into @close, in order, and returns their
 * number.
 */
static unsigned int sort_out(struct vrng_scoreboard *board,
			     const uint64_t *right, unsigned int *close)
{
	const uint64_t lead = board->score[board->winner];
	unsigned int d, gain, n = 0;

	for (d = 0; d < board->count; d++) {
		gain = count_ones(right[d]);
		if (d == board->winner || board->score[d] + gain >= lead)
			close[n++] = d;
		else
			board->score[d] += gain;
	}
	return n;
}

/* Step @at as the standard defines it, among the close subpredictors. */
static void step(struct vrng_scoreboard *board, const uint64_t *right,
		 unsigned int at, const unsigned int *close, unsigned int n)
{
	unsigned int i, d;

	for (i = 0; i < n; i++) {
		d = close[i];
		if (!(right[d] >> at & 1))
			continue;
		board->score[d]++;
		if (board->score[d] >= board->score[board->winner])
			board->winner = d;
	}
}

void vrng_scoreboard_run(struct vrng_scoreboard *board, const uint64_t *right,
			 unsigned int count)
{
	unsigned int close[VRNG_SUBPREDICTORS], n, at;
	uint64_t hit = 0;

	n = sort_out(board, right, close);
	if (n == 1) {
		hit = right[board->winner];
		board->score[board->winner] += count_ones(hit);
	} else {
		for (at = 0; at < count; at++) {
			hit |= (right[board->winner] >> at & 1) << at;
			step(board, right, at, close, n);
		}
	}
	vrng_hits_add(&board->hits, hit, count);
}
