// SPDX-License-Identifier: GPL-2.0-or-later
/* Sinks that are opened: files, FIFOs, /dev/random, and none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "rngd/sinks/kind.h"

static int open_by(struct vrng_sink **sink, const char *file,
		   const struct vrng_opener *opener, struct vrng_error *error)
{
	const struct vrng_sink_setup setup = {
		.path = file,
		.interval = 1,
		.step = 64,
		.opener = opener,
		.pool_ops = &vrng_kernel_pool_ops_local,
	};

	return vrng_sink_open(sink, &setup, error);
}

static int open_sink(struct vrng_sink **sink, const char *file,
		     struct vrng_error *error)
{
	return open_by(sink, file, &vrng_opener_plain, error);
}

static void no_output_takes_all(void **unused)
{
	struct vrng_sink *sink;

	(void)unused;
	assert_int_equal(open_sink(&sink, NULL, NULL), 0);
	assert_int_equal(vrng_sink_type(sink), VRNG_SINK_NONE);
	assert_int_equal(vrng_sink_due(sink, NULL, 0), 0);
	assert_int_equal(vrng_sink_put(sink, "abc", 3, 0, true, NULL), 3);
	assert_int_equal(vrng_sink_level(sink), -1);
	vrng_sink_close(sink);
}

/* ------------------------------------------------------------------ files */

static char folder[] = "/tmp/vrng-sink-XXXXXX";
static char path[64];

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/out", folder);
	return vrng_crypto_init(NULL);
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

static void a_file_is_made_private_and_appended_to(void **unused)
{
	struct vrng_sink *sink;
	struct stat st;
	char got[8] = "";
	int fd, i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		assert_int_equal(open_sink(&sink, path, NULL), 0);
		assert_int_equal(vrng_sink_type(sink), VRNG_SINK_FILE);
		assert_int_equal(vrng_sink_due(sink, NULL, 0), 0);
		assert_int_equal(vrng_sink_put(sink, "abc", 3, 24, true, NULL),
				 3);
		assert_int_equal(vrng_sink_level(sink), -1);
		vrng_sink_close(sink);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, got, sizeof(got)), 6);
	assert_string_equal(got, "abcabc");
	close(fd);
}

static void a_fifo_takes_bytes_until_it_is_full(void **unused)
{
	static const unsigned char data[4096];
	struct vrng_sink *sink;
	ssize_t put;
	int fd, i;

	(void)unused;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(open_sink(&sink, path, NULL), 0);
	assert_int_equal(vrng_sink_type(sink), VRNG_SINK_FIFO);
	for (i = 0; i < 1024; i++) {
		put = vrng_sink_put(sink, data, sizeof(data), 0, false, NULL);
		if (put < 0)
			break;
	}
	assert_int_equal(put, -EAGAIN);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(read(fd, (char[4096]){ 0 }, 4096) == 4096);
	assert_true(vrng_sink_put(sink, data, sizeof(data), 0, false, NULL) >
		    0);
	close(fd);
	vrng_sink_close(sink);
}

