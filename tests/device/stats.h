/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device did since it was started, as a text file: one "name value" a
 * line, replaced as a whole, so that a reader never sees half of it.
 */
#ifndef DEVICE_STATS_H
#define DEVICE_STATS_H

#include <stdint.h>

struct stats {
	uint64_t guests; /* connections taken */
	uint64_t requests; /* answered, malformed ones included */
	uint64_t bytes; /* written into guest memory */
	uint64_t kicks; /* notifications taken from the guest */
	uint64_t signals; /* interrupts sent to the guest */
	uint64_t malformed; /* requests answered with nothing */
};

/* Write @stats to @path by way of a new file beside it; a negative errno. */
int stats_write(const struct stats *stats, const char *path);

#endif
