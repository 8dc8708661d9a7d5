/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers: parses those that users write. */
#ifndef RNGD_BASE_NUMBER_H
#define RNGD_BASE_NUMBER_H

#include <stdint.h>

#include "vrng/error.h"

/*
 * Parse @text into *@value: decimal, 0x hexadecimal or 0 octal, as in
 * rng-tools, without a sign or space. 0; -EINVAL if it is no number; -ERANGE
 * outside @min to @max. @error then names @option, the text and the range.
 */
int vrng_number(uint64_t *value, const char *option, const char *text,
		uint64_t min, uint64_t max, struct vrng_error *error);

/* The same for decimal digits only; leading zeros mean nothing. */
int vrng_decimal(uint64_t *value, const char *option, const char *text,
		 uint64_t min, uint64_t max, struct vrng_error *error);

static inline uint64_t vrng_least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif
