// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The set of sources is replaced as a whole. Sources are FIFOs into which a case
 * writes blocks of a seeded stream, so that it knows what each feeder has had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/crypto.h"
#include "rngd/feed/set.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES
#define SEED  "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"
#define SEED_2 \
	"f0112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"

/* A bound for waits, ms: generous for the slowest machine. */
#define PATIENCE 20000

#define FIFOS 3

static char folder[] = "/tmp/set.XXXXXX";
static char spec[FIFOS][64]; /* "file:FOLDER/0", ... */
static int fifo[FIFOS]; /* what the case writes to */
static struct vrng_source *stream;
static const struct vrng_sink_setup discarding; /* no path */
static struct vrng_log quiet_log;
static struct vrng_sink *sink;
static struct rngd_outlet *outlet;
static struct rngd_set *set;
static struct rngd_report report;
static const struct rngd_set_defaults defaults = { .entropy = 8,
						   .suspend = 3600 };

static const char *path_of(unsigned int n)
{
	return spec[n] + strlen("file:");
}

static void make_fifo(unsigned int n)
{
	(void)snprintf(spec[n], sizeof(spec[n]), "file:%s/%u", folder, n);
	assert_int_equal(mkfifo(path_of(n), 0600), 0);
	fifo[n] = open(path_of(n), O_RDWR | O_CLOEXEC | O_NONBLOCK);
	assert_true(fifo[n] >= 0);
}

static int begin(void **unused)
{
	unsigned int n;

	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	for (n = 0; n < FIFOS; n++)
		make_fifo(n);
	assert_int_equal(vrng_crypto_init(NULL), 0);
	assert_int_equal(vrng_source_parse(&stream, "drbg:seed=" SEED,
					   &vrng_opener_plain, NULL),
			 0);
	assert_int_equal(vrng_source_open(stream, NULL), 0);
	assert_int_equal(vrng_sink_open(&sink, &discarding, NULL), 0);
	assert_int_equal(rngd_outlet_make(&outlet, sink, &quiet_log, 0, NULL),
			 0);
	return 0;
}

static int end(void **unused)
{
	unsigned int n;

	(void)unused;
	if (set)
		assert_true(rngd_set_stop(set));
	rngd_set_free(set);
	set = NULL;
	rngd_outlet_free(outlet);
	vrng_sink_close(sink);
	vrng_source_free(stream);
	for (n = 0; n < FIFOS; n++) {
		close(fifo[n]);
		(void)unlink(path_of(n));
	}
	return rmdir(folder);
}

static void start(char *const *specs, size_t n,
		  const struct rngd_set_defaults *with)
{
	assert_int_equal(
		rngd_set_make(&set, specs, n, &vrng_opener_plain, NULL), 0);
	assert_int_equal(rngd_set_start(set, outlet, &quiet_log, with, NULL),
			 0);
}

/* The first word of a stream is not part of a block. */
static void write_bytes(unsigned int n, size_t len)
{
	uint8_t bytes[BLOCK];

	assert_int_equal(vrng_source_read(stream, bytes, len, NULL), len);
	assert_int_equal(write(fifo[n], bytes, len), len);
}

static const struct rngd_source_report *find(const char *name)
{
	static const struct rngd_source_report none;
	size_t i;

	rngd_set_report(set, &report);
	for (i = 0; i < report.sources; i++)
		if (!strcmp(report.source[i].name, name))
			return &report.source[i];
	fail_msg("there is no source %s", name);
	return &none;
}

/* Wait until source @n has passed @good blocks, and @out bytes of them are out. */
static void await_blocks(unsigned int n, uint64_t good, uint64_t out)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	const struct rngd_source_report *found;

	while (found = find(spec[n]),
	       found->stats.good < good || found->stats.bytes_out < out) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(found->stats.good, good);
	assert_int_equal(found->stats.bad, 0);
	assert_int_equal(found->stats.bytes_out, out);
}

static int unread(unsigned int n)
{
	int bytes = -1;

	assert_int_equal(ioctl(fifo[n], FIONREAD, &bytes), 0);
	return bytes;
}

