// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workers, and the turns they take: see run.h.
 *
 * Two locks. A thread holds `claim` while it takes its chunk from the input,
 * which may mean to wait for it; and `turn` while it hands in what it found.
 * Whoever holds claim may take turn, to report while there is no input; never
 * the other way round.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rngd/tester/banner.h"
#include "rngd/tester/input.h"
#include "rngd/tester/progress.h"
#include "rngd/tester/report.h"
#include "rngd/tester/run.h"
#include "rngd/tester/samples.h"
#include "rngd/stop.h"

/* Chunks for each thread, so that none waits for one that was held up. */
#define WORK_AHEAD 4

struct work;

struct run {
	const struct rngtest_options *options;
	atomic_bool over; /* no further chunk counts */

	pthread_mutex_t claim;
	struct rngtest_input input;

	pthread_mutex_t turn;
	pthread_cond_t freed;
	struct work *work; /* of @count */
	struct work **free; /* those of them that have nothing to do */
	struct work **done; /* [number % count]: tested, before their turn */
	unsigned int count;
	unsigned int free_count;
	uint64_t next; /* the chunk whose turn it is */
	struct rngtest_report report;
	struct rngtest_progress progress;
	struct rngtest_samples samples;
	uint64_t received; /* with what no block came of */
	uint64_t reported; /* when statistics were printed last */
	uint64_t blocks_reported;
	bool drained;
	enum rngtest_status status;
};

/* What one thread at a time has in hand. */
struct work {
	struct rngtest_chunk chunk;
	struct vrng_fips_result results[RNGTEST_CHUNK_BLOCKS];
	uint64_t ns; /* that testing took */
};

/* -------------------------------------------------------------- statistics */

/* Bytes that the first word, and what is thrown away before it, take. */
static unsigned int head(const struct run *run)
{
	return run->options->pipe ? 2 * VRNG_FIPS_WORD_BYTES :
				    VRNG_FIPS_WORD_BYTES;
}

static void print_stats(struct run *run, bool last)
{
	rngtest_progress_clear(&run->progress);
	rngtest_report_print(&run->report, last);
	run->reported = vrng_now();
	run->blocks_reported = rngtest_report_blocks(&run->report);
}

/* Between blocks, received is what it would be had no more been read. */
static void print_stats_between(struct run *run)
{
	uint64_t blocks = rngtest_report_blocks(&run->report);

	run->report.received =
		blocks ? head(run) + blocks * VRNG_FIPS_BLOCK_BYTES : 0;
	print_stats(run, false);
}

static bool time_is_up(const struct run *run)
{
	return run->options->timedstats &&
	       vrng_now() - run->reported >= run->options->timedstats;
}

static bool blocks_are_up(const struct run *run)
{
	return run->options->blockstats &&
	       rngtest_report_blocks(&run->report) - run->blocks_reported >=
		       run->options->blockstats;
}

/* For poll: how long until timed statistics are due, -1 where there are none */
static int idle_ms(void *arg)
{
	struct run *run = arg;
	uint64_t passed;

	if (!run->options->timedstats)
		return -1;
	pthread_mutex_lock(&run->turn);
	passed = vrng_now() - run->reported;
	pthread_mutex_unlock(&run->turn);
	if (passed >= run->options->timedstats)
		return 0;
	/* A day at a time: poll's int ends at 24 of them. */
	passed = (run->options->timedstats - passed) / 1000000 + 1;
	return passed < 86400000 ? (int)passed : 86400000;
}

/* Timed statistics go on while the input keeps us waiting. */
static void idle(void *arg)
{
	struct run *run = arg;

	pthread_mutex_lock(&run->turn);
	if (time_is_up(run))
		print_stats_between(run);
	pthread_mutex_unlock(&run->turn);
}

/* ------------------------------------------------------------------ output */

/*
 * Nothing more is to be done. Another thread may be waiting for input, which
 * what ends the program anyway cuts short.
 */
