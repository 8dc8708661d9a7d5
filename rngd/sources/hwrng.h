/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generators behind /dev/hwrng, as the kernel's hw_random core tells: see
 * Documentation/admin-guide/hw_random.rst of Linux. One of them is current, and
 * reads of /dev/hwrng come from it; the others are idle.
 */
#ifndef RNGD_SOURCES_HWRNG_H
#define RNGD_SOURCES_HWRNG_H

#include <stdbool.h>

#define VRNG_HWRNG_NAME 64 /* bytes; longer names are cut */

/* Where the core's files are; tests replace it. */
extern const char *vrng_hwrng_folder;

struct vrng_hwrng {
	char current[VRNG_HWRNG_NAME]; /* "none": no generator */
	int quality; /* bits of entropy in 1024; -1: this kernel does not tell */
	/* A virtio device that is there and not current; "": there is none. */
	char idle[VRNG_HWRNG_NAME];
};

/* False: this kernel has no hw_random core, or its files cannot be read. */
bool vrng_hwrng_look(struct vrng_hwrng *hwrng);

/* Is this the name that a driver of the virtio device gives it? */
bool vrng_hwrng_is_virtio(const char *name);

#endif
