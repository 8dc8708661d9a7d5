// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a kernel is credited with, and for what: feeders with a fake kernel, and the
 * ledger of the set. Sources are FIFOs, files and a terminal into which a case
 * writes blocks of a seeded stream.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/crypto.h"
#include "rngd/feed/set.h"
#include "rngd/sinks/kind.h"
#include "tests/unit/within.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES
#define SEED  "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"

/* A bound for waits, ms: generous for the slowest machine. */
#define PATIENCE 20000

/* ------------------------------------------------------- a fake /dev/random */

static atomic_uint credited; /* bits */
static atomic_uint added; /* bytes */
static atomic_uint levels; /* questions for the level */

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	const struct rand_pool_info *info = arg;

	(void)fd;
	if (request == RNDADDENTROPY) {
		atomic_fetch_add(&credited, (unsigned int)info->entropy_count);
		atomic_fetch_add(&added, (unsigned int)info->buf_size);
	}
	if (request == RNDGETENTCNT) {
		atomic_fetch_add(&levels, 1);
		*(int *)arg = 0;
	}
	return 0;
}

static bool fake_is_writable(int fd)
{
	(void)fd;
	return true;
}

static const struct vrng_kernel_pool_system fake = {
	.ioctl = fake_ioctl,
	.is_writable = fake_is_writable,
};

static char fake_path[] = "/dev/fake";
static struct vrng_sink sink;

static void open_sink(void)
{
	sink = (struct vrng_sink){ .kind = &vrng_sink_kernel,
				   .system = &fake,
				   .pool_ops = &vrng_kernel_pool_ops_local,
				   .type = VRNG_SINK_KERNEL,
				   .path = fake_path,
				   .fd = -1,
				   .step = 64 };
	assert_int_equal(sink.kind->begin(&sink, NULL), 0);
	atomic_store(&credited, 0);
	atomic_store(&added, 0);
	atomic_store(&levels, 0);
}

/* ------------------------------------------------------------------- the log */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char logged[16384];

static void keep_line(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	size_t len;

	(void)log;
	(void)level;
	pthread_mutex_lock(&log_lock);
	len = strlen(logged);
	(void)snprintf(logged + len, sizeof(logged) - len, "%s\n", text);
	pthread_mutex_unlock(&log_lock);
}

static struct vrng_log log_of_case = { .sink = keep_line };

static bool was_logged(const char *text)
{
	bool was;

	pthread_mutex_lock(&log_lock);
	was = strstr(logged, text) != NULL;
	pthread_mutex_unlock(&log_lock);
	return was;
}

static void await_log(const char *text)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;

	while (!was_logged(text)) {
		if (vrng_now_ms() > deadline)
			fail_msg("no \"%s\" in:\n%s", text, logged);
		(void)poll(NULL, 0, 1);
	}
}

/* ------------------------------------------------------------------ the set */

static char folder[] = "/tmp/credit.XXXXXX";
static char path[64]; /* a file or FIFO in it */
static char spec[96]; /* "file:PATH" */
static int fd; /* what the case writes to */
static struct vrng_source *stream;
static struct vrng_source *probe; /* that a case checks, or NULL */
static struct rngd_outlet *outlet;
static struct rngd_set *set;
static struct rngd_report report;
static struct rngd_set_defaults defaults;

static int begin(void **unused)
{
	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/source", folder);
	(void)snprintf(spec, sizeof(spec), "file:%s", path);
	fd = -1;
	logged[0] = '\0';
	rngd_set_root = "/nowhere";
	defaults = (struct rngd_set_defaults){ .entropy = 8, .suspend = 3600 };
	assert_int_equal(vrng_crypto_init(NULL), 0);
	assert_int_equal(vrng_source_parse(&stream, "drbg:seed=" SEED,
					   &vrng_opener_plain, NULL),
			 0);
	assert_int_equal(vrng_source_open(stream, NULL), 0);
	open_sink();
	return rngd_outlet_make(&outlet, &sink, &log_of_case, 0, NULL);
}

/* The ledger's order holds at the end of each case. */
static void check_ledger(void)
{
	const struct rngd_stats *t = &report.total;

	rngd_set_report(set, &report);
	assert_true(t->bits <= t->claimed);
	assert_true(t->claimed <= 8 * t->bytes_in);
	assert_true(t->repeated <= t->failed);
	assert_true(t->failed <= t->tested);
	assert_true(t->tested <= t->bytes_in);
	assert_int_equal(t->bits, atomic_load(&credited));
	assert_int_equal(t->bytes_out, atomic_load(&added));
}

