/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crew: workers that claim, fetch and test chunks side by side, and take
 * turns, in the input's order, at handing them in.
 */
#ifndef RNGD_TESTER_CREW_H
#define RNGD_TESTER_CREW_H

#include <pthread.h>
#include <stdatomic.h>

#include "rngd/tester/input.h"
#include "vrng/fips.h"

/* What one thread at a time has in hand. */
struct rngtest_work {
	struct rngtest_chunk chunk;
	struct vrng_fips_result results[RNGTEST_CHUNK_BLOCKS];
	uint64_t ns; /* that testing took */
};

struct rngtest_crew {
	struct rngtest_input *input; /* begun */
	const struct vrng_fips_engine *engine;
	/* Called by one thread at a time, with @turn held. */
	void (*hand_in)(void *arg, const struct rngtest_work *work);
	void *arg;
	pthread_mutex_t turn; /* for others who look at what hand_in changes */

	/* Not the caller's. */
	atomic_bool over; /* no further chunk counts */
	pthread_mutex_t claim;
	pthread_cond_t freed;
	struct rngtest_work *work; /* of @count */
	struct rngtest_work **free; /* those that have nothing to do */
	struct rngtest_work **done; /* [number % count]: before their turn */
	unsigned int count;
	unsigned int free_count;
	uint64_t next; /* the chunk whose turn it is */
};

/* PTHREAD_MUTEX_INITIALIZER and the like: all else is zero. */
#define RNGTEST_CREW_INITIALIZER                    \
	{                                           \
		.turn = PTHREAD_MUTEX_INITIALIZER,  \
		.claim = PTHREAD_MUTEX_INITIALIZER, \
		.freed = PTHREAD_COND_INITIALIZER,  \
	}

/*
 * Until the input ends or the crew is stopped, by so many threads, of which the
 * caller is one; fewer if no more can be had. 0 or -ENOMEM.
 */
int rngtest_crew_run(struct rngtest_crew *crew, unsigned int threads);

/* Any thread: nothing that comes after is claimed, nor handed in. */
void rngtest_crew_stop(struct rngtest_crew *crew);

#endif
