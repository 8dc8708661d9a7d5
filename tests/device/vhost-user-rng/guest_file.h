/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of one guest in a file: a line "NAME=VALUE" for each, with the names of
 * the command line. Empty lines and lines that begin with # mean nothing.
 */
#ifndef DEVICE_VHOST_USER_RNG_GUEST_FILE_H
#define DEVICE_VHOST_USER_RNG_GUEST_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/base/listener.h"
#include "tests/device/runtime/access.h"
#include "vrng/error.h"

#define GUEST_FILE_MAX 4096 /* bytes */

struct guest_options {
	uint64_t max_bytes; /* in a period; 0: no limit */
	uint64_t period_ms;
	struct vrng_listener_as as; /* if @has_as; else by the umask */
	bool has_as;
};

/* What holds where the file says nothing: the command line. */
struct guest_defaults {
	uint64_t max_bytes;
	uint64_t period_ms;
	struct access_options access; /* not owned */
};

/*
 * Read the file @name of the folder @dir: regular, and not larger than
 * GUEST_FILE_MAX. @limits_only: it may have max-bytes and period only. 0, or a
 * negative errno with @error, which names @name and the line.
 */
int guest_file_read(int dir, const char *name, bool limits_only,
		    const struct guest_defaults *defaults,
		    struct guest_options *options, struct vrng_error *error);

#endif
