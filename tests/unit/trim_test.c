// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of code are unmapped, and mapped again when they are used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gcrypt.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "rngd/base/crypto.h"
#include "rngd/base/trim.h"

#define DIGEST 32

/* Pages of files that are mapped, by proc(5). */
static long file_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size, resident, shared;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld %ld", &size, &resident, &shared),
			 3);
	assert_int_equal(fclose(f), 0);
	return shared;
}

static void hash(uint8_t digest[DIGEST])
{
	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, "abc", 3);
}

static void code_is_unmapped_and_works_again(void **unused)
{
	uint8_t before[DIGEST], after[DIGEST];
	long pages;

	(void)unused;
	hash(before);
	pages = file_pages();
	vrng_trim_code();
	assert_true(file_pages() < pages);
	hash(after);
	assert_memory_equal(before, after, DIGEST);
}

/* As the helper's, which locks all memory for the bytes that it is sent. */
static void locked_code_is_unmapped_too(void **unused)
{
	long pages;

	(void)unused;
	if (mlockall(MCL_CURRENT | MCL_ONFAULT))
		skip();
	pages = file_pages();
	vrng_trim_code();
	assert_true(file_pages() < pages);
	assert_int_equal(munlockall(), 0);
}

static int begin(void **unused)
{
	(void)unused;
	return vrng_crypto_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_is_unmapped_and_works_again),
		cmocka_unit_test(locked_code_is_unmapped_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("trim", tests, begin, NULL);
}
