// SPDX-License-Identifier: GPL-2.0-or-later
/* What the hw_random core tells, read from a folder in the place of sysfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/sources/hwrng.h"

static char folder[] = "/tmp/hw_random.XXXXXX";
static struct vrng_hwrng hwrng;

static void path_of(char path[64], const char *name)
{
	(void)snprintf(path, 64, "%s/%s", folder, name);
}

/* The file @name has @text; NULL: there is none. */
static void put(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	path_of(path, name);
	(void)unlink(path);
	if (!text)
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void looks(const char *current, int quality, const char *idle)
{
	assert_true(vrng_hwrng_look(&hwrng));
	assert_string_equal(hwrng.current, current);
	assert_int_equal(hwrng.quality, quality);
	assert_string_equal(hwrng.idle, idle);
}

static int begin(void **unused)
{
	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	vrng_hwrng_folder = folder;
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	put("rng_current", NULL);
	put("rng_available", NULL);
	put("rng_quality", NULL);
	return rmdir(folder);
}

static void the_current_one_has_a_name_and_a_quality(void **unused)
{
	(void)unused;
	put("rng_current", "virtio\n");
	put("rng_available", "virtio tpm-rng-0 \n");
	put("rng_quality", "1000\n");
	looks("virtio", 1000, "");
}

static void virtio_is_idle_behind_a_tpm(void **unused)
{
	(void)unused;
	put("rng_current", "tpm-rng-0\n");
	put("rng_available", "tpm-rng-0 virtiofake virtio.1 virtio \n");
	put("rng_quality", "1024\n");
	looks("tpm-rng-0", 1024, "virtio.1");
	put("rng_available", "virtio_rng.0 tpm-rng-0\n");
	looks("tpm-rng-0", 1024, "virtio_rng.0");
	put("rng_available", "tpm-rng-0\n");
	looks("tpm-rng-0", 1024, "");
}

/* Linux 5.10 has no rng_quality. */
static void a_kernel_may_tell_less(void **unused)
{
	(void)unused;
	put("rng_current", "virtio_rng.0\n");
	looks("virtio_rng.0", -1, "");
	put("rng_quality", "many\n");
	looks("virtio_rng.0", -1, "");
	put("rng_quality", "1025\n");
	looks("virtio_rng.0", -1, "");
}

static void without_a_generator_the_name_is_none(void **unused)
{
	(void)unused;
	put("rng_current", "none\n");
	put("rng_available", "\n");
	put("rng_quality", "0\n");
	looks("none", -1, "");
	put("rng_current", NULL);
	assert_false(vrng_hwrng_look(&hwrng));
	put("rng_current", "");
	assert_false(vrng_hwrng_look(&hwrng));
}

static void a_long_name_is_cut(void **unused)
{
	char name[200] = "virtio.";

	(void)unused;
	memset(name + 7, '1', sizeof(name) - 8);
	put("rng_current", name);
	name[VRNG_HWRNG_NAME - 1] = '\0';
	looks(name, -1, "");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_current_one_has_a_name_and_a_quality),
		CASE(virtio_is_idle_behind_a_tpm),
		CASE(a_kernel_may_tell_less),
		CASE(without_a_generator_the_name_is_none),
		CASE(a_long_name_is_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hwrng", tests, NULL, NULL);
}
