/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process before this one left of its guests (handover.h): the descriptors
 * that the service manager passes under HANDOVER_NAME.
 *
 * Called by the main thread, before there are others.
 */
#ifndef DEVICE_VHOST_USER_RNG_HANDOVERS_H
#define DEVICE_VHOST_USER_RNG_HANDOVERS_H

#include <stdbool.h>

#include "tests/device/vhost-user-rng/handover.h"

struct vrng_log;
struct vrng_notify;

struct handovers {
	struct handover *first; /* those that no guest has taken */
};

/*
 * Take what was passed, and have the manager forget it: it is good for once. What is
 * wrong gets a line in @log.
 */
void handovers_receive(struct handovers *handovers,
		       const struct vrng_notify *notify, struct vrng_log *log);

/* That of the guest @name, which is the caller's then; NULL: there is none. */
struct handover *handovers_take(struct handovers *handovers, const char *name);

/* Was a listening socket of the guest @name left? */
bool handovers_listens(const struct handovers *handovers, const char *name);

/* Drop those that no guest has taken, with a line for each. @log NULL: without. */
void handovers_drop(struct handovers *handovers, struct vrng_log *log);

#endif
