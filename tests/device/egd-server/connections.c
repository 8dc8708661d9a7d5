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

/* ---- the queue ---- */

void egd_connection_enqueue(struct egd_connections *all,
			    struct egd_connection *conn)
{
	if (conn->in_queue || conn->is_dead)
		return;
	conn->in_queue = true;
	conn->next_turn = NULL;
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
	all->first_turn = conn;
	if (!all->last_turn)
		all->last_turn = conn;
	all->n_waiting++;
}

struct egd_connection *egd_connections_dequeue(struct egd_connections *all)
{
	struct egd_connection *conn = all->first_turn;

	if (!conn)
		return NULL;
	all->first_turn = conn->next_turn;
	if (!all->first_turn)
		all->last_turn = NULL;
	conn->in_queue = false;
	all->n_waiting--;
	return conn;
}

/* ---- the dead ---- */

void egd_connection_kill(struct egd_connections *all,
			 struct egd_connection *conn)
{
	egd_client_done(&conn->client);
	unlink_one(all, conn);
	conn->is_dead = true;
	if (!conn->in_queue)
		egd_connection_bury(all, conn);
}

void egd_connection_bury(struct egd_connections *all,
			 struct egd_connection *conn)
{
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
