// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a device gives bytes now. A terminal stands for one. */
#include "tests/unit/source_rig.h"

#include <fcntl.h>
#include <pty.h>
#include <termios.h>
#include <sys/stat.h>

#include "rngd/sources/probe.h"

static int line, far_end;
static char spec[64];

static int begin(void **unused)
{
	(void)unused;
	if (openpty(&line, &far_end, NULL, NULL, NULL))
		return -1;
	return snprintf(spec, sizeof(spec), "file:%s", ttyname(far_end)) < 0;
}

static int end(void **unused)
{
	(void)unused;
	return close(line) | close(far_end);
}

static void a_device_that_gives_a_byte_works(void **unused)
{
	struct vrng_source *src = rig_parse(spec);

	(void)unused;
	assert_int_equal(write(line, "ab\n", 3), 3);
	assert_int_equal(vrng_source_probe(src, RIG_MS, &rig_why), 0);
	vrng_source_free(src);
}

static void a_silent_device_is_reported(void **unused)
{
	struct vrng_source *src = rig_parse(spec);

	(void)unused;
	assert_int_equal(tcflush(far_end, TCIFLUSH), 0);
	assert_int_equal(vrng_source_probe(src, 100, &rig_why), -ETIMEDOUT);
	assert_non_null(strstr(rig_why.text, spec));
	assert_non_null(strstr(rig_why.text, "gave no byte within 100 ms"));
	vrng_source_free(src);
}

/* The opener of a device that is there, and gives bytes to others only. */
static int open_blocking(void *opaque, const char *path, int flags, mode_t mode)
{
	(void)opaque;
	(void)mode;
	return open(path, flags & ~O_NONBLOCK);
}

static void a_read_that_waits_nevertheless_is_interrupted(void **unused)
{
	const struct vrng_opener opener = { .open = open_blocking };
	struct vrng_source *src;

	(void)unused;
	assert_int_equal(vrng_source_parse(&src, spec, &opener, &rig_why), 0);
	assert_int_equal(vrng_source_probe(src, 200, &rig_why), -ETIMEDOUT);
	vrng_source_free(src);
}

static void a_device_without_a_generator_is_reported(void **unused)
{
	struct vrng_source *src = rig_parse(spec);
	int mine = line;

	(void)unused;
	/* A terminal whose other end is gone: EIO, as ENODEV of /dev/hwrng. */
	assert_int_equal(openpty(&line, &far_end, NULL, NULL, NULL), 0);
	assert_int_equal(close(mine), 0);
	assert_int_not_equal(vrng_source_probe(src, RIG_MS, &rig_why), 0);
	assert_non_null(strstr(rig_why.text, spec));
	vrng_source_free(src);
}

static void a_probe_takes_nothing_of_a_fifo(void **unused)
{
	char path[] = "/tmp/probe.XXXXXX", fifo[64], text[80], got[4] = "";
	struct vrng_source *src;
	int fd;

	(void)unused;
	assert_non_null(mkdtemp(path));
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", path);
	(void)snprintf(text, sizeof(text), "file:%s", fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDWR | O_NONBLOCK);
	assert_int_equal(write(fd, "abc", 3), 3);
	src = rig_parse(text);
	assert_int_equal(vrng_source_probe(src, RIG_MS, &rig_why), 0);
	assert_int_equal(read(fd, got, sizeof(got)), 3);
	vrng_source_free(src);
	close(fd);
	assert_int_equal(unlink(fifo) | rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_that_gives_a_byte_works),
		cmocka_unit_test(a_silent_device_is_reported),
		cmocka_unit_test(a_read_that_waits_nevertheless_is_interrupted),
		cmocka_unit_test(a_device_without_a_generator_is_reported),
		cmocka_unit_test(a_probe_takes_nothing_of_a_fifo),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}
