/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was done for one guest's socket since the program was started. One
 * thread counts, any thread may look.
 */
#ifndef DEVICE_VHOST_USER_RNG_STATS_H
#define DEVICE_VHOST_USER_RNG_STATS_H

#include <stdint.h>

struct stats {
	uint64_t guests; /* connections taken */
	uint64_t requests; /* answered, malformed ones included */
	uint64_t bytes; /* written into guest memory */
	uint64_t kicks; /* notifications taken from the guest */
	uint64_t signals; /* interrupts sent to the guest */
	uint64_t malformed; /* requests answered with nothing */
};

/* By the one thread that counts, so no locked instruction is needed. */
static inline void stats_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* Each counter as it is now; they need not be of one moment. */
struct stats stats_look(const struct stats *stats);

#endif
