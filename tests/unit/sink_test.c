// SPDX-License-Identifier: GPL-2.0-or-later
/* The sink that credits the kernel, with a fake pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>

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

static int begin_crypto(void **unused)
{
	(void)unused;
	return vrng_crypto_init(NULL);
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
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sink", tests, begin_crypto, NULL);
}
