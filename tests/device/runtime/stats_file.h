/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that statistics go to. It is replaced as a whole, so that no reader
 * sees half of it; and only where there is a regular file, or nothing: a device
 * node, a link or a socket in its place would be gone otherwise.
 */
#ifndef DEVICE_RUNTIME_STATS_FILE_H
#define DEVICE_RUNTIME_STATS_FILE_H

#include <stddef.h>

#include "vrng/error.h"

struct vrng_log;

/*
 * May @path be replaced, as it is now? -EEXIST where it is something else than
 * a regular file. Whether its folder lets it be written is not asked.
 */
int stats_file_check(const char *path, struct vrng_error *error);

/* Replace @path by @text, readable by all. -EEXIST as above, or another errno. */
int stats_file_write(const char *path, const char *text, size_t len);

/* What is said where that failed with @err; nothing for 0. */
void stats_file_say(struct vrng_log *log, const char *path, int err);

#endif
