/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that this program made and removes at the end, unless another program
 * has put a file of its own in its place.
 */
#ifndef RNGD_BASE_OURS_H
#define RNGD_BASE_OURS_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct vrng_ours {
	const char *path; /* not owned; NULL: nothing to remove */
	dev_t dev;
	ino_t ino;
	struct timespec
		written; /* tells it from a later file of the same inode */
};

/*
 * Note the file at @path as ours. Its mode and owner may change after this, its
 * content may not. False: there is no file.
 */
bool vrng_ours_note(struct vrng_ours *ours, const char *path);

/* Is the file still the one that was noted? */
bool vrng_ours_is(const struct vrng_ours *ours);

/* Remove the file, if it is still ours. A process with a copy of @ours may. */
void vrng_ours_remove(struct vrng_ours *ours);

#endif
