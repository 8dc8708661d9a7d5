/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target is one file here, NAME.c, and a folder of inputs to begin with,
 * seeds/NAME. It defines this function, which libFuzzer calls with one input
 * after another, and aborts where something is wrong; fuzz.mk finds both.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_MUST(condition)      \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* The input, taken bit by bit; at its end there are zeros. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* Up to @len bytes: their number, and where they are. */
static inline size_t fuzz_bytes(struct fuzz_input *in, size_t len,
				const uint8_t **bytes)
{
	if (len > in->left)
		len = in->left;
	*bytes = in->at;
	in->at += len;
	in->left -= len;
	return len;
}

#endif
