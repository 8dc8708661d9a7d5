/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number on a command line, with nothing before or after it. */
#ifndef RNGD_BASE_NUMBER_H
#define RNGD_BASE_NUMBER_H

#include <stdint.h>

#include "vrng/error.h"

/*
 * Read @text (decimal, or 0x hexadecimal, or 0 octal, as rng-tools does) into
 * @value. -EINVAL for anything else in it, -ERANGE outside @min to @max; @error
 * then names @option, the text and the range.
 */
int vrng_number(uint64_t *value, const char *option, const char *text,
		uint64_t min, uint64_t max, struct vrng_error *error);

#endif
