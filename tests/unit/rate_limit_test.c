// SPDX-License-Identifier: GPL-2.0-or-later
/* Rate limit, with a simulated clock. Random numbers come from fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/device/entropy/rate_limit.h"
#include "tests/unit/within.h"

#define MS     1000000ULL
#define EVENTS 200000

/* Bytes taken and when, to examine every window afterwards. */
struct trace {
	uint64_t when[EVENTS];
	uint64_t bytes[EVENTS];
	size_t n;
};

static struct trace trace;

static uint64_t rand_state;

static uint64_t any(uint64_t below)
{
	rand_state =
		rand_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (rand_state >> 33) % below;
}

static uint64_t take(struct rate_limit *l, uint64_t now, size_t want)
{
	size_t n = rate_limit_allow(l, now, want);

	assert_true(n <= want);
	rate_limit_take(l, now, n);
	if (n && trace.n < EVENTS) {
		trace.when[trace.n] = now;
		trace.bytes[trace.n++] = n;
	}
	return n;
}

/* The most bytes in any window [t, t + period) that begins at an event. */
static uint64_t worst_window(uint64_t period)
{
	uint64_t sum = 0, worst = 0;
	size_t head = 0;

	for (size_t i = 0; i < trace.n; i++) {
		sum += trace.bytes[i];
		while (trace.when[i] - trace.when[head] >= period)
			sum -= trace.bytes[head++];
		if (sum > worst)
			worst = sum;
	}
	return worst;
}

/*
 * Take @want bytes at a time for @length ns, as a device does: at once, then
 * when rate_limit_when() says, with each timer up to @late ns late. Returns the
 * bytes taken.
 */
static uint64_t run(uint64_t max, uint64_t period, uint64_t length,
		    uint64_t late, size_t want)
{
	uint64_t now = 12345 * MS, end = now + length, total = 0;
	struct rate_limit l;

	trace.n = 0;
	rate_limit_init(&l, max, period);
	while (now < end) {
		uint64_t n = take(&l, now, want);

		total += n;
		if (n)
			continue;
		assert_true(rate_limit_when(&l) > now);
		now = rate_limit_when(&l) + (late ? any(late) : 0);
	}
	return total;
}

static void without_a_limit_all_bytes_are_allowed(void **state)
{
	struct rate_limit l;

	(void)state;
	rate_limit_init(&l, 0, MS);
	assert_int_equal(rate_limit_allow(&l, 0, 1 << 20), 1 << 20);
	rate_limit_take(&l, 0, 1 << 20);
	assert_int_equal(rate_limit_allow(&l, 0, 1 << 20), 1 << 20);
}

static void steady_demand_gets_the_full_rate(void **state)
{
	static const struct {
		uint64_t max, period;
	} cases[] = {
		{ 1024, 1000 * MS }, { 1000, 1000 * MS },
		{ 1, 10 * MS },	     { 20000000, 1000 * MS },
		{ 4096, 100 * MS },  { 77, 65536 * MS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t total = run(cases[i].max, cases[i].period,
				     30 * cases[i].period, 0, 64);

		/* 30 periods, and what is allowed at the start */
		assert_true(total >= 30 * cases[i].max);
		assert_true(total <= 31 * cases[i].max);
		assert_true(worst_window(cases[i].period) <= cases[i].max);
	}
}

static void late_timers_cause_no_burst_and_cost_under_two_percent(void **state)
{
	uint64_t total;

	(void)state;
	rand_state = 1;
	total = run(1024, 1000 * MS, 30000 * MS, 2 * MS, 64);
	assert_true(worst_window(1000 * MS) <= 1024);
	assert_true(total >= 30 * 1024 * 98 / 100);
}

static void an_idle_time_saves_no_bytes(void **state)
{
	struct rate_limit l;
	uint64_t now = 5 * MS, got = 0;

	(void)state;
	rate_limit_init(&l, 6400, 1000 * MS);
	trace.n = 0;
	for (; now < 3000 * MS; now += MS)
		take(&l, now, 6400);
	now += 3600000 * MS;
	for (int i = 0; i < 1000; i++)
		got += take(&l, now, 64);
	/* the rest of the open slice, and one more slice */
	assert_true(got <= 2 * 6400 / RATE_LIMIT_SLICES);
}

static void no_window_exceeds_the_limit_at_random_demand(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct rate_limit l;
		uint64_t now, max, period;

		rand_state = seed;
		max = 1 + any(5000);
		period = (1 + any(2000)) * MS;
		now = any(1000) * MS;
		rate_limit_init(&l, max, period);
		trace.n = 0;
		for (int i = 0; i < 5000; i++) {
			now += any(4) ? any(period / 20) : any(3 * period);
			take(&l, now, 1 + (size_t)any(300));
		}
		if (worst_window(period) > max)
			fail_msg("seed %u", (unsigned int)seed);
	}
}

static void bytes_are_spread_over_the_period(void **state)
{
	struct rate_limit l;
	uint64_t now = 1000 * MS, got = 0;

	(void)state;
	rate_limit_init(&l, 6400, 1000 * MS);
	trace.n = 0;
	for (int ms = 0; ms < 500; ms++, now += MS)
		got += take(&l, now, 6400);
	assert_within(got, 3100, 3300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_all_bytes_are_allowed),
		cmocka_unit_test(steady_demand_gets_the_full_rate),
		cmocka_unit_test(
			late_timers_cause_no_burst_and_cost_under_two_percent),
		cmocka_unit_test(an_idle_time_saves_no_bytes),
		cmocka_unit_test(no_window_exceeds_the_limit_at_random_demand),
		cmocka_unit_test(bytes_are_spread_over_the_period),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rate_limit", tests, NULL, NULL);
}
