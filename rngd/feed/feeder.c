// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that feeds from one source: see feeder.h. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/clock.h"
#include "rngd/base/worker.h"
#include "rngd/feed/block_test.h"
#include "rngd/feed/delivery.h"
#include "rngd/feed/feeder.h"
#include "rngd/feed/intake.h"
#include "rngd/feed/probation.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES

/* A kernel is given one block at a time, a file up to this many. */
#define BATCH_MAX  8
#define BATCH_SIZE ((size_t)BATCH_MAX * BLOCK)

struct rngd_feeder {
	struct rngd_feeder_setup setup;
	struct vrng_worker worker;
	struct rngd_account account;
	atomic_bool may_feed; /* started, and not revoked */
	atomic_bool stands_by;
	_Atomic(struct rngd_terms *) next_terms; /* NULL: no change */

	/* Used by the thread alone, until it has been joined. */
	struct rngd_terms *terms;
	struct rngd_intake intake;
	struct rngd_block_test test;
	struct rngd_probation probation;
	struct rngd_delivery delivery;
	bool gives_nothing; /* the intake has failed */
	bool fails_tests; /* is suspended, or would be */
	bool has_failed; /* as was last told */
	bool is_dry; /* likewise */
	bool was_fed; /* not since the last request or fork */
	uint64_t fed_at; /* ms */
};

static const char *name_of(const struct rngd_feeder *f)
{
	return vrng_source_name(f->setup.source);
}

static void use_terms(struct rngd_feeder *f, struct rngd_terms *terms)
{
	f->terms = terms;
	f->delivery.terms = terms;
	f->probation.suspend = terms->suspend;
	f->probation.never_suspend = terms->ignore_failures;
}

/* Called before a block is tested, so that new terms hold for that block. */
static void take_new_terms(struct rngd_feeder *f)
{
	struct rngd_terms *next = atomic_exchange(&f->next_terms, NULL);

	if (!next)
		return;
	rngd_terms_free(f->terms);
	use_terms(f, next);
}

/* ----------------------------------------------------------------- failing */

/* So many bad blocks in a row are beyond chance, with --ignorefail too: sequence.c. */
#define BEYOND_CHANCE 6

static void tell(struct rngd_feeder *f, const char *text)
{
	const bool failed = f->gives_nothing || f->fails_tests;

	if (failed == f->has_failed)
		return;
	f->has_failed = failed;
	if (f->setup.tell)
		f->setup.tell(f->setup.opaque, failed, text);
}

static void tell_dry(struct rngd_feeder *f, bool is_dry)
{
	if (is_dry == f->is_dry)
		return;
	f->is_dry = is_dry;
	if (f->setup.dry)
		f->setup.dry(f->setup.opaque, is_dry);
}

/* From the intake. */
static void on_dry(void *opaque)
{
	tell_dry(opaque, true);
}

/* From the intake. */
static void on_intake(void *opaque, bool failed, const char *text)
{
	struct rngd_feeder *f = opaque;

	f->gives_nothing = failed;
	tell(f, text);
}

/* After each block. */
static void note_tests(struct rngd_feeder *f)
{
	char text[256];

	f->fails_tests = f->probation.is_suspended ||
			 f->probation.bad_in_a_row >= BEYOND_CHANCE;
	(void)snprintf(text, sizeof(text), "%s: fails its tests", name_of(f));
	tell(f, text);
}

/* ----------------------------------------------------------------- filling */

/* The first word of a stream is not used: see rngd_block_test_prime(). */
static void prime(struct rngd_feeder *f)
{
	if (f->test.is_primed)
		return;
	rngd_block_test_prime(&f->test, f->intake.buf);
	rngd_intake_done(&f->intake, VRNG_FIPS_WORD_BYTES);
}

/*
 * Wait for one block, and for the word before the first one; then take up to @n
 * without waiting.
 */
