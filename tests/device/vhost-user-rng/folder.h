/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder with one file of options for each guest (--socket-dir): the guest NAME has
 * the file NAME.conf (guest_file.h) and the socket NAME.sock. The file total.conf has
 * the limit of all guests together.
 *
 * A process of its own, forked before the sandbox, watches the files, makes and
 * removes the sockets, and reports to its owner what has changed. A file that is bad
 * is reported in the log and changes nothing.
 *
 * One thread, the loop's.
 */
#ifndef DEVICE_VHOST_USER_RNG_FOLDER_H
#define DEVICE_VHOST_USER_RNG_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/runtime/loop.h"
#include "tests/device/vhost-user-rng/guest_file.h"
#include "vrng/error.h"

#define FOLDER_PATH 108 /* bytes of a socket's path, with the 0 */
/* After a change: more are likely to follow at once, as editors do it. */
#define FOLDER_SETTLE_MS 50
/* From one attempt to listen to the next, where another process listens. */
#define FOLDER_AGAIN_MS 2000
#define FOLDER_END_MS	1000 /* bound of a wait at the end */

struct vrng_log;

enum folder_change {
	FOLDER_ADDED, /* with its listening socket */
	FOLDER_CHANGED, /* other limits */
	FOLDER_REMOVED,
	FOLDER_TOTAL, /* the limit in total */
	FOLDER_READ /* all that is there at the start has been reported */
};

struct folder_news {
	enum folder_change change;
	char path[FOLDER_PATH]; /* of the socket */
	uint64_t max_bytes; /* 0: no limit */
	uint64_t period_ms;
};

struct folder {
	/* to be filled in */
	struct loop *loop;
	struct vrng_log *log;
	const char *sockets; /* path of the folder */
	const char *options; /* path of the folder, often the same */
	struct guest_defaults defaults;
	/*
	 * Does the owner listen at @path already, at the start? Runs in the
	 * process of the folder; FOLDER_ADDED comes without a socket then.
	 */
	bool (*listens)(const struct folder *folder, const char *path);
	/* @fd, or -1, is the callee's. */
	void (*news)(struct folder *folder, const struct folder_news *news,
		     int fd);

	/* its own */
	int sock; /* -1: not started */
	pid_t pid;
	struct loop_watch watch;
};

/*
 * Check both folders and fork. Call it before there are threads or a sandbox. 0, or
 * a negative errno with @error.
 */
int folder_start(struct folder *folder, struct vrng_error *error);

/* Have the sockets removed, unless @keep is set, and wait for the end. */
void folder_stop(struct folder *folder, bool keep);

#endif
