// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests the conditioning of raw noise and the entropy credited for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "rngd/checks/conditioner.h"
#include "rngd/base/crypto.h"
#include "tests/unit/within.h"

static struct vrng_conditioner *conditioner;

static int make(void **unused)
{
	(void)unused;
	if (vrng_crypto_init(NULL))
		return -1;
	return vrng_conditioner_make(&conditioner, NULL);
}

static int drop(void **unused)
{
	(void)unused;
	vrng_conditioner_free(conditioner);
	return 0;
}

/*
 * n_in, h_in and h_out by the formula of SP 800-90B, 3.1.5.1.2, computed with
 * 7,000 decimal places, for nw = n_out = 256.
 */
static void the_output_formula_is_that_of_the_standard(void **unused)
{
	static const struct {
		double n_in, h_in, h_out;
	} table[] = {
		{ 20000, 10, 10.0 },
		{ 20000, 200, 200.0 },
		{ 20000, 256, 255.0 },
		{ 20000, 257, 255.4150374992788 },
		{ 20000, 264, 255.99437545080613 },
		{ 512, 256, 255.0 },
		{ 400, 300, 256.0 },
		{ 20000, 320, 256.0 },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		double got =
			vrng_conditioner_entropy(table[i].n_in, table[i].h_in);

		if (fabs(got - table[i].h_out) > 1e-6)
			fail_msg("n_in %g, h_in %g: %.9f, not %.9f",
				 table[i].n_in, table[i].h_in, got,
				 table[i].h_out);
	}
}

static void no_credit_exceeds_the_input_or_the_output(void **unused)
{
	double h_in;

	(void)unused;
	for (h_in = 1; h_in < 2000; h_in += 1) {
		double got = vrng_conditioner_entropy(2000, h_in);

		assert_true(got <= h_in);
		assert_true(got <= 256);
		assert_true(got > 0);
	}
}

/*
 * Condition 2,500 bytes of @entropy thousandths of a bit each. Expects @bytes
 * bytes of output, @least to @most bits of credit, and that the rest is wiped.
 */
static void run(unsigned int entropy, int bytes, unsigned int least,
		unsigned int most)
{
	static const uint8_t zeros[2500];
	uint8_t block[2500];
	unsigned int bits = 0;

	memset(block, 0x5a, sizeof(block));
	assert_int_equal(vrng_conditioner_run(conditioner, block, sizeof(block),
					      entropy, &bits),
			 bytes);
	assert_within(bits, least, most);
	assert_true(bits <= (unsigned int)bytes * 8);
	assert_true(bits <= 2500.0 * entropy / 1000);
	assert_memory_equal(block + bytes, zeros,
			    sizeof(block) - (size_t)bytes);
}

static void a_block_becomes_as_many_outputs_as_it_can_fill(void **unused)
{
	(void)unused;
	run(4000, 31 * 32, 31 * 256 - 1, 31 * 256);
	run(1500, 11 * 32, 11 * 256 - 1, 11 * 256);
	run(128, 32, 255, 256);
	run(100, 32, 249, 250);
	run(1, 32, 1, 2);
}

static void an_input_below_one_output_is_refused(void **unused)
{
	uint8_t buf[31] = { 0 };
	unsigned int bits = 1;

	(void)unused;
	assert_int_equal(vrng_conditioner_run(conditioner, buf, sizeof(buf),
					      4000, &bits),
			 -EINVAL);
	assert_int_equal(bits, 0);
}

/* The same input gives the same output; one different bit gives another. */
static void an_output_depends_on_all_of_its_piece(void **unused)
{
	uint8_t a[2500], b[2500], c[2500];
	unsigned int bits;

	(void)unused;
	memset(a, 1, sizeof(a));
	memset(b, 1, sizeof(b));
	memset(c, 1, sizeof(c));
	c[2499] ^= 0x80;
	vrng_conditioner_run(conditioner, a, sizeof(a), 100, &bits);
	vrng_conditioner_run(conditioner, b, sizeof(b), 100, &bits);
	vrng_conditioner_run(conditioner, c, sizeof(c), 100, &bits);
	assert_memory_equal(a, b, 32);
	assert_memory_not_equal(a, c, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_output_formula_is_that_of_the_standard),
		cmocka_unit_test(no_credit_exceeds_the_input_or_the_output),
		cmocka_unit_test(
			a_block_becomes_as_many_outputs_as_it_can_fill),
		cmocka_unit_test(an_input_below_one_output_is_refused),
		cmocka_unit_test(an_output_depends_on_all_of_its_piece),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conditioner", tests, make, drop);
}
