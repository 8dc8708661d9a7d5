/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this virtual machine was forked: cloned from a snapshot, or resumed
 * from one. vrng.ko counts that in clone_generation, see vrng(4), which polls
 * with POLLPRI when it changes.
 */
#ifndef RNGD_FORK_VMFORK_H
#define RNGD_FORK_VMFORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RNGD_VMFORK_PATTERN \
	"/sys/bus/virtio/drivers/vrng/virtio*/vrng/clone_generation"

/* The driver's module parameters depth and buffer_size, see vrng(4). */
#define RNGD_VMFORK_PARAMETERS "/sys/module/vrng/parameters"

/*
 * Bytes that the hwrng core may hold from before a fork, whether it was told of
 * the fork or not: the rest of a chunk of SMP_CACHE_BYTES, which is 64 on most
 * architectures, 128 on ppc64el and 256 on s390x. No kernel tells its own, so
 * we take the largest.
 */
#define RNGD_VMFORK_CORE 256

/*
 * A driver that was not told holds what it has read ahead: vrng's default, and a
 * thousand times what virtio_rng holds (64 bytes).
 */
#define RNGD_VMFORK_AHEAD     65536
#define RNGD_VMFORK_AHEAD_MAX (64 * 65536) /* the most it can be told to */

/* Devices of one guest that are watched. */
#define RNGD_VMFORK_DEVICES 16

struct rngd_vmfork {
	const char *pattern; /* glob(3); NULL: RNGD_VMFORK_PATTERN */
	const char *parameters; /* folder; NULL: RNGD_VMFORK_PARAMETERS */
	int fd[RNGD_VMFORK_DEVICES];
	uint64_t seen[RNGD_VMFORK_DEVICES];
	unsigned int devices;
};

/*
 * Look for devices anew. What changed since the last look, or from before it, is
 * no fork. How many there are is in @devices; wait for EPOLLPRI of each @fd.
 */
void rngd_vmfork_find(struct rngd_vmfork *vmfork);

/*
 * Has one of them counted on? *@generation is the newest count. Devices that are
 * gone are closed: their @fd is -1.
 */
bool rngd_vmfork_happened(struct rngd_vmfork *vmfork, uint64_t *generation);

/* The largest count, or 0. */
uint64_t rngd_vmfork_generation(const struct rngd_vmfork *vmfork);

/*
 * How many bytes of before a fork may still come from /dev/hwrng. @noticed: the
 * driver noticed it, too; else it was only told of here.
 */
size_t rngd_vmfork_stale(const struct rngd_vmfork *vmfork, bool noticed);

void rngd_vmfork_close(struct rngd_vmfork *vmfork);

#endif
