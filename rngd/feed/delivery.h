/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Claims, conditions and credits blocks that passed, and gives them to the sink.
 *
 * Used by the feeder's thread alone.
 */
#ifndef RNGD_FEED_DELIVERY_H
#define RNGD_FEED_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/base/worker.h"
#include "rngd/feed/account.h"
#include "rngd/feed/intake.h"
#include "rngd/feed/outlet.h"
#include "rngd/feed/terms.h"

struct rngd_delivery {
	/* Set once. All must outlive the delivery. */
	const char *name; /* of the source, for errors */
	struct rngd_outlet *outlet;
	struct vrng_worker *worker;
	struct rngd_account *account;
	struct rngd_intake *intake; /* its buffer begins with the blocks */

	/* Set for each batch. */
	const struct rngd_terms *terms;
	bool is_refused; /* the blocks get no credit */
	uint64_t asked; /* rngd_outlet_asked() when the batch was begun */
};

/*
 * Hand over as many of the @n blocks as the outlet still wants; *@done is their
 * number. Blocks that were claimed and not handed over are given back. RNGD_AGAIN:
 * a fork has voided them. RNGD_STOP: the worker is stopped, or the sink has failed
 * and the outlet ended.
 */
enum rngd_flow rngd_delivery_run(struct rngd_delivery *delivery, unsigned int n,
				 unsigned int *done);

#endif
