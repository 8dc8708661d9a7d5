/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of rngd at one moment, as plain values. The main loop fills it in,
 * status.c writes it as text and reads it back, metrics.c and rngctl print it.
 */
#ifndef RNGD_CONTROL_SNAPSHOT_H
#define RNGD_CONTROL_SNAPSHOT_H

#include <stdint.h>

#include "rngd/feed/report.h"
#include "rngd/fork/renewal.h"

/* A number that this rngd has not: it is left out of what is printed. */
#define RNGD_SNAPSHOT_NONE UINT64_MAX

/* Strings belong to the one who fills it in, and outlive it. */
struct rngd_snapshot {
	const char *version;
	uint64_t pid;
	uint64_t uptime; /* s */
	const char *output; /* path */
	const char *output_type; /* kernel, file, fifo or none */
	uint64_t level; /* the kernel's entropy_avail, or RNGD_SNAPSHOT_NONE */
	const char *encryption; /* of the guest's memory, or NULL */
	const char *hwrng; /* the generator behind /dev/hwrng, "none", or NULL */
	uint64_t hwrng_quality; /* of 1024, or RNGD_SNAPSHOT_NONE */
	const char *hwrng_idle; /* a virtio device that is not current, or NULL */
	uint64_t interval; /* --feed-interval, s */
	uint64_t fed; /* 1 after the first block, else 0 */
	const char *waiting; /* a line about what is waited for, or "" */
	uint64_t generation; /* the largest clone_generation, or 0 */
	uint64_t generation_devices; /* that have one */
	const char *signs; /* of VM forks, in use: names, or "none" */
	struct rngd_renewal_counts renewal;
	struct rngd_report feed;
};

#endif
