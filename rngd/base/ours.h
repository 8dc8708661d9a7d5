/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that we made and shall remove at the end, if it is still the one: what
 * somebody else has put in its place by then is theirs.
 */
#ifndef RNGD_BASE_OURS_H
#define RNGD_BASE_OURS_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct vrng_ours {
	const char *path; /* not owned; NULL: there is nothing to remove */
	dev_t dev;
	ino_t ino;
	struct timespec written; /* tells it from a later one of its number */
};

/*
 * Note what is at @path, which is ours now. It may be given another mode and
 * owner, but not be written any more. False: nothing is there.
 */
bool vrng_ours_note(struct vrng_ours *ours, const char *path);

/* Remove it, once. Any process that has a copy may, if it has the right to. */
void vrng_ours_remove(struct vrng_ours *ours);

#endif