/* The sources are exactly these, in this order. */
static void has(char *const *specs, size_t n)
{
	size_t i;

	rngd_set_report(set, &report);
	assert_int_equal(report.sources, n);
	for (i = 0; i < n; i++)
		assert_string_equal(report.source[i].name, specs[i]);
}

static void refuses(char *const *specs, size_t n,
		    const struct rngd_set_defaults *with, int ret,
		    const char *text)
{
	struct vrng_error error = { "" };

	assert_int_equal(rngd_set_replace(set, specs, n, with, &error), ret);
	if (!strstr(error.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, error.text);
}

/* --------------------------------------------------------------------- cases */

static void sources_of_a_new_configuration_replace_the_old(void **unused)
{
	char *const old[] = { spec[0], spec[1] };
	char *const fresh[] = { spec[2], spec[1] };

	(void)unused;
	start(old, 2, &defaults);
	has(old, 2);
	assert_int_equal(rngd_set_replace(set, fresh, 2, &defaults, NULL), 0);
	has(fresh, 2);
	write_bytes(2, 4);
	write_bytes(2, BLOCK);
	await_blocks(2, 1, BLOCK);
}

/* Its second block is tested against the last word of its first. */
static void a_source_in_both_keeps_its_feeder_and_counters(void **unused)
{
	char *const old[] = { spec[0], spec[1] };
	char *const fresh[] = { spec[1] };

	(void)unused;
	start(old, 2, &defaults);
	write_bytes(1, 4);
	write_bytes(1, BLOCK);
	await_blocks(1, 1, BLOCK);
	assert_int_equal(rngd_set_replace(set, fresh, 1, &defaults, NULL), 0);
	write_bytes(1, BLOCK); /* without a first word */
	await_blocks(1, 2, 2 * BLOCK);
	assert_int_equal(find(spec[1])->stats.bytes_in, 4 + 2 * BLOCK);
}

static void a_removed_source_is_read_no_more_but_counts(void **unused)
{
	char *const old[] = { spec[0], spec[1] };
	char *const fresh[] = { spec[1] };

	(void)unused;
	start(old, 2, &defaults);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	assert_int_equal(rngd_set_replace(set, fresh, 1, &defaults, NULL), 0);
	write_bytes(0, BLOCK);
	write_bytes(1, 4);
	write_bytes(1, BLOCK);
	await_blocks(1, 1, BLOCK);
	assert_int_equal(unread(0), BLOCK);
	assert_int_equal(report.total.good, 2);
	assert_int_equal(report.total.bytes_out, 2 * BLOCK);
}

static void a_source_that_comes_back_begins_anew(void **unused)
{
	char *const both[] = { spec[0], spec[1] };
	char *const one[] = { spec[1] };

	(void)unused;
	start(both, 2, &defaults);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	assert_int_equal(rngd_set_replace(set, one, 1, &defaults, NULL), 0);
	assert_int_equal(rngd_set_replace(set, both, 2, &defaults, NULL), 0);
	assert_int_equal(find(spec[0])->stats.good, 0);
	assert_int_equal(report.total.good, 1);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	assert_int_equal(report.total.good, 2);
}

static void a_spec_that_means_nothing_changes_nothing(void **unused)
{
	static char nonsense[] = "nonsense";
	char *const old[] = { spec[0], spec[1] };
	char *const bad[] = { spec[2], spec[1], nonsense };
	const struct rngd_set_defaults lower = { .entropy = 1, .suspend = 1 };

	(void)unused;
	start(old, 2, &defaults);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	refuses(bad, 3, &lower, -EINVAL, "\"nonsense\": no such kind");
	has(old, 2);
	write_bytes(0, BLOCK);
	await_blocks(0, 2, 2 * BLOCK);
	assert_int_equal(find(spec[0])->entropy, 8000);
}

/*
 * Two descriptors are left: the first two new feeders can be made, the third one
 * cannot.
 */
static void a_feeder_that_cannot_be_made_changes_nothing(void **unused)
{
	char *const old[] = { spec[0] };
	char *const fresh[] = { spec[1], spec[0], spec[2], spec[2] };
	struct rlimit limit, tight;
	int next;

	(void)unused;
	start(old, 1, &defaults);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	write_bytes(1, BLOCK);
	next = dup(STDIN_FILENO);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	tight = limit;
	tight.rlim_cur = (rlim_t)next + 2;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	refuses(fresh, 4, &defaults, -EMFILE, "cannot start");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	has(old, 1);
	write_bytes(0, BLOCK);
	await_blocks(0, 2, 2 * BLOCK);
	assert_int_equal(unread(1), BLOCK);
	assert_int_equal(rngd_set_replace(set, fresh, 3, &defaults, NULL), 0);
	has(fresh, 3);
}

/* A thread that does not wait has read it long before. */
#define LONG_ENOUGH 100 /* ms */

static void a_feeder_takes_nothing_before_its_start(void **unused)
{
	struct rngd_feeder_setup setup = { .outlet = outlet,
					   .log = &quiet_log };
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	struct rngd_terms *terms;
	struct rngd_feeder *feeder;

	(void)unused;
	write_bytes(0, BLOCK);
	assert_int_equal(vrng_source_parse(&setup.source, spec[0],
					   &vrng_opener_plain, NULL),
			 0);
	assert_int_equal(rngd_terms_make(&terms, spec[0], 8000, 1, false, NULL),
			 0);
	assert_int_equal(rngd_feeder_make(&feeder, &setup, terms, NULL), 0);
	(void)poll(NULL, 0, LONG_ENOUGH);
	assert_int_equal(unread(0), BLOCK);
	rngd_feeder_start(feeder);
	while (unread(0)) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
	rngd_feeder_stop(feeder);
	assert_true(rngd_feeder_join(feeder, deadline));
	rngd_feeder_free(feeder);
	vrng_source_free(setup.source);
}

/* 2,500 bits of entropy are 7 outputs of 256 bits, which take 320 each. */
#define CONDITIONED (7 * 32)

static void a_changed_claim_holds_for_the_next_block(void **unused)
{
	char *const one[] = { spec[0] };
	const struct rngd_set_defaults lower = { .entropy = 1, .suspend = 1 };

	(void)unused;
	start(one, 1, &defaults);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	write_bytes(0, BLOCK / 2); /* one that was begun under the old claim */
	assert_int_equal(rngd_set_replace(set, one, 1, &lower, NULL), 0);
	assert_int_equal(find(spec[0])->entropy, 1000);
	write_bytes(0, BLOCK / 2);
	await_blocks(0, 2, BLOCK + CONDITIONED);
	assert_int_equal(report.total.tally.good, 1); /* raw: no FIPS 140-2 */
}

static void a_claim_of_the_spec_counts_before_the_default(void **unused)
{
	static char claimed[80];
	char *const both[] = { claimed, spec[1] };
	const struct rngd_set_defaults lower = { .entropy = 1, .suspend = 1 };

	(void)unused;
	(void)snprintf(claimed, sizeof(claimed), "%s,entropy=0.5", spec[0]);
	start(both, 2, &defaults);
	rngd_set_report(set, &report);
	assert_int_equal(report.source[0].entropy, 500);
	assert_int_equal(report.source[1].entropy, 8000);
	assert_int_equal(rngd_set_replace(set, both, 2, &lower, NULL), 0);
	rngd_set_report(set, &report);
	assert_int_equal(report.source[0].entropy, 500);
	assert_int_equal(report.source[1].entropy, 1000);
}

/* The first open waits until it is released: it hangs in the kernel. */
static atomic_int opens;
static atomic_bool released;
/* Reachable, so that it is not taken for a leak. */
static struct rngd_set *volatile left_behind;

static int open_late(void *opaque, const char *path, int flags, mode_t mode)
{
	(void)opaque;
	if (!atomic_fetch_add(&opens, 1))
		while (!atomic_load(&released))
			(void)poll(NULL, 0, 1);
	return vrng_open(&vrng_opener_plain, path, flags, mode);
}

static void a_source_that_hangs_is_removed_and_can_come_back(void **unused)
{
	static const struct vrng_opener late = { .open = open_late };
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	char *const one[] = { spec[0] };
	char *const other[] = { spec[1] };

	(void)unused;
	assert_int_equal(rngd_set_make(&set, one, 1, &late, NULL), 0);
	assert_int_equal(
		rngd_set_start(set, outlet, &quiet_log, &defaults, NULL), 0);
	while (!atomic_load(&opens)) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(rngd_set_replace(set, other, 1, &defaults, NULL), 0);
	has(other, 1);
	assert_int_equal(rngd_set_replace(set, one, 1, &defaults, NULL), 0);
	has(one, 1);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	assert_false(rngd_set_stop(set));
	atomic_store(&released, true);
	left_behind = set; /* a free would free nothing: the thread uses it */
	set = NULL;
}

static void await_outcome(enum rngd_outcome outcome)
{
	struct pollfd pfd = { .fd = rngd_outlet_fd(outlet), .events = POLLIN };
	struct vrng_error error;

	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	(void)rngd_outlet_take_events(outlet);
	assert_int_equal(rngd_outlet_outcome(outlet, &error), outcome);
}

static void await_state(const char *name, const char *state)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;

	while (strcmp(find(name)->state, state)) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
}

