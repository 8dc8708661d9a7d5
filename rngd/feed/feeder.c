// SPDX-License-Identifier: GPL-2.0-or-later
/* One source's way to the outlet: see feeder.h. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/backoff.h"
#include "rngd/checks/conditioner.h"
#include "rngd/base/clock.h"
#include "rngd/feed/feeder.h"
#include "rngd/feed/intake.h"
#include "rngd/feed/probation.h"
#include "rngd/sources/entropy.h"
#include "rngd/base/worker.h"
#include "vrng/health.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES

/* Blocks of one go: a kernel wants one at a time, a file as many as there are. */
#define BATCH_MAX  8
#define BATCH_SIZE ((size_t)BATCH_MAX * BLOCK)

/* False alarms of the health tests: one in 2^30 samples (SP 800-90B, 4.4). */
#define ALPHA_EXPONENT 30

struct rngd_feeder {
	struct rngd_feeder_setup setup;
	struct vrng_worker worker;
	struct rngd_account account;

	/* The thread's own, until it has been joined. */
	struct rngd_intake intake;
	struct vrng_fips fips;
	struct vrng_health health;
	struct vrng_health_limits limits; /* of a raw source, by its claim */
	struct rngd_probation probation;
	struct vrng_conditioner *conditioner; /* of a raw source */
	bool is_primed;
	bool was_fed;
	uint64_t fed_at; /* ms */
	uint64_t asked; /* as the outlet said when this block was begun */
};

static const char *name_of(const struct rngd_feeder *f)
{
	return vrng_source_name(f->setup.source);
}

static bool is_raw(const struct rngd_feeder *f)
{
	return f->setup.entropy && f->setup.entropy < VRNG_ENTROPY_MAX;
}

/* ----------------------------------------------------------------- filling */

/* One block, and of @n what there is without a wait. */
static enum rngd_flow fill_blocks(struct rngd_feeder *f, unsigned int n)
{
	enum rngd_flow flow = rngd_intake_fill(&f->intake, BLOCK);

	if (flow == RNGD_GO_ON)
		rngd_intake_top_up(&f->intake, (size_t)n * BLOCK);
	return flow;
}

/* FIPS 140-2 4.9.2: the first word is for comparison, and is not used. */
static enum rngd_flow prime(struct rngd_feeder *f)
{
	enum rngd_flow flow;

	if (f->is_primed)
		return RNGD_GO_ON;
	flow = rngd_intake_fill(&f->intake, VRNG_FIPS_WORD_BYTES);
	if (flow != RNGD_GO_ON)
		return flow;
	vrng_fips_init(&f->fips, f->intake.buf);
	rngd_intake_done(&f->intake, VRNG_FIPS_WORD_BYTES);
	f->is_primed = true;
	return flow;
}

static void forget(struct rngd_feeder *f)
{
	rngd_intake_forget(&f->intake);
	f->is_primed = false;
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
	f->is_primed = false;
}

/* False: stop. */
static bool note_bad(struct rngd_feeder *f)
{
	uint64_t ms;

	if (rngd_probation_bad(&f->probation, &ms) == RNGD_SUSPEND)
		begin_suspension(f, ms);
	return vrng_worker_wait_ms(&f->worker, ms);
}

static void note_good(struct rngd_feeder *f)
{
	if (rngd_probation_good(&f->probation) != RNGD_TAKE_UP)
		return;
	rngd_account_suspended(&f->account, false);
	vrng_log(f->setup.log, VRNG_LOG_INFO, "%s: passes its tests again",
		 name_of(f));
}

/* ------------------------------------------------------------------ testing */

static void tell_block(struct rngd_feeder *f, bool healthy,
		       const struct vrng_fips_result *result)
{
	const struct vrng_fips_stats *s = &result->stats;

	vrng_log(f->setup.log, VRNG_LOG_DEBUG,
		 "%s: block %s (health %s, failed tests 0x%02x): ones %" PRIu32
		 ", poker %" PRIu32 ", longest run %" PRIu32
		 ", repeated words %" PRIu32,
		 name_of(f), healthy && !result->failed ? "passed" : "failed",
		 healthy ? "good" : "bad", result->failed, s->ones, s->poker,
		 s->longest, s->repeats);
}

/*
 * A raw source is held to what it claims. One of full entropy is held to a bit
 * a byte: FIPS 140-2 looks closer at it, and at a gigabit a second the cut-offs
 * for 8 bits would find a fault of chance every few seconds.
 */
static bool is_healthy(struct rngd_feeder *f, const uint8_t *block)
{
	if (is_raw(f))
		return vrng_health_pass_limits(&f->health, &f->limits, block,
					       BLOCK);
	return vrng_health_pass(&f->health, block, BLOCK);
}

/*
 * SP 800-90B on all samples. FIPS 140-2 is for sources that claim to be as good
 * as a generator: raw noise may be biased, that is what conditioning is for.
 */
