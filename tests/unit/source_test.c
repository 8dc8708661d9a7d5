// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources: parsing SPECs, and the kinds drbg and getrandom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/sources/kind.h"
#include "rngd/sources/spec.h"
#include "tests/unit/source_rig.h"
#include "vrng/source.h"

#define KEY_F55                            \
	"603deb1015ca71be2b73aef0857d7781" \
	"1f352c073b6108d72d9810a30914dff4"
#define ZERO_KEY \
	"0000000000000000000000000000000000000000000000000000000000000000"

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
	src = rig_parse("file:/dev/zero");
	assert_string_equal(vrng_source_name(src), "file:/dev/zero");
	assert_false(vrng_source_is_deterministic(src));
	vrng_source_free(src);
	src = rig_parse("drbg:seed=" KEY_F55);
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
		src = rig_parse(table[i].spec);
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
		src = rig_parse(table[i].spec);
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
	src = rig_open("drbg:seed=" ZERO_KEY);
	read_exactly(src, got, sizeof(got));
	assert_memory_equal(got, zero_key, sizeof(got));
	vrng_source_free(src);

	src = rig_open("drbg:seed=" KEY_F55);
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
	struct vrng_source *src = rig_open("drbg:seed=" KEY_F55);
	size_t done = 0;
	size_t i = 0;

	(void)unused;
	assert_non_null(whole);
	assert_non_null(parts);
	read_exactly(src, whole, TOTAL);
	vrng_source_free(src);

	src = rig_open("drbg:seed=" KEY_F55);
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
	struct vrng_source *a = rig_open("drbg:seed=" ZERO_KEY);
	struct vrng_source *b = rig_open("drbg:seed=" KEY_F55);
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
	struct vrng_source *src = rig_open("getrandom");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_specs_are_refused_with_a_reason),
		cmocka_unit_test(a_spec_has_a_longest_length),
		cmocka_unit_test(a_spec_splits_at_single_commas),
		cmocka_unit_test(a_name_is_the_spec_without_its_secret),
		cmocka_unit_test(a_claim_is_left_out_of_a_name),
		cmocka_unit_test(a_claim_of_entropy_is_kept_in_thousandths),
		cmocka_unit_test(drbg_is_the_aes_256_ctr_keystream),
		cmocka_unit_test(drbg_continues_over_sizes_and_reopening),
		cmocka_unit_test(drbg_streams_of_two_seeds_differ),
		cmocka_unit_test(getrandom_gives_fresh_bytes_and_never_waits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
