/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accepts vhost-user connections: listens, connects to a front end that
 * listens, or uses an inherited descriptor. One connection after another.
 *
 * One thread, the worker's.
 */
#ifndef DEVICE_VHOST_USER_RNG_CONNECTION_H
#define DEVICE_VHOST_USER_RNG_CONNECTION_H

#include <stdbool.h>

#include "rngd/base/clock.h"
#include "rngd/base/listener.h"
#include "tests/device/runtime/loop.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "vrng/error.h"

/* In which a front end that connects sends a message: others wait. */
#define CONNECTION_SILENCE_NS (10 * VRNG_NS_PER_S)
/* As a client: how long it tries to connect, and how often. */
#define CONNECTION_CONNECT_NS  (5 * VRNG_NS_PER_S)
#define CONNECTION_INTERVAL_NS (100 * VRNG_NS_PER_MS)
/*
 * After a connection that ended before the guest had started, a client waits
 * twice as long as before, up to this: the next one is likely to end the same
 * way.
 */
#define CONNECTION_BACKOFF_NS (10 * VRNG_NS_PER_S)

struct handover;
struct vrng_log;

struct connection {
	struct loop *loop;
	struct vrng_log *log;
	const char *path; /* NULL: @inherited is used */
	int inherited;
	bool client;
	bool access_platform; /* offer VIRTIO_F_ACCESS_PLATFORM */
	bool keeps_listener; /* @inherited is not handed over: others keep it */
	struct handover *handed; /* of the process before, owned; or NULL */
	int line; /* of a client: to the dialer (dialer.h), owned; or -1 */
	const struct vrng_listener_as *as; /* NULL: mode by the umask */
	void (*guest_gone)(struct connection *connection); /* may be NULL */
	uint64_t silence_ns; /* 0: CONNECTION_SILENCE_NS */
	struct backend backend; /* @buffer, @metrics and @faults only */

	/* its own */
	struct vrng_listener listener;
	uint64_t give_up; /* when a client does, as vrng_now() */
	uint64_t backoff; /* ns until its next attempt */
	struct loop_watch accept;
	struct loop_watch retry; /* to connect, or to accept */
	struct loop_watch dialed; /* the dialer answers */
	int status; /* 0, or the negative errno that stopped the loop */
	struct vrng_error error;
};

/*
 * Listen, or begin to connect, or go on with what was handed over. Call with the
 * first group filled in. @inherited (if @path is NULL), @line and @handed are taken
 * over, also on failure. 0; -EADDRINUSE if
 * another process listens; or another negative errno.
 */
int connection_start(struct connection *connection, struct vrng_error *error);

/* Close @inherited, @line and @handed, instead of connection_start(). */
void connection_give_up(struct connection *connection);

/*
 * Send to @sock (handover.h) what the next process needs to go on with the guest
 * @name. 0; -ENOENT: there is nothing; or another negative errno, which was logged.
 * Only connection_stop() may follow.
 */
int connection_hand_over(struct connection *connection, const char *name,
			 int sock);

/* Drop the connection. The socket's file stays: see vrng_listener_remove(). */
void connection_stop(struct connection *connection);

#endif
