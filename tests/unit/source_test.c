// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources: parsing SPECs, and the kinds drbg, getrandom and file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rngd/sources/kind.h"
#include "rngd/sources/spec.h"
#include "vrng/source.h"

#define KEY_F55                            \
	"603deb1015ca71be2b73aef0857d7781" \
	"1f352c073b6108d72d9810a30914dff4"
#define ZERO_KEY \
	"0000000000000000000000000000000000000000000000000000000000000000"

static char folder[] = "/tmp/vrng-source-XXXXXX";
static char path[64];

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/a,b", folder);
	return 0;
}

static int remove_folder(void **unused)
{
	(void)unused;
	return rmdir(folder);
}

static int remove_path(void **unused)
{
	(void)unused;
	return unlink(path);
}

static void write_path(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct vrng_source *parse(const char *spec)
{
	struct vrng_source *src;
	struct vrng_error error;

	assert_int_equal(
		vrng_source_parse(&src, spec, &vrng_opener_plain, &error), 0);
	assert_non_null(src);
	return src;
}

/* A source of the file at path, with its comma doubled. */
static struct vrng_source *parse_path(void)
{
	char spec[96];

	snprintf(spec, sizeof(spec), "file:%s/a,,b", folder);
	return parse(spec);
}

static struct vrng_source *open_spec(const char *spec)
{
	struct vrng_source *src = parse(spec);

	assert_int_equal(vrng_source_open(src, NULL), 0);
	return src;
}

/* ------------------------------------------------------------------ specs */

static void bad_specs_are_refused_with_a_reason(void **unused)
{
	static const char *const specs[] = {
		"",
		":",
		",",
		"nosuch",
		"nosuch:x",
		"File:/dev/zero",
		"file",
		"file:",
		"file,a=b",
		"file:,a=b",
		"file:/dev/zero,a=b",
		"file:/dev/zero,",
		"file:/dev/zero,b",
		"getrandom:",
		"getrandom:x",
		"getrandom,a=b",
		" getrandom",
		"getrandom ",
		"drbg",
		"drbg:",
		"drbg:seed",
		"drbg:seed=",
		"drbg:seed=00",
		"drbg:seed=" ZERO_KEY "0",
		"drbg:seed=g" ZERO_KEY,
		"drbg:seed=0x" KEY_F55,
		"drbg:" ZERO_KEY,
		"drbg:speed=" ZERO_KEY,
		"drbg:seed=" ZERO_KEY ",seed=" ZERO_KEY,
		"drbg:seed=" ZERO_KEY ",x=1",
		"getrandom,entropy=",
		"getrandom,entropy=0",
		"getrandom,entropy=0.000",
		"getrandom,entropy=8.001",
		"getrandom,entropy=9",
		"getrandom,entropy=10",
		"getrandom,entropy=.5",
		"getrandom,entropy=1.",
		"getrandom,entropy=1.2345",
		"getrandom,entropy=-1",
		"getrandom,entropy= 1",
		"getrandom,entropy=1x",
		"getrandom,entropy=1,entropy=1",
		"file:a,b=1,b=2,b=3,b=4,b=5,b=6,b=7,b=8,b=9",
	};
	struct vrng_source *src = (void *)1;
	struct vrng_error error;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		error.text[0] = '\0';
		assert_int_equal(vrng_source_parse(&src, specs[i],
						   &vrng_opener_plain, &error),
				 -EINVAL);
		assert_null(src);
		assert_true(strlen(error.text) > 10);
		assert_null(strchr(error.text, '\n'));
		assert_null(strstr(error.text, "0000000000"));
		assert_int_equal(vrng_source_parse(&src, specs[i],
						   &vrng_opener_plain, NULL),
				 -EINVAL);
	}
}

