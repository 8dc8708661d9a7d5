// SPDX-License-Identifier: GPL-2.0-or-later
/* Sinks: the kernel, with a fake pool, and files. */
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

#define INTERVAL 60000

/* ------------------------------------------------------- a fake /dev/random */

static struct pool {
	unsigned char bytes[16384];
	size_t len;
	unsigned int bits;
	unsigned int calls;
	unsigned int reseeds;
	unsigned int most_bits; /* of one call */
	unsigned int interrupts; /* so many of the next calls fail: EINTR */
	int err; /* of each RNDADDENTROPY */
	bool writable;
	const unsigned char *buffer; /* where the last bytes were */
	size_t buffer_len;
} pool;

static int add_entropy(const void *arg)
{
	const struct rand_pool_info *info = arg;
	const unsigned char *buf = (const unsigned char *)(info + 1);
	size_t len = (size_t)info->buf_size;

	if (pool.interrupts) {
		pool.interrupts--;
		errno = EINTR;
		return -1;
	}
	pool.calls++;
	if (pool.err) {
		errno = pool.err;
		return -1;
	}
	assert_true(info->entropy_count >= 0);
	assert_true(info->entropy_count <= 8 * info->buf_size);
	assert_true(pool.len + len <= sizeof(pool.bytes));
	memcpy(pool.bytes + pool.len, buf, len);
	pool.len += len;
	pool.bits += (unsigned int)info->entropy_count;
	if (pool.most_bits < (unsigned int)info->entropy_count)
		pool.most_bits = (unsigned int)info->entropy_count;
	pool.buffer = buf;
	pool.buffer_len = len;
	return 0;
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	assert_int_equal(fd, -1);
	switch (request) {
	case RNDADDENTROPY:
		return add_entropy(arg);
	case RNDRESEEDCRNG:
		pool.reseeds++;
		errno = ENODATA;
		return -1;
	case RNDGETENTCNT:
		*(int *)arg = 123;
		return 0;
	default:
		fail_msg("ioctl %lx", request);
		return -1;
	}
}

static bool fake_is_writable(int fd)
{
	(void)fd;
	return pool.writable;
}

static const struct vrng_kernel_pool_system fake = {
	.ioctl = fake_ioctl,
	.is_writable = fake_is_writable,
};

static char fake_path[] = "/dev/fake";

static struct vrng_sink make_sink(void)
{
	struct vrng_sink sink = {
		.kind = &vrng_sink_kernel,
		.system = &fake,
		.pool_ops = &vrng_kernel_pool_ops_local,
		.type = VRNG_SINK_KERNEL,
		.path = fake_path,
		.fd = -1,
		.interval = INTERVAL,
		.step = 64,
	};

	memset(&pool, 0, sizeof(pool));
	return sink;
}

static struct vrng_sink begin_sink(void)
{
	struct vrng_sink sink = make_sink();

	assert_int_equal(sink.kind->begin(&sink, NULL), 0);
	memset(&pool, 0, sizeof(pool));
	return sink;
}

static void end_sink(struct vrng_sink *sink)
{
	sink->kind->end(sink);
}

/* ----------------------------------------------------------------- kernel */

static void opening_asks_the_kernel_without_giving_anything(void **unused)
{
	struct vrng_sink sink = make_sink();

	(void)unused;
	assert_int_equal(sink.kind->begin(&sink, NULL), 0);
	assert_int_equal(pool.calls, 1);
	assert_int_equal(pool.len, 0);
	assert_int_equal(pool.bits, 0);
	end_sink(&sink);
}

static void
opening_tells_a_missing_capability_from_a_wrong_device(void **unused)
{
	struct vrng_sink sink = make_sink();
	struct vrng_error error;

	(void)unused;
	pool.err = EPERM;
	assert_int_equal(sink.kind->begin(&sink, &error), -EPERM);
	assert_non_null(strstr(error.text, "CAP_SYS_ADMIN"));
	end_sink(&sink);
	sink = make_sink();
	pool.err = ENOTTY;
	assert_int_equal(sink.kind->begin(&sink, &error), -ENOTTY);
	assert_non_null(strstr(error.text, "/dev/fake: takes no entropy"));
	end_sink(&sink);
}

static void bytes_and_credit_arrive_and_the_copy_is_wiped(void **unused)
{
	static const unsigned char zeros[64];
	struct vrng_sink sink = begin_sink();
	unsigned char data[64];

	(void)unused;
	memset(data, 0xa5, sizeof(data));
	assert_int_equal(vrng_sink_put(&sink, data, 64, 512, false, NULL), 64);
	assert_int_equal(pool.len, 64);
	assert_int_equal(pool.bits, 512);
	assert_memory_equal(pool.bytes, data, 64);
	assert_int_equal(pool.buffer_len, 64);
	assert_memory_equal(pool.buffer, zeros, 64);
	end_sink(&sink);
}

