/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was done of VM forks, for the rngd that is started next. If it differs from what
 * is the case then, a fork was not handled to its end: this rngd was killed meanwhile,
 * or the fork came while none ran.
 */
#ifndef RNGD_FORK_PAST_H
#define RNGD_FORK_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "vrng/error.h"

/* What tells forks apart. */
struct rngd_past {
	uint64_t page; /* the generation of the page */
	uint64_t driver; /* the largest clone_generation, or 0 */
	uint64_t vmclock; /* vmclock's generation, or 0 */
};

/*
 * Make or open the file of records. *@last is the last one; *@is_there is false if there
 * is none. Returns a descriptor or a negative errno, as rngd_state_file_open().
 */
int rngd_past_open(const char *path, struct rngd_past *last, bool *is_there);

/* All up to @past has been done. */
void rngd_past_write(int fd, const struct rngd_past *past);

#endif