static void a_spec_has_a_longest_length(void **unused)
{
	static char spec[VRNG_SPEC_MAX + 2];
	struct vrng_source *src;

	(void)unused;
	memset(spec, 'x', sizeof(spec) - 1);
	memcpy(spec, "file:/", 6);
	assert_int_equal(vrng_source_parse(&src, spec, &vrng_opener_plain,
					   NULL),
			 -EINVAL);
	spec[VRNG_SPEC_MAX] = '\0';
	assert_int_equal(
		vrng_source_parse(&src, spec, &vrng_opener_plain, NULL), 0);
	vrng_source_free(src);
}

static void a_spec_splits_at_single_commas(void **unused)
{
	struct vrng_spec spec;

	(void)unused;
	assert_int_equal(vrng_spec_split(&spec, "tty:/d,,e,,,baud=9,x=", NULL),
			 0);
	assert_string_equal(spec.kind, "tty");
	assert_true(spec.has_colon);
	assert_int_equal(spec.fields, 3);
	assert_string_equal(spec.field[0], "/d,e,");
	assert_string_equal(vrng_spec_value(&spec, 1, "baud"), "9");
	assert_string_equal(vrng_spec_value(&spec, 1, "x"), "");
	assert_null(vrng_spec_value(&spec, 1, "bau"));
	assert_null(vrng_spec_value(&spec, 2, "baud"));
	vrng_spec_free(&spec);

	assert_int_equal(vrng_spec_split(&spec, "kind,a=1", NULL), 0);
	assert_false(spec.has_colon);
	assert_string_equal(spec.field[0], "a=1");
	vrng_spec_free(&spec);
}

static void a_name_is_the_spec_without_its_secret(void **unused)
{
	struct vrng_source *src;

	(void)unused;
	src = parse("file:/dev/zero");
	assert_string_equal(vrng_source_name(src), "file:/dev/zero");
	assert_false(vrng_source_is_deterministic(src));
	vrng_source_free(src);
	src = parse("drbg:seed=" KEY_F55);
	assert_string_equal(vrng_source_name(src), "drbg:seed=...");
	assert_true(vrng_source_is_deterministic(src));
	vrng_source_free(src);
	vrng_source_free(NULL);
}

/* The claim may change while the source stays. */
static void a_claim_is_left_out_of_a_name(void **unused)
{
	static const struct {
		const char *spec, *name;
	} table[] = {
		{ "jitter,entropy=1", "jitter" },
		{ "file:/a,entropy=0.5", "file:/a" },
		{ "file:/a,,entropy=1", "file:/a,,entropy=1" },
		{ "file:/a,,,entropy=1", "file:/a,," },
		{ "file:/a,,entropy=1,entropy=2", "file:/a,,entropy=1" },
		{ "tty:/a,entropy=6,baud=9600", "tty:/a,baud=9600" },
	};
	struct vrng_source *src;

	(void)unused;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		src = parse(table[i].spec);
		assert_string_equal(vrng_source_name(src), table[i].name);
		vrng_source_free(src);
	}
}

static void a_claim_of_entropy_is_kept_in_thousandths(void **unused)
{
	static const struct {
		const char *spec;
		unsigned int entropy;
	} table[] = {
		{ "getrandom", 0 },
		{ "getrandom,entropy=8", 8000 },
		{ "getrandom,entropy=0.001", 1 },
		{ "file:/dev/zero,entropy=7.99", 7990 },
		{ "drbg:seed=" ZERO_KEY ",entropy=0.5", 500 },
	};
	struct vrng_source *src;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		src = parse(table[i].spec);
		assert_int_equal(vrng_source_entropy(src), table[i].entropy);
		vrng_source_free(src);
	}
}

/* ------------------------------------------------------------------- drbg */

static void read_exactly(struct vrng_source *src, void *buf, size_t len)
{
	assert_int_equal(vrng_source_read(src, buf, len, NULL), len);
}

/*
 * The key of SP 800-38A F.5.5. The keystream from counter 0 was computed with
 * another implementation: openssl enc -aes-256-ctr of zeros.
 */