static void it_ends_when_all_sources_have_failed_and_one_is_required(void **s)
{
	static char nowhere[] = "file:/nowhere/a",
		    neither[] = "file:/nowhere/b";
	char *const old[] = { nowhere, spec[0] };
	char *const fresh[] = { nowhere, neither };
	const struct rngd_set_defaults required = { .entropy = 8,
						    .suspend = 1,
						    .require_source = true };

	(void)s;
	start(old, 2, &required);
	await_state(nowhere, "failed");
	assert_int_equal(rngd_outlet_take_events(outlet), 0);
	assert_int_equal(rngd_set_replace(set, fresh, 2, &required, NULL), 0);
	await_outcome(RNGD_SOURCES_FAILED);
}

static void what_leaves_only_failed_sources_is_refused(void **unused)
{
	static char nowhere[] = "file:/nowhere/a";
	char *const old[] = { nowhere, spec[0] };
	char *const fresh[] = { nowhere };
	const struct rngd_set_defaults required = { .entropy = 8,
						    .suspend = 1,
						    .require_source = true };

	(void)unused;
	start(old, 2, &required);
	await_state(nowhere, "failed");
	refuses(fresh, 1, &required, -ENODATA, "no source is left");
	has(old, 2);
	assert_int_equal(rngd_outlet_take_events(outlet), 0);
	assert_int_equal(rngd_set_replace(set, fresh, 1, &defaults, NULL), 0);
	has(fresh, 1);
}

