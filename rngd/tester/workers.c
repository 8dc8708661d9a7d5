// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that test chunks, and hand in the results in order: see crew.h.
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

void rngtest_crew_stop(struct rngtest_crew *crew)
{
	atomic_store(&crew->over, true);
}

/* ------------------------------------------------------------------- turns */

/*
 * If it is @work's turn, hand in it and the finished work that follows. If not,
 * store it for the thread whose turn comes first, so that this one need not
 * wait.
 */
static void take_turn(struct rngtest_crew *crew, struct rngtest_work *work)
{
	pthread_mutex_lock(&crew->turn);
	crew->done[work->chunk.number % crew->count] = work;
	while ((work = crew->done[crew->next % crew->count])) {
		crew->done[crew->next % crew->count] = NULL;
		if (!atomic_load(&crew->over))
			crew->hand_in(crew->arg, work);
		crew->next++;
		crew->free[crew->free_count++] = work;
		pthread_cond_signal(&crew->freed);
	}
	pthread_mutex_unlock(&crew->turn);
}

/* Returns the work that was freed last: it may still be in the cache. */
static struct rngtest_work *take_work(struct rngtest_crew *crew)
{
	struct rngtest_work *work;

	pthread_mutex_lock(&crew->turn);
	while (!crew->free_count)
		pthread_cond_wait(&crew->freed, &crew->turn);
	work = crew->free[--crew->free_count];
	pthread_mutex_unlock(&crew->turn);
	return work;
}

static void put_back(struct rngtest_crew *crew, struct rngtest_work *work)
{
	pthread_mutex_lock(&crew->turn);
	crew->free[crew->free_count++] = work;
	pthread_cond_signal(&crew->freed);
	pthread_mutex_unlock(&crew->turn);
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

static bool claim_chunk(struct rngtest_crew *crew, struct rngtest_work *work)
{
	bool claimed = false;

	pthread_mutex_lock(&crew->claim);
	if (!atomic_load(&crew->over))
		claimed = rngtest_input_claim(crew->input, &work->chunk);
	pthread_mutex_unlock(&crew->claim);
	return claimed;
}

static void *work_on(void *arg)
{
	struct rngtest_crew *crew = arg;
	struct rngtest_work *work = take_work(crew);

	while (claim_chunk(crew, work)) {
		rngtest_input_fetch(&work->chunk);
		test_chunk(crew->engine, work);
		take_turn(crew, work);
		work = take_work(crew);
	}
	put_back(crew, work);
	return NULL;
}

/*
 * Run @count threads, of which the caller is one. Fewer do if some cannot
 * start.
 */
static void run_workers(struct rngtest_crew *crew, unsigned int count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	unsigned int started = 0;

	while (threads && started + 1 < count &&
	       !pthread_create(&threads[started], NULL, work_on, crew))
		started++;
	work_on(crew);
	while (started)
		pthread_join(threads[--started], NULL);
	free(threads);
}

static int make_work(struct rngtest_crew *crew, unsigned int count)
{
	int ret = 0;

	crew->work = calloc(count, sizeof(*crew->work));
	crew->free = calloc(count, sizeof(struct rngtest_work *));
	crew->done = calloc(count, sizeof(struct rngtest_work *));
	if (!crew->work || !crew->free || !crew->done)
		return -ENOMEM;
	for (; crew->count < count && !ret; crew->count++) {
		ret = rngtest_chunk_init(&crew->work[crew->count].chunk);
		crew->free[crew->free_count++] = &crew->work[crew->count];
	}
	return ret;
}

static void free_work(struct rngtest_crew *crew)
{
	while (crew->count)
		rngtest_chunk_free(&crew->work[--crew->count].chunk);
	free(crew->work);
	free(crew->free);
	free(crew->done);
}

int rngtest_crew_run(struct rngtest_crew *crew, unsigned int threads)
{
	int ret = make_work(crew, threads > 1 ? WORK_AHEAD * threads : 1);

	if (!ret)
		run_workers(crew, threads);
	free_work(crew);
	return ret;
}