static void drbg_is_the_aes_256_ctr_keystream(void **unused)
{
	static const uint8_t zero_key[32] = {
		0xdc, 0x95, 0xc0, 0x78, 0xa2, 0x40, 0x89, 0x89,
		0xad, 0x48, 0xa2, 0x14, 0x92, 0x84, 0x20, 0x87,
		0x53, 0x0f, 0x8a, 0xfb, 0xc7, 0x45, 0x36, 0xb9,
		0xa9, 0x63, 0xb4, 0xf1, 0xc4, 0xcb, 0x73, 0x8b
	};
	static const uint8_t f55_key[32] = { 0xe5, 0x68, 0xf6, 0x81, 0x94, 0xcf,
					     0x76, 0xd6, 0x17, 0x4d, 0x4c, 0xc0,
					     0x43, 0x10, 0xa8, 0x54, 0x91, 0x15,
					     0x1e, 0x5d, 0x0b, 0x7a, 0x1f, 0x1b,
					     0xc0, 0xd7, 0xac, 0xd0, 0xae, 0x3e,
					     0x51, 0xe4 };
	uint8_t got[32];
	struct vrng_source *src;

	(void)unused;
	src = open_spec("drbg:seed=" ZERO_KEY);
	read_exactly(src, got, sizeof(got));
	assert_memory_equal(got, zero_key, sizeof(got));
	vrng_source_free(src);

	src = open_spec("drbg:seed=" KEY_F55);
	read_exactly(src, got, sizeof(got));
	assert_memory_equal(got, f55_key, sizeof(got));
	vrng_source_free(src);
}

/* Reads of any size, and close and open, neither lose nor repeat a byte. */
static void drbg_continues_over_sizes_and_reopening(void **unused)
{
	static const size_t sizes[] = { 1,    7,     16,    63,	   64,	 65,
					4096, 16383, 16384, 16385, 65536 };
	enum {
		TOTAL = 300000
	};
	uint8_t *whole = malloc(TOTAL);
	uint8_t *parts = malloc(TOTAL);
	struct vrng_source *src = open_spec("drbg:seed=" KEY_F55);
	size_t done = 0;
	size_t i = 0;

	(void)unused;
	assert_non_null(whole);
	assert_non_null(parts);
	read_exactly(src, whole, TOTAL);
	vrng_source_free(src);

	src = open_spec("drbg:seed=" KEY_F55);
	for (; done + 65536 <= TOTAL; i = (i + 1) % 11) {
		read_exactly(src, parts + done, sizes[i]);
		done += sizes[i];
		if (i != 3)
			continue;
		vrng_source_close(src);
		assert_int_equal(vrng_source_read(src, parts, 1, NULL), -EBADF);
		assert_int_equal(vrng_source_open(src, NULL), 0);
	}
	assert_memory_equal(whole, parts, done);
	vrng_source_free(src);
	free(whole);
	free(parts);
}

static void drbg_streams_of_two_seeds_differ(void **unused)
{
	struct vrng_source *a = open_spec("drbg:seed=" ZERO_KEY);
	struct vrng_source *b = open_spec("drbg:seed=" KEY_F55);
	uint8_t from_a[64], from_b[64];

	(void)unused;
	read_exactly(a, from_a, sizeof(from_a));
	read_exactly(b, from_b, sizeof(from_b));
	assert_memory_not_equal(from_a, from_b, sizeof(from_a));
	vrng_source_free(a);
	vrng_source_free(b);
}

/* -------------------------------------------------------------- getrandom */

static void getrandom_gives_fresh_bytes_and_never_waits(void **unused)
{
	struct vrng_source *src = open_spec("getrandom");
	uint8_t one[64] = { 0 }, two[64] = { 0 };

	(void)unused;
	assert_int_equal(vrng_source_check(src, NULL), 0);
	assert_int_equal(vrng_source_fd(src), -1);
	read_exactly(src, one, sizeof(one));
	read_exactly(src, two, sizeof(two));
	assert_memory_not_equal(one, two, sizeof(one));
	assert_int_equal(vrng_source_read(src, one, 0, NULL), -EINVAL);
	vrng_source_free(src);
}

/* ------------------------------------------------------------------- file */

