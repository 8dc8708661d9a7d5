// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SP 800-90B, 6.3.7: the MultiMCW prediction estimate. Each of four windows
 * predicts its most common value; at a tie, the one that occurred last.
 */
#include "rngd/tester/estimate/predict.h"

#define WINDOWS VRNG_MCW_WINDOWS

/* A window that ends before the current sample. It predicts once it is full. */
struct window {
	size_t len;
	uint32_t counts[256];
	size_t seen[256]; /* index + 1 of the last occurrence of each value */
	unsigned int mode; /* the most common value */
};

static void find_mode(struct window *window)
{
	unsigned int i, mode = 0;

	for (i = 1; i < 256; i++)
		if (window->counts[i] > window->counts[mode] ||
		    (window->counts[i] == window->counts[mode] &&
		     window->seen[i] > window->seen[mode]))
			mode = i;
	window->mode = mode;
}

/* Move the window on by one sample, s[at]. */
static void slide(struct window *window, const uint8_t *s, size_t at)
{
	const unsigned int in = s[at];
	unsigned int out;

	if (at >= window->len) {
		out = s[at - window->len];
		window->counts[out]--;
		if (out == window->mode)
			find_mode(window);
	}
	window->counts[in]++;
	window->seen[in] = at + 1;
	if (window->counts[in] >= window->counts[window->mode])
		window->mode = in;
}

/* Returns a bit for each of @count samples, set if @window predicts it. */
static uint64_t predict(struct window *window, const uint8_t *s, size_t at,
			unsigned int count)
{
	uint64_t right = 0;
	unsigned int i;

	for (i = 0; i < count; i++, at++) {
		if (at >= window->len)
			right |= (uint64_t)(s[at] == window->mode) << i;
		slide(window, s, at);
	}
	return right;
}

/* The same for bits: only the ones are counted. */
static uint64_t predict_bits(struct window *window, const uint8_t *s, size_t at,
			     unsigned int count)
{
	uint32_t ones = window->counts[1];
	uint64_t right = 0;
	unsigned int i;

	for (i = 0; i < count; i++, at++) {
		if (at >= window->len) {
			/* The length is odd, so there is no tie. */
			right |= (uint64_t)(s[at] == (ones > window->len / 2))
				 << i;
			ones -= s[at - window->len];
		}
		ones += s[at];
	}
	window->counts[1] = ones;
	return right;
}

int vrng_estimate_multi_mcw_of(const struct vrng_samples *samples,
			       const size_t lengths[VRNG_MCW_WINDOWS],
			       struct vrng_estimate *estimate)
{
	struct window windows[WINDOWS] = { 0 };
	struct vrng_scoreboard board = { .count = WINDOWS };
	uint64_t right[WINDOWS];
	unsigned int i, count;
	size_t at;

	for (i = 0; i < WINDOWS; i++) {
		windows[i].len = lengths[i];
		for (at = 0; at < lengths[0] && at < samples->len; at++)
			slide(&windows[i], samples->s, at);
	}
	for (at = lengths[0]; at < samples->len; at += count) {
		count = samples->len - at < 64 ?
				(unsigned int)(samples->len - at) :
				64;
		for (i = 0; i < WINDOWS; i++)
			right[i] =
				(samples->width == 1 ? predict_bits : predict)(
					&windows[i], samples->s, at, count);
		vrng_scoreboard_run(&board, right, count);
	}
	vrng_hits_estimate(&board.hits, samples->symbols, estimate);
	return 0;
}

int vrng_estimate_multi_mcw(const struct vrng_samples *samples,
			    struct vrng_estimate *estimate)
{
	static const size_t lengths[WINDOWS] = { 63, 255, 1023, 4095 };

	return vrng_estimate_multi_mcw_of(samples, lengths, estimate);
}
