/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where guests come from: a socket that is listened on, one that a front end
 * listens on, or a descriptor that was inherited. One guest after another.
 */
#ifndef DEVICE_VHOST_USER_RNG_CONNECTION_H
#define DEVICE_VHOST_USER_RNG_CONNECTION_H

#include <stdbool.h>

#include "rngd/base/listener.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "vrng/error.h"

#define CONNECTION_CONNECT_NS  5000000000ULL /* a client tries for so long ... */
#define CONNECTION_INTERVAL_NS 100000000ULL /* ... and so often */
/*
 * Where connections end before a guest has started, something is wrong that
 * the next one will not put right: a client waits twice as long each time, up
 * to this.
 */
#define CONNECTION_BACKOFF_NS 10000000000ULL

struct vrng_log;

struct connection {
	struct loop *loop;
	struct vrng_log *log;
	const char *path; /* NULL: @inherited is used */
	int inherited;
	bool client;
	void (*guest_gone)(struct connection *connection); /* may be NULL */
	struct backend backend; /* its feed and stats are to be filled in */

	/* the rest is the server's own */
	struct vrng_listener listener;
	uint64_t give_up; /* when a client does */
	uint64_t backoff; /* ns until its next attempt */
	struct loop_watch accept;
	struct loop_watch retry; /* to connect, or to accept */
	int status; /* why the loop was stopped: 0 or a negative errno */
	struct vrng_error error;
};

/*
 * Be ready for the first guest: listen, or begin to connect. -EADDRINUSE where
 * somebody else listens. Fill in the first group before.
 */
int connection_start(struct connection *connection, struct vrng_error *error);

/* Drop the guest. The socket's file stays: see vrng_listener_remove(). */
void connection_stop(struct connection *connection);

#endif
