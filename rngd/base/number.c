// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "rngd/base/number.h"

int vrng_number(uint64_t *value, const char *option, const char *text,
		uint64_t min, uint64_t max, struct vrng_error *error)
{
	unsigned long long n;
	char *end;
	int err;

	/* strtoull() accepts leading space and a sign. */
	errno = 0;
	n = strtoull(text, &end, 0);
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