static enum rngd_flow fill_blocks(struct rngd_feeder *f, unsigned int n)
{
	size_t word = f->test.is_primed ? 0 : VRNG_FIPS_WORD_BYTES;
	enum rngd_flow flow = rngd_intake_fill(&f->intake, word + BLOCK);

	if (flow != RNGD_GO_ON)
		return flow;
	prime(f);
	rngd_intake_top_up(&f->intake, (size_t)n * BLOCK);
	return flow;
}

static void forget(struct rngd_feeder *f)
{
	rngd_intake_forget(&f->intake);
	rngd_block_test_unprime(&f->test);
	f->was_fed = false;
}

/* --------------------------------------------------------------- suspension */

static void begin_suspension(struct rngd_feeder *f, uint64_t ms)
{
	vrng_log(f->setup.log, VRNG_LOG_ERROR,
		 "%s: more bad blocks than chance allows: suspended for "
		 "%" PRIu64 " s; check the device",
		 name_of(f), ms / 1000);
	rngd_intake_close(&f->intake);
	rngd_account_suspended(&f->account, true);
	rngd_block_test_unprime(&f->test);
	tell_dry(f, true);
}

/* False: stop. */
static bool note_bad(struct rngd_feeder *f)
{
	uint64_t ms;

	if (rngd_probation_bad(&f->probation, &ms) == RNGD_SUSPEND)
		begin_suspension(f, ms);
	note_tests(f);
	return vrng_worker_wait_ms(&f->worker, ms);
}

static void note_good(struct rngd_feeder *f)
{
	const enum rngd_verdict verdict = rngd_probation_good(&f->probation);

	note_tests(f);
	if (verdict != RNGD_TAKE_UP)
		return;
	rngd_account_suspended(&f->account, false);
	vrng_log(f->setup.log, VRNG_LOG_INFO, "%s: passes its tests again",
		 name_of(f));
}

/* ------------------------------------------------------------------ testing */

/*
 * Test @n blocks and move those that passed together. Returns their number. *@go_on
 * is false if the feeder was told to stop.
 */
static unsigned int sift(struct rngd_feeder *f, unsigned int n, bool *go_on)
{
	unsigned int good = 0, i;

	*go_on = true;
	for (i = 0; i < n && *go_on; i++) {
		if (rngd_block_test_run(&f->test, f->terms,
					f->intake.buf + (size_t)i * BLOCK)) {
			note_good(f);
			if (good != i)
				memcpy(f->intake.buf + (size_t)good * BLOCK,
				       f->intake.buf + (size_t)i * BLOCK,
				       BLOCK);
			good++;
		} else {
			*go_on = note_bad(f);
			if (f->probation.is_suspended)
				return 0;
		}
	}
	if (good)
		rngd_probation_settle(&f->probation);
	return good;
}

/* ------------------------------------------------------------------ feeding */

/* Wait while it stands by. False: stop. */
static bool wait_for_turn(struct rngd_feeder *f)
{
	if (!atomic_load(&f->stands_by))
		return true;
	rngd_intake_close(&f->intake);
	rngd_block_test_unprime(&f->test);
	f->was_fed = false;
	while (atomic_load(&f->stands_by))
		if (!vrng_worker_wait_for(&f->worker, -1, 0, -1))
			return false;
	return true;
}

/*
 * Wait until the sink is due. It may become due earlier, when its descriptor polls
 * writable, when a feeding is requested, or after a fork.
 */
static bool wait_until_due(struct rngd_feeder *f)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	unsigned int ms;

	rngd_intake_rest(&f->intake);
	for (;;) {
		if (!wait_for_turn(f))
			return false;
		if (rngd_intake_is_void(&f->intake))
			forget(f);
		if (rngd_outlet_asked(f->setup.outlet) != f->delivery.asked)
			f->was_fed = false;
		ms = vrng_sink_due(sink, f->was_fed ? &f->fed_at : NULL,
				   vrng_now_ms());
		if (!ms)
			return !vrng_worker_is_stopped(&f->worker);
		if (!vrng_worker_wait_for(&f->worker, vrng_sink_fd(sink),
					  POLLOUT, (int)ms))
			return false;
	}
}

