/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source of a device's guests, given to each guest's request buffer in one
 * of three ways, by its kind (enum shared_source_kind):
 *
 *	one that computes	a copy for each guest
 *	one stream		shared by all guests
 *	all others		a source process; a scheduler hands its bytes
 *				to a prefetch ring of each guest
 *
 * Guests may come and go. Called by the main thread. The scheduler runs in its
 * loop.
 */
#ifndef DEVICE_VHOST_USER_RNG_SOURCES_H
#define DEVICE_VHOST_USER_RNG_SOURCES_H

#include <stdint.h>

#include "rngd/base/log.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "tests/device/entropy/request_buffer.h"
#include "tests/device/entropy/scheduler.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/runtime/helper_user.h"
#include "vrng/error.h"

struct device_sources {
	/* to be filled in */
	const char *spec; /* SPEC of vrng/source.h; not owned */
	struct loop *loop;
	struct vrng_log *log;
	const struct fork_signs *signs; /* not owned */
	struct helper_user user; /* of the source's process */
	void (*gone)(struct device_sources *sources); /* no more bytes come */

	/* its own */
	struct vrng_log source_log; /* what the source tells of itself */
	struct shared_source shared;
	enum shared_source_kind kind; /* of @shared */
	struct scheduler scheduler; /* fills the rings of all shares */
};

/* What one guest has of the source. */
struct device_share {
	struct shared_source copy; /* if the kind is SHARED_SOURCE_EACH */
	struct prefetch_ring ring; /* if it is SHARED_SOURCE_FETCHED */
};

/* The members that device_sources_stop() needs when nothing was started. */
#define DEVICE_SOURCES                                    \
	{                                                 \
		.scheduler = { .process = { .sock = -1 }, \
			       .bytes = { .fd = -1 },     \
			       .room = { .fd = -1 } },    \
	}

/* Parse @spec. 0; -EINVAL for a bad SPEC; or another negative errno. */
int device_sources_parse(struct device_sources *sources,
			 struct vrng_error *error);

/*
 * Check that the source can be used, and fork its process if it needs one: call
 * this before there are threads. 0, or a negative errno with @error.
 */
int device_sources_start(struct device_sources *sources,
			 struct vrng_error *error);

/* End the source process, and free all. No guest may be attached any more. */
void device_sources_stop(struct device_sources *sources);

/* Only end the source process: a worker hangs, and may still use the rest. */
void device_sources_abandon(struct device_sources *sources);

/*
 * Make @share and @buffer for a guest; request_buffer_init() has the other
 * arguments. 0, or a negative errno with @error.
 */
int device_sources_attach(struct device_sources *sources,
			  struct device_share *share,
			  struct request_buffer *buffer, struct vrng_log *log,
			  uint64_t max, uint64_t period_ns,
			  struct vrng_error *error);

/* Free both. */
void device_sources_detach(struct device_sources *sources,
			   struct device_share *share,
			   struct request_buffer *buffer);

/* What became of the source that the guest with @share reads. */
struct shared_source_counts
device_sources_counts(const struct device_sources *sources,
		      const struct device_share *share);

/* The source's name for the log; without a seed, which is a secret. */
const char *device_sources_name(const struct device_sources *sources);

#endif
