// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The permutation tests: see permutations.h. Threads shuffle and measure in
 * parallel; what they found is counted in the order of the shuffles. So it does
 * not matter that a thread still measures what has passed in the meantime.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/generator.h"
#include "rngd/tester/iid/permutations.h"

#define THREADS_MAX 64
#define ENOUGH	    5 /* more than this on both sides pass */

/* Shuffles that may be measured before the first of them is counted. */
#define AHEAD (4 * THREADS_MAX)

struct shuffle {
	bool ready;
	double values[VRNG_IID_STATISTICS];
};

struct tests {
	const struct vrng_iid_set *set;
	const uint8_t *samples;
	uint64_t seed;
	const struct vrng_iid_watch *watch;

	pthread_mutex_t lock;
	pthread_cond_t counted;
	/* Protected by lock: */
	struct vrng_permutations *result;
	struct shuffle shuffles[AHEAD]; /* [number % AHEAD] */
	unsigned int shuffles_counted; /* shuffles of this round */
	unsigned int next; /* shuffle to make */
	unsigned int wanted; /* statistics that have not passed */
	int status; /* 0, or the reason why all threads end */
};

/* ---------------------------------------------------------------- counting */

static void count_value(struct vrng_permutation *test, double value)
{
	if (value > test->value)
		test->above++;
	else if (value < test->value)
		test->below++;
	else
		test->equal++;
	test->passed = test->above + test->equal > ENOUGH &&
		       test->equal + test->below > ENOUGH;
}

/* Count the statistics that were wanted until then. Called with the lock. */
static void count_shuffle(struct tests *tests, const struct shuffle *shuffle)
{
	struct vrng_permutations *result = tests->result;
	unsigned int i, passed = 0;

	for (i = 0; i < VRNG_IID_STATISTICS; i++) {
		if (tests->wanted & VRNG_IID_BIT(i))
			count_value(&result->tests[i], shuffle->values[i]);
		if (!result->tests[i].passed)
			continue;
		tests->wanted &= ~VRNG_IID_BIT(i);
		passed++;
	}
	tests->shuffles_counted++;
	if (!tests->watch->go_on(tests->watch->arg, tests->shuffles_counted,
				 passed) &&
	    !tests->status)
		tests->status = -EINTR;
}

static bool over(const struct tests *tests)
{
	return tests->status || !tests->wanted ||
	       tests->shuffles_counted == VRNG_IID_SHUFFLES;
}

/* Hand in shuffle @number and count all that follow it. Takes the lock. */
static void hand_in(struct tests *tests, unsigned int number,
		    const double values[VRNG_IID_STATISTICS])
{
	struct shuffle *shuffle = &tests->shuffles[number % AHEAD];

	pthread_mutex_lock(&tests->lock);
	memcpy(shuffle->values, values, sizeof(shuffle->values));
	shuffle->ready = true;
	for (;;) {
		shuffle = &tests->shuffles[tests->shuffles_counted % AHEAD];
		if (!shuffle->ready || over(tests))
			break;
		shuffle->ready = false;
		count_shuffle(tests, shuffle);
	}
	pthread_cond_broadcast(&tests->counted);
	pthread_mutex_unlock(&tests->lock);
}

/*
 * Take the next shuffle to make, and what to measure of it. Returns false if
 * there is none.
 */
static bool take(struct tests *tests, unsigned int *number,
		 unsigned int *wanted)
{
	bool taken;

	pthread_mutex_lock(&tests->lock);
	while (!over(tests) && tests->next >= tests->shuffles_counted + AHEAD)
		pthread_cond_wait(&tests->counted, &tests->lock);
	taken = !over(tests) && tests->next < VRNG_IID_SHUFFLES;
	*number = taken ? tests->next++ : 0;
	*wanted = tests->wanted;
	pthread_mutex_unlock(&tests->lock);
	return taken;
}

static void fail(struct tests *tests, int status)
{
	pthread_mutex_lock(&tests->lock);
	if (!tests->status)
		tests->status = status;
	pthread_cond_broadcast(&tests->counted);
	pthread_mutex_unlock(&tests->lock);
}

/* --------------------------------------------------------------- shuffling */