static void give_up(struct run *run, enum rngtest_status status)
{
	run->status = status;
	atomic_store(&run->over, true);
	kill(getpid(), SIGTERM);
}

static int write_error(struct run *run, int ret)
{
	rngtest_progress_clear(&run->progress);
	fprintf(stderr,
		RNGTEST_PREFIX "error writing to output: %s; what was sent "
			       "is incomplete\n",
		strerror(-ret));
	give_up(run, RNGTEST_IO);
	return ret;
}

static int write_all(struct run *run, const uint8_t *buf, size_t len)
{
	ssize_t put;
	int ret;

	while (len) {
		ret = vrng_stop_poll(STDOUT_FILENO, POLLOUT, -1);
		if (ret == -EINTR)
			return ret;
		if (ret < 0)
			return write_error(run, ret);
		put = write(STDOUT_FILENO, buf, len);
		if (put < 0 && errno != EAGAIN && errno != EINTR)
			return write_error(run, -errno);
		if (put > 0) {
			buf += put;
			len -= (size_t)put;
			run->report.sent += (uint64_t)put;
		}
	}
	return 0;
}

/* Blocks @from up to @to, all of them good. */
static int pass_on(struct run *run, const struct rngtest_chunk *chunk,
		   unsigned int from, unsigned int to)
{
	size_t len = (size_t)(to - from) * VRNG_FIPS_BLOCK_BYTES;
	uint64_t start = vrng_now();
	int ret;

	if (!run->options->pipe || from == to)
		return 0;
	ret = write_all(run, rngtest_chunk_block(chunk, from), len);
	if (!ret)
		vrng_speed_add(&run->report.out, len * 8, vrng_now() - start);
	return ret;
}

/* ------------------------------------------------------------------- turns */

static bool count_reached(const struct run *run)
{
	return run->options->blockcount &&
	       rngtest_report_blocks(&run->report) >= run->options->blockcount;
}

static int hand_in_blocks(struct run *run, const struct work *work)
{
	const struct rngtest_chunk *chunk = &work->chunk;
	unsigned int from = 0; /* good ones that are not yet passed on */
	unsigned int n;
	int ret = 0;

	for (n = 0; n < chunk->blocks && !ret; n++) {
		const struct vrng_fips_result *result = &work->results[n];

		vrng_tally_add(&run->report.tally, result->failed);
		if (run->options->hist)
			rngtest_sums_add(&run->report.sums, &result->stats);
		if (result->failed) {
			ret = pass_on(run, chunk, from, n);
			from = n + 1;
		}
		if (!blocks_are_up(run) || count_reached(run) || ret)
			continue;
		ret = pass_on(run, chunk, from, n + 1);
		from = n + 1;
		if (!ret)
			print_stats_between(run);
	}
	return ret ? ret : pass_on(run, chunk, from, n);
}

static void end_input(struct run *run, const struct rngtest_chunk *chunk)
{
	atomic_store(&run->over, true);
	if (chunk->end == -ENODATA)
		run->drained = true;
	if (chunk->end == -ENODATA || chunk->end == -EINTR)
		return;
	rngtest_progress_clear(&run->progress);
	fprintf(stderr, RNGTEST_PREFIX "%s\n", chunk->why.text);
	give_up(run, RNGTEST_IO);
}

static void keep_samples(struct run *run, const struct rngtest_chunk *chunk)
{
	size_t len = (size_t)chunk->blocks * VRNG_FIPS_BLOCK_BYTES;

	if (!run->samples.want)
		return;
	if (chunk->first)
		rngtest_samples_add(&run->samples, chunk->bytes,
				    VRNG_FIPS_WORD_BYTES);
	rngtest_samples_add(&run->samples, rngtest_chunk_block(chunk, 0),
			    len + chunk->rest);
}

