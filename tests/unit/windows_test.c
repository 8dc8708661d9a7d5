// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests suffixes that are sorted by windows against suffixes that are compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/windows.h"
#include "tests/unit/estimate_data.h"

#define MOST 700u

static uint8_t s[MOST];
static size_t len;

/* A suffix that is the begin of another comes before it. */
static int by_text(const void *a, const void *b)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const size_t both = len - (x > y ? x : y);
	const int order = memcmp(s + x, s + y, both);

	return order ? order : x > y ? -1 : 1;
}

static size_t in_common(size_t x, size_t y)
{
	const size_t both = len - (x > y ? x : y);
	size_t n = 0;

	while (n < both && s[x + n] == s[y + n])
		n++;
	return n;
}

/* Returns the longest tuple that repeats. */
static size_t plain_compare(size_t common[MOST])
{
	size_t suffixes[MOST] = { 0 }, longest = 0, i;

	for (i = 0; i < len; i++)
		suffixes[i] = i;
	qsort(suffixes, len, sizeof(*suffixes), by_text);
	common[0] = 0;
	for (i = 1; i < len; i++) {
		common[i] = in_common(suffixes[i - 1], suffixes[i]);
		longest = common[i] > longest ? common[i] : longest;
	}
	return longest;
}

/* Characters of a window of @s. */
static size_t window_of(void)
{
	unsigned int all = 1, bits = 0;
	size_t i;

	for (i = 0; i < len; i++)
		all |= s[i];
	while (all >> bits)
		bits++;
	return 64 / bits;
}

/* Returns if the windows told all suffixes apart. */
static bool expect_equal(void)
{
	size_t plain[MOST] = { 0 }, longest = plain_compare(plain), i;
	int32_t *common;
	int ret = vrng_windows_compare(s, len, &common);

	if (longest >= window_of()) {
		assert_int_equal(ret, -ERANGE);
		assert_null(common);
		return false;
	}
	assert_int_equal(ret, 0);
	for (i = 0; i < len; i++)
		assert_int_equal(common[i], plain[i]);
	free(common);
	return true;
}

/* Of @width bits; one in @zeros is 0, whatever comes. */
static void fill(uint64_t *seed, unsigned int width, unsigned int zeros)
{
	size_t i;

	for (i = 0; i < len; i++) {
		s[i] = random_bits(seed, width);
		if (random_bits(seed, 8) % zeros == 0)
			s[i] = 0;
	}
}

static void suffixes_of_any_width_are_in_order(void **state)
{
	uint64_t seed = 90;
	unsigned int width, told = 0;

	(void)state;
	for (width = 1; width <= 8; width++)
		for (len = 1; len <= MOST; len += 1 + len / 5) {
			fill(&seed, width, 9);
			told += expect_equal();
		}
	assert_true(told > 100);
}

/* The last suffixes are shorter than a window, and others go on with zeros. */
static void short_suffixes_come_before_their_equals(void **state)
{
	unsigned int width, zeros, told = 0;
	uint64_t seed = 91;

	(void)state;
	for (width = 1; width <= 8; width++)
		for (zeros = 0; zeros < 20; zeros++) {
			len = 150;
			fill(&seed, width, 3);
			memset(s + len - zeros, 0, zeros);
			told += expect_equal();
		}
	assert_true(told > 50);
}

static void a_tuple_that_fills_a_window_is_too_long(void **state)
{
	uint64_t seed = 92;

	(void)state;
	len = 300;
	fill(&seed, 8, 256);
	assert_true(expect_equal());
	memcpy(s + 200, s + 100, 7);
	assert_true(expect_equal());
	memcpy(s + 200, s + 100, 8);
	assert_false(expect_equal());
	memset(s, 0, len);
	assert_false(expect_equal());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suffixes_of_any_width_are_in_order),
		cmocka_unit_test(short_suffixes_come_before_their_equals),
		cmocka_unit_test(a_tuple_that_fills_a_window_is_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("windows", tests, NULL, NULL);
}
