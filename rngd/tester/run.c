// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts, reports and passes on the chunks that threads hand in: see run.h. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/tester/banner.h"
#include "rngd/tester/workers.h"
#include "rngd/tester/input.h"
#include "rngd/tester/page.h"
#include "rngd/tester/progress.h"
#include "rngd/tester/report.h"
#include "rngd/tester/run.h"
#include "rngd/tester/samples.h"
#include "rngd/tester/stop.h"

struct run {
	const struct rngtest_options *options;
	struct rngtest_workers workers;
	struct rngtest_input input;

	/* Protected by workers.turn while the threads run: */
	struct rngtest_report report;
	struct rngtest_progress progress;
	struct rngtest_samples samples;
	uint64_t received; /* bytes, those that are part of no block included */
	uint64_t reported; /* vrng_now() of the last statistics */
	uint64_t blocks_reported; /* blocks tested by then */
	bool drained; /* the input ended */
	bool unwritten; /* the last JSON could not be written */
	enum rngtest_status status;
};

/* -------------------------------------------------------------- statistics */

/* Bytes before the first block: the first word, and in pipe mode one more. */
static unsigned int head(const struct run *run)
{
	return run->options->pipe ? 2 * VRNG_FIPS_WORD_BYTES :
				    VRNG_FIPS_WORD_BYTES;
}

/* The report could not be written; where to is what JSON is printed to. */
static void report_failed(struct run *run, int ret)
{
	fprintf(stderr,
		RNGTEST_PREFIX "error writing to output: %s; the report is "
			       "incomplete\n",
		strerror(-ret));
	run->status = RNGTEST_IO;
}

/* Lines that stderr does not take are lost, as any message would be. */
static void print_stats(struct run *run, bool last)
{
	int ret;

	rngtest_progress_clear(&run->progress);
	ret = rngtest_report_write(&run->report, last);
	if (ret && run->options->json && !run->unwritten)
		report_failed(run, ret);
	run->unwritten = ret && run->options->json;
	run->reported = vrng_now();
	run->blocks_reported = rngtest_report_blocks(&run->report);
}

/* Before the end, bytes that were read ahead do not count as received. */
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

/*
 * Returns the ms until timed statistics are due, for poll(); -1 without them.
 */
static int idle_ms(void *arg)
{
	struct run *run = arg;
	uint64_t passed;

	if (!run->options->timedstats)
		return -1;
	pthread_mutex_lock(&run->workers.turn);
	passed = vrng_now() - run->reported;
	pthread_mutex_unlock(&run->workers.turn);
	if (passed >= run->options->timedstats)
		return 0;
	/* At most a day: the int of poll() ends at 24 days. */
	passed = (run->options->timedstats - passed) / VRNG_NS_PER_MS + 1;
	return passed < 86400000 ? (int)passed : 86400000;
}

/* Print timed statistics while there is no input. */
static void idle(void *arg)
{
	struct run *run = arg;

	pthread_mutex_lock(&run->workers.turn);
	if (time_is_up(run))
		print_stats_between(run);
	pthread_mutex_unlock(&run->workers.turn);
}

/* ------------------------------------------------------------------ output */

/*
 * End the run with @status. Another thread may wait for input: the signal,
 * which vrng_stop handles, ends the wait.
 */
static void give_up(struct run *run, enum rngtest_status status)
{
	run->status = status;
	rngtest_workers_stop(&run->workers);
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

/* In pipe mode write blocks @from to @to - 1, which passed. */
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

static int hand_in_blocks(struct run *run, const struct rngtest_work *work)
{
	const struct rngtest_chunk *chunk = &work->chunk;
	unsigned int from = 0; /* first good block that is not yet passed on */
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
	rngtest_workers_stop(&run->workers);
	if (chunk->end == -ENODATA)
		run->drained = true;
	if (chunk->end == -ENODATA || chunk->end == -EINTR)
		return;
	rngtest_progress_clear(&run->progress);
	fprintf(stderr, RNGTEST_PREFIX "%s\n", chunk->error.text);
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

static void hand_in(void *arg, const struct rngtest_work *work)
{
	struct run *run = arg;
	const struct rngtest_chunk *chunk = &work->chunk;
	uint64_t bits = (uint64_t)chunk->blocks * VRNG_FIPS_BLOCK_BITS;

	run->received += chunk->received;
	keep_samples(run, chunk);
	if (chunk->blocks) {
		vrng_speed_add(&run->report.in, bits, chunk->ns);
		vrng_speed_add(&run->report.test, bits, work->ns);
	}
	if (hand_in_blocks(run, work)) {
		rngtest_workers_stop(&run->workers);
		return;
	}
	if (chunk->end)
		end_input(run, chunk);
	else if (time_is_up(run) && !count_reached(run))
		print_stats_between(run);
	rngtest_progress_update(&run->progress, run->received);
}

static int run_tests(struct run *run)
{
	unsigned int count = run->options->threads;
	uint64_t size = rngtest_input_size(run->options->names);

	/* More threads than chunks would find nothing to do. */
	if (size && size / RNGTEST_CHUNK_BYTES < count)
		count = (unsigned int)(size / RNGTEST_CHUNK_BYTES) + 1;
	return rngtest_workers_run(&run->workers, count);
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
	run->workers.input = &run->input;
	run->workers.engine = options->engine;
	run->workers.hand_in = hand_in;
	run->workers.arg = run;
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

/* Print the reports that rng-tools does not have. */
static void print_reports(struct run *run)
{
	const struct rngtest_options *options = run->options;
	struct rngtest_page page;
	struct vrng_error error = { "" };
	int ret = rngtest_page_begin(&page);
	int err;

	if (ret) {
		report_failed(run, ret);
		return;
	}
	if (options->hist && !options->json)
		rngtest_report_draw(&run->report, page.file, columns());
	ret = rngtest_samples_report(&run->samples, options, page.file, &error);
	if (ret == -ENOMEM)
		vrng_fail(&error, ENOMEM,
			  "cannot assess the samples: %m; try fewer "
			  "--samples");
	if (ret)
		fprintf(stderr, RNGTEST_PREFIX "%s\n", error.text);
	if (ret == -ENOMEM && !run->status)
		run->status = RNGTEST_OS;
	else if (ret == -ERANGE && !run->status)
		run->status = RNGTEST_USAGE;
	else if (ret && ret != -ENODATA && ret != -EDOM && ret != -EINTR &&
		 !run->status)
		run->status = RNGTEST_IO;
	err = rngtest_page_end(&page, rngtest_report_fd(options));
	if (err && !run->unwritten)
		report_failed(run, err);
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
	if (run->status == RNGTEST_GOOD && !rngtest_report_blocks(&run->report))
		fprintf(stderr,
			RNGTEST_PREFIX "no whole block: the first takes %u "
				       "bytes, and there were %" PRIu64 "\n",
			head(run) + VRNG_FIPS_BLOCK_BYTES, run->received);
	if (run->status == RNGTEST_GOOD &&
	    (run->report.tally.bad || !run->report.tally.good ||
	     run->samples.failed))
		run->status = RNGTEST_BAD_BLOCKS;
}

enum rngtest_status rngtest_run(const struct rngtest_options *options)
{
	struct run run = {
		.options = options,
		.workers = RNGTEST_WORKERS_INITIALIZER,
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
