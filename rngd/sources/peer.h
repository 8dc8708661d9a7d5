/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream connection to a server at unix:PATH or tcp:HOST:PORT. Opening starts
 * to look up the name and to connect, which may take VRNG_PEER_CONNECT_MS in
 * all. No function waits.
 */
#ifndef RNGD_SOURCES_PEER_H
#define RNGD_SOURCES_PEER_H

#include <stddef.h>
#include <sys/types.h>

#include "rngd/sources/wait.h"
#include "vrng/error.h"
#include "vrng/source.h"

#define VRNG_PEER_CONNECT_MS 10000

/* TCP_USER_TIMEOUT, ms: data that stays unacknowledged ends a connection. */
#define VRNG_PEER_SEND_MS 30000

struct vrng_peer;

/*
 * Parse @address, "unix:PATH" or "tcp:HOST:PORT", an IPv6 address in brackets.
 * @name is the SPEC, for messages. Both are copied. -EINVAL with @error.
 */
int vrng_peer_parse(struct vrng_peer **peer, const char *name,
		    const char *address, struct vrng_error *error);

/*
 * Check that there is a socket at the path and that it may be written to. Does
 * nothing for TCP, where it would have to wait.
 */
int vrng_peer_check(const struct vrng_peer *peer, struct vrng_error *error);

/*
 * VRNG_ORIGIN_OUTSIDE for TCP, but not for the loopback interface. Of a connection
 * its address decides, before that what is configured.
 */
enum vrng_origin vrng_peer_origin(const struct vrng_peer *peer);

/*
 * Start to connect. Until close, @wait, which must stay open, polls readable
 * when there is something to do.
 */
int vrng_peer_open(struct vrng_peer *peer, struct vrng_wait *wait,
		   struct vrng_error *error);

/* 0: connected. -EAGAIN: not yet. Or why not: -ECONNREFUSED, -ETIMEDOUT... */
int vrng_peer_connect(struct vrng_peer *peer, struct vrng_error *error);

/* The socket, once connected. Owned by @peer, which waits for EPOLLIN. */
int vrng_peer_fd(const struct vrng_peer *peer);

/* Once connected: start or stop waiting for room to send. */
void vrng_peer_want_send(struct vrng_peer *peer, bool wanted);

/*
 * Once connected: recv(2) and send(2) without waiting. Return the number of
 * bytes; -EAGAIN; 0 from recv when the peer has closed the connection; or
 * another negative errno with @error.
 */
ssize_t vrng_peer_recv(struct vrng_peer *peer, void *buf, size_t len,
		       struct vrng_error *error);
ssize_t vrng_peer_send(struct vrng_peer *peer, const void *buf, size_t len,
		       struct vrng_error *error);

void vrng_peer_close(struct vrng_peer *peer);
void vrng_peer_free(struct vrng_peer *peer);

#endif