static int end(void **unused)
{
	(void)unused;
	if (set) {
		assert_true(rngd_set_stop(set));
		check_ledger();
	}
	rngd_set_free(set);
	set = NULL;
	rngd_outlet_free(outlet);
	sink.kind->end(&sink);
	vrng_source_free(stream);
	vrng_source_free(probe);
	probe = NULL;
	if (fd >= 0)
		close(fd);
	(void)unlink(path);
	return rmdir(folder);
}

static void make_fifo(void)
{
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	assert_true(fd >= 0);
}

static void make_file(void)
{
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
}

static void start(char *text)
{
	char *const one[] = { text };

	assert_int_equal(rngd_set_make(&set, one, 1, &vrng_opener_plain, NULL),
			 0);
	assert_int_equal(
		rngd_set_start(set, outlet, &log_of_case, &defaults, NULL), 0);
}

/* As SIGHUP with other options: the source is the same. */
static void reload(char *text)
{
	char *const one[] = { text };

	assert_int_equal(rngd_set_replace(set, one, 1, &defaults, NULL), 0);
}

static void write_stream(size_t len)
{
	uint8_t bytes[BLOCK];

	assert_int_equal(vrng_source_read(stream, bytes, len, NULL), len);
	assert_int_equal(write(fd, bytes, len), len);
}

/* The first word of a stream is not part of a block. */
static void write_blocks(unsigned int n)
{
	write_stream(VRNG_FIPS_WORD_BYTES);
	while (n--)
		write_stream(BLOCK);
}

/* Wait until @n blocks were tested, and @out bytes of those that passed are out. */
static const struct rngd_stats *await_tested(uint64_t n, uint64_t out)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;
	const struct rngd_stats *stats = &report.source[0].stats;

	do {
		if (vrng_now_ms() > deadline)
			fail_msg("%u blocks tested, %u bytes out",
				 (unsigned int)(stats->tested / BLOCK),
				 (unsigned int)stats->bytes_out);
		(void)poll(NULL, 0, 1);
		rngd_set_report(set, &report);
	} while (stats->tested < n * BLOCK || stats->bytes_out < out);
	return stats;
}

static void await_credit(unsigned int bits)
{
	const uint64_t deadline = vrng_now_ms() + PATIENCE;

	while (atomic_load(&credited) < bits) {
		assert_true(vrng_now_ms() < deadline);
		(void)poll(NULL, 0, 1);
	}
}

/* --------------------------------------------------------------------- cases */

static void a_regular_file_gets_no_credit_by_itself(void **unused)
{
	(void)unused;
	make_file();
	write_blocks(3);
	start(spec);
	await_log("is a file that can be read again");
	await_tested(3, 3 * BLOCK);
	assert_int_equal(atomic_load(&credited), 0);
	assert_int_equal(report.source[0].entropy, 0);
	assert_non_null(report.source[0].refusal);
	assert_int_equal(report.total.claimed, 0);
	await_log("mixed in without credit");
	assert_false(was_logged("credited with"));
}

static void a_regular_file_gets_the_credit_that_its_spec_claims(void **unused)
{
	char claimed[128];

	(void)unused;
	make_file();
	write_blocks(3);
	(void)snprintf(claimed, sizeof(claimed), "%s,entropy=8", spec);
	start(claimed);
	await_credit(3 * 8 * BLOCK);
	await_log("credited with 20000 bits");
	assert_false(was_logged("no credit"));
}

/* What the path names counts when it is opened, not when rngd starts. */
static void a_file_that_appears_later_gets_no_credit_either(void **unused)
{
	(void)unused;
	start(spec);
	await_log("cannot open");
	make_file();
	write_blocks(0);
	write_blocks(3);
	await_log("is a file that can be read again");
	await_tested(1, BLOCK);
	assert_int_equal(atomic_load(&credited), 0);
}

static void the_kernels_own_bytes_get_no_credit_whatever_is_claimed(void **s)
{
	static char claimed[] = "getrandom,entropy=8";

	(void)s;
	start(claimed);
	await_tested(3, 3 * BLOCK);
	assert_int_equal(atomic_load(&credited), 0);
	assert_true(was_logged("is the kernel's own generator: no credit"));
}

