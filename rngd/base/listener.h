/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listens at the path of a Unix stream socket, and connects to one. */
#ifndef RNGD_BASE_LISTENER_H
#define RNGD_BASE_LISTENER_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "rngd/base/ours.h"
#include "vrng/error.h"

/* Connections that wait to be accepted; the kernel's limit may be lower. */
#define VRNG_LISTENER_BACKLOG 1024

struct vrng_listener {
	int fd; /* non-blocking; -1: none */
	struct vrng_ours file; /* the socket's file */
};

/*
 * Mode and owner of the socket's file. No client can connect before it has
 * them.
 */
struct vrng_listener_as {
	mode_t mode; /* permission bits */
	uid_t uid; /* -1: not changed */
	gid_t gid; /* -1: not changed */
};

/*
 * Listen at @path, which must outlive the file. @as NULL: mode by the umask. A
 * socket file that has no listener is replaced. 0; -EADDRINUSE if another
 * process listens there; -EEXIST if the file is no socket; or another negative
 * errno, with @error.
 */
int vrng_listener_open(struct vrng_listener *listener, const char *path,
		       const struct vrng_listener_as *as,
		       struct vrng_error *error);

/*
 * Use @fd, which listens at @path already, and the file there; @fd -1: only the
 * file. @path must outlive it. False if there is no socket's file; @fd stays the
 * caller's then.
 */
bool vrng_listener_adopt(struct vrng_listener *listener, int fd,
			 const char *path);

/* -ENAMETOOLONG with @error if @path is too long for a socket, or empty; or 0. */
int vrng_listener_check(const char *path, struct vrng_error *error);

/* Give the file another mode and owner, if it is still the one that was made here. */
int vrng_listener_own(const struct vrng_listener *listener,
		      const struct vrng_listener_as *as,
		      struct vrng_error *error);

/* Remove the file, if it is still the one that was made here. Once. */
void vrng_listener_remove(struct vrng_listener *listener);

/* Close the socket. The file stays. */
void vrng_listener_close(struct vrng_listener *listener);

/*
 * Connect to @path: a non-blocking socket, or a negative errno. @error is
 * filled in for -ENAMETOOLONG only.
 */
int vrng_listener_dial(const char *path, struct vrng_error *error);

#endif
