/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An EGD server: takes connections at its listeners and gives clients that wait
 * for random bytes a turn each, by one queue. A turn has a bound in bytes; a
 * client that wants more goes to the end of the queue. A client whose socket is
 * full leaves the queue until there is room, and so does not hold up others.
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

#define EGD_SERVER_LISTENERS 8

/*
 * A turn is what the source gives in EGD_SERVER_TURN_NS, or an equal share of
 * what is at hand if that is more, within these bounds in bytes. The lower
 * bound is the largest request. From a fast source, shorter turns would cost
 * more than the fairness they add.
 */
#define EGD_SERVER_TURN_NS  25000
#define EGD_SERVER_TURN_MIN 255
#define EGD_SERVER_TURN_MAX 16384

struct egd_server_stats {
	uint64_t accepted; /* connections taken */
	uint64_t refused; /* connections beyond @max_clients or @max_per_peer */
	uint64_t dropped; /* ended for a bad request, idleness, or a newer one */
	uint64_t clients; /* connections open now */
	uint64_t dry_waits; /* times when clients had to wait for the source */
	uint64_t throttled_waits; /* the same for the limit */
	uint64_t is_dry; /* 1 while they wait, else 0 */
	uint64_t is_throttled;
	struct egd_counts counts;
};

struct egd_server;
struct vrng_log;

struct egd_server_setup {
	struct egd_listen *listeners; /* not owned */
	unsigned int n_listeners;
	/* The source is open while there are clients. */
	struct egd_prefetch_setup prefetch;
	struct vrng_log *log;
	unsigned int max_clients;
	unsigned int max_per_peer; /* connections; see peers.h */
	uint64_t idle_ns; /* 0: clients may be idle for ever */
	uint64_t idle_full_ns; /* so idle, a client makes room for a new one */
	/*
	 * After the source was opened, requests wait so long for its first
	 * bytes, or a non-blocking read would be told that there are none.
	 */
	uint64_t hold_ns;
	int control_fd; /* while it is readable, control() is called */
	bool (*control)(void *opaque); /* false: stop */
	void *opaque;
};

/* 0 or a negative errno with @error. */
int egd_server_start(struct egd_server **serve,
		     const struct egd_server_setup *setup,
		     struct vrng_error *error);

/* Serve until control() returns false: 0; or a negative errno with @error. */
int egd_server_run(struct egd_server *serve, struct vrng_error *error);

void egd_server_stats(const struct egd_server *serve,
		      struct egd_server_stats *stats);

/* Drop the clients and free @serve. Listeners and source stay the caller's. */
void egd_server_stop(struct egd_server *serve);

#endif