static void the_first_credit_is_logged_though_a_block_came_before(void **s)
{
	(void)s;
	defaults.entropy = 0;
	make_fifo();
	start(spec);
	write_blocks(1);
	await_log("mixed in without credit");
	defaults.entropy = 8;
	reload(spec);
	write_stream(BLOCK);
	await_log("credited with 20000 bits");
}

/* 2,500 bits of entropy are 7 outputs of 256 bits, which take 320 each. */
#define CONDITIONED (7 * 32)

static void a_reload_changes_what_is_credited(void **unused)
{
	const struct rngd_stats *stats;
	unsigned int before;

	(void)unused;
	make_fifo();
	start(spec);
	write_blocks(1);
	await_credit(8 * BLOCK);
	defaults.entropy = 1;
	reload(spec);
	write_stream(BLOCK);
	stats = await_tested(2, BLOCK + CONDITIONED);
	assert_int_equal(stats->conditioned, BLOCK);
	before = atomic_load(&credited);
	assert_within(before, 8 * BLOCK + 1, 9 * BLOCK);
	assert_int_equal(report.total.claimed, 9 * BLOCK);
	defaults.entropy = 0;
	reload(spec);
	write_stream(BLOCK);
	await_tested(3, 2 * BLOCK + CONDITIONED);
	assert_int_equal(atomic_load(&credited), before);
}

static void write_zeros(unsigned int n)
{
	static const uint8_t zeros[BLOCK];

	while (n--)
		assert_int_equal(write(fd, zeros, BLOCK), BLOCK);
}

static void a_reload_ends_ignorefail_and_sets_suspend(void **unused)
{
	(void)unused;
	defaults.ignore_failures = true;
	make_fifo();
	start(spec);
	write_blocks(1);
	await_tested(1, BLOCK);
	defaults.ignore_failures = false;
	defaults.suspend = 1234;
	reload(spec);
	write_zeros(6);
	await_log("suspended for 1234 s");
}

static void a_reload_begins_ignorefail(void **unused)
{
	(void)unused;
	make_fifo();
	start(spec);
	write_blocks(1);
	await_tested(1, BLOCK);
	defaults.ignore_failures = true;
	reload(spec);
	write_zeros(7);
	await_tested(8, BLOCK);
	assert_false(was_logged("suspended"));
}

/* The file is not read again from its start, which would be repeats. */
static void a_reload_of_the_claim_keeps_the_place(void **unused)
{
	char claims_all[128], claims_one[128];
	const struct rngd_stats *stats;

	(void)unused;
	(void)snprintf(claims_all, sizeof(claims_all), "%s,entropy=8", spec);
	(void)snprintf(claims_one, sizeof(claims_one), "%s,entropy=1", spec);
	make_file();
	write_blocks(3);
	start(claims_all);
	await_credit(3 * 8 * BLOCK);
	reload(claims_one);
	write_stream(BLOCK);
	stats = await_tested(4, 3 * BLOCK + CONDITIONED);
	assert_int_equal(stats->good, 4);
	assert_int_equal(stats->repeated, 0);
	assert_int_equal(report.source[0].entropy, 1000);
	assert_within(atomic_load(&credited), 3 * 8 * BLOCK + 1, 25 * BLOCK);
	assert_string_equal(report.source[0].name, spec);
	reload(spec); /* without a claim a file gets no credit */
	write_stream(BLOCK);
	stats = await_tested(5, 4 * BLOCK + CONDITIONED);
	assert_int_equal(stats->good, 5);
	assert_within(atomic_load(&credited), 3 * 8 * BLOCK + 1, 25 * BLOCK);
}

