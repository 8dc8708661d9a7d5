// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks that passed go to the sink: see delivery.h. */
#include <errno.h>
#include <poll.h>

#include "rngd/base/backoff.h"
#include "rngd/checks/conditioner.h"
#include "rngd/feed/delivery.h"

#define BLOCK VRNG_FIPS_BLOCK_BYTES

/*
 * Raw noise is conditioned for each sink. The output of a generator is conditioned
 * for what is credited; a file gets it as it is.
 */
static bool conditions(const struct rngd_delivery *d)
{
	struct vrng_sink *sink = rngd_outlet_sink(d->outlet);

	return d->terms->conditioner &&
	       (rngd_terms_are_raw(d->terms) ||
		vrng_sink_type(sink) == VRNG_SINK_KERNEL);
}

static enum rngd_flow put(struct rngd_delivery *d, const uint8_t *buf,
			  size_t len, unsigned int bits, bool last)
{
	struct vrng_sink *sink = rngd_outlet_sink(d->outlet);
	struct vrng_error error;
	unsigned int idle = 0;
	ssize_t done;

	while (len) {
		if (rngd_intake_is_void(d->intake))
			return RNGD_AGAIN;
		done = vrng_sink_put(sink, buf, len, bits, last, &error);
		if (done > 0) {
			rngd_account_out(d->account, (size_t)done, bits);
			buf += done;
			len -= (size_t)done;
			bits = 0; /* a kernel takes all at once */
			idle = 0;
			continue;
		}
		if (done != -EAGAIN) {
			rngd_outlet_end(d->outlet, RNGD_SINK_FAILED, &error);
			return RNGD_STOP;
		}
		/* POLLOUT is trusted once; after that, back off. */
		if (!vrng_worker_wait_for(
			    d->worker, idle ? -1 : vrng_sink_fd(sink), POLLOUT,
			    idle ? (int)vrng_doubled(1, idle, 1000) : -1))
			return RNGD_STOP;
		idle++;
	}
	return RNGD_GO_ON;
}

/* What is claimed for @n blocks that passed, in bits. */
static uint64_t claim(struct rngd_delivery *d, unsigned int n)
{
	uint64_t bits = d->is_refused ?
				0 :
				(uint64_t)n * BLOCK * d->terms->entropy / 1000;

	rngd_account_claim(d->account, bits,
			   conditions(d) ? (size_t)n * BLOCK : 0);
	return bits;
}

/* The length of what @block becomes, and the entropy that it has, if claimed. */
static int condition(struct rngd_delivery *d, uint8_t *block,
		     unsigned int *bits)
{
	if (conditions(d))
		return vrng_conditioner_run(d->terms->conditioner, block, BLOCK,
					    d->terms->entropy, bits);
	*bits = 8u * BLOCK;
	return BLOCK;
}

/*
 * A request is met when the kernel has used the block. The reseed is sent after the
 * credit and answered, which the main loop must not wait for.
 */
static enum rngd_flow await_use(struct rngd_delivery *d)
{
	struct vrng_error error;

	if (d->asked <= rngd_outlet_met(d->outlet) ||
	    !vrng_sink_reseed(rngd_outlet_sink(d->outlet), &error))
		return RNGD_GO_ON;
	rngd_outlet_end(d->outlet, RNGD_SINK_FAILED, &error);
	return RNGD_STOP;
}

/* Condition the block of a raw source, and give it with the credit it has. */
static enum rngd_flow hand_over_block(struct rngd_delivery *d, uint8_t *block)
{
	struct vrng_sink *sink = rngd_outlet_sink(d->outlet);
	bool kernel = vrng_sink_type(sink) == VRNG_SINK_KERNEL;
	int before =
		rngd_outlet_logs_level(d->outlet) ? vrng_sink_level(sink) : -1;
	uint64_t claimed = claim(d, 1);
	enum rngd_flow flow;
	unsigned int bits;
	int len = condition(d, block, &bits);

	if (len < 0) {
		struct vrng_error error;

		vrng_fail(&error, -len, "%s: conditioning failed: %m", d->name);
		rngd_outlet_end(d->outlet, RNGD_SINK_FAILED, &error);
		return RNGD_STOP;
	}
	if (bits > claimed)
		bits = (unsigned int)claimed;
	bits = kernel ? rngd_account_grant(d->account, bits) : 0;
	flow = put(d, block, (size_t)len, bits, true);
	if (flow == RNGD_GO_ON && bits)
		flow = await_use(d);
	if (flow == RNGD_GO_ON)
		rngd_outlet_fed(d->outlet, d->asked, 1, (unsigned int)len, bits,
				before);
	return flow;
}

/* Give @n blocks at once, unchanged: to a file, from a source that is not raw. */
static enum rngd_flow hand_over_run(struct rngd_delivery *d, unsigned int n)
{
	enum rngd_flow flow;

	(void)claim(d, n);
	flow = put(d, d->intake->buf, (size_t)n * BLOCK, 0, true);
	if (flow == RNGD_GO_ON)
		rngd_outlet_fed(d->outlet, d->asked, n, BLOCK, 0, -1);
	return flow;
}

/* One by one to a kernel; how many of @n were handed over is in *@done. */
static enum rngd_flow hand_over_blocks(struct rngd_delivery *d, unsigned int n,
				       unsigned int *done)
{
	enum rngd_flow flow = RNGD_GO_ON;

	for (*done = 0; *done < n; (*done)++) {
		flow = hand_over_block(d,
				       d->intake->buf + (size_t)*done * BLOCK);
		if (flow != RNGD_GO_ON)
			break;
	}
	return flow;
}

enum rngd_flow rngd_delivery_run(struct rngd_delivery *d, unsigned int n,
				 unsigned int *done)
{
	struct vrng_sink *sink = rngd_outlet_sink(d->outlet);
	enum rngd_flow flow;

	*done = 0;
	n = rngd_outlet_claim(d->outlet, n);
	if (!n)
		return RNGD_GO_ON;
	if (!conditions(d) && vrng_sink_type(sink) != VRNG_SINK_KERNEL) {
		flow = hand_over_run(d, n);
		*done = flow == RNGD_GO_ON ? n : 0;
	} else {
		flow = hand_over_blocks(d, n, done);
	}
	rngd_outlet_unclaim(d->outlet, n - *done);
	return flow;
}