static void write_zeros(unsigned int n, size_t blocks)
{
	static const uint8_t zeros[BLOCK];

	assert_int_equal(write(fifo[n], zeros, 4), 4);
	for (; blocks; blocks--)
		assert_int_equal(write(fifo[n], zeros, BLOCK), BLOCK);
}

static void a_required_source_that_fails_its_tests_has_failed(void **unused)
{
	char *const specs[] = { spec[0], spec[1] };
	const struct rngd_set_defaults required = { .entropy = 8,
						    .suspend = 3600,
						    .require_source = true };

	(void)unused;
	start(specs, 2, &required);
	write_zeros(0, 6);
	await_state(spec[0], "suspended");
	write_bytes(1, 4);
	write_bytes(1, BLOCK);
	await_blocks(1, 1, BLOCK);
	assert_int_equal(rngd_outlet_take_events(outlet), RNGD_EVENT_FIRST);
	write_zeros(1, 6);
	await_outcome(RNGD_SOURCES_FAILED);
}

static void bad_blocks_are_a_failure_though_they_are_ignored(void **unused)
{
	char *const specs[] = { spec[0] };
	const struct rngd_set_defaults required = { .entropy = 8,
						    .suspend = 3600,
						    .ignore_failures = true,
						    .require_source = true };

	(void)unused;
	start(specs, 1, &required);
	write_zeros(0, 6);
	await_outcome(RNGD_SOURCES_FAILED);
}