static void hand_in(struct run *run, const struct work *work)
{
	const struct rngtest_chunk *chunk = &work->chunk;
	uint64_t bits = (uint64_t)chunk->blocks * VRNG_FIPS_BLOCK_BITS;

	run->received += chunk->received;
	keep_samples(run, chunk);
	if (chunk->blocks) {
		vrng_speed_add(&run->report.in, bits, chunk->ns);
		vrng_speed_add(&run->report.test, bits, work->ns);
	}
	if (hand_in_blocks(run, work)) {
		atomic_store(&run->over, true);
		return;
	}
	if (chunk->end)
		end_input(run, chunk);
	else if (time_is_up(run) && !count_reached(run))
		print_stats_between(run);
	rngtest_progress_update(&run->progress, run->received);
}

/*
 * Hand in @work, if its turn has come, and what others left behind that waited
 * for it; or leave it behind, so that this thread need not wait.
 */
static void take_turn(struct run *run, struct work *work)
{
	pthread_mutex_lock(&run->turn);
	run->done[work->chunk.number % run->count] = work;
	while ((work = run->done[run->next % run->count])) {
		run->done[run->next % run->count] = NULL;
		if (!atomic_load(&run->over))
			hand_in(run, work);
		run->next++;
		run->free[run->free_count++] = work;
		pthread_cond_signal(&run->freed);
	}
	pthread_mutex_unlock(&run->turn);
}

/* The one that was handed in last, which a cache may still hold. */
static struct work *take_work(struct run *run)
{
	struct work *work;

	pthread_mutex_lock(&run->turn);
	while (!run->free_count)
		pthread_cond_wait(&run->freed, &run->turn);
	work = run->free[--run->free_count];
	pthread_mutex_unlock(&run->turn);
	return work;
}

static void put_back(struct run *run, struct work *work)
{
	pthread_mutex_lock(&run->turn);
	run->free[run->free_count++] = work;
	pthread_cond_signal(&run->freed);
	pthread_mutex_unlock(&run->turn);
}

/* ----------------------------------------------------------------- workers */

static void test_chunk(const struct rngtest_options *options, struct work *work)
{
	uint64_t start = vrng_now();
	struct vrng_fips fips;
	unsigned int n;

	vrng_fips_init_with(&fips, work->chunk.bytes, options->engine);
	for (n = 0; n < work->chunk.blocks; n++)
		vrng_fips_check(&fips, rngtest_chunk_block(&work->chunk, n),
				&work->results[n]);
	work->ns = vrng_now() - start;
}

static bool claim_chunk(struct run *run, struct work *work)
{
	bool claimed = false;

	pthread_mutex_lock(&run->claim);
	if (!atomic_load(&run->over))
		claimed = rngtest_input_claim(&run->input, &work->chunk);
	pthread_mutex_unlock(&run->claim);
	return claimed;
}

static void *work_on(void *arg)
{
	struct run *run = arg;
	struct work *work = take_work(run);

	while (claim_chunk(run, work)) {
		rngtest_input_fetch(&work->chunk);
		test_chunk(run->options, work);
		take_turn(run, work);
		work = take_work(run);
	}
	put_back(run, work);
	return NULL;
}

/* This thread is one of @count. Fewer than asked for do. */
static void run_workers(struct run *run, unsigned int count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	unsigned int started = 0;

	while (threads && started + 1 < count &&
	       !pthread_create(&threads[started], NULL, work_on, run))
		started++;
	work_on(run);
	while (started)
		pthread_join(threads[--started], NULL);
	free(threads);
}

static int make_work(struct run *run, unsigned int count)
{
	int ret = 0;

	run->work = calloc(count, sizeof(*run->work));
	run->free = calloc(count, sizeof(struct work *));
	run->done = calloc(count, sizeof(struct work *));
	if (!run->work || !run->free || !run->done)
		return -ENOMEM;
	for (; run->count < count && !ret; run->count++) {
		ret = rngtest_chunk_init(&run->work[run->count].chunk);
		run->free[run->free_count++] = &run->work[run->count];
	}
	return ret;
}

static void free_work(struct run *run)
{
	while (run->count)
		rngtest_chunk_free(&run->work[--run->count].chunk);
	free(run->work);
	free(run->free);
	free(run->done);
}