static bool is_good(struct rngd_feeder *f, const uint8_t *block)
{
	bool healthy = is_healthy(f, block);
	struct vrng_fips_result result = { 0 };

	if (!is_raw(f))
		vrng_fips_check(&f->fips, block, &result);
	if (f->setup.log->debug)
		tell_block(f, healthy, &result);
	rngd_account_block(&f->account, healthy && !result.failed,
			   f->health.episodes,
			   is_raw(f) ? NULL : &result.failed);
	return healthy && !result.failed;
}

/*
 * Test @n blocks and move the good ones together; how many those are. False in
 * *@go_on: stop.
 */
static unsigned int sift(struct rngd_feeder *f, unsigned int n, bool *go_on)
{
	unsigned int good = 0, i;

	*go_on = true;
	for (i = 0; i < n && *go_on; i++) {
		if (is_good(f, f->intake.buf + (size_t)i * BLOCK)) {
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

/* ------------------------------------------------------------- handing over */

static enum rngd_flow put(struct rngd_feeder *f, const uint8_t *buf, size_t len,
			  unsigned int bits, bool last)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	struct vrng_error error;
	unsigned int idle = 0;
	ssize_t done;

	while (len) {
		if (rngd_intake_is_void(&f->intake))
			return RNGD_AGAIN;
		done = vrng_sink_put(sink, buf, len, bits, last, &error);
		if (done > 0) {
			rngd_account_out(&f->account, (size_t)done, bits);
			buf += done;
			len -= (size_t)done;
			bits = 0; /* a kernel takes all at once */
			idle = 0;
			continue;
		}
		if (done != -EAGAIN) {
			rngd_outlet_end(f->setup.outlet, RNGD_SINK_FAILED,
					&error);
			return RNGD_STOP;
		}
		/* Its word that it takes more is trusted once. */
		if (!vrng_worker_wait_for(
			    &f->worker, idle ? -1 : vrng_sink_fd(sink), POLLOUT,
			    idle ? (int)vrng_doubled(1, idle, 1000) : -1))
			return RNGD_STOP;
		idle++;
	}
	return RNGD_GO_ON;
}

/* What came as one block, in the form and with the credit that it has. */
static enum rngd_flow hand_over_block(struct rngd_feeder *f, uint8_t *block)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	bool kernel = vrng_sink_type(sink) == VRNG_SINK_KERNEL;
	unsigned int bits = f->setup.entropy ? 8u * BLOCK : 0;
	int before = kernel && !f->was_fed ? vrng_sink_level(sink) : -1;
	enum rngd_flow flow;
	int len = BLOCK;

	if (is_raw(f))
		len = vrng_conditioner_run(f->conditioner, block, BLOCK,
					   f->setup.entropy, &bits);
	if (len < 0) {
		struct vrng_error error;

		vrng_fail(&error, -len, "%s: conditioning failed: %m",
			  name_of(f));
		rngd_outlet_end(f->setup.outlet, RNGD_SINK_FAILED, &error);
		return RNGD_STOP;
	}
	if (!kernel)
		bits = 0;
	flow = put(f, block, (size_t)len, bits, true);
	if (flow == RNGD_GO_ON)
		rngd_outlet_fed(f->setup.outlet, f->asked, 1, (unsigned int)len,
				bits, before);
	return flow;
}

/* Blocks as they are, all at once, where nothing is done to them. */
static enum rngd_flow hand_over_run(struct rngd_feeder *f, unsigned int n)
{
	enum rngd_flow flow = put(f, f->intake.buf, (size_t)n * BLOCK, 0, true);

	if (flow == RNGD_GO_ON)
		rngd_outlet_fed(f->setup.outlet, f->asked, n, BLOCK, 0, -1);
	return flow;
}

static enum rngd_flow hand_over(struct rngd_feeder *f, unsigned int n)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	enum rngd_flow flow = RNGD_GO_ON;
	unsigned int i;

	n = rngd_outlet_claim(f->setup.outlet, n);
	if (!n)
		return RNGD_GO_ON;
	if (!is_raw(f) && vrng_sink_type(sink) != VRNG_SINK_KERNEL)
		flow = hand_over_run(f, n);
	else
		for (i = 0; i < n && flow == RNGD_GO_ON; i++)
			flow = hand_over_block(f, f->intake.buf +
							  (size_t)i * BLOCK);
	if (flow == RNGD_GO_ON) {
		f->fed_at = vrng_now_ms();
		f->was_fed = true;
	}
	return flow;
}

/* ------------------------------------------------------------------ feeding */

/*
 * The sink may want something earlier than it says, but not later; and so may
 * somebody who asks.
 */