static void await_held(const char *name, uint64_t held, uint64_t awaited)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	const struct rngd_source_report *found;

	while (found = find(name),
	       found->held != held || found->awaited != awaited) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
}

/* The first word of a stream comes before its first block. */
static void what_a_source_lacks_of_a_block_is_known(void **unused)
{
	char *const specs[] = { spec[0] };

	(void)unused;
	start(specs, 1, &defaults);
	await_held(spec[0], 0, 2504);
	write_bytes(0, 640);
	await_held(spec[0], 640, 2504);
	write_bytes(0, 1864);
	await_held(spec[0], 0, 2500);
	write_bytes(0, 1);
	await_held(spec[0], 1, 2500);
}

static void a_program_can_be_added(void **unused)
{
	static char program[] = "exec:cat /dev/zero";
	char *const old[] = { spec[0] };
	char *const fresh[] = { spec[0], program };

	(void)unused;
	start(old, 1, &defaults);
	assert_int_equal(rngd_set_replace(set, fresh, 2, &defaults, NULL), 0);
	has(fresh, 2);
}

static void a_predictable_source_feeds_a_file_or_nothing(void **unused)
{
	static char drbg[] = "drbg:seed=" SEED;
	char *const one[] = { drbg };
	const struct vrng_sink_setup to_pipe = {
		.path = path_of(0),
		.opener = &vrng_opener_plain,
	};
	struct vrng_sink *pipe;
	struct vrng_error error;

	(void)unused;
	assert_int_equal(vrng_sink_open(&pipe, &to_pipe, NULL), 0);
	assert_int_equal(rngd_set_make(&set, one, 1, &vrng_opener_plain, NULL),
			 0);
	assert_int_equal(rngd_set_may_feed(set, sink, &error), 0);
	assert_int_equal(rngd_set_may_feed(set, pipe, &error), -EINVAL);
	assert_null(strstr(error.text, SEED));
	vrng_sink_close(pipe);
}

static void blocks_of_all_sources_add_up_to_those_wanted(void **unused)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	static char drbg[] = "drbg:seed=" SEED;
	char *const old[] = { drbg, spec[0] };
	char *const fresh[] = { spec[0], drbg };

	(void)unused;
	rngd_outlet_free(outlet);
	assert_int_equal(
		rngd_outlet_make(&outlet, sink, &quiet_log, 1000, NULL), 0);
	start(old, 2, &defaults);
	assert_int_equal(rngd_set_replace(set, fresh, 2, &defaults, NULL), 0);
	while (!(rngd_outlet_take_events(outlet) & RNGD_EVENT_ENDED)) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
	assert_true(rngd_set_stop(set));
	rngd_set_report(set, &report);
	assert_int_equal(report.total.bytes_out, 1000 * BLOCK);
	rngd_set_free(set);
	set = NULL;
}

/* As when SIGHUP comes while a fork is pending. */
static void
a_source_that_is_added_after_a_fork_drops_what_it_holds(void **unused)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	char *const old[] = { spec[0] };
	char *const fresh[] = { spec[0], spec[2] };

	(void)unused;
	start(old, 1, &defaults);
	write_bytes(2, BLOCK);
	write_bytes(2, 4);
	(void)rngd_outlet_ask(outlet, true, 256);
	assert_int_equal(rngd_set_replace(set, fresh, 2, &defaults, NULL), 0);
	while (find(spec[2])->stats.dropped < BLOCK + 4) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(find(spec[2])->stats.good, 0);
}

/* ---- standing by ---- */

/* Wait until source number @n of the set has this state. */
static void await_role(size_t n, const char *state)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;

	while (rngd_set_report(set, &report),
	       strcmp(report.source[n].state, state) != 0) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 5);
	}
}

static void await_no_more(size_t n)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;

	while (rngd_set_report(set, &report), report.source[n].awaited) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 5);
	}
}

