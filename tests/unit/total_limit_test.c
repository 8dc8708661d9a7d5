// SPDX-License-Identifier: GPL-2.0-or-later
/* A limit for all guests together, and how they share it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/device/entropy/total_limit.h"

#define GUESTS 9
#define MAX    64000
#define PERIOD 64000000ULL /* 16 slices of 4 ms */
#define STEP   (PERIOD / 16)
#define START  1000000000ULL

struct guest {
	struct total_limit_place place;
	uint64_t when; /* to ask again */
	uint64_t bytes;
	uint64_t waited; /* the longest, ns */
	uint64_t since;
};

static struct total_limit total;
static struct guest guests[GUESTS];

static int setup(void **state)
{
	(void)state;
	memset(guests, 0, sizeof(guests));
	total_limit_init(&total);
	total_limit_set(&total, MAX, PERIOD);
	return 0;
}

/* The guest asks at @now, if it is due. Returns what it gets. */
static size_t ask(struct guest *g, uint64_t now, size_t want)
{
	size_t n;

	if (now < g->when)
		return 0;
	n = total_limit_take(&total, &g->place, now, want, &g->when);
	assert_true(n <= want);
	if (n)
		g->when = 0;
	else
		assert_true(g->when > now);
	g->bytes += n;
	return n;
}

static void without_a_limit_all_may_be_taken(void **state)
{
	(void)state;
	total_limit_set(&total, 0, PERIOD);
	assert_int_equal(total_limit_max(&total), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask(&guests[0], START, 65536), 65536);
}

static void no_window_carries_more_than_the_limit(void **state)
{
	uint64_t taken[1000] = { 0 };

	(void)state;
	for (unsigned int ms = 0; ms < 1000; ms++)
		for (int i = 0; i < GUESTS; i++)
			taken[ms] +=
				ask(&guests[i], START + ms * 1000000ULL, 65536);
	for (unsigned int from = 0; from + 64 <= 1000; from++) {
		uint64_t sum = 0;

		for (unsigned int ms = from; ms < from + 64; ms++)
			sum += taken[ms];
		assert_true(sum <= MAX);
		if (from > 200)
			assert_true(sum >= MAX / 2);
	}
}

static void greedy_guests_have_equal_shares(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;

	(void)state;
	for (uint64_t now = START; now < START + 100 * PERIOD; now += 100000)
		for (int i = 0; i < GUESTS; i++) /* always in the same order */
			ask(&guests[i], now, 65536);
	for (int i = 0; i < GUESTS; i++) {
		least = guests[i].bytes < least ? guests[i].bytes : least;
		most = guests[i].bytes > most ? guests[i].bytes : most;
	}
	assert_true(least);
	assert_true(most - least <= most / 10);
}

/* Asks for little, and last. */
static void a_modest_guest_waits_no_longer_than_some_turns(void **state)
{
	struct guest *modest = &guests[GUESTS - 1];

	(void)state;
	for (uint64_t now = START; now < START + 100 * PERIOD; now += 100000) {
		for (int i = 0; i < GUESTS - 1; i++)
			ask(&guests[i], now, 65536);
		if (!modest->since)
			modest->since = now;
		if (!ask(modest, now, 16))
			continue;
		if (now - modest->since > modest->waited)
			modest->waited = now - modest->since;
		modest->since = 0;
	}
	assert_true(modest->bytes >= 16 * 100);
	assert_true(modest->waited <= 4 * STEP);
}

/* A guest that waits for its turn and never comes costs the others one turn. */
static void one_who_does_not_come_holds_up_nobody(void **state)
{
	uint64_t before, now;

	(void)state;
	for (now = START; now < START + PERIOD; now += 100000)
		for (int i = 0; i < GUESTS; i++)
			ask(&guests[i], now, 65536);
	before = guests[0].bytes;
	for (; now < START + 11 * PERIOD; now += 100000)
		ask(&guests[0], now, 65536);
	assert_true(guests[0].bytes - before >= 9 * MAX);
}

static void a_limit_that_does_not_change_goes_on(void **state)
{
	(void)state;
	while (ask(&guests[0], START, 65536))
		;
	total_limit_set(&total, MAX, PERIOD);
	guests[0].when = 0;
	assert_int_equal(ask(&guests[0], START, 65536), 0);
	total_limit_set(&total, 2 * MAX, PERIOD);
	guests[0].when = 0;
	assert_true(ask(&guests[0], START, 65536));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(without_a_limit_all_may_be_taken),
		T(no_window_carries_more_than_the_limit),
		T(greedy_guests_have_equal_shares),
		T(a_modest_guest_waits_no_longer_than_some_turns),
		T(one_who_does_not_come_holds_up_nobody),
		T(a_limit_that_does_not_change_goes_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("total_limit", tests, NULL, NULL);
}
