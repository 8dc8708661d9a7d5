/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forks that vmclock shows: /dev/vmclock0 is a page of the hypervisor, in which a
 * counter changes when the machine is loaded from a snapshot. Since Linux 7.0 the
 * device polls readable when the page has changed, and the next read(2) at offset 0
 * both takes a consistent copy and rearms that.
 *
 * The page also changes when the machine migrates. That is no fork.
 */
#ifndef RNGD_SIGNS_VMCLOCK_H
#define RNGD_SIGNS_VMCLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define RNGD_VMCLOCK_PATH "/dev/vmclock0"

struct rngd_vmclock {
	int fd; /* -1: not in use */
	uint64_t generation; /* in the last copy */
};

/*
 * Open @path and note its counter. Only root may open the device. @fd is -1 if there
 * is none, or if its page has no counter, or if it does not notify of changes: then a
 * poll would not wait.
 */
void rngd_vmclock_open(struct rngd_vmclock *vmclock, const char *path);

/* Has the counter changed since the last call? */
bool rngd_vmclock_happened(struct rngd_vmclock *vmclock);

void rngd_vmclock_close(struct rngd_vmclock *vmclock);

#endif