/* A terminal is a device that a host could see. */
static void open_terminal(void)
{
	struct termios raw;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	(void)snprintf(spec, sizeof(spec), "file:%s", ptsname(master));
	slave = open(spec + strlen("file:"), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
	fd = master; /* the slave stays open: it keeps the settings */
}

static char root[64];

static void encrypt_guest(void)
{
	char sign[128];
	int made;

	(void)snprintf(root, sizeof(root), "%s/root", folder);
	rngd_set_root = root;
	assert_int_equal(mkdir(root, 0700), 0);
	(void)snprintf(sign, sizeof(sign), "%s/dev", root);
	assert_int_equal(mkdir(sign, 0700), 0);
	(void)snprintf(sign, sizeof(sign), "%s/dev/sev-guest", root);
	made = creat(sign, 0600);
	assert_true(made >= 0);
	close(made);
}

static void forget_encryption(void)
{
	char sign[128];

	(void)snprintf(sign, sizeof(sign), "%s/dev/sev-guest", root);
	assert_int_equal(unlink(sign), 0);
	(void)snprintf(sign, sizeof(sign), "%s/dev", root);
	assert_int_equal(rmdir(sign), 0);
	assert_int_equal(rmdir(root), 0);
}

static void what_the_host_gives_an_encrypted_guest_gets_no_credit(void **s)
{
	(void)s;
	encrypt_guest();
	open_terminal();
	start(spec);
	forget_encryption();
	assert_string_equal(rngd_set_encryption(set), "SEV-SNP");
	assert_true(was_logged("is known to the host"));
	write_blocks(1);
	await_tested(1, BLOCK);
	assert_int_equal(atomic_load(&credited), 0);
	assert_non_null(strstr(report.source[0].refusal, "encrypted"));
	assert_int_equal(report.source[0].entropy, 0);
	defaults.trust_host = true; /* as by a reload */
	reload(spec);
	write_stream(BLOCK);
	await_credit(8 * BLOCK);
	await_tested(2, 2 * BLOCK);
	assert_null(report.source[0].refusal);
	assert_int_equal(report.source[0].entropy, 8000);
}

static void what_the_host_gives_another_guest_gets_credit(void **unused)
{
	(void)unused;
	open_terminal();
	start(spec);
	assert_null(rngd_set_encryption(set));
	write_blocks(1);
	await_credit(8 * BLOCK);
}

static void a_local_source_of_an_encrypted_guest_gets_credit(void **unused)
{
	(void)unused;
	encrypt_guest();
	make_fifo();
	start(spec);
	forget_encryption();
	write_blocks(1);
	await_credit(8 * BLOCK);
}

/* As many blocks as a program gives twice, and no more, are credited. */
static void a_program_that_begins_anew_is_credited_once(void **unused)
{
	static char program[128];
	const unsigned int blocks = 8;
	const struct rngd_stats *stats;

	(void)unused;
	make_file();
	for (unsigned int i = 0; i < blocks; i++)
		write_stream(BLOCK);
	(void)snprintf(program, sizeof(program), "exec:cat %s", path);
	start(program);
	await_log("gave bytes that have come before");
	await_log("suspended for 3600 s");
	stats = await_tested(blocks + 6, blocks * BLOCK);
	assert_int_equal(stats->repeated, 6 * BLOCK);
	assert_int_equal(stats->failed, 6 * BLOCK);
	assert_int_equal(stats->good, blocks);
	assert_int_equal(atomic_load(&credited), 8 * blocks * BLOCK);
}

static void a_block_that_another_source_gave_is_not_credited(void **unused)
{
	static char other[160], copy[128];
	char *const both[] = { spec, other };
	uint8_t bytes[4 + 2 * BLOCK];

	(void)unused;
	make_fifo();
	(void)snprintf(copy, sizeof(copy), "%s/copy", folder);
	(void)snprintf(other, sizeof(other), "file:%s,entropy=8", copy);
	start(spec);
	assert_int_equal(vrng_source_read(stream, bytes, sizeof(bytes), NULL),
			 sizeof(bytes));
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	await_credit(2 * 8 * BLOCK);
	close(fd);
	fd = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(rngd_set_replace(set, both, 2, &defaults, NULL), 0);
	await_log("copy: gave bytes that have come before");
	await_log("copy: end of file");
	assert_int_equal(unlink(copy), 0);
	rngd_set_report(set, &report);
	assert_int_equal(report.source[1].stats.repeated, 2 * BLOCK);
	assert_int_equal(atomic_load(&credited), 2 * 8 * BLOCK);
}

/* 2,500 bytes at 15 thousandths of a bit. */
#define RDRAND_BITS 37

static void rdrand_is_credited_as_a_generator_with_few_seeds(void **unused)
{
	static char rdrand[] = "rdrand";
	const struct rngd_stats *stats;

	(void)unused;
	assert_int_equal(
		vrng_source_parse(&probe, rdrand, &vrng_opener_plain, NULL), 0);
	if (vrng_source_check(probe, NULL))
		skip();
	start(rdrand);
	stats = await_tested(10, 10 * 32);
	assert_true(rngd_set_stop(set));
	rngd_set_report(set, &report);
	assert_int_equal(report.source[0].entropy, 15);
	assert_int_equal(stats->conditioned, stats->good * BLOCK);
	assert_int_equal(stats->bytes_out, stats->good * 32);
	assert_true(stats->bits > 0);
	assert_true(stats->bits <= stats->good * RDRAND_BITS);
	assert_int_equal(stats->tally.good, stats->good); /* FIPS 140-2 */
	check_ledger();
	rngd_set_free(set);
	set = NULL;
}

/* Before and after the first credit, for the log. */
static void the_kernels_level_is_asked_for_once(void **unused)
{
	(void)unused;
	make_fifo();
	start(spec);
	write_blocks(5);
	await_tested(5, 5 * BLOCK);
	assert_int_equal(atomic_load(&levels), 2);
}

/* ------------------------------------------------- a request, and the reseed */

static atomic_uint met_at_reseed; /* requests, plus one; 0: no reseed */
static atomic_int reseed_result;

static int note_reseed(void *opaque, struct vrng_kernel_pool *pool)
{
	(void)opaque;
	(void)pool;
	atomic_store(&met_at_reseed, (unsigned int)rngd_outlet_met(outlet) + 1);
	return atomic_load(&reseed_result);
}

/* As privops: credits and reseeds are another process's. */
static void observe_reseeds(int result)
{
	static struct vrng_kernel_pool_ops ops;

	ops = vrng_kernel_pool_ops_local;
	ops.reseed = note_reseed;
	sink.pool_ops = &ops;
	atomic_store(&met_at_reseed, 0);
	atomic_store(&reseed_result, result);
}

/* The main loop learns of it after that, so that it need not wait for a helper. */
static void a_request_is_met_when_the_kernel_uses_the_block(void **unused)
{
	struct pollfd pfd = { .events = POLLIN };

	(void)unused;
	observe_reseeds(0);
	make_fifo();
	start(spec);
	write_blocks(1);
	await_credit(8 * BLOCK);
	assert_int_equal(atomic_load(&met_at_reseed), 0);
	assert_int_equal(rngd_outlet_ask(outlet, false, 0), 1);
	write_stream(BLOCK); /* may have been begun before the request */
	write_stream(BLOCK);
	await_tested(3, 3 * BLOCK);
	pfd.fd = rngd_outlet_fd(outlet);
	while (!rngd_outlet_met(outlet))
		assert_true(poll(&pfd, 1, PATIENCE) == 1);
	assert_int_equal(atomic_load(&met_at_reseed), 1);
}

static void a_reseed_without_an_answer_ends_the_output(void **unused)
{
	struct pollfd pfd = { .events = POLLIN };
	struct vrng_error error;

	(void)unused;
	observe_reseeds(-ETIMEDOUT);
	make_fifo();
	start(spec);
	assert_int_equal(rngd_outlet_ask(outlet, false, 0), 1);
	write_blocks(2);
	pfd.fd = rngd_outlet_fd(outlet);
	while (!(rngd_outlet_take_events(outlet) & RNGD_EVENT_ENDED))
		assert_true(poll(&pfd, 1, PATIENCE) == 1);
	assert_int_equal(rngd_outlet_outcome(outlet, &error), RNGD_SINK_FAILED);
	assert_non_null(strstr(error.text, "does not answer"));
	assert_int_equal(rngd_outlet_met(outlet), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_regular_file_gets_no_credit_by_itself),
		CASE(a_regular_file_gets_the_credit_that_its_spec_claims),
		CASE(a_file_that_appears_later_gets_no_credit_either),
		CASE(the_kernels_own_bytes_get_no_credit_whatever_is_claimed),
		CASE(the_first_credit_is_logged_though_a_block_came_before),
		CASE(a_reload_changes_what_is_credited),
		CASE(a_reload_of_the_claim_keeps_the_place),
		CASE(a_reload_ends_ignorefail_and_sets_suspend),
		CASE(a_reload_begins_ignorefail),
		CASE(what_the_host_gives_an_encrypted_guest_gets_no_credit),
		CASE(what_the_host_gives_another_guest_gets_credit),
		CASE(rdrand_is_credited_as_a_generator_with_few_seeds),
		CASE(a_program_that_begins_anew_is_credited_once),
		CASE(a_block_that_another_source_gave_is_not_credited),
		CASE(a_local_source_of_an_encrypted_guest_gets_credit),
		CASE(the_kernels_level_is_asked_for_once),
		CASE(a_request_is_met_when_the_kernel_uses_the_block),
		CASE(a_reseed_without_an_answer_ends_the_output),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("credit", tests, NULL, NULL);
}
