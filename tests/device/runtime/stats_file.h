/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistics file. It is replaced as a whole, so that no reader sees a part
 * of it, and only if there is a regular file or nothing at its path: a device
 * node, a link or a socket would be lost.
 */
#ifndef DEVICE_RUNTIME_STATS_FILE_H
#define DEVICE_RUNTIME_STATS_FILE_H

#include <stddef.h>

#include "vrng/error.h"

struct vrng_log;

/*
 * May @path be replaced, as it is now? 0; -EEXIST if it is no regular file;
 * -EINVAL if it cannot be a path. Rights to its folder are not checked.
 */
int stats_file_check(const char *path, struct vrng_error *error);

/* Replace @path by @text, with mode 0644. 0, -EEXIST as above, or -errno. */
int stats_file_write(const char *path, const char *text, size_t len);

/* Log the failure @err of stats_file_write(); nothing for 0. */
void stats_file_say(struct vrng_log *log, const char *path, int err);

#endif
