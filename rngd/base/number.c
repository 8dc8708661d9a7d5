// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "rngd/base/number.h"

static int parse(uint64_t *value, int base, const char *option,
		 const char *text, uint64_t min, uint64_t max,
		 struct vrng_error *error)
{
	unsigned long long n;
	char *end;
	int err;

	/* strtoull() accepts leading space and a sign. */
	errno = 0;
	n = strtoull(text, &end, base);
	err = errno;
	if (!isdigit((unsigned char)*text) || *end)
		err = EINVAL;
	else if (err || n < min || n > max)
		err = ERANGE;
	if (err)
		return vrng_fail(error, err,
				 "%s: \"%.32s\" is not a number from %" PRIu64
				 " to %" PRIu64,
				 option, text, min, max);
	*value = n;
	return 0;
}

int vrng_number(uint64_t *value, const char *option, const char *text,
		uint64_t min, uint64_t max, struct vrng_error *error)
{
	return parse(value, 0, option, text, min, max, error);
}

int vrng_decimal(uint64_t *value, const char *option, const char *text,
		 uint64_t min, uint64_t max, struct vrng_error *error)
{
	return parse(value, 10, option, text, min, max, error);
}
