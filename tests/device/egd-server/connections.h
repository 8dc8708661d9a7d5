/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connections of an EGD server, in two lists: all of them, in the order of
 * their last activity; and the queue of those that wait for a turn.
 *
 * A connection that is dropped leaves both lists at once. It stays in memory
 * until egd_connections_free_dead(), because events that epoll has already
 * returned may point to it.
 *
 * One thread, the server's. Times are vrng_now()'s.
 */
#ifndef DEVICE_EGD_SERVER_CONNECTIONS_H
#define DEVICE_EGD_SERVER_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/egd-server/client.h"
#include "tests/device/egd-server/peers.h"
#include "tests/device/egd-server/watch.h"

struct egd_connection {
	struct egd_watch watch;
	struct egd_client client;
	struct egd_peer *peer; /* the server's */
	uint64_t active_at;
	size_t had; /* bytes of a turn that ended because there were no more */
	bool is_full; /* its socket is: the server waits for EPOLLOUT */

	/* of the lists */
	struct egd_connection *older, *newer;
	struct egd_connection *previous_turn, *next_turn;
	bool in_queue;
	bool is_dead;
};

struct egd_connections {
	struct egd_connection *oldest, *newest; /* by @active_at */
	struct egd_connection *first_turn, *last_turn;
	unsigned int n_waiting; /* in the queue */
	struct egd_connection *dead; /* linked by @next_turn */
};

/* A new connection of the socket @fd, active at @now. NULL: no memory. */
struct egd_connection *egd_connection_new(struct egd_connections *all, int fd,
					  uint64_t now);

/* It did something at @now. */
void egd_connection_active(struct egd_connections *all,
			   struct egd_connection *conn, uint64_t now);

/*
 * The connection that can be spared for a new one at @now: idle for @idle_ns, of
 * the peer that has the most connections, and there the one that is
 * idle for longest. One that waits for bytes is not idle, unless it has shut its
 * side down. NULL: there is none among the EGD_CONNECTIONS_SEARCH that are idle
 * for longest.
 */
#define EGD_CONNECTIONS_SEARCH 4096
struct egd_connection *egd_connections_spare(const struct egd_connections *all,
					     uint64_t now, uint64_t idle_ns);

/* To the end of the queue, if it is not in it. */
void egd_connection_enqueue(struct egd_connections *all,
			    struct egd_connection *conn);

/*
 * To the head of the queue, for one whose turn was cut short: if it went to the
 * end, the same ones could be cut short each time.
 */
void egd_connection_enqueue_first(struct egd_connections *all,
				  struct egd_connection *conn);

/* Take the head of the queue: NULL if there is none. */
struct egd_connection *egd_connections_dequeue(struct egd_connections *all);

/*
 * Close its socket and take it off both lists. It must not be watched any more.
 */
void egd_connection_kill(struct egd_connections *all,
			 struct egd_connection *conn);

/* Between two rounds of events. */
void egd_connections_free_dead(struct egd_connections *all);

#endif
