// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources that are files, devices and FIFOs, and what their bytes come from. */
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
#include "tests/unit/source_rig.h"
#include "vrng/source.h"

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

/* A source of the file at path, with its comma doubled. */
static struct vrng_source *parse_path(void)
{
	char spec[96];

	snprintf(spec, sizeof(spec), "file:%s/a,,b", folder);
	return rig_parse(spec);
}

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
		src = rig_parse(table[i].spec);
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
	struct vrng_source *src = rig_open("file:/proc/self/mem");
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
	struct vrng_source *src = rig_parse("file:/no\nsuch\033[1mfile");
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
	src = rig_open("file:/dev/zero");
	assert_int_equal(vrng_source_fd(src), -1);
	vrng_source_free(src);

	src = rig_open("file:/dev/random");
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
	struct vrng_source *src = rig_open("file:/dev/zero");

	(void)unused;
	assert_int_equal(vrng_source_origin(src), VRNG_ORIGIN_OTHER);
	vrng_source_free(src);
	src = rig_open("file:/proc/self/exe");
	assert_int_equal(vrng_source_origin(src), VRNG_ORIGIN_STORED);
	vrng_source_free(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_origin_is_recognised_by_any_path),
		cmocka_unit_test(the_origin_of_an_open_file_is_its_own),
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
	return cmocka_run_group_tests_name("source_file", tests, make_folder,
					   remove_folder);
}
