// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "tests/device/egd-server/connections.h"

/* ---- all, by activity ---- */

static void unlink_one(struct egd_connections *all, struct egd_connection *conn)
{
	if (conn->older)
		conn->older->newer = conn->newer;
	else
		all->oldest = conn->newer;
	if (conn->newer)
		conn->newer->older = conn->older;
	else
		all->newest = conn->older;
}

static void link_newest(struct egd_connections *all,
			struct egd_connection *conn)
{
	conn->older = all->newest;
	conn->newer = NULL;
	if (all->newest)
		all->newest->newer = conn;
	else
		all->oldest = conn;
	all->newest = conn;
}

struct egd_connection *egd_connection_new(struct egd_connections *all, int fd,
					  uint64_t now)
{
	struct egd_connection *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	egd_client_init(&conn->client, fd);
	conn->watch.kind = EGD_WATCH_CLIENT;
	conn->active_at = now;
	link_newest(all, conn);
	return conn;
}

void egd_connection_active(struct egd_connections *all,
			   struct egd_connection *conn, uint64_t now)
{
	conn->active_at = now;
	if (all->newest == conn)
		return;
	unlink_one(all, conn);
	link_newest(all, conn);
}

static bool is_busy(const struct egd_connection *conn)
{
	return conn->in_queue && !conn->client.has_ended;
}

struct egd_connection *egd_connections_spare(const struct egd_connections *all,
					     uint64_t now, uint64_t idle_ns)
{
	struct egd_connection *conn, *spare = NULL;
	int n = 0;

	for (conn = all->oldest; conn; conn = conn->newer) {
		if (n++ == EGD_CONNECTIONS_SEARCH ||
		    now - conn->active_at < idle_ns)
			break;
		if (is_busy(conn))
			continue;
		if (!spare ||
		    conn->peer->connections > spare->peer->connections)
			spare = conn;
	}
	return spare;
}

/* ---- the queue ---- */

void egd_connection_enqueue(struct egd_connections *all,
			    struct egd_connection *conn)
{
	if (conn->in_queue || conn->is_dead)
		return;
	conn->in_queue = true;
	conn->next_turn = NULL;
	conn->previous_turn = all->last_turn;
	if (all->last_turn)
		all->last_turn->next_turn = conn;
	else
		all->first_turn = conn;
	all->last_turn = conn;
	all->n_waiting++;
}

void egd_connection_enqueue_first(struct egd_connections *all,
				  struct egd_connection *conn)
{
	conn->in_queue = true;
	conn->next_turn = all->first_turn;
	conn->previous_turn = NULL;
	if (all->first_turn)
		all->first_turn->previous_turn = conn;
	else
		all->last_turn = conn;
	all->first_turn = conn;
	all->n_waiting++;
}

static void leave_queue(struct egd_connections *all,
			struct egd_connection *conn)
{
	if (conn->previous_turn)
		conn->previous_turn->next_turn = conn->next_turn;
	else
		all->first_turn = conn->next_turn;
	if (conn->next_turn)
		conn->next_turn->previous_turn = conn->previous_turn;
	else
		all->last_turn = conn->previous_turn;
	conn->in_queue = false;
	all->n_waiting--;
}

struct egd_connection *egd_connections_dequeue(struct egd_connections *all)
{
	struct egd_connection *conn = all->first_turn;

	if (conn)
		leave_queue(all, conn);
	return conn;
}

/* ---- the dead ---- */

void egd_connection_kill(struct egd_connections *all,
			 struct egd_connection *conn)
{
	egd_client_done(&conn->client);
	unlink_one(all, conn);
	if (conn->in_queue)
		leave_queue(all, conn);
	conn->is_dead = true;
	conn->next_turn = all->dead;
	all->dead = conn;
}

void egd_connections_free_dead(struct egd_connections *all)
{
	struct egd_connection *conn;

	while ((conn = all->dead)) {
		all->dead = conn->next_turn;
		free(conn);
	}
}
