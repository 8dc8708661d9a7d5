/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream connection to who gives the bytes: unix:PATH or tcp:HOST:PORT. It is
 * begun by open and has VRNG_PEER_CONNECT_MS to come about, looking the name up
 * included; nothing here waits for it.
 */
#ifndef RNGD_SOURCES_PEER_H
#define RNGD_SOURCES_PEER_H

#include <stddef.h>
#include <sys/types.h>

#include "rngd/sources/wait.h"
#include "vrng/error.h"

#define VRNG_PEER_CONNECT_MS 10000

/* What was sent and is not acknowledged for so long ends a TCP connection. */
#define VRNG_PEER_SEND_MS 30000

struct vrng_peer;

/*
 * Parse "unix:PATH" or "tcp:HOST:PORT" (an IPv6 address in brackets). @name is
 * the SPEC, for messages; copied. -EINVAL with @error.
 */
int vrng_peer_parse(struct vrng_peer **peer, const char *name,
		    const char *address, struct vrng_error *error);

/* Is there a socket at the path? Of TCP nothing is checked: it would wait. */
int vrng_peer_check(const struct vrng_peer *peer, struct vrng_error *error);

/* Begin to connect; what is waited for is added to @wait until close. */
int vrng_peer_open(struct vrng_peer *peer, struct vrng_wait *wait,
		   struct vrng_error *error);

/* 0: connected; -EAGAIN: not yet; or why it cannot be. */
int vrng_peer_connect(struct vrng_peer *peer, struct vrng_error *error);

/* Once connected. Owned by @peer; watched for EPOLLIN. */
int vrng_peer_fd(const struct vrng_peer *peer);

/* Once connected: watch for room to send as well, or no more. */
void vrng_peer_want_send(struct vrng_peer *peer, bool wanted);

/*
 * As recv(2) and send(2) of what there is now, once connected: > 0, -EAGAIN,
 * 0 from recv when the peer has closed the connection, or a negative errno with
 * @error.
 */
ssize_t vrng_peer_recv(struct vrng_peer *peer, void *buf, size_t len,
		       struct vrng_error *error);
ssize_t vrng_peer_send(struct vrng_peer *peer, const void *buf, size_t len,
		       struct vrng_error *error);

void vrng_peer_close(struct vrng_peer *peer);
void vrng_peer_free(struct vrng_peer *peer);

#endif