static bool wait_until_due(struct rngd_feeder *f)
{
	struct vrng_sink *sink = rngd_outlet_sink(f->setup.outlet);
	unsigned int ms;

	rngd_intake_rest(&f->intake);
	for (;;) {
		if (rngd_intake_is_void(&f->intake))
			forget(f);
		if (rngd_outlet_asked(f->setup.outlet) != f->asked)
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

static enum rngd_flow one_batch(struct rngd_feeder *f, unsigned int n)
{
	enum rngd_flow flow = rngd_intake_drain(&f->intake);
	unsigned int good;
	bool go_on;

	if (flow == RNGD_GO_ON)
		flow = prime(f);
	if (flow == RNGD_GO_ON)
		flow = fill_blocks(f, n);
	if (flow != RNGD_GO_ON)
		return flow;
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
		f->asked = rngd_outlet_asked(outlet);
		n = rngd_outlet_wanted(outlet, kernel ? 1 : BATCH_MAX);
		if (!n || one_batch(f, n) == RNGD_STOP)
			return;
	}
}

static void *run(void *arg)
{
	struct rngd_feeder *f = arg;

	feed(f);
	explicit_bzero(f->intake.buf, BATCH_SIZE);
	return NULL;
}

/* ---------------------------------------------------------------- control */

/* All of them, so that all can be freed. */
static int make_parts(struct rngd_feeder *f)
{
	const struct rngd_intake_setup setup = {
		.source = f->setup.source,
		.outlet = f->setup.outlet,
		.worker = &f->worker,
		.account = &f->account,
		.log = f->setup.log,
		.size = BATCH_SIZE,
		.tell = f->setup.tell,
		.opaque = f->setup.opaque,
	};
	int ret = vrng_worker_init(&f->worker);
	int held = rngd_intake_make(&f->intake, &setup);

	rngd_account_init(&f->account);
	return ret ? ret : held;
}

/* What a raw source is held to, and made good with. */
static int make_raw(struct rngd_feeder *f, struct vrng_error *error)
{
	int ret = vrng_health_limits_find(
		&f->limits, 8, f->setup.entropy / 1000.0, ALPHA_EXPONENT);

	if (ret)
		return vrng_fail(error, -ret,
				 "%s: no cut-offs for its entropy: %m",
				 name_of(f));
	return vrng_conditioner_make(&f->conditioner, error);
}

static int make(struct rngd_feeder **feeder,
		const struct rngd_feeder_setup *setup, struct vrng_error *error)
{
	struct rngd_feeder *f = calloc(1, sizeof(*f));
	int ret;

	*feeder = NULL;
	if (!f)
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	f->setup = *setup;
	f->probation.suspend = setup->suspend;
	f->probation.never_suspend = setup->ignore_failures;
	ret = make_parts(f);
	if (ret)
		ret = vrng_fail(error, -ret, "cannot start: %m");
	if (!ret && is_raw(f))
		ret = make_raw(f, error);
	if (ret) {
		rngd_feeder_free(f);
		return ret;
	}
	f->asked = rngd_outlet_asked(setup->outlet);
	*feeder = f;
	return 0;
}

int rngd_feeder_start(struct rngd_feeder **feeder,
		      const struct rngd_feeder_setup *setup,
		      struct vrng_error *error)
{
	struct rngd_feeder *f = NULL;
	int ret = make(&f, setup, error);

	*feeder = NULL;
	if (ret || !f)
		return ret;
	ret = vrng_worker_start(&f->worker, run, f);
	if (ret) {
		rngd_feeder_free(f);
		return vrng_fail(error, -ret, "cannot start a thread: %m");
	}
	*feeder = f;
	return 0;
}

void rngd_feeder_wake(struct rngd_feeder *feeder)
{
	vrng_worker_wake(&feeder->worker);
}

void rngd_feeder_status(struct rngd_feeder *feeder,
			struct rngd_source_status *status)
{
	rngd_account_copy(&feeder->account, status);
}

bool rngd_feeder_is_ill(const struct rngd_feeder *feeder)
{
	return feeder->intake.is_ill;
}

const struct rngd_feeder_setup *
rngd_feeder_setup(const struct rngd_feeder *feeder)
{
	return &feeder->setup;
}

bool rngd_feeder_stop(struct rngd_feeder *const *feeder, size_t n)
{
	const uint64_t deadline = vrng_now_ms() + RNGD_STOP_TIMEOUT;
	bool all = true;
	size_t i;

	for (i = 0; i < n; i++)
		vrng_worker_stop(&feeder[i]->worker);
	for (i = 0; i < n; i++)
		all = vrng_worker_join(&feeder[i]->worker, deadline) && all;
	return all;
}

void rngd_feeder_free(struct rngd_feeder *feeder)
{
	if (!feeder)
		return;
	rngd_intake_free(&feeder->intake);
	vrng_conditioner_free(feeder->conditioner);
	vrng_worker_free(&feeder->worker);
	rngd_account_free(&feeder->account);
	free(feeder);
}