/* Whether the blocks that are held get credit, by all origins of their bytes. */
static void judge_origins(struct rngd_feeder *f)
{
	const char *refusal = NULL;
	unsigned int origin;

	for (origin = 0; f->intake.origins >> origin; origin++)
		if (!refusal && f->intake.origins & 1u << origin)
			refusal = rngd_terms_refusal(f->terms, origin);
	f->delivery.is_refused = refusal;
	rngd_feeder_refuse(f, refusal);
}

/* Called with blocks that passed. */
static enum rngd_flow hand_over(struct rngd_feeder *f, unsigned int n)
{
	enum rngd_flow flow;
	unsigned int done;

	if (!atomic_load(&f->may_feed))
		return RNGD_STOP;
	flow = rngd_delivery_run(&f->delivery, n, &done);
	if (flow == RNGD_GO_ON && done) {
		f->fed_at = vrng_now_ms();
		f->was_fed = true;
		tell_dry(f, false);
	}
	return flow;
}

static enum rngd_flow one_batch(struct rngd_feeder *f, unsigned int n)
{
	enum rngd_flow flow = rngd_intake_drain(&f->intake);
	unsigned int good;
	bool go_on;

	if (flow == RNGD_GO_ON)
		flow = fill_blocks(f, n);
	if (flow != RNGD_GO_ON)
		return flow;
	take_new_terms(f);
	judge_origins(f);
	n = (unsigned int)(f->intake.have / BLOCK);
	good = sift(f, n, &go_on);
	if (!go_on)
		return RNGD_STOP;
	if (good)
		flow = hand_over(f, good);
	if (f->intake.have)
		rngd_intake_done(&f->intake, (size_t)n * BLOCK);
	return flow;
}

static void feed(struct rngd_feeder *f)
{
	struct rngd_outlet *outlet = f->setup.outlet;
	bool kernel =
		vrng_sink_type(rngd_outlet_sink(outlet)) == VRNG_SINK_KERNEL;
	unsigned int n;

	while (wait_until_due(f)) {
		f->delivery.asked = rngd_outlet_asked(outlet);
		n = rngd_outlet_wanted(outlet, kernel ? 1 : BATCH_MAX);
		/* All are claimed: wait for a stop, or for one given back. */
		if (!n && !vrng_worker_wait_for(&f->worker, -1, 0, -1))
			return;
		if (n && one_batch(f, n) == RNGD_STOP)
			return;
	}
}

/* False: stop. */
static bool wait_for_start(struct rngd_feeder *f)
{
	while (!atomic_load(&f->may_feed))
		if (!vrng_worker_wait_for(&f->worker, -1, 0, -1))
			return false;
	return true;
}

/*
 * The source is closed by its own thread, because a close may wait, for a child or a
 * serial line: the sources of a set are closed at the same time.
 */
static void *run(void *arg)
{
	struct rngd_feeder *f = arg;

	if (wait_for_start(f))
		feed(f);
	rngd_intake_close(&f->intake);
	explicit_bzero(f->intake.buf, BATCH_SIZE);
	return NULL;
}

/* ---------------------------------------------------------------- control */

/* Initialise all parts even after a failure, so that all can be freed. */
static int make_parts(struct rngd_feeder *f)
{
	const struct rngd_intake_setup setup = {
		.source = f->setup.source,
		.outlet = f->setup.outlet,
		.worker = &f->worker,
		.account = &f->account,
		.log = f->setup.log,
		.size = BATCH_SIZE,
		.tell = on_intake,
		.dry = on_dry,
		.unwanted = &f->stands_by,
		.opaque = f,
	};
	int ret = vrng_worker_init(&f->worker);
	int held = rngd_intake_make(&f->intake, &setup);

	rngd_account_init(&f->account);
	return ret ? ret : held;
}

