// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel pool's watermark, with files in the place of /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/sinks/watermark.h"

#define POOLSIZE "/proc/sys/kernel/random/poolsize"

static char folder[] = "/tmp/vrng-watermark-XXXXXX";
static char poolsize[64], mark[64];
static int result; /* of opening the mark; 0: open the file */

static int open_instead(void *opaque, const char *path, int flags, mode_t mode)
{
	int fd;

	(void)opaque;
	if (!strcmp(path, POOLSIZE)) {
		fd = open(poolsize, flags, mode);
	} else {
		assert_string_equal(path, VRNG_WATERMARK_PATH);
		if (result)
			return result;
		fd = open(mark, flags, mode);
	}
	return fd < 0 ? -errno : fd;
}

static const struct vrng_opener opener = { .open = open_instead };

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void the_mark_is(const char *text)
{
	char got[16] = "";
	int fd = open(mark, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, text);
}

static void a_large_pool_takes_the_mark(void **unused)
{
	(void)unused;
	write_file(poolsize, "4096\n");
	write_file(mark, "");
	assert_int_equal(vrng_watermark_set(&opener, 1234, false), 0);
	the_mark_is("1234\n");
}

static void a_percentage_is_of_the_pool(void **unused)
{
	(void)unused;
	write_file(poolsize, "4096\n");
	write_file(mark, "");
	assert_int_equal(vrng_watermark_set(&opener, 90, true), 0);
	the_mark_is("3686\n");
}

static void zero_leaves_the_mark_as_it_is(void **unused)
{
	(void)unused;
	write_file(poolsize, "4096\n");
	write_file(mark, "896\n");
	assert_int_equal(vrng_watermark_set(&opener, 0, false), 0);
	the_mark_is("896\n");
}

static void a_pool_of_256_bits_has_no_mark(void **unused)
{
	(void)unused;
	write_file(mark, "");
	write_file(poolsize, "256\n");
	assert_int_equal(vrng_watermark_set(&opener, 1234, false), -EOPNOTSUPP);
	assert_int_equal(vrng_watermark_set(&opener, 0, false), -EOPNOTSUPP);
	assert_int_equal(unlink(poolsize), 0);
	assert_int_equal(vrng_watermark_set(&opener, 1234, false), -EOPNOTSUPP);
	the_mark_is("");
}

static void a_mark_that_cannot_be_written_is_an_error(void **unused)
{
	(void)unused;
	write_file(poolsize, "4096\n");
	result = -EROFS;
	assert_int_equal(vrng_watermark_set(&opener, 1234, false), -EROFS);
	result = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(result >= 0);
	assert_int_equal(vrng_watermark_set(&opener, 1234, false), -ENOSPC);
	assert_int_equal(fcntl(result, F_GETFD), -1);
	result = 0;
}

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(poolsize, sizeof(poolsize), "%s/poolsize", folder);
	snprintf(mark, sizeof(mark), "%s/mark", folder);
	return 0;
}

static int remove_folder(void **unused)
{
	(void)unused;
	(void)unlink(poolsize);
	(void)unlink(mark);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_pool_takes_the_mark),
		cmocka_unit_test(a_percentage_is_of_the_pool),
		cmocka_unit_test(zero_leaves_the_mark_as_it_is),
		cmocka_unit_test(a_pool_of_256_bits_has_no_mark),
		cmocka_unit_test(a_mark_that_cannot_be_written_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("watermark", tests, make_folder,
					   remove_folder);
}
