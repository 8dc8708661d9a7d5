/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guests of a device: a worker and a share of the source for each. They may
 * come and go while others are served.
 *
 * Functions are called by the main thread.
 */
#ifndef DEVICE_VHOST_USER_RNG_GUESTS_H
#define DEVICE_VHOST_USER_RNG_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/base/listener.h"
#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/vhost-user-rng/sources.h"
#include "tests/device/vhost-user-rng/worker.h"
#include "vrng/error.h"

struct vrng_notify;

struct guest {
	struct guest *next;
	char *name; /* path of its socket, or "fd N" */
	bool leaves; /* it is to end, and is no part of the set any more */
	struct device_share share;
	struct device_worker worker;
	int kept; /* what the service manager keeps of it; -1: nothing */
};

struct guests {
	/* to be filled in */
	struct device_sources *sources; /* started */
	const struct faults *faults; /* each guest gets a copy */
	int changed; /* eventfd, written when a connection or a thread ends */
	struct total_limit *total; /* of all guests together; NULL: none */
	bool keeps_none; /* one whose worker ends by itself is removed */
	bool named; /* log lines about a guest begin with its name */

	/* its own */
	struct guest *first; /* in the order in which they came */
	unsigned int n; /* without those that leave */
	struct metrics past; /* of those that have left */
	bool failed; /* a worker has ended with an error */
};

struct guest_setup {
	const char *name; /* copied */
	int inherited; /* a listening or connected socket; -1: listen at @name */
	bool access_platform; /* offer VIRTIO_F_ACCESS_PLATFORM */
	bool client; /* connect to @name, by @line (dialer.h) */
	int line;
	bool keeps_listener; /* @inherited is not handed over: others keep it */
	struct handover *handed; /* of the process before; NULL: nothing */
	const struct vrng_listener_as *as; /* NULL: mode by the umask */
	uint64_t max_bytes; /* in each @period_ns; 0: no limit */
	uint64_t period_ns;
};

/*
 * Make a guest and listen for it, or begin to connect. @inherited, @line and @handed
 * are taken over, also on failure. NULL, with @error.
 */
struct guest *guests_add(struct guests *guests, const struct guest_setup *setup,
			 struct vrng_error *error);

/* Serve all that are not served yet. 0, or a negative errno with @error. */
int guests_run(struct guests *guests, struct vrng_error *error);

/* The guest of that name, or NULL. */
struct guest *guests_find(const struct guests *guests, const char *name);

/* Have all look whether they may read now: the limit in total has changed. */
void guests_again(struct guests *guests);

/* End its connection. It is freed by guests_reap() when its thread has ended. */
void guests_remove(struct guests *guests, struct guest *guest);

/*
 * Free those that leave and have ended. A worker that ends by itself has logged
 * why. Returns the number of guests that are served.
 */
unsigned int guests_reap(struct guests *guests);

/* Remove the files of the sockets that were made here. */
void guests_remove_sockets(struct guests *guests);

/*
 * End all, in one second. False: a worker hangs, because a page of its guest's
 * memory does not come, and nothing that it uses may be freed.
 */
bool guests_stop(struct guests *guests);

/*
 * The same, and have the service manager keep for the next process what it needs to
 * go on with them. *@n is the number of guests that were left to it.
 */
bool guests_hand_over(struct guests *guests, const struct vrng_notify *notify,
		      unsigned int *n);

/* Free all, after guests_stop() has returned true. */
void guests_free(struct guests *guests);

#endif