static int run_tests(struct run *run)
{
	unsigned int count = run->options->threads;
	uint64_t size = rngtest_input_size(run->options->names);
	int ret;

	/* None would find a chunk that the others left. */
	if (size && size / RNGTEST_CHUNK_BYTES < count)
		count = (unsigned int)(size / RNGTEST_CHUNK_BYTES) + 1;
	ret = make_work(run, count > 1 ? WORK_AHEAD * count : 1);
	if (!ret)
		run_workers(run, count);
	free_work(run);
	return ret;
}

/* -------------------------------------------------------------------- run */

static void begin(struct run *run)
{
	const struct rngtest_options *options = run->options;
	uint64_t total = rngtest_input_size(options->names);
	uint64_t all = options->blockcount * VRNG_FIPS_BLOCK_BYTES + head(run);

	run->report.options = options;
	run->report.started = vrng_now();
	run->reported = run->report.started;
	run->input = (struct rngtest_input){
		.names = options->names,
		.blocks =
			options->blockcount ? options->blockcount : UINT64_MAX,
		.skip = head(run) - VRNG_FIPS_WORD_BYTES,
		.idle = idle,
		.idle_ms = idle_ms,
		.arg = run,
	};
	rngtest_input_begin(&run->input);
	if (options->blockcount && (!total || all < total))
		total = all;
	rngtest_progress_begin(&run->progress, total);
	if (options->pipe)
		run->progress.wanted = false;
	else if (!options->json)
		fputs(RNGTEST_BANNER "\n" RNGTEST_PREFIX
				     "starting FIPS tests...\n",
		      stderr);
}

static unsigned int columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

/* What was asked for beyond rng-tools' lines. */
static void print_reports(struct run *run)
{
	const struct rngtest_options *options = run->options;
	FILE *file = rngtest_report_file(options);
	int ret;

	if (options->hist && !options->json)
		rngtest_report_draw(&run->report, file, columns());
	ret = rngtest_samples_report(&run->samples, options);
	if (ret == -ENODATA)
		fputs(RNGTEST_PREFIX "no samples to estimate the entropy of\n",
		      stderr);
	else if (ret)
		fprintf(stderr,
			RNGTEST_PREFIX "cannot estimate the entropy: %s; try "
				       "fewer --samples\n",
			strerror(-ret));
	if (ret && ret != -ENODATA && !run->status)
		run->status = RNGTEST_OS;
	if (!fflush(stdout) && !ferror(stdout))
		return;
	fprintf(stderr,
		RNGTEST_PREFIX "error writing to output: %s; the report is "
			       "incomplete\n",
		strerror(errno));
	run->status = RNGTEST_IO;
}

static void end(struct run *run)
{
	const struct rngtest_options *options = run->options;

	rngtest_progress_clear(&run->progress);
	if (run->drained && !options->pipe && !options->json)
		fputs(RNGTEST_PREFIX "entropy source drained\n", stderr);
	run->report.received = run->received;
	print_stats(run, true);
	print_reports(run);
	if (run->status == RNGTEST_GOOD &&
	    (run->report.tally.bad || !run->report.tally.good))
		run->status = RNGTEST_BAD_BLOCKS;
}

enum rngtest_status rngtest_run(const struct rngtest_options *options)
{
	struct run run = {
		.options = options,
		.claim = PTHREAD_MUTEX_INITIALIZER,
		.turn = PTHREAD_MUTEX_INITIALIZER,
		.freed = PTHREAD_COND_INITIALIZER,
	};
	int ret = rngtest_samples_init(&run.samples, options);

	if (!ret) {
		begin(&run);
		ret = run_tests(&run);
	}
	if (ret) {
		fprintf(stderr, RNGTEST_PREFIX "cannot start: %s\n",
			strerror(-ret));
		run.status = RNGTEST_OS;
	} else {
		end(&run);
	}
	rngtest_input_close(&run.input);
	rngtest_samples_free(&run.samples);
	return run.status;
}
