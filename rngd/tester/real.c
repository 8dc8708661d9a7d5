// SPDX-License-Identifier: GPL-2.0-or-later
/* Real numbers: see real.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/real.h"

#define LENGTH_MAX 24

int rngtest_real(double *value, const char *option, const char *text,
		 double max, struct vrng_error *error)
{
	static const char digits[] = "0123456789";
	size_t len = strspn(text, digits);

	if (len && text[len] == '.')
		len += 1 + strspn(text + len + 1, digits);
	*value =
		len && !text[len] && len <= LENGTH_MAX ? strtod(text, NULL) : 0;
	if (*value > 0 && *value <= max)
		return 0;
	return vrng_fail(error, EINVAL,
			 "%s: \"%.32s\" is not a number above 0 and up to %.9g",
			 option, text, max);
}
