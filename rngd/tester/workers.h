/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worker threads: they claim, fetch and test chunks in parallel, and hand in
 * the results in the input's order.
 */
#ifndef RNGD_TESTER_WORKERS_H
#define RNGD_TESTER_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "rngd/tester/input.h"
#include "vrng/fips.h"

/* A chunk and its results. It belongs to one thread at a time. */
struct rngtest_work {
	struct rngtest_chunk chunk;
	struct vrng_fips_result results[RNGTEST_CHUNK_BLOCKS];
	uint64_t ns; /* time that the tests took */
};

struct rngtest_workers {
	struct rngtest_input *input; /* after rngtest_input_begin() */
	const struct vrng_fips_engine *engine;
	/*
	 * Called in the order of chunks, by one thread at a time, holding turn.
	 */
	void (*hand_in)(void *arg, const struct rngtest_work *work);
	void *arg;
	pthread_mutex_t turn; /* protects what hand_in changes */

	/* Private. */
	atomic_bool over; /* no further chunk is claimed or handed in */
	pthread_mutex_t claim; /* protects input */
	pthread_cond_t freed; /* of turn: free is not empty */
	/* Protected by turn: */
	struct rngtest_work *work; /* array of count */
	struct rngtest_work **free; /* stack of work without a chunk */
	struct rngtest_work **done; /* [number % count]: waits for its turn */
	unsigned int count;
	unsigned int free_count;
	uint64_t next; /* number of the chunk whose turn it is */
};

/* All other members are zero. */
#define RNGTEST_WORKERS_INITIALIZER                 \
	{                                           \
		.turn = PTHREAD_MUTEX_INITIALIZER,  \
		.claim = PTHREAD_MUTEX_INITIALIZER, \
		.freed = PTHREAD_COND_INITIALIZER,  \
	}

/*
 * Test the input until it ends or rngtest_workers_stop() is called. Uses
 * @threads threads, the caller included, or fewer if some cannot be started.
 * Returns 0 or -ENOMEM.
 */
int rngtest_workers_run(struct rngtest_workers *workers, unsigned int threads);

/* Stop: later chunks are neither claimed nor handed in. Any thread may call. */
void rngtest_workers_stop(struct rngtest_workers *workers);

#endif
