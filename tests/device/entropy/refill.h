/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that fills a tank, so that who draws from it never waits for a source
 * that takes its time: one that computes is read here, one that is fetched is
 * passed on.
 */
#ifndef DEVICE_ENTROPY_REFILL_H
#define DEVICE_ENTROPY_REFILL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

/*
 * A piece is what the source gives in so long, in bytes within these bounds:
 * drawers see each as it comes, and are woken for it.
 */
#define REFILL_PIECE_NS	 100000
#define REFILL_PIECE_MIN 1024
#define REFILL_PIECE_MAX 32768
#define REFILL_STACK	 (256 * 1024) /* bytes */

struct source_process;
struct shared_source;
struct prefetch_ring;

struct refill {
	/* to be filled in; not owned */
	struct prefetch_ring *prefetch;
	struct shared_source *shared; /* NULL: there is ... */
	struct source_process *process;

	/* its own */
	pthread_t thread;
	bool running;
	bool stop; /* atomic */
	bool gone; /* atomic: the process that fetched has ended */
	uint64_t pace; /* atomic: ns that the source takes for 32 KiB */
	bool used; /* the thread's: the source is wanted */
	uint64_t since; /* and bytes of it, from when on; 0: they are not */
};

int refill_start(struct refill *refill, struct vrng_error *error);

/* No bytes will come any more? It told by the tank's @data. */
bool refill_is_gone(const struct refill *refill);

/* Bytes that the source gives in @ns, as it did of late. */
size_t refill_gives(const struct refill *refill, uint64_t ns);

/* Nothing is wanted of the source then. Waits for one read of it at most. */
void refill_stop(struct refill *refill);

#endif
