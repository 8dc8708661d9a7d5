/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many renewals clients of the control socket may begin in a minute. A fork
 * drops what feeders hold and runs the hooks: without a limit, a client could keep
 * rngd from ever crediting anything. Forks that the driver reports are not limited,
 * because none may be missed.
 */
#ifndef RNGD_FORK_LIMIT_H
#define RNGD_FORK_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#define RNGD_LIMIT_PERIOD   60000 /* ms */
#define RNGD_LIMIT_FORKS    6 /* in each period */
#define RNGD_LIMIT_REQUESTS 60

/* All zero at the start. */
struct rngd_limit {
	uint64_t at[RNGD_LIMIT_REQUESTS]; /* ms, the last ones; 0: none */
	size_t next;
};

/*
 * Count one, if fewer than @most (up to RNGD_LIMIT_REQUESTS, always the same) were
 * counted in the period before @now_ms, which is above 0: returns 0 then, and
 * otherwise the ms until one may be.
 */
uint64_t rngd_limit_take(struct rngd_limit *limit, size_t most,
			 uint64_t now_ms);

#endif
