/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices that this virtual machine was forked: cloned from a snapshot, or resumed
 * from one. vrng.ko counts forks in clone_generation, see vrng(4), which polls with
 * POLLPRI when it changes. Each device is a sign (sign.h).
 *
 * One thread at a time.
 */
#ifndef RNGD_SIGNS_VMFORK_H
#define RNGD_SIGNS_VMFORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/signs/sign.h"

#define RNGD_VMFORK_PATTERN \
	"/sys/bus/virtio/drivers/vrng/virtio*/vrng/clone_generation"

/* The driver's module parameters depth and buffer_size, see vrng(4). */
#define RNGD_VMFORK_PARAMETERS "/sys/module/vrng/parameters"

/*
 * Bytes from before a fork that the hwrng core may hold, whether the driver noticed
 * the fork or not: the rest of a buffer of SMP_CACHE_BYTES, which is 64 on most
 * architectures, 128 on ppc64el and 256 on s390x. No kernel tells its value, so
 * this is the largest.
 */
#define RNGD_VMFORK_CORE 256

/*
 * Bytes that a driver may have read ahead, if it did not notice the fork: what vrng
 * has by default for a reader that reads on, and far more than virtio_rng holds (64
 * bytes).
 */
#define RNGD_VMFORK_AHEAD     524288
#define RNGD_VMFORK_AHEAD_MAX (64 * 65536) /* largest depth * buffer_size */

#define RNGD_VMFORK_ID 33 /* 32 hexadecimal digits and a zero */

/* The clone_id of all devices, for programs that do not look for forks one by one. */
#define RNGD_VMFORK_ID_PATTERN \
	"/sys/bus/virtio/drivers/vrng/virtio*/vrng/clone_id"

/* Devices that are watched; further ones are not. */
#define RNGD_VMFORK_DEVICES 16

struct rngd_vmfork {
	const char *pattern; /* glob(3); NULL: RNGD_VMFORK_PATTERN */
	const char *parameters; /* folder; NULL: RNGD_VMFORK_PARAMETERS */
	int fd[RNGD_VMFORK_DEVICES];
	int id_fd[RNGD_VMFORK_DEVICES]; /* clone_id; -1: there is none */
	uint64_t seen[RNGD_VMFORK_DEVICES];
	struct rngd_sign sign[RNGD_VMFORK_DEVICES];
	bool changed[RNGD_VMFORK_DEVICES]; /* at the last rngd_vmfork_happened() */
	bool notices[RNGD_VMFORK_DEVICES]; /* its fork_notice is not "none" */
	unsigned int devices;
	bool has_looked;
};

/*
 * Look for devices. Those that are known stay as they are, with the change of a count
 * that has not been asked for; those that have gone are closed. The first time, the
 * count of a device is noted, so that an earlier change is no fork. Later, a device is
 * one to which the driver was bound meanwhile: its count began at 0, and any other is
 * a fork. The caller waits for EPOLLPRI of @devices descriptors @fd, and then calls
 * rngd_vmfork_happened().
 */
void rngd_vmfork_find(struct rngd_vmfork *vmfork);

/*
 * Has a count changed since it was last read? @changed tells which one. *@generation
 * is the largest count.
 * A device that cannot be read any more is closed: its @fd is -1 until the next look.
 */
bool rngd_vmfork_happened(struct rngd_vmfork *vmfork, uint64_t *generation);

/* The largest count, or 0. */
uint64_t rngd_vmfork_generation(const struct rngd_vmfork *vmfork);

/*
 * Write a device's clone_id to @id. False: there is none. It looks for no file: the
 * search of a folder in sysfs would delay what follows a fork.
 */
bool rngd_vmfork_id(const struct rngd_vmfork *vmfork, char id[RNGD_VMFORK_ID]);

/* Is there a device whose driver is told of forks? */
bool rngd_vmfork_notices(const struct rngd_vmfork *vmfork);

/*
 * How many bytes from before a fork may still come from /dev/hwrng. @noticed: the
 * driver noticed the fork and has dropped its own.
 */
size_t rngd_vmfork_stale(const struct rngd_vmfork *vmfork, bool noticed);

void rngd_vmfork_close(struct rngd_vmfork *vmfork);

#endif
