/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this virtual machine was forked: cloned from a snapshot, or resumed
 * from one. vrng.ko counts that in clone_generation, see vrng(4), which polls
 * with POLLPRI when it changes.
 */
#ifndef RNGD_VMFORK_H
#define RNGD_VMFORK_H

#include <stdbool.h>
#include <stdint.h>

#define RNGD_VMFORK_PATTERN \
	"/sys/bus/virtio/drivers/vrng/virtio*/vrng/clone_generation"

/* Devices of one guest that are watched. */
#define RNGD_VMFORK_DEVICES 16

struct rngd_vmfork {
	const char *pattern; /* glob(3); NULL: RNGD_VMFORK_PATTERN */
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

void rngd_vmfork_close(struct rngd_vmfork *vmfork);

#endif
