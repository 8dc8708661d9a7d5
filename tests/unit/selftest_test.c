// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the self-tests: they pass here, and each notices if what it tests gives
 * another answer. The linker puts the functions below before the real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <gcrypt.h>
#include <string.h>

#include "rngd/base/crypto.h"
#include "rngd/checks/selftest.h"
#include "vrng/fips.h"
#include "vrng/health.h"

/* What gives a wrong answer. */
static enum {
	NOTHING,
	ENGINE,
	LONG_RUNS,
	LIMITS,
	HMAC
} broken;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names, see unit.mk. */
const struct vrng_fips_engine *__real_vrng_fips_engine(size_t n);
const struct vrng_fips_engine *__wrap_vrng_fips_engine(size_t n);
int __real_vrng_health_limits_find(struct vrng_health_limits *limits,
				   unsigned int width, double h,
				   double exponent);
int __wrap_vrng_health_limits_find(struct vrng_health_limits *limits,
				   unsigned int width, double h,
				   double exponent);
gcry_error_t __real_gcry_mac_read(gcry_mac_hd_t hd, void *buffer, size_t *len);
gcry_error_t __wrap_gcry_mac_read(gcry_mac_hd_t hd, void *buffer, size_t *len);

static const struct vrng_fips_engine *first;

static void measure_wrongly(const uint8_t block[VRNG_FIPS_BLOCK_BYTES],
			    struct vrng_fips_stats *stats)
{
	first->measure(block, stats);
	if (broken == ENGINE)
		stats->nibbles[3]++;
	if (stats->longest > 100)
		stats->longest = 100;
}

const struct vrng_fips_engine *__wrap_vrng_fips_engine(size_t n)
{
	static struct vrng_fips_engine wrong;
	const struct vrng_fips_engine *engine = __real_vrng_fips_engine(n);

	if (!engine || strcmp(engine->name, "reference") ||
	    (broken != ENGINE && broken != LONG_RUNS))
		return engine;
	first = engine;
	wrong = *engine;
	wrong.measure = measure_wrongly;
	return &wrong;
}

int __wrap_vrng_health_limits_find(struct vrng_health_limits *limits,
				   unsigned int width, double h,
				   double exponent)
{
	int ret = __real_vrng_health_limits_find(limits, width, h, exponent);

	if (broken == LIMITS)
		limits->apt++;
	return ret;
}

gcry_error_t __wrap_gcry_mac_read(gcry_mac_hd_t hd, void *buffer, size_t *len)
{
	gcry_error_t ret = __real_gcry_mac_read(hd, buffer, len);

	if (broken == HMAC)
		((uint8_t *)buffer)[31] ^= 1;
	return ret;
}

/* NOLINTEND(bugprone-reserved-identifier) */

static void all_pass_on_this_machine(void **state)
{
	struct vrng_selftest result;
	struct vrng_error error;
	size_t n;

	(void)state;
	broken = NOTHING;
	assert_int_equal(vrng_selftest_all(&error), 0);
	for (n = 0; vrng_selftest_run(n, &result); n++)
		assert_int_equal(result.usable, result.passed);
	assert_true(n >= 6);
}

static void a_wrong_answer_is_named(void **state)
{
	static const char *const names[] = {
		[ENGINE] = "FIPS 140-2, reference:",
		[LONG_RUNS] = "FIPS 140-2, reference:",
		[LIMITS] = "cut-offs of health tests:",
		[HMAC] = "HMAC-SHA-256:",
	};
	struct vrng_error error;

	(void)state;
	for (broken = ENGINE; broken <= HMAC; broken++) {
		assert_int_equal(vrng_selftest_all(&error), -EIO);
		assert_non_null(strstr(error.text, names[broken]));
	}
	broken = NOTHING;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pass_on_this_machine),
		cmocka_unit_test(a_wrong_answer_is_named),
	};
	struct vrng_error error;

	if (vrng_crypto_init(&error))
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("selftest", tests, NULL, NULL);
}
