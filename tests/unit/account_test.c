// SPDX-License-Identifier: GPL-2.0-or-later
/* The ledger of a source: no more is credited than claimed, nor claimed than came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rngd/feed/account.h"

static struct rngd_account account;

static int begin(void **unused)
{
	(void)unused;
	account = (struct rngd_account){ 0 };
	rngd_account_init(&account);
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	rngd_account_free(&account);
	return 0;
}

static struct rngd_stats stats(void)
{
	struct rngd_source_status status;

	rngd_account_copy(&account, &status);
	return status.stats;
}

/* What is put is what was granted. */
static void credit(size_t bytes, unsigned int bits)
{
	rngd_account_out(&account, bytes, rngd_account_grant(&account, bits));
}

static void nothing_is_granted_that_was_not_claimed(void **unused)
{
	(void)unused;
	rngd_account_in(&account, 100, VRNG_KEEPER_FLOWS);
	assert_int_equal(rngd_account_grant(&account, 1), 0);
	rngd_account_claim(&account, 30, 0);
	assert_int_equal(rngd_account_grant(&account, 20), 20);
	credit(10, 20);
	credit(10, 20);
	credit(10, 20);
	assert_int_equal(stats().bits, 30);
	assert_int_equal(stats().bytes_out, 30);
	assert_int_equal(stats().credited, 20);
}

static void nothing_is_claimed_that_was_not_received(void **unused)
{
	(void)unused;
	rngd_account_claim(&account, 1, 0);
	assert_int_equal(stats().claimed, 0);
	rngd_account_in(&account, 10, VRNG_KEEPER_FLOWS);
	rngd_account_claim(&account, UINT64_MAX, 10);
	rngd_account_claim(&account, 1, 0);
	assert_int_equal(stats().claimed, 80);
	assert_int_equal(stats().conditioned, 10);
}

static void a_block_counts_once_by_its_verdict(void **unused)
{
	(void)unused;
	rngd_account_block(&account, 2500, RNGD_BLOCK_GOOD, 0, NULL);
	rngd_account_block(&account, 2500, RNGD_BLOCK_BAD, 1, NULL);
	rngd_account_block(&account, 2500, RNGD_BLOCK_REPEATED, 1, NULL);
	assert_int_equal(stats().tested, 7500);
	assert_int_equal(stats().failed, 5000);
	assert_int_equal(stats().repeated, 2500);
	assert_int_equal(stats().good, 1);
	assert_int_equal(stats().bad, 2);
}

/* Seeded: any order of calls keeps the ledger's order. */
static void any_order_of_calls_keeps_the_invariant(void **unused)
{
	uint32_t seed = 20261127;
	struct rngd_stats s;
	unsigned int i;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		switch (seed >> 30) {
		case 0:
			rngd_account_in(&account, seed >> 20 & 255,
					VRNG_KEEPER_FLOWS);
			break;
		case 1:
			rngd_account_claim(&account, seed >> 17 & 4095, 0);
			break;
		default:
			credit(32, seed >> 18 & 2047);
			break;
		}
		s = stats();
		assert_true(s.bits <= s.claimed);
		assert_true(s.claimed <= 8 * s.bytes_in);
	}
	assert_true(s.bits > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_granted_that_was_not_claimed, begin, end),
		cmocka_unit_test_setup_teardown(
			nothing_is_claimed_that_was_not_received, begin, end),
		cmocka_unit_test_setup_teardown(
			a_block_counts_once_by_its_verdict, begin, end),
		cmocka_unit_test_setup_teardown(
			any_order_of_calls_keeps_the_invariant, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