static void make_fifo_again(unsigned int n)
{
	close(fifo[n]);
	make_fifo(n);
}

static char reserve[] = "drbg:seed=" SEED_2;
static const struct rngd_set_defaults with_standby = { .entropy = 8,
						       .suspend = 3600,
						       .standby = true };

static void the_last_stands_by_while_another_gives_blocks(void **unused)
{
	char *specs[] = { spec[0], reserve };

	(void)unused;
	start(specs, 2, &with_standby);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	rngd_set_report(set, &report);
	assert_string_equal(report.source[1].state, "standby");
	assert_int_equal(report.source[1].stats.bytes_in, 0);
}

static void it_stands_in_for_one_that_fails_until_that_is_back(void **unused)
{
	char *specs[] = { spec[0], reserve };

	(void)unused;
	assert_int_equal(unlink(path_of(0)), 0);
	start(specs, 2, &with_standby);
	await_role(1, "flows");
	make_fifo_again(0);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_role(1, "standby");
	await_blocks(0, 1, BLOCK);
}

/* The other one gives nothing, either, and is waited for no more. */
static void it_stands_by_though_it_has_given_nothing(void **unused)
{
	char *specs[] = { spec[0], spec[1] };

	(void)unused;
	assert_int_equal(unlink(path_of(0)), 0);
	start(specs, 2, &with_standby);
	await_role(1, "waits");
	write_bytes(1, 4);
	make_fifo_again(0);
	write_bytes(0, 4);
	write_bytes(0, BLOCK);
	await_blocks(0, 1, BLOCK);
	await_role(1, "standby");
	await_no_more(1);
}

static void one_that_is_suspended_is_stood_in_for(void **unused)
{
	char *specs[] = { spec[0], reserve };

	(void)unused;
	start(specs, 2, &with_standby);
	write_zeros(0, 6);
	await_role(0, "suspended");
	await_role(1, "flows");
}

static void one_that_is_named_stands_by_no_more(void **unused)
{
	char *specs[] = { spec[0], reserve };

	(void)unused;
	start(specs, 2, &with_standby);
	await_role(1, "standby");
	assert_int_equal(rngd_set_replace(set, specs, 2, &defaults, NULL), 0);
	await_role(1, "flows");
	assert_int_equal(rngd_set_replace(set, specs, 2, &with_standby, NULL),
			 0);
	await_role(1, "standby");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sources_of_a_new_configuration_replace_the_old),
		CASE(a_source_in_both_keeps_its_feeder_and_counters),
		CASE(a_removed_source_is_read_no_more_but_counts),
		CASE(a_source_that_comes_back_begins_anew),
		CASE(a_source_that_is_added_after_a_fork_drops_what_it_holds),
		CASE(a_spec_that_means_nothing_changes_nothing),
		CASE(a_feeder_that_cannot_be_made_changes_nothing),
		CASE(a_feeder_takes_nothing_before_its_start),
		CASE(a_changed_claim_holds_for_the_next_block),
		CASE(a_claim_of_the_spec_counts_before_the_default),
		CASE(a_source_that_hangs_is_removed_and_can_come_back),
		CASE(it_ends_when_all_sources_have_failed_and_one_is_required),
		CASE(a_required_source_that_fails_its_tests_has_failed),
		CASE(bad_blocks_are_a_failure_though_they_are_ignored),
		CASE(what_a_source_lacks_of_a_block_is_known),
		CASE(what_leaves_only_failed_sources_is_refused),
		CASE(a_program_can_be_added),
		CASE(a_predictable_source_feeds_a_file_or_nothing),
		CASE(blocks_of_all_sources_add_up_to_those_wanted),
		CASE(the_last_stands_by_while_another_gives_blocks),
		CASE(it_stands_in_for_one_that_fails_until_that_is_back),
		CASE(it_stands_by_though_it_has_given_nothing),
		CASE(one_that_is_suspended_is_stood_in_for),
		CASE(one_that_is_named_stands_by_no_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("set", tests, NULL, NULL);
}
