// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/ours.h"

bool vrng_ours_note(struct vrng_ours *ours, const char *path)
{
	struct stat st;

	*ours = (struct vrng_ours){ .path = NULL };
	if (lstat(path, &st))
		return false;
	*ours = (struct vrng_ours){
		.path = path,
		.dev = st.st_dev,
		.ino = st.st_ino,
		.written = st.st_mtim,
	};
	return true;
}

static bool is_same(const struct vrng_ours *a, const struct vrng_ours *b)
{
	return a->dev == b->dev && a->ino == b->ino &&
	       a->written.tv_sec == b->written.tv_sec &&
	       a->written.tv_nsec == b->written.tv_nsec;
}

bool vrng_ours_is(const struct vrng_ours *ours)
{
	struct vrng_ours now;

	return ours->path && vrng_ours_note(&now, ours->path) &&
	       is_same(ours, &now);
}

void vrng_ours_remove(struct vrng_ours *ours)
{
	if (vrng_ours_is(ours))
		(void)unlink(ours->path);
	ours->path = NULL;
}
