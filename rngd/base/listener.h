/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream socket at a path: listening on one, and connecting to one.
 */
#ifndef RNGD_BASE_LISTENER_H
#define RNGD_BASE_LISTENER_H

#include <sys/stat.h>
#include <sys/types.h>

#include "rngd/base/ours.h"
#include "vrng/error.h"

/* Connections that wait to be accepted. The kernel has a limit of its own. */
#define VRNG_LISTENER_BACKLOG 1024

struct vrng_listener {
	int fd; /* non-blocking; -1: none */
	struct vrng_ours file; /* that was made for it */
};

/* Whose its file is. Nobody can connect before it has the mode. */
struct vrng_listener_as {
	mode_t mode; /* permission bits */
	uid_t uid; /* or -1: as it comes */
	gid_t gid;
};

/*
 * Listen at @path, which must live as long as the file; @as NULL: by the umask.
 * A socket there that nobody listens on is replaced. -EADDRINUSE where somebody
 * does, -EEXIST for what is no socket, or another negative errno.
 */
int vrng_listener_open(struct vrng_listener *listener, const char *path,
		       const struct vrng_listener_as *as,
		       struct vrng_error *error);

/* Remove the file, if it is still the one that was made here. */
void vrng_listener_remove(struct vrng_listener *listener);

/* The file stays. */
void vrng_listener_close(struct vrng_listener *listener);

/*
 * The other side: a connected socket, non-blocking, or a negative errno; @error
 * is filled in only for -ENAMETOOLONG.
 */
int vrng_listener_dial(const char *path, struct vrng_error *error);

#endif