static struct rngd_feeder *prepare(const struct rngd_feeder_setup *setup,
				   struct rngd_terms *terms)
{
	struct rngd_feeder *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->setup = *setup;
	f->delivery.name = vrng_source_name(setup->source);
	f->delivery.outlet = setup->outlet;
	f->delivery.worker = &f->worker;
	f->delivery.account = &f->account;
	f->delivery.intake = &f->intake;
	f->delivery.asked = rngd_outlet_asked(setup->outlet);
	f->test.name = vrng_source_name(setup->source);
	f->test.log = setup->log;
	f->test.account = &f->account;
	f->test.recent = setup->recent;
	use_terms(f, terms);
	return f;
}

int rngd_feeder_make(struct rngd_feeder **feeder,
		     const struct rngd_feeder_setup *setup,
		     struct rngd_terms *terms, struct vrng_error *error)
{
	struct rngd_feeder *f = prepare(setup, terms);
	int ret;

	*feeder = NULL;
	if (!f) {
		rngd_terms_free(terms);
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	}
	ret = make_parts(f);
	if (ret) {
		vrng_fail(error, -ret, "cannot start: %m");
		rngd_feeder_free(f);
		return ret;
	}
	ret = vrng_worker_start(&f->worker, run, f);
	if (ret) {
		vrng_fail(error, -ret, "cannot start a thread: %m");
		rngd_feeder_free(f);
		return ret;
	}
	*feeder = f;
	return 0;
}

void rngd_feeder_start(struct rngd_feeder *feeder)
{
	atomic_store(&feeder->may_feed, true);
	rngd_feeder_wake(feeder);
}

void rngd_feeder_change(struct rngd_feeder *feeder, struct rngd_terms *terms)
{
	rngd_terms_free(atomic_exchange(&feeder->next_terms, terms));
}

void rngd_feeder_wake(struct rngd_feeder *feeder)
{
	vrng_worker_wake(&feeder->worker);
}

void rngd_feeder_stand_by(struct rngd_feeder *feeder, bool stands_by)
{
	atomic_store(&feeder->stands_by, stands_by);
	rngd_feeder_wake(feeder);
}

void rngd_feeder_status(struct rngd_feeder *feeder,
			struct rngd_source_status *status)
{
	rngd_account_copy(&feeder->account, status);
	status->stands_by = atomic_load(&feeder->stands_by);
}

void rngd_feeder_refuse(struct rngd_feeder *feeder, const char *refusal)
{
	struct rngd_outlet *outlet = feeder->setup.outlet;

	if (!rngd_account_refuse(&feeder->account, refusal) || !refusal ||
	    vrng_sink_type(rngd_outlet_sink(outlet)) != VRNG_SINK_KERNEL)
		return;
	vrng_log(feeder->setup.log, VRNG_LOG_INFO, "%s: %s: no credit for it",
		 name_of(feeder), refusal);
}

void rngd_feeder_revoke(struct rngd_feeder *feeder)
{
	atomic_store(&feeder->may_feed, false);
}

void rngd_feeder_stop(struct rngd_feeder *feeder)
{
	vrng_worker_stop(&feeder->worker);
}

bool rngd_feeder_join(struct rngd_feeder *feeder, uint64_t deadline)
{
	return vrng_worker_join(&feeder->worker, deadline);
}

void rngd_feeder_free(struct rngd_feeder *feeder)
{
	if (!feeder)
		return;
	rngd_intake_free(&feeder->intake);
	rngd_terms_free(feeder->terms);
	rngd_terms_free(atomic_load(&feeder->next_terms));
	vrng_worker_free(&feeder->worker);
	rngd_account_free(&feeder->account);
	free(feeder);
}
