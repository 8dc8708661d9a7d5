// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Worker threads that test chunks and hand in the results in order: see
 * workers.h.
 *
 * There are two locks. A thread holds claim while it takes a chunk from the
 * input, which may block; it holds turn while it hands in results. A thread
 * that holds claim may take turn, to report while there is no input. A thread
 * that holds turn never takes claim.
 */
#include <errno.h>
#include <stdlib.h>

#include "rngd/base/clock.h"
#include "rngd/tester/workers.h"

/* Chunks for each thread, so that none waits for a thread that is delayed. */
#define WORK_AHEAD 4

void rngtest_workers_stop(struct rngtest_workers *workers)
{
	atomic_store(&workers->over, true);
}

/* ------------------------------------------------------------------- turns */

/*
 * If it is @work's turn, hand in it and the finished work that follows. If not,
 * store it for the thread whose turn comes first, so that this one need not
 * wait.
 */
static void take_turn(struct rngtest_workers *workers,
		      struct rngtest_work *work)
{
	pthread_mutex_lock(&workers->turn);
	workers->done[work->chunk.number % workers->count] = work;
	while ((work = workers->done[workers->next % workers->count])) {
		workers->done[workers->next % workers->count] = NULL;
		if (!atomic_load(&workers->over))
			workers->hand_in(workers->arg, work);
		workers->next++;
		workers->free[workers->free_count++] = work;
		pthread_cond_signal(&workers->freed);
	}
	pthread_mutex_unlock(&workers->turn);
}

/* Returns the work that was freed last: it may still be in the cache. */
static struct rngtest_work *take_work(struct rngtest_workers *workers)
{
	struct rngtest_work *work;

	pthread_mutex_lock(&workers->turn);
	while (!workers->free_count)
		pthread_cond_wait(&workers->freed, &workers->turn);
	work = workers->free[--workers->free_count];
	pthread_mutex_unlock(&workers->turn);
	return work;
}

static void put_back(struct rngtest_workers *workers, struct rngtest_work *work)
{
	pthread_mutex_lock(&workers->turn);
	workers->free[workers->free_count++] = work;
	pthread_cond_signal(&workers->freed);
	pthread_mutex_unlock(&workers->turn);
}

/* ----------------------------------------------------------------- workers */

static void test_chunk(const struct vrng_fips_engine *engine,
		       struct rngtest_work *work)
{
	uint64_t start = vrng_now();
	struct vrng_fips fips;
	unsigned int n;

	vrng_fips_init_with(&fips, work->chunk.bytes, engine);
	for (n = 0; n < work->chunk.blocks; n++)
		vrng_fips_check(&fips, rngtest_chunk_block(&work->chunk, n),
				&work->results[n]);
	work->ns = vrng_now() - start;
}

static bool claim_chunk(struct rngtest_workers *workers,
			struct rngtest_work *work)
{
	bool claimed = false;

	pthread_mutex_lock(&workers->claim);
	if (!atomic_load(&workers->over))
		claimed = rngtest_input_claim(workers->input, &work->chunk);
	pthread_mutex_unlock(&workers->claim);
	return claimed;
}

static void *work_on(void *arg)
{
	struct rngtest_workers *workers = arg;
	struct rngtest_work *work = take_work(workers);

	while (claim_chunk(workers, work)) {
		rngtest_input_fetch(&work->chunk);
		test_chunk(workers->engine, work);
		take_turn(workers, work);
		work = take_work(workers);
	}
	put_back(workers, work);
	return NULL;
}

/*
 * Run @count threads, of which the caller is one. Fewer do if some cannot
 * start.
 */
static void run_workers(struct rngtest_workers *workers, unsigned int count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	unsigned int started = 0;

	while (threads && started + 1 < count &&
	       !pthread_create(&threads[started], NULL, work_on, workers))
		started++;
	work_on(workers);
	while (started)
		pthread_join(threads[--started], NULL);
	free(threads);
}

static int make_work(struct rngtest_workers *workers, unsigned int count)
{
	int ret = 0;

	workers->work = calloc(count, sizeof(*workers->work));
	workers->free = calloc(count, sizeof(struct rngtest_work *));
	workers->done = calloc(count, sizeof(struct rngtest_work *));
	if (!workers->work || !workers->free || !workers->done)
		return -ENOMEM;
	for (; workers->count < count && !ret; workers->count++) {
		ret = rngtest_chunk_init(&workers->work[workers->count].chunk);
		workers->free[workers->free_count++] =
			&workers->work[workers->count];
	}
	return ret;
}

static void free_work(struct rngtest_workers *workers)
{
	while (workers->count)
		rngtest_chunk_free(&workers->work[--workers->count].chunk);
	free(workers->work);
	free(workers->free);
	free(workers->done);
}

int rngtest_workers_run(struct rngtest_workers *workers, unsigned int threads)
{
	int ret = make_work(workers, threads > 1 ? WORK_AHEAD * threads : 1);

	if (!ret)
		run_workers(workers, threads);
	free_work(workers);
	return ret;
}
