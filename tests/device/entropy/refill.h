/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that fills a tank, so that who draws from it never waits for a source
 * that takes its time: one that computes is read here, one that is fetched is
 * passed on.
 */
#ifndef DEVICE_FILLER_H
#define DEVICE_FILLER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

/*
 * A piece is what the source gives in so long, in bytes within these bounds:
 * drawers see each as it comes, and are woken for it.
 */
#define FILLER_PIECE_NS	 100000
#define FILLER_PIECE_MIN 1024
#define FILLER_PIECE_MAX 32768
#define FILLER_STACK	 (256 * 1024) /* bytes */

struct fetch;
struct supply;
struct tank;

struct filler {
	/* to be filled in; not owned */
	struct tank *tank;
	struct supply *supply; /* NULL: there is ... */
	struct fetch *fetch;

	/* its own */
	pthread_t thread;
	bool running;
	bool stop; /* atomic */
	bool gone; /* atomic: the process that fetched has ended */
	uint64_t pace; /* atomic: ns that the source takes for 32 KiB */
	bool used; /* the thread's: the source is wanted */
	uint64_t since; /* and bytes of it, from when on; 0: they are not */
};

int filler_start(struct filler *filler, struct vrng_why *why);

/* No bytes will come any more? It told by the tank's @data. */
bool filler_is_gone(const struct filler *filler);

/* Bytes that the source gives in @ns, as it did of late. */
size_t filler_gives(const struct filler *filler, uint64_t ns);

/* Nothing is wanted of the source then. Waits for one read of it at most. */
void filler_stop(struct filler *filler);

#endif