static void more_credit_than_bits_is_refused(void **unused)
{
	struct vrng_sink sink = begin_sink();
	unsigned char data[64] = { 0 };

	(void)unused;
	assert_int_equal(vrng_sink_put(&sink, data, 64, 513, false, NULL),
			 -EINVAL);
	assert_int_equal(vrng_sink_put(&sink, data, 0, 0, false, NULL),
			 -EINVAL);
	assert_int_equal(pool.calls, 0);
	end_sink(&sink);
}

static void a_block_goes_in_steps_that_share_its_credit(void **unused)
{
	static unsigned char data[2500];
	struct vrng_sink sink = begin_sink();

	(void)unused;
	assert_int_equal(vrng_sink_put(&sink, data, 2500, 10007, false, NULL),
			 2500);
	assert_int_equal(pool.calls, 40);
	assert_int_equal(pool.len, 2500);
	assert_int_equal(pool.bits, 10007);
	assert_true(pool.most_bits <= 257);
	end_sink(&sink);
}

static void one_put_has_a_largest_size(void **unused)
{
	static unsigned char data[VRNG_KERNEL_POOL_MAX + 1];
	struct vrng_sink sink = make_sink();

	(void)unused;
	sink.step = VRNG_KERNEL_POOL_MAX;
	assert_int_equal(sink.kind->begin(&sink, NULL), 0);
	memset(&pool, 0, sizeof(pool));
	assert_int_equal(vrng_sink_put(&sink, data, VRNG_KERNEL_POOL_MAX, 8,
				       false, NULL),
			 VRNG_KERNEL_POOL_MAX);
	assert_int_equal(pool.calls, 1);
	assert_int_equal(vrng_sink_put(&sink, data, VRNG_KERNEL_POOL_MAX + 1, 8,
				       false, NULL),
			 -EINVAL);
	assert_int_equal(pool.calls, 1);
	end_sink(&sink);
}

static void
a_refused_credit_says_why_and_an_interrupted_one_is_repeated(void **unused)
{
	struct vrng_sink sink = begin_sink();
	unsigned char data[64] = { 0 };
	struct vrng_error error;

	(void)unused;
	pool.err = EFAULT;
	assert_int_equal(vrng_sink_put(&sink, data, 64, 512, false, &error),
			 -EFAULT);
	assert_non_null(strstr(error.text, "Bad address"));
	pool.err = 0;
	pool.interrupts = 3;
	assert_int_equal(vrng_sink_put(&sink, data, 64, 512, false, NULL), 64);
	assert_int_equal(pool.bits, 512);
	end_sink(&sink);
}

static void it_is_due_at_first_and_then_once_an_interval(void **unused)
{
	struct vrng_sink sink = begin_sink();
	const uint64_t at = 1000;

	(void)unused;
	assert_int_equal(vrng_sink_due(&sink, NULL, 0), 0);
	assert_int_equal(vrng_sink_due(&sink, &at, 1000), INTERVAL);
	assert_int_equal(vrng_sink_due(&sink, &at, 1000 + INTERVAL - 1), 1);
	assert_int_equal(vrng_sink_due(&sink, &at, 1000 + INTERVAL), 0);
	assert_int_equal(vrng_sink_due(&sink, &at, 1000 + 10ULL * INTERVAL), 0);
	vrng_sink_set_interval(&sink, 500);
	assert_int_equal(vrng_sink_due(&sink, &at, 1400), 100);
	vrng_sink_set_interval(&sink, 0);
	assert_int_equal(vrng_sink_due(&sink, NULL, 0), 0);
	assert_int_equal(vrng_sink_due(&sink, &at, ~0ull), VRNG_SINK_NEVER);
	end_sink(&sink);
}

/* The kernel asks for more: it is not ready, or drained (up to 5.17). */
static void a_pool_that_polls_writable_is_due_at_once(void **unused)
{
	struct vrng_sink sink = begin_sink();
	const uint64_t at = 1000;

	(void)unused;
	pool.writable = true;
	assert_int_equal(vrng_sink_due(&sink, &at, 1001), 0);
	pool.writable = false;
	assert_int_equal(vrng_sink_due(&sink, &at, 1001), INTERVAL - 1);
	end_sink(&sink);
}

static void the_last_of_a_feeding_makes_the_kernel_reseed(void **unused)
{
	struct vrng_sink sink = begin_sink();
	unsigned char data[128] = { 0 };

	(void)unused;
	assert_int_equal(vrng_sink_put(&sink, data, 64, 8, false, NULL), 64);
	assert_int_equal(pool.reseeds, 0);
	assert_int_equal(vrng_sink_put(&sink, data, 128, 8, true, NULL), 128);
	assert_int_equal(pool.reseeds, 1);
	assert_int_equal(vrng_sink_reseed(&sink, NULL), 0);
	assert_int_equal(pool.reseeds, 2);
	assert_int_equal(vrng_sink_level(&sink), 123);
	end_sink(&sink);
}

