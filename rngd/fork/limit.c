// SPDX-License-Identifier: GPL-2.0-or-later
/* A limit on renewals: see limit.h. */
#include "rngd/fork/limit.h"

uint64_t rngd_limit_take(struct rngd_limit *limit, size_t most, uint64_t now_ms)
{
	uint64_t *oldest = &limit->at[limit->next];

	if (*oldest && now_ms < *oldest + RNGD_LIMIT_PERIOD)
		return *oldest + RNGD_LIMIT_PERIOD - now_ms;
	*oldest = now_ms;
	limit->next = (limit->next + 1) % most;
	return 0;
}