/* By Fisher and Yates, from the samples in their order. */
static void shuffle_samples(uint8_t *s, const uint8_t *samples, size_t len,
			    uint64_t seed, unsigned int number)
{
	struct vrng_generator generator;
	size_t i;

	memcpy(s, samples, len);
	vrng_generator_begin(&generator, seed, number);
	for (i = len; i > 1; i--) {
		const uint32_t other =
			vrng_generator_below(&generator, (uint32_t)i);
		const uint8_t sample = s[other];

		s[other] = s[i - 1];
		s[i - 1] = sample;
	}
}

static void *work(void *arg)
{
	struct tests *tests = arg;
	const size_t len = tests->set->len;
	double values[VRNG_IID_STATISTICS] = { 0 };
	uint8_t *s = malloc(len);
	struct vrng_iid_room room;
	unsigned int number, wanted;
	int ret = vrng_iid_room_init(&room, tests->set);

	if (!s)
		ret = -ENOMEM;
	while (!ret && take(tests, &number, &wanted)) {
		shuffle_samples(s, tests->samples, len, tests->seed, number);
		vrng_iid_measure(tests->set, s, wanted, &room, values);
		hand_in(tests, number, values);
	}
	if (ret)
		fail(tests, ret);
	vrng_iid_room_free(&room, len);
	if (s)
		explicit_bzero(s, len);
	free(s);
	return NULL;
}

/* The caller is one of the threads. If others cannot be started, fewer work. */
static void run_all(struct tests *tests, unsigned int threads)
{
	pthread_t helpers[THREADS_MAX];
	unsigned int n = 0;

	while (n + 1 < threads && n < THREADS_MAX &&
	       pthread_create(&helpers[n], NULL, work, tests) == 0)
		n++;
	work(tests);
	while (n)
		pthread_join(helpers[--n], NULL);
}

/*
 * A round: shuffle, from the first shuffle on, and count @wanted until all of
 * them have passed or 10,000 shuffles were counted.
 */
static void run_round(struct tests *tests, unsigned int wanted,
		      unsigned int threads)
{
	struct vrng_permutations *result = tests->result;

	tests->wanted = wanted;
	tests->next = 0;
	tests->shuffles_counted = 0;
	memset(tests->shuffles, 0, sizeof(tests->shuffles));
	run_all(tests, threads);
	if (tests->shuffles_counted > result->shuffles)
		result->shuffles = tests->shuffles_counted;
}

/* The cheap ones, and if they have passed, compression. */
static void run_rounds(struct tests *tests, unsigned int threads)
{
	const unsigned int last = VRNG_IID_BIT(VRNG_IID_COMPRESSION);

	run_round(tests, VRNG_IID_ALL & ~last, threads);
	if (tests->status)
		return;
	if (tests->wanted)
		tests->result->tests[VRNG_IID_COMPRESSION].left_out = true;
	else
		run_round(tests, last, threads);
}

static int measure_samples(const struct vrng_iid_set *set,
			   const uint8_t *samples,
			   struct vrng_permutations *result)
{
	double values[VRNG_IID_STATISTICS] = { 0 };
	struct vrng_iid_room room;
	int ret = vrng_iid_room_init(&room, set);
	unsigned int i;

	if (!ret)
		vrng_iid_measure(set, samples, VRNG_IID_ALL, &room, values);
	vrng_iid_room_free(&room, set->len);
	for (i = 0; i < VRNG_IID_STATISTICS; i++)
		result->tests[i].value = values[i];
	return ret;
}

int vrng_permutations_run(const struct vrng_iid_set *set,
			  const uint8_t *samples, uint64_t seed,
			  unsigned int threads,
			  const struct vrng_iid_watch *watch,
			  struct vrng_permutations *result)
{
	struct tests *tests = calloc(1, sizeof(*tests));
	int ret;

	memset(result, 0, sizeof(*result));
	if (!tests)
		return -ENOMEM;
	tests->set = set;
	tests->samples = samples;
	tests->seed = seed;
	tests->watch = watch;
	tests->result = result;
	pthread_mutex_init(&tests->lock, NULL);
	pthread_cond_init(&tests->counted, NULL);
	ret = measure_samples(set, samples, result);
	if (!ret) {
		run_rounds(tests, threads);
		ret = tests->status;
	}
	result->passed = !ret && !tests->wanted;
	pthread_cond_destroy(&tests->counted);
	pthread_mutex_destroy(&tests->lock);
	free(tests);
	return ret;
}