/* What the operations of another process were asked to do. */
static struct {
	unsigned int credits, reseeds;
	struct vrng_kernel_pool *pool;
	unsigned char first; /* byte */
	size_t len;
	unsigned int bits;
	bool reseed;
	int ret; /* of each */
} asked;

static int ask_to_credit(void *opaque, struct vrng_kernel_pool *kernel_pool,
			 const void *buf, size_t len, unsigned int bits,
			 bool reseed)
{
	assert_ptr_equal(opaque, &asked);
	asked.credits++;
	asked.pool = kernel_pool;
	asked.first = *(const unsigned char *)buf;
	asked.len = len;
	asked.bits = bits;
	asked.reseed = reseed;
	return asked.ret;
}

static int ask_to_reseed(void *opaque, struct vrng_kernel_pool *kernel_pool)
{
	assert_ptr_equal(opaque, &asked);
	asked.reseeds++;
	asked.pool = kernel_pool;
	return asked.ret;
}

static const struct vrng_kernel_pool_ops another_process = {
	.credit = ask_to_credit,
	.reseed = ask_to_reseed,
	.opaque = &asked,
};

static void the_kernel_sink_calls_the_operations_it_was_given(void **unused)
{
	struct vrng_sink sink = begin_sink();

	(void)unused;
	memset(&asked, 0, sizeof(asked));
	sink.pool_ops = &another_process;
	assert_int_equal(vrng_sink_put(&sink, "abc", 3, 24, true, NULL), 3);
	assert_int_equal(asked.credits, 1);
	assert_ptr_equal(asked.pool, vrng_sink_kernel_pool(&sink));
	assert_int_equal(asked.first, 'a');
	assert_int_equal(asked.len, 3);
	assert_int_equal(asked.bits, 24);
	assert_true(asked.reseed);
	assert_int_equal(vrng_sink_reseed(&sink, NULL), 0);
	assert_int_equal(asked.reseeds, 1);
	assert_int_equal(pool.calls, 0);
	assert_int_equal(pool.reseeds, 0);
	assert_int_equal(vrng_sink_level(&sink), 123);
	end_sink(&sink);
}

static void a_failed_operation_is_reported_by_its_name(void **unused)
{
	static const struct {
		int ret;
		const char *put, *reseed;
	} table[] = { { -EPIPE, "the privileged process has ended",
			"the privileged process has ended" },
		      { -ECONNRESET, "the privileged process has ended",
			"the privileged process has ended" },
		      { -EPERM, "RNDADDENTROPY failed: Operation not permitted",
			"RNDRESEEDCRNG failed: Operation not permitted" } };
	struct vrng_sink sink = begin_sink();
	struct vrng_error error;
	size_t i;

	(void)unused;
	memset(&asked, 0, sizeof(asked));
	sink.pool_ops = &another_process;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		asked.ret = table[i].ret;
		assert_int_equal(vrng_sink_put(&sink, "a", 1, 8, true, &error),
				 table[i].ret);
		assert_non_null(strstr(error.text, table[i].put));
		assert_int_equal(vrng_sink_reseed(&sink, &error), table[i].ret);
		assert_non_null(strstr(error.text, table[i].reseed));
		assert_non_null(strstr(error.text, "/dev/fake: "));
	}
	end_sink(&sink);
}

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
	struct vrng_sink sink = { .kind = &vrng_sink_file, .path = fake_path };
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
		cmocka_unit_test(
			opening_asks_the_kernel_without_giving_anything),
		cmocka_unit_test(
			opening_tells_a_missing_capability_from_a_wrong_device),
		cmocka_unit_test(bytes_and_credit_arrive_and_the_copy_is_wiped),
		cmocka_unit_test(more_credit_than_bits_is_refused),
		cmocka_unit_test(a_block_goes_in_steps_that_share_its_credit),
		cmocka_unit_test(one_put_has_a_largest_size),
		cmocka_unit_test(
			a_refused_credit_says_why_and_an_interrupted_one_is_repeated),
		cmocka_unit_test(it_is_due_at_first_and_then_once_an_interval),
		cmocka_unit_test(a_pool_that_polls_writable_is_due_at_once),
		cmocka_unit_test(the_last_of_a_feeding_makes_the_kernel_reseed),
		cmocka_unit_test(
			the_kernel_sink_calls_the_operations_it_was_given),
		cmocka_unit_test(a_failed_operation_is_reported_by_its_name),
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
	return cmocka_run_group_tests_name("sink", tests, make_folder,
					   remove_folder);
}