static void a_file_is_read_to_its_end(void **unused)
{
	struct vrng_source *src = parse_path();
	struct vrng_error error = { "" };
	char got[16] = "";

	(void)unused;
	write_path("hello");
	assert_int_equal(vrng_source_check(src, NULL), 0);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_open(src, NULL), -EBUSY);
	assert_int_equal(vrng_source_fd(src), -1);
	assert_int_equal(vrng_source_read(src, got, 3, NULL), 3);
	assert_int_equal(vrng_source_read(src, got + 3, 9, NULL), 2);
	assert_string_equal(got, "hello");
	assert_int_equal(vrng_source_read(src, got, 1, &error), 0);
	assert_non_null(strstr(error.text, ": end of file"));
	assert_false(vrng_source_stays(src));
	vrng_source_free(src);
}

static void a_file_goes_on_over_close_and_open(void **unused)
{
	struct vrng_source *src = parse_path();
	char got[16] = "";

	(void)unused;
	write_path("hello");
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 3, NULL), 3);
	vrng_source_close(src);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got + 3, 9, NULL), 2);
	assert_string_equal(got, "hello");

	/* also at its end: there is nothing new until it grows */
	vrng_source_close(src);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 1, NULL), 0);
	write_path("hello world");
	vrng_source_close(src);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 16, NULL), 6);
	assert_memory_equal(got, " world", 6);
	vrng_source_free(src);
}

/* Offsets beyond 32 bits: read at the end, and continue there. */
static void a_file_may_have_three_gigabytes(void **unused)
{
	const off_t size = (off_t)3 << 30;
	struct vrng_source *src;
	char got[8] = "";
	int fd;

	(void)unused;
	write_path("begin");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "at end", 6, size - 6), 6);
	close(fd);
	src = parse_path();
	assert_int_equal(vrng_source_check(src, NULL), 0);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 5, NULL), 5);
	assert_string_equal(got, "begin");
	assert_true(lseek(src->fd, size - 6, SEEK_SET) == size - 6);
	assert_int_equal(vrng_source_read(src, got, 3, NULL), 3);
	vrng_source_close(src);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got + 3, 5, NULL), 3);
	assert_memory_equal(got, "at end", 6);
	vrng_source_free(src);
}

/* File systems take times from this clock. */
static void wait_for_tick(void)
{
	struct timespec then, now;

	clock_gettime(CLOCK_REALTIME_COARSE, &then);
	do {
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_sec == then.tv_sec && now.tv_nsec == then.tv_nsec);
}

/* By a rename, and by a file that probably reuses the inode number. */
static void a_file_in_the_place_of_another_is_read_from_its_start(void **unused)
{
	struct vrng_source *src = parse_path();
	char other[80], got[4];

	(void)unused;
	write_path("one");
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 3, NULL), 3);
	vrng_source_close(src);

	/* both exist at the same time, so their inode numbers differ */
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(rename(path, other), 0);
	write_path("two");
	assert_int_equal(unlink(other), 0);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 4, NULL), 3);
	assert_memory_equal(got, "two", 3);
	vrng_source_close(src);

	/* this one often reuses the number, but was born later */
	wait_for_tick();
	assert_int_equal(unlink(path), 0);
	write_path("new");
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_int_equal(vrng_source_read(src, got, 4, NULL), 3);
	assert_memory_equal(got, "new", 3);
	vrng_source_free(src);
}

static void what_cannot_be_read_is_refused(void **unused)
{
	static const struct {
		const char *spec;
		int err;
	} table[] = { { "file:/", -EISDIR },
		      { "file:/dev/null/x", -ENOTDIR },
		      { "file:/no/such/file", -ENOENT } };
	struct vrng_source *src;
	struct vrng_error error;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		src = parse(table[i].spec);
		assert_int_equal(vrng_source_check(src, &error), table[i].err);
		assert_non_null(strstr(error.text, table[i].spec));
		assert_non_null(strstr(error.text, strerror(-table[i].err)));
		assert_int_equal(vrng_source_open(src, &error), table[i].err);
		assert_int_equal(vrng_source_fd(src), -1);
		vrng_source_free(src);
	}
}

