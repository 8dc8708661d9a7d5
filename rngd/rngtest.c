// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rngtest: FIPS 140-2 tests of what comes in on stdin. Options, lines and exit
 * statuses are those of rng-tools' program of the same name, which scripts
 * parse; rngtest(1) lists them.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <popt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/checks/tally.h"
#include "rngd/number.h"
#include "rngd/speed.h"
#include "rngd/stdfds.h"
#include "rngd/stop.h"
#include "vrng/fips.h"
#include "vrng/version.h"

#define PREFIX "rngtest: "

#define BANNER                                                        \
	"rngtest " VRNG_VERSION "\n"                                  \
	"Copyright (c) 2026 the vrng authors\n"                       \
	"Free software under the GNU GPL, version 2 or later; there " \
	"is NO WARRANTY, to the extent permitted by law.\n"

enum exit_status {
	EXIT_GOOD = 0,
	EXIT_BAD_BLOCKS = 1, /* a block failed, or there was none */
	EXIT_USAGE = 10,
	EXIT_IO = 11,
	EXIT_OS = 12
};

struct options {
	uint64_t blockcount; /* each: 0 is without end, or never */
	uint64_t blockstats;
	uint64_t timedstats; /* nanoseconds */
	bool pipe;
};

struct run {
	const struct options *options;
	struct vrng_fips fips;
	struct vrng_tally tally;
	uint64_t bytes_in;
	uint64_t bytes_out;
	struct vrng_speed in;
	struct vrng_speed test;
	struct vrng_speed out;
	uint64_t started; /* vrng_now() */
	uint64_t reported; /* when the last statistics were printed */
	uint64_t blocks_reported;
	enum exit_status status;
};

/* ------------------------------------------------------------ statistics */

static void print_speed(const struct vrng_speed *speed, const char *name)
{
	char line[160];

	vrng_speed_line(speed, name, VRNG_FIPS_BLOCK_BITS, line, sizeof(line));
	fprintf(stderr, PREFIX "%s\n", line);
}

static void print_stats(struct run *run)
{
	uint64_t now = vrng_now();
	char line[160];
	unsigned int i;

	fprintf(stderr, PREFIX "bits received from input: %" PRIu64 "\n",
		run->bytes_in * 8);
	if (run->options->pipe)
		fprintf(stderr, PREFIX "bits sent to output: %" PRIu64 "\n",
			run->bytes_out * 8);
	for (i = 0; i < VRNG_TALLY_LINES; i++) {
		vrng_tally_line(&run->tally, i, line, sizeof(line));
		fprintf(stderr, PREFIX "%s\n", line);
	}
	print_speed(&run->in, "input channel speed");
	print_speed(&run->test, "FIPS tests speed");
	if (run->options->pipe)
		print_speed(&run->out, "output channel speed");
	fprintf(stderr, PREFIX "Program run time: %" PRIu64 " microseconds\n",
		(now - run->started) / 1000);
	run->reported = now;
	run->blocks_reported = run->tally.good + run->tally.bad;
}

static bool time_is_up(const struct run *run)
{
	return run->options->timedstats &&
	       vrng_now() - run->reported >= run->options->timedstats;
}

static void print_stats_if_due(struct run *run)
{
	uint64_t blocks = run->tally.good + run->tally.bad;
	bool due = run->options->blockstats &&
		   blocks - run->blocks_reported >= run->options->blockstats;

	if (due || time_is_up(run))
		print_stats(run);
}

/* For poll: how long until timed statistics are due, -1 where there are none */
static int ms_until_stats(const struct run *run)
{
	uint64_t passed;

	if (!run->options->timedstats)
		return -1;
	passed = vrng_now() - run->reported;
	if (passed >= run->options->timedstats)
		return 0;
	/* A day at a time: poll's int ends at 24 of them. */
	passed = (run->options->timedstats - passed) / 1000000 + 1;
	return passed < 86400000 ? (int)passed : 86400000;
}

/* ------------------------------------------------------------------- I/O */

static int io_error(struct run *run, const char *what, int ret,
		    const char *advice)
{
	fprintf(stderr, PREFIX "error %s: %s; %s\n", what, strerror(-ret),
		advice);
	run->status = EXIT_IO;
	return ret;
}

