/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An EGD server at work: clients come in at its listeners, and those that are
 * owed bytes stand in one queue. The one at its head has its turn, of bounded
 * bytes, and goes to the end if it wants more. One whose socket is full leaves
 * the queue until it has room: it costs the others nothing.
 *
 * One thread.
 */
#ifndef DEVICE_EGD_SERVER_SERVER_H
#define DEVICE_EGD_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/device/egd-server/client.h"
#include "tests/device/egd-server/listen.h"
#include "tests/device/egd-server/prefetch.h"
#include "rngd/base/log.h"

#define EGD_SERVER_LISTENERS 8

/*
 * A turn is what the source gives in so long, or an equal share of what is at
 * hand if that is more; in bytes within these bounds. The lower one is what one
 * request asks for; from a fast source, short turns would cost more than they
 * even out.
 */
#define EGD_SERVER_TURN_NS  25000
#define EGD_SERVER_TURN_MIN 255
#define EGD_SERVER_TURN_MAX 16384

struct egd_server_stats {
	uint64_t accepted; /* clients */
	uint64_t refused; /* beyond the limit on clients */
	uint64_t dropped; /* for nonsense, or for being idle */
	uint64_t clients; /* now */
	struct egd_counts counts;
};

struct egd_server;

/* Fill in the first group, then start. */
struct egd_server_setup {
	struct egd_listen *listeners;
	unsigned int n_listeners;
	struct egd_prefetch_setup
		pool; /* its source is open while there are clients */
	struct vrng_log *log;
	unsigned int max_clients;
	uint64_t idle_ns; /* 0: clients may be idle for ever */
	int control_fd; /* a descriptor that interrupts it, */
	bool (*control)(void *opaque); /* and what is called; false: stop */
	void *opaque;
};

/* 0 or a negative errno with @error. */
int egd_server_start(struct egd_server **serve,
		     const struct egd_server_setup *setup,
		     struct vrng_error *error);

/* Until control() returns false: 0; or a negative errno with @error. */
int egd_server_run(struct egd_server *serve, struct vrng_error *error);

void egd_server_stats(const struct egd_server *serve,
		      struct egd_server_stats *stats);

/* Drops the clients; listeners and what fills the pool stay the caller's. */
void egd_server_stop(struct egd_server *serve);

#endif
