/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target is a file NAME.c in this folder and a folder seeds/NAME of
 * first inputs; fuzz.mk finds both. The file defines LLVMFuzzerTestOneInput(),
 * which libFuzzer calls for each input. It aborts on an error.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Abort if @condition is false, also in builds without assertions. */
#define FUZZ_MUST(condition)      \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* The rest of an input. libFuzzer owns the bytes. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/* Take a byte; 0 at the end of the input. */
static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* Take up to @len bytes. Sets *@bytes and returns their number. */
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
