/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that fills one prefetch ring from a source, so that the ring's
 * consumer never waits for a slow source. A source that computes is read by this
 * thread itself; the bytes of any other come from its source process.
 *
 * refill_is_gone() and refill_gives() may be called from any thread, all else
 * from the owner's.
 */
#ifndef DEVICE_ENTROPY_REFILL_H
#define DEVICE_ENTROPY_REFILL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

/*
 * One read asks for what the source gives in REFILL_PIECE_NS (0.1 ms), within
 * these bounds in bytes. Consumers see each piece as soon as it is read, but are
 * woken for each, too.
 */
#define REFILL_PIECE_NS	 100000
#define REFILL_PIECE_MIN 1024
#define REFILL_PIECE_MAX 32768
#define REFILL_STACK	 (256 * 1024) /* bytes of the thread's stack */

struct fork_signs;
struct source_process;
struct shared_source;
struct prefetch_ring;

struct refill {
	/* Set by the owner, one of @shared and @process; not owned. */
	struct prefetch_ring *prefetch;
	struct shared_source *shared; /* to read here, or NULL */
	struct source_process *process; /* to pass bytes on from, or NULL */
	const struct fork_signs *signs; /* not owned; NULL: none */

	/* Private. */
	pthread_t thread;
	bool running;
	bool stop; /* atomic */
	bool gone; /* atomic: the source process has ended */
	uint64_t pace; /* atomic: ns in which the source gives 32 KiB; 0: unknown */
	bool used; /* the thread's: the source is in use */
	uint64_t since; /* the thread's: ns, when it began to read; 0: idle */
};

/* Start the thread. Returns 0 or a negative errno. */
int refill_start(struct refill *refill, struct vrng_error *error);

/*
 * True if the source process has ended, so that no more bytes will come. @data
 * of the prefetch ring is signalled when that is noticed.
 */
bool refill_is_gone(const struct refill *refill);

/* Bytes that the source gives in @ns at its recent pace; 0 if it is unknown. */
size_t refill_gives(const struct refill *refill, uint64_t ns);

/*
 * Stop the thread, and release the source. Waits for the read in progress, if
 * any. Nothing happens if the thread was not started.
 */
void refill_stop(struct refill *refill);

#endif