static void a_read_that_fails_says_why(void **unused)
{
	struct vrng_source *src = open_spec("file:/proc/self/mem");
	struct vrng_error error;
	char byte;

	(void)unused;
	assert_int_equal(vrng_source_read(src, &byte, 1, &error), -EIO);
	assert_non_null(strstr(error.text, "cannot read: "));
	assert_non_null(strstr(error.text, strerror(EIO)));
	vrng_source_free(src);
}

static void a_message_stays_one_line(void **unused)
{
	struct vrng_source *src = parse("file:/no\nsuch\033[1mfile");
	struct vrng_error error;

	(void)unused;
	assert_int_equal(vrng_source_check(src, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/no?such?[1mfile"));
	vrng_source_free(src);
}

static short poll_now(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1 ? pfd.revents : 0;
}

static void a_fifo_waits_for_its_writer_and_ends_with_it(void **unused)
{
	struct vrng_source *src = parse_path();
	char got[8];
	int writer;

	(void)unused;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_true(vrng_source_fd(src) >= 0);
	assert_int_equal(vrng_source_read(src, got, 8, NULL), -EAGAIN);
	assert_int_equal(poll_now(vrng_source_fd(src)), 0);

	writer = open(path, O_WRONLY | O_NONBLOCK);
	assert_true(writer >= 0);
	assert_int_equal(vrng_source_read(src, got, 8, NULL), -EAGAIN);
	assert_int_equal(write(writer, "abc", 3), 3);
	assert_int_equal(poll_now(vrng_source_fd(src)), POLLIN);
	assert_int_equal(vrng_source_read(src, got, 8, NULL), 3);
	assert_int_equal(vrng_source_read(src, got, 8, NULL), -EAGAIN);
	close(writer);
	assert_int_equal(vrng_source_read(src, got, 8, NULL), 0);
	assert_true(vrng_source_stays(src));
	vrng_source_close(src);
	assert_false(vrng_source_stays(src));
	vrng_source_free(src);
}

/*
 * Opening it would wake a writer that waits for a reader. Nobody may have
 * opened it, even for a moment.
 */
static void a_check_leaves_a_fifo_alone(void **unused)
{
	struct vrng_source *src = parse_path();
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char event[512];

	(void)unused;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	assert_int_equal(vrng_source_check(src, NULL), 0);
	assert_int_equal(read(watch, event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);

	assert_int_equal(vrng_source_open(src, NULL), 0);
	assert_true(read(watch, event, sizeof(event)) > 0);
	vrng_source_free(src);
	close(watch);
}

static void only_what_can_be_polled_has_a_descriptor(void **unused)
{
	struct vrng_source *src;

	(void)unused;
	src = open_spec("file:/dev/zero");
	assert_int_equal(vrng_source_fd(src), -1);
	vrng_source_free(src);

	src = open_spec("file:/dev/random");
	assert_true(vrng_source_fd(src) >= 0);
	assert_int_equal(fcntl(vrng_source_fd(src), F_GETFD), FD_CLOEXEC);
	vrng_source_close(src);
	assert_int_equal(vrng_source_fd(src), -1);
	vrng_source_free(src);
}

static void an_origin_is_recognised_by_any_path(void **unused)
{
	static const struct {
		const char *spec;
		enum vrng_origin origin;
	} table[] = {
		{ "getrandom", VRNG_ORIGIN_KERNEL },
		{ "file:/dev/random", VRNG_ORIGIN_KERNEL },
		{ "file:/dev/urandom", VRNG_ORIGIN_KERNEL },
		{ "file:/proc/self/root/dev/urandom", VRNG_ORIGIN_KERNEL },
		{ "file:/dev/zero", VRNG_ORIGIN_OTHER },
		{ "file:/dev/tty", VRNG_ORIGIN_OUTSIDE },
		{ "file:/no/such/file", VRNG_ORIGIN_OTHER },
		{ "file:/proc/self/exe", VRNG_ORIGIN_STORED },
		{ "tty:/dev/ttyS0", VRNG_ORIGIN_OUTSIDE },
		{ "jitter", VRNG_ORIGIN_OTHER },
		{ "exec:cat /dev/urandom", VRNG_ORIGIN_OTHER },
		{ "unix:/run/peer", VRNG_ORIGIN_OTHER },
		{ "tcp:localhost:1", VRNG_ORIGIN_OTHER },
		{ "tcp:127.0.0.1:1", VRNG_ORIGIN_OTHER },
		{ "tcp:127.1:1", VRNG_ORIGIN_OTHER },
		{ "tcp:localhost.:1", VRNG_ORIGIN_OTHER },
		{ "tcp:[::ffff:127.0.0.1]:1", VRNG_ORIGIN_OTHER },
		{ "tcp:[::ffff:10.0.2.2]:1", VRNG_ORIGIN_OUTSIDE },
		{ "egd:tcp:[::1]:1", VRNG_ORIGIN_OTHER },
		{ "tcp:127.example.org:1", VRNG_ORIGIN_OUTSIDE },
		{ "egd:tcp:10.0.2.2:708", VRNG_ORIGIN_OUTSIDE },
	};
	struct vrng_source *src;

	(void)unused;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(vrng_source_parse(&src, table[i].spec,
						   &vrng_opener_plain, NULL),
				 0);
		if (vrng_source_origin(src) != table[i].origin)
			fail_msg("%s: %u", table[i].spec,
				 vrng_source_origin(src));
		vrng_source_free(src);
	}
}

/* The path is replaced while the file is open. */
static void the_origin_of_an_open_file_is_its_own(void **unused)
{
	struct vrng_source *src = open_spec("file:/dev/zero");

	(void)unused;
	assert_int_equal(vrng_source_origin(src), VRNG_ORIGIN_OTHER);
	vrng_source_free(src);
	src = open_spec("file:/proc/self/exe");
	assert_int_equal(vrng_source_origin(src), VRNG_ORIGIN_STORED);
	vrng_source_free(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_specs_are_refused_with_a_reason),
		cmocka_unit_test(a_spec_has_a_longest_length),
		cmocka_unit_test(an_origin_is_recognised_by_any_path),
		cmocka_unit_test(the_origin_of_an_open_file_is_its_own),
		cmocka_unit_test(a_spec_splits_at_single_commas),
		cmocka_unit_test(a_name_is_the_spec_without_its_secret),
		cmocka_unit_test(a_claim_is_left_out_of_a_name),
		cmocka_unit_test(a_claim_of_entropy_is_kept_in_thousandths),
		cmocka_unit_test(drbg_is_the_aes_256_ctr_keystream),
		cmocka_unit_test(drbg_continues_over_sizes_and_reopening),
		cmocka_unit_test(drbg_streams_of_two_seeds_differ),
		cmocka_unit_test(getrandom_gives_fresh_bytes_and_never_waits),
		cmocka_unit_test_teardown(a_file_is_read_to_its_end,
					  remove_path),
		cmocka_unit_test_teardown(a_file_goes_on_over_close_and_open,
					  remove_path),
		cmocka_unit_test_teardown(a_file_may_have_three_gigabytes,
					  remove_path),
		cmocka_unit_test_teardown(
			a_file_in_the_place_of_another_is_read_from_its_start,
			remove_path),
		cmocka_unit_test(what_cannot_be_read_is_refused),
		cmocka_unit_test(a_read_that_fails_says_why),
		cmocka_unit_test(a_message_stays_one_line),
		cmocka_unit_test_teardown(
			a_fifo_waits_for_its_writer_and_ends_with_it,
			remove_path),
		cmocka_unit_test_teardown(a_check_leaves_a_fifo_alone,
					  remove_path),
		cmocka_unit_test(only_what_can_be_polled_has_a_descriptor),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("source", tests, make_folder,
					   remove_folder);
}