static int read_error(struct run *run, int ret)
{
	return io_error(run, "reading input", ret,
			"redirect it from a file, "
			"device or pipe");
}

static int write_error(struct run *run, int ret)
{
	return io_error(run, "writing to output", ret,
			"what was sent is incomplete");
}

/* Timed statistics go on while the input keeps us waiting. */
static int wait_for_input(struct run *run)
{
	int ret;

	for (;;) {
		ret = vrng_stop_poll(STDIN_FILENO, POLLIN, ms_until_stats(run));
		if (ret)
			return ret;
		print_stats_if_due(run);
	}
}

/* 0 when @len bytes are there, -ENODATA at the end, -EINTR to stop. */
static int read_all(struct run *run, uint8_t *buf, size_t len)
{
	size_t have = 0;
	ssize_t got;
	int ret;

	while (have < len) {
		ret = wait_for_input(run);
		if (ret == -EINTR)
			return ret;
		if (ret < 0)
			return read_error(run, ret);
		got = read(STDIN_FILENO, buf + have, len - have);
		if (got == 0)
			return -ENODATA;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return read_error(run, -errno);
		if (got > 0) {
			have += (size_t)got;
			run->bytes_in += (uint64_t)got;
		}
	}
	return 0;
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
			run->bytes_out += (uint64_t)put;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------ tests */

/*
 * As rng-tools does: in pipe mode the first word is thrown away, and in both
 * modes the next one is what the first block's first word is compared with.
 */
static int read_first_words(struct run *run)
{
	uint8_t word[VRNG_FIPS_WORD_BYTES];
	int ret = 0;

	if (run->options->pipe)
		ret = read_all(run, word, sizeof(word));
	if (!ret)
		ret = read_all(run, word, sizeof(word));
	if (!ret)
		vrng_fips_init(&run->fips, word);
	explicit_bzero(word, sizeof(word));
	return ret;
}

static int one_block(struct run *run, uint8_t *block)
{
	struct vrng_fips_result result;
	uint64_t start = vrng_now();
	uint64_t now;
	int ret;

	ret = read_all(run, block, VRNG_FIPS_BLOCK_BYTES);
	if (ret)
		return ret;
	now = vrng_now();
	vrng_speed_add(&run->in, now - start);
	start = now;

	vrng_fips_check(&run->fips, block, &result);
	now = vrng_now();
	vrng_speed_add(&run->test, now - start);
	start = now;

	vrng_tally_add(&run->tally, result.failed);
	if (result.failed || !run->options->pipe)
		return 0;
	ret = write_all(run, block, VRNG_FIPS_BLOCK_BYTES);
	if (!ret)
		vrng_speed_add(&run->out, vrng_now() - start);
	return ret;
}

static bool count_reached(const struct run *run)
{
	return run->options->blockcount &&
	       run->tally.good + run->tally.bad >= run->options->blockcount;
}

static int run_tests(struct run *run)
{
	uint8_t block[VRNG_FIPS_BLOCK_BYTES];
	int ret = read_first_words(run);

	while (!ret) {
		ret = one_block(run, block);
		if (!ret && count_reached(run))
			break;
		if (!ret)
			print_stats_if_due(run);
	}
	explicit_bzero(block, sizeof(block));
	return ret;
}

static enum exit_status test_input(const struct options *options)
{
	struct run run = { .options = options };
	int ret;

	run.started = vrng_now();
	run.reported = run.started;
	if (!options->pipe)
		fputs(BANNER "\n" PREFIX "starting FIPS tests...\n", stderr);

	ret = run_tests(&run);
	if (ret == -ENODATA && !options->pipe)
		fputs(PREFIX "entropy source drained\n", stderr);
	print_stats(&run);

	if (run.status == EXIT_GOOD && (run.tally.bad || !run.tally.good))
		return EXIT_BAD_BLOCKS;
	return run.status;
}

/* ---------------------------------------------------------------- options */

enum {
	OPT_HELP = '?',
	OPT_VERSION = 'V'
};

static const struct poptOption option_table[] = {
	{ "blockcount", 'c', POPT_ARG_STRING, NULL, 'c',
	  "Exit after processing n blocks (default: 0, at the end of input)",
	  "n" },
	{ "blockstats", 'b', POPT_ARG_STRING, NULL, 'b',
	  "Print statistics every n blocks (default: 0, only at the end)",
	  "n" },
	{ "timedstats", 't', POPT_ARG_STRING, NULL, 't',
	  "Print statistics every n seconds (default: 0, only at the end)",
	  "n" },
	{ "pipe", 'p', POPT_ARG_NONE, NULL, 'p',
	  "Pipe mode: work silently, and echo good blocks to stdout", NULL },
	{ "help", '?', POPT_ARG_NONE, NULL, OPT_HELP, "Show this help", NULL },
	{ "version", 'V', POPT_ARG_NONE, NULL, OPT_VERSION, "Show the version",
	  NULL },
	POPT_TABLEEND
};

static int refuse(const char *text)
{
	fprintf(stderr, PREFIX "%s; see rngtest --help\n", text);
	return EXIT_USAGE;
}

/* As much as has 2^64 bits, or nanoseconds, at most. */
static int take_number(struct options *options, int opt, poptContext con)
{
	char *text = poptGetOptArg(con);
	struct vrng_why why;
	uint64_t n = 0;
	int ret;

	if (opt == 'c')
		ret = vrng_number(&options->blockcount, "--blockcount", text, 0,
				  INT64_MAX / VRNG_FIPS_BLOCK_BITS, &why);
	else if (opt == 'b')
		ret = vrng_number(&options->blockstats, "--blockstats", text, 0,
				  INT64_MAX / VRNG_FIPS_BLOCK_BITS, &why);
	else
		ret = vrng_number(&n, "--timedstats", text, 0,
				  INT64_MAX / 1000000000, &why);
	if (opt == 't')
		options->timedstats = n * 1000000000;
	free(text);
	return ret ? refuse(why.text) : 0;
}

static int flush_stdout(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_GOOD;
	fprintf(stderr, PREFIX "error writing to output: %s\n",
		strerror(errno));
	return EXIT_IO;
}

static int show_help(poptContext con)
{
	poptPrintHelp(con, stdout, 0);
	puts("\nTests stdin in blocks of 20,000 bits with the FIPS 140-2 tests; "
	     "messages and\nstatistics go to stderr. Exit status: 0 all blocks "
	     "passed, 1 a block failed (or\nthere was none), 10 usage, 11 "
	     "input or output error, 12 system error.");
	return flush_stdout();
}

static int show_version(void)
{
	fputs(BANNER, stdout);
	return flush_stdout();
}

/* -1 to go on, else the status to exit with. */
static int parse_options(struct options *options, poptContext con)
{
	char text[160];
	int opt, ret;

	while ((opt = poptGetNextOpt(con)) > 0) {
		if (opt == OPT_HELP)
			return show_help(con);
		if (opt == OPT_VERSION)
			return show_version();
		if (opt == 'p') {
			options->pipe = true;
			continue;
		}
		ret = take_number(options, opt, con);
		if (ret)
			return ret;
	}
	if (opt < -1) {
		snprintf(text, sizeof(text), "%.64s: %s",
			 poptBadOption(con, POPT_BADOPTION_NOALIAS),
			 poptStrerror(opt));
		return refuse(text);
	}
	if (poptPeekArg(con)) {
		snprintf(text, sizeof(text), "%.64s: input is read from stdin",
			 poptPeekArg(con));
		return refuse(text);
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	poptContext con;
	int status;
	int ret = vrng_stdfds_hold();

	if (!ret)
		ret = vrng_stop_init();
	con = poptGetContext("rngtest", argc, (const char **)argv, option_table,
			     0);
	if (ret || !con) {
		fprintf(stderr, PREFIX "cannot start: %s\n",
			strerror(ret ? -ret : ENOMEM));
		status = EXIT_OS;
		goto out;
	}

	status = parse_options(&options, con);
	if (status < 0)
		status = (int)test_input(&options);
out:
	poptFreeContext(con);
	return status;
}
