/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Unix socket that is listened on, and the file that is its name. One whose
 * listener is dead is replaced; what else there is in its place is refused.
 */
#ifndef DEVICE_LISTENER_H
#define DEVICE_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "vrng/why.h"

struct listener {
	int fd; /* non-blocking; -1: none */
	const char *path; /* not owned */
	dev_t dev; /* of the file that was made here */
	ino_t ino;
	bool bound;
};

/* -EADDRINUSE where somebody else listens, or another negative errno. */
int listener_open(struct listener *listener, const char *path,
		  struct vrng_why *why);

/* Remove the file, if it is still the one that was made here. */
void listener_remove(struct listener *listener);
void listener_close(struct listener *listener);

/*
 * The other side: a connected socket, non-blocking, or a negative errno; @why
 * is filled in only for -ENAMETOOLONG.
 */
int listener_dial(const char *path, struct vrng_why *why);

#endif