/* The reader of a FIFO may go and another one come; a pipe without a name has one. */
static void only_a_fifo_outlives_its_reader(void **unused)
{
	struct vrng_error error;
	struct vrng_sink *sink;
	char name[32];
	int end[2];

	(void)unused;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(open_sink(&sink, path, NULL), 0);
	close(open(path, O_RDONLY | O_NONBLOCK));
	assert_int_equal(vrng_sink_put(sink, "abc", 3, 0, false, NULL), 3);
	vrng_sink_close(sink);

	assert_int_equal(pipe(end), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", end[1]);
	assert_int_equal(open_sink(&sink, name, NULL), 0);
	assert_int_equal(vrng_sink_put(sink, "abc", 3, 0, false, NULL), 3);
	close(end[0]);
	assert_int_equal(vrng_sink_put(sink, "abc", 3, 0, false, &error),
			 -EPIPE);
	assert_non_null(strstr(error.text, "check what reads it"));
	vrng_sink_close(sink);
	close(end[1]);
}

/* Records each call, and returns @ret. */
struct fake_opener {
	int ret; /* a descriptor or a negative errno */
	unsigned int calls;
	char path[64];
	int flags;
	mode_t mode;
};

static int fake_open(void *opaque, const char *name, int flags, mode_t mode)
{
	struct fake_opener *fake_opener = opaque;

	fake_opener->calls++;
	snprintf(fake_opener->path, sizeof(fake_opener->path), "%s", name);
	fake_opener->flags = flags;
	fake_opener->mode = mode;
	return fake_opener->ret;
}

static void a_sink_writes_to_the_descriptor_of_its_opener(void **unused)
{
	struct fake_opener state = { 0 };
	const struct vrng_opener opener = { .open = fake_open,
					    .opaque = &state };
	struct vrng_sink *sink;
	char got[4] = "";
	int fd;

	(void)unused;
	assert_int_equal(mkfifo(path, 0600), 0);
	state.ret = open(path, O_RDWR | O_NONBLOCK);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(open_by(&sink, "/no/such/path", &opener, NULL), 0);
	assert_int_equal(state.calls, 1);
	assert_string_equal(state.path, "/no/such/path");
	assert_int_equal(state.flags & O_ACCMODE, O_RDWR);
	assert_false(state.flags & O_CREAT);
	assert_int_equal(vrng_sink_type(sink), VRNG_SINK_FIFO);
	assert_int_equal(vrng_sink_put(sink, "abc", 3, 0, false, NULL), 3);
	assert_int_equal(read(fd, got, sizeof(got)), 3);
	assert_string_equal(got, "abc");
	vrng_sink_close(sink);
	close(fd);
}

/* Opens @path, and notes what else is opened. */
struct link_opener {
	const char *path;
	char others[64];
};

static int open_link(void *opaque, const char *name, int flags, mode_t mode)
{
	struct link_opener *state = opaque;

	if (strcmp(name, state->path))
		snprintf(state->others, sizeof(state->others), "%s", name);
	return vrng_opener_plain.open(NULL, name, flags, mode);
}

/* Without the right to credit, it is opened and then refused. */
static void the_kernel_is_fed_through_dev_random_by_any_name(void **unused)
{
	struct link_opener state = { .path = path };
	const struct vrng_opener opener = { .open = open_link,
					    .opaque = &state };
	struct vrng_sink *sink;
	struct stat st;
	int ret;

	(void)unused;
	assert_int_equal(symlink("/dev/urandom", path), 0);
	ret = open_by(&sink, path, &opener, NULL);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(state.others, "/dev/random");
	if (ret) {
		assert_int_equal(ret, -EPERM);
		return;
	}
	assert_int_equal(fstat(vrng_sink_fd(sink), &st), 0);
	assert_int_equal(st.st_rdev, makedev(1, 8));
	vrng_sink_close(sink);
}

static void a_refused_open_reports_path_and_errno_text(void **unused)
{
	struct fake_opener state = { .ret = -EACCES };
	const struct vrng_opener opener = { .open = fake_open,
					    .opaque = &state };
	struct vrng_error error;
	struct vrng_sink *sink;

	(void)unused;
	assert_int_equal(open_by(&sink, path, &opener, &error), -EACCES);
	assert_null(sink);
	assert_int_equal(state.calls, 1);
	assert_non_null(strstr(error.text, path));
	assert_non_null(strstr(error.text, "Permission denied"));
	state.ret = -ENOENT;
	assert_int_equal(open_by(&sink, path, &opener, &error), -ENOENT);
	assert_int_equal(state.calls, 3);
	assert_true(state.flags & O_CREAT);
	assert_int_equal(state.mode, 0600);
	assert_int_equal(access(path, F_OK), -1);
}

/* The error of what is no random device: ENOTTY, but not in every emulator. */
static int no_pool(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	const struct rand_pool_info none = { 0 };
	int err = ioctl(fd, RNDADDENTROPY, &none) ? -errno : 0;

	close(fd);
	return err;
}

static void an_unwritable_output_is_refused(void **unused)
{
	const struct {
		const char *path;
		int err;
	} table[] = { { "/", -EISDIR },
		      { "/no/such/folder/file", -ENOENT },
		      { "/dev/vrng-no-such-device", -ENOENT },
		      { "/dev/null", no_pool() } };
	struct vrng_sink *sink;
	struct vrng_error error;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(open_sink(&sink, table[i].path, &error),
				 table[i].err);
		assert_null(sink);
		assert_non_null(strstr(error.text, table[i].path));
	}
}

static void a_full_disk_says_so(void **unused)
{
	struct vrng_sink sink = { .kind = &vrng_sink_file, .path = path };
	struct vrng_error error;

	(void)unused;
	sink.fd = open("/dev/full", O_WRONLY);
	assert_true(sink.fd >= 0);
	assert_int_equal(vrng_sink_put(&sink, "a", 1, 8, false, &error),
			 -ENOSPC);
	assert_non_null(strstr(error.text, "No space left"));
	close(sink.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_output_takes_all),
		cmocka_unit_test_teardown(
			a_file_is_made_private_and_appended_to, remove_path),
		cmocka_unit_test_teardown(a_fifo_takes_bytes_until_it_is_full,
					  remove_path),
		cmocka_unit_test_teardown(only_a_fifo_outlives_its_reader,
					  remove_path),
		cmocka_unit_test_teardown(
			a_sink_writes_to_the_descriptor_of_its_opener,
			remove_path),
		cmocka_unit_test(
			the_kernel_is_fed_through_dev_random_by_any_name),
		cmocka_unit_test(a_refused_open_reports_path_and_errno_text),
		cmocka_unit_test(an_unwritable_output_is_refused),
		cmocka_unit_test(a_full_disk_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sink_file", tests, make_folder,
					   remove_folder);
}
