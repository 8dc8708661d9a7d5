// SPDX-License-Identifier: GPL-2.0-or-later
/* What character devices give, by their numbers and their classes in sysfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rngd/sources/device.h"

/* Of devices.txt: for local use. */
#define LOCAL_MAJOR 240

static char root[] = "/tmp/source-device.XXXXXX";

/* "/sys", "/sys/dev" and so on, or all of them removed again. */
static void each_folder(int (*what)(const char *path), bool backwards)
{
	static const char *const folders[] = {
		"/sys",
		"/sys/dev",
		"/sys/dev/char",
		"/sys/dev/char/240:1",
		"/sys/dev/char/240:2",
	};
	const size_t n = sizeof(folders) / sizeof(folders[0]);
	char path[128];
	size_t i;

	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", root,
			       folders[backwards ? n - 1 - i : i]);
		assert_int_equal(what(path), 0);
	}
}

static int make(const char *path)
{
	return mkdir(path, 0700);
}

static void link_class(unsigned int minor_number, const char *class)
{
	char path[128], target[128];

	(void)snprintf(path, sizeof(path), "%s/sys/dev/char/240:%u/subsystem",
		       root, minor_number);
	(void)snprintf(target, sizeof(target), "../../../../class/%s", class);
	assert_int_equal(symlink(target, path), 0);
}

static int begin(void **unused)
{
	(void)unused;
	assert_non_null(mkdtemp(root));
	each_folder(make, false);
	link_class(1, "ubi");
	link_class(2, "hidraw");
	return 0;
}

static int end(void **unused)
{
	char path[128];
	unsigned int i;

	(void)unused;
	for (i = 1; i <= 2; i++) {
		(void)snprintf(path, sizeof(path),
			       "%s/sys/dev/char/240:%u/subsystem", root, i);
		(void)unlink(path);
	}
	each_folder(rmdir, true);
	return rmdir(root);
}

static void devices_that_store_bytes_are_recognised(void **unused)
{
	static const struct {
		unsigned int major, minor;
		enum vrng_origin origin;
	} table[] = {
		{ 1, 8, VRNG_ORIGIN_KERNEL },
		{ 1, 9, VRNG_ORIGIN_KERNEL },
		{ 1, 5, VRNG_ORIGIN_OTHER }, /* zero */
		{ 1, 1, VRNG_ORIGIN_STORED }, /* mem */
		{ 1, 11, VRNG_ORIGIN_STORED }, /* kmsg */
		{ 4, 64, VRNG_ORIGIN_OUTSIDE }, /* ttyS0 */
		{ 9, 128, VRNG_ORIGIN_STORED }, /* nst0 */
		{ 10, 144, VRNG_ORIGIN_STORED }, /* nvram */
		{ 10, 183, VRNG_ORIGIN_OUTSIDE }, /* hwrng */
		{ 21, 0, VRNG_ORIGIN_STORED }, /* sg0 */
		{ 90, 0, VRNG_ORIGIN_STORED }, /* mtd0 */
		{ 188, 0, VRNG_ORIGIN_OUTSIDE }, /* ttyUSB0 */
		{ LOCAL_MAJOR, 1, VRNG_ORIGIN_STORED },
		{ LOCAL_MAJOR, 2, VRNG_ORIGIN_OUTSIDE },
		{ LOCAL_MAJOR, 3, VRNG_ORIGIN_OUTSIDE },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (vrng_device_origin(makedev(table[i].major, table[i].minor),
				       root) != table[i].origin)
			fail_msg("%u:%u", table[i].major, table[i].minor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_that_store_bytes_are_recognised),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("source_device", tests, begin, end);
}
