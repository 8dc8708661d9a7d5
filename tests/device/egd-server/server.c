// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/log.h"
#include "tests/device/egd-server/connections.h"
#include "tests/device/egd-server/server.h"

/*
 * At most, in one round of the loop: events, turns, and accepts of a listener.
 */
#define EVENTS	64
#define TURNS	256
#define ACCEPTS 64

/* epoll reports these for each descriptor of its set. */
#define HANG_UP (EPOLLHUP | EPOLLERR)
/* After accept() has failed for want of descriptors or memory, in ns. */
#define ACCEPT_PAUSE_NS 100000000

struct listener {
	struct egd_watch watch;
	struct egd_listen *listen;
};

struct egd_server {
	struct egd_server_setup setup;
	int epoll;
	struct egd_prefetch prefetch;
	struct egd_watch control;
	struct egd_watch bytes;
	struct listener listeners[EGD_SERVER_LISTENERS];
	uint64_t accept_again; /* when to watch listeners again; 0: they are */
	struct egd_connections conns;
	struct egd_peers peers;
	uint64_t held_until; /* requests wait for the first bytes; 0: no */
	struct egd_server_stats stats;
	uint64_t now;
	bool is_stopped;
};

/* ---- clients leave ---- */

static void drop(struct egd_server *s, struct egd_connection *conn)
{
	if (conn->is_dead)
		return;
	(void)egd_watch_set(s->epoll, &conn->watch, conn->client.fd, 0);
	egd_connection_kill(&s->conns, conn);
	egd_peers_remove(&s->peers, conn->peer);
	s->stats.clients--;
	if (s->stats.clients)
		return;
	s->held_until = 0;
	egd_prefetch_rest(&s->prefetch);
}

static void drop_for(struct egd_server *s, struct egd_connection *conn,
		     const char *error)
{
	s->stats.dropped++;
	vrng_log_line(s->setup.log, "client dropped: %s", error);
	drop(s, conn);
}

/* ---- clients arrive ---- */

/*
 * A listener that cannot be watched, for want of memory, is tried again later.
 */
static void watch_listeners(struct egd_server *s, uint32_t events)
{
	bool all = events;
	unsigned int i;

	for (i = 0; i < s->setup.n_listeners; i++)
		if (egd_watch_set(s->epoll, &s->listeners[i].watch,
				  s->listeners[i].listen->fd, events))
			all = false;
	s->accept_again = all ? 0 : s->now + ACCEPT_PAUSE_NS;
}

/* May @peer, which has its new connection counted, have it? */
static bool admit(struct egd_server *s, const struct egd_peer *peer)
{
	const bool is_full = s->stats.clients >= s->setup.max_clients;
	struct egd_connection *spare = NULL;
	char name[EGD_PEER_NAME];

	if (is_full)
		spare = egd_connections_spare(&s->conns, s->now,
					      s->setup.idle_full_ns);
	if (is_full && !spare) {
		vrng_log_line(s->setup.log,
			      "client refused: there are %u already",
			      (unsigned int)s->stats.clients);
		return false;
	}
	if (peer->connections > s->setup.max_per_peer) {
		egd_peer_name(peer, name);
		vrng_log_line(s->setup.log,
			      "client refused: %s has %u connections already",
			      name, s->setup.max_per_peer);
		return false;
	}
	if (spare)
		drop_for(s, spare,
			 "it was idle, and a new one needs its place");
	return true;
}

static void first_client(struct egd_server *s)
{
	egd_prefetch_begin(&s->prefetch);
	s->held_until = s->now + s->setup.hold_ns;
}

/* Owns @fd. */
static void take_client(struct egd_server *s, int fd, struct egd_peer *peer)
{
	struct egd_connection *conn = egd_connection_new(&s->conns, fd, s->now);

	if (!conn) {
		egd_peers_remove(&s->peers, peer);
		close(fd);
		return;
	}
	conn->peer = peer;
	if (!s->stats.clients)
		first_client(s);
	s->stats.clients++;
	s->stats.accepted++;
	if (egd_watch_set(s->epoll, &conn->watch, fd, EPOLLIN | HANG_UP))
		drop(s, conn);
}

static void meet_client(struct egd_server *s, int fd,
			const struct sockaddr_storage *address)
{
	struct egd_peer *peer = egd_peers_add(&s->peers, fd, address);

	if (peer && admit(s, peer)) {
		take_client(s, fd, peer);
		return;
	}
	if (peer)
		egd_peers_remove(&s->peers, peer);
	s->stats.refused++;
	close(fd);
}

/* Out of descriptors or memory: pause, or epoll would report it without end. */
static void accept_clients(struct egd_server *s, const struct listener *l)
{
	struct sockaddr_storage address;
	socklen_t len;
	int i, fd;

	for (i = 0; i < ACCEPTS; i++) {
		len = sizeof(address);
		fd = accept4(l->listen->fd, (struct sockaddr *)&address, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			break;
		meet_client(s, fd, &address);
	}
	if (i == ACCEPTS)
		return;
	if (errno != EMFILE && errno != ENFILE && errno != ENOMEM &&
	    errno != ENOBUFS)
		return;
	vrng_log_line(s->setup.log,
		      "cannot take a connection: %s; raise the limit",
		      strerror(errno));
	watch_listeners(s, 0);
}

/* ---- a client's turn ---- */

/* Bytes that the client at the head of the queue needs at least. */
static size_t needed(const struct egd_server *s)
{
	const struct egd_connection *conn = s->conns.first_turn;

	if (!conn)
		return 1;
	return egd_client_needs(&conn->client, &s->prefetch);
}

static size_t at_hand(struct egd_server *s, uint64_t now)
{
	return egd_prefetch_at_hand(&s->prefetch, needed(s), now);
}

/* Watch only for what the client can use now, and always for its end. */
static void watch_client(struct egd_server *s, struct egd_connection *conn)
{
	uint32_t events = HANG_UP;

	if (egd_client_listens(&conn->client))
		events |= EPOLLIN;
	if (conn->is_full)
		events |= EPOLLOUT;
	if (egd_watch_set(s->epoll, &conn->watch, conn->client.fd, events))
		drop(s, conn);
}

static size_t turn_bytes(struct egd_server *s)
{
	const size_t share = egd_prefetch_at_hand(&s->prefetch, 1, s->now) /
			     (s->conns.n_waiting + 1);
	const size_t gets = egd_prefetch_gets(&s->prefetch, EGD_SERVER_TURN_NS);
	const size_t turn = share > gets ? share : gets;

	if (turn < EGD_SERVER_TURN_MIN)
		return EGD_SERVER_TURN_MIN;
	return turn < EGD_SERVER_TURN_MAX ? turn : EGD_SERVER_TURN_MAX;
}

/* @in_turn: the client was at the head of the queue. */
static void serve_client(struct egd_server *s, struct egd_connection *conn,
			 bool in_turn)
{
	const size_t turn = turn_bytes(s);
	const uint64_t before = s->stats.counts.bytes;
	const uint64_t forks = s->stats.counts.forks;
	struct vrng_error error;
	enum egd_served served;

	served = egd_client_serve(&conn->client, &s->prefetch,
				  turn > conn->had ? turn - conn->had : 1,
				  &s->stats.counts, &error);
	if (s->stats.counts.forks != forks)
		vrng_log_line(s->setup.log, "this host was cloned: bytes that "
					    "were at hand are dropped");
	if (served == EGD_SERVED_WRONG) {
		drop_for(s, conn, error.text);
		return;
	}
	if (served == EGD_SERVED_GONE) {
		drop(s, conn);
		return;
	}
	if (s->stats.counts.bytes != before)
		egd_connection_active(&s->conns, conn, s->now);
	if (served == EGD_SERVED_DRY && in_turn) {
		conn->had += (size_t)(s->stats.counts.bytes - before);
		egd_connection_enqueue_first(&s->conns, conn);
	} else {
		conn->had = 0;
		if (served == EGD_SERVED_TURN || served == EGD_SERVED_DRY)
			egd_connection_enqueue(&s->conns, conn);
	}
	conn->is_full = served == EGD_SERVED_FULL;
	watch_client(s, conn);
}

/* How many bytes to prefetch: a turn for each client that waits. */
static size_t wanted_level(const struct egd_server *s)
{
	const size_t level = (size_t)s->conns.n_waiting * EGD_SERVER_TURN_MAX;

	if (level < EGD_PREFETCH_REST)
		return EGD_PREFETCH_REST;
	return level < EGD_PREFETCH_SIZE ? level : EGD_PREFETCH_SIZE;
}

/* Has the client left, and will it not read what it is owed? */
static bool has_left(const struct egd_connection *conn, uint32_t events)
{
	return events & HANG_UP && egd_client_is_owed(&conn->client);
}

/*
 * If bytes are at hand, or the source was just opened, the client gets its turn
 * by the queue. Otherwise it is served at once: replies without random bytes need
 * no turn, and a non-blocking read is told that there is nothing. A client that
 * has hung up is served at once, too: that counts what it sent, and has_left() is
 * true for the next event.
 */
static void on_client(struct egd_server *s, struct egd_connection *conn,
		      uint32_t events)
{
	if (conn->is_dead)
		return;
	if (has_left(conn, events)) {
		drop(s, conn);
		return;
	}
	if (events & EPOLLOUT)
		conn->is_full = false;
	if (events & ~(uint32_t)EPOLLOUT) {
		egd_connection_active(&s->conns, conn, s->now);
		if (egd_client_read(&conn->client)) {
			drop(s, conn);
			return;
		}
	}
	if (!(events & HANG_UP) &&
	    (conn->in_queue || s->held_until || at_hand(s, s->now))) {
		egd_connection_enqueue(&s->conns, conn);
		watch_client(s, conn);
	} else {
		serve_client(s, conn, false);
	}
}

static void give_turns(struct egd_server *s)
{
	struct egd_connection *conn;
	int i;

	for (i = 0; i < TURNS && at_hand(s, s->now); i++) {
		conn = egd_connections_dequeue(&s->conns);
		if (!conn)
			return;
		serve_client(s, conn, true);
	}
}

/* The source has given nothing in time: say so to those that do not wait. */
static void end_hold(struct egd_server *s)
{
	unsigned int n = s->conns.n_waiting;
	struct egd_connection *conn;

	s->held_until = 0;
	while (n-- && (conn = egd_connections_dequeue(&s->conns)))
		serve_client(s, conn, false);
}

static void check_hold(struct egd_server *s)
{
	if (!s->held_until)
		return;
	if (at_hand(s, s->now))
		s->held_until = 0;
	else if (s->now >= s->held_until)
		end_hold(s);
}

/* Clients wait for bytes, if there are any clients in the queue. */
static void note_wait(struct egd_server *s, bool waits)
{
	const bool throttled =
		waits && egd_prefetch_again(&s->prefetch, needed(s), s->now) !=
				 EGD_PREFETCH_NEVER;
	const bool dry = waits && !throttled;

	s->stats.dry_waits += dry && !s->stats.is_dry;
	s->stats.throttled_waits += throttled && !s->stats.is_throttled;
	s->stats.is_dry = dry;
	s->stats.is_throttled = throttled;
}

/* True if there is more to do without waiting for events. */
static bool work(struct egd_server *s)
{
	bool more;

	if (s->stats.clients)
		egd_prefetch_want(&s->prefetch, wanted_level(s));
	give_turns(s);
	more = s->conns.n_waiting && at_hand(s, vrng_now());
	note_wait(s, s->conns.n_waiting && !more);
	return more;
}

/* ---- time ---- */

/*
 * A client that waits in the queue is not idle. One that has shut its side down
 * may have left: TCP does not tell a closed socket from a half-closed one.
 */
static void drop_idle(struct egd_server *s)
{
	struct egd_connection *conn;

	while (s->setup.idle_ns && (conn = s->conns.oldest) &&
	       s->now - conn->active_at >= s->setup.idle_ns) {
		if (conn->in_queue && !conn->client.has_ended)
			egd_connection_active(&s->conns, conn, s->now);
		else
			drop_for(s, conn, "it was idle for too long");
	}
}

static uint64_t next_time(const struct egd_server *s)
{
	uint64_t when =
		s->conns.n_waiting ?
			egd_prefetch_again(&s->prefetch, needed(s), s->now) :
			EGD_PREFETCH_NEVER;

	if (s->held_until && s->held_until < when)
		when = s->held_until;
	if (s->accept_again && s->accept_again < when)
		when = s->accept_again;
	if (s->setup.idle_ns && s->conns.oldest &&
	    s->conns.oldest->active_at + s->setup.idle_ns < when)
		when = s->conns.oldest->active_at + s->setup.idle_ns;
	return when;
}

/* The timeout for epoll_wait(2), from @now until @when. */
static int timeout_until(uint64_t when, uint64_t now)
{
	return when == EGD_PREFETCH_NEVER ? -1 : vrng_timeout_ns(when, now);
}

/* ---- the loop ---- */

static void dispatch(struct egd_server *s, const struct epoll_event *event)
{
	struct egd_watch *w = event->data.ptr;

	switch (w->kind) {
	case EGD_WATCH_CONTROL:
		s->is_stopped = !s->setup.control(s->setup.opaque);
		break;
	case EGD_WATCH_PREFETCH:
		/* work() draws on it after each round. */
		prefetch_hear(&s->prefetch.ring);
		break;
	case EGD_WATCH_LISTENER:
		accept_clients(s, (struct listener *)w);
		break;
	case EGD_WATCH_CLIENT:
		on_client(s, (struct egd_connection *)w, event->events);
		break;
	}
}

static int step(struct egd_server *s, bool is_busy)
{
	struct epoll_event events[EVENTS];
	int i, n = epoll_wait(
		       s->epoll, events, EVENTS,
		       is_busy ? 0 : timeout_until(next_time(s), vrng_now()));

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	s->now = vrng_now();
	for (i = 0; i < n && !s->is_stopped; i++)
		dispatch(s, &events[i]);
	if (s->accept_again && s->now >= s->accept_again)
		watch_listeners(s, EPOLLIN);
	drop_idle(s);
	check_hold(s);
	return 0;
}

static int loop(struct egd_server *s, struct vrng_error *error)
{
	bool is_busy = false;
	int err = 0;

	while (!s->is_stopped && !err) {
		if (refill_is_gone(&s->prefetch.refill))
			return vrng_fail(error, EPIPE,
					 "the source's process has ended");
		err = step(s, is_busy);
		is_busy = work(s);
		egd_connections_free_dead(&s->conns);
	}
	return err ? vrng_fail(error, -err, "epoll: %m") : 0;
}

int egd_server_run(struct egd_server *serve, struct vrng_error *error)
{
	int err = egd_prefetch_start(&serve->prefetch, error);

	if (err)
		return err;
	err = loop(serve, error);
	egd_prefetch_stop(&serve->prefetch);
	return err;
}

/*
 * Notice within half a minute that a client's machine is gone. Otherwise its
 * connection would count as a client for ever. Accepted sockets inherit this
 * from the listener; Unix sockets do not need it.
 */
static void keep_alive(int fd)
{
	const int one = 1, idle = 10, interval = 5, count = 4;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
			 sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

static int watch_all(struct egd_server *s)
{
	const struct egd_server_setup *setup = &s->setup;
	int err = egd_watch_set(s->epoll, &s->control, setup->control_fd,
				EPOLLIN);
	unsigned int i;

	if (!err)
		err = egd_watch_set(s->epoll, &s->bytes, s->prefetch.ring.data,
				    EPOLLIN);
	for (i = 0; i < setup->n_listeners && !err; i++) {
		s->listeners[i].watch.kind = EGD_WATCH_LISTENER;
		s->listeners[i].listen = &setup->listeners[i];
		keep_alive(setup->listeners[i].fd);
		err = egd_watch_set(s->epoll, &s->listeners[i].watch,
				    setup->listeners[i].fd, EPOLLIN);
	}
	return err;
}

static int start(struct egd_server *s, struct vrng_error *error)
{
	int err = egd_prefetch_init(&s->prefetch, &s->setup.prefetch, error);

	if (err)
		return err;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = s->epoll < 0 ? -errno : watch_all(s);
	return err ? vrng_fail(error, -err, "epoll: %m") : 0;
}

int egd_server_start(struct egd_server **serve,
		     const struct egd_server_setup *setup,
		     struct vrng_error *error)
{
	struct egd_server *s = calloc(1, sizeof(*s));
	int err;

	*serve = NULL;
	if (!s)
		return vrng_fail(error, ENOMEM, "start: %m");
	s->setup = *setup;
	s->epoll = -1;
	s->control.kind = EGD_WATCH_CONTROL;
	s->bytes.kind = EGD_WATCH_PREFETCH;
	s->now = vrng_now();
	err = start(s, error);
	if (err)
		egd_server_stop(s);
	else
		*serve = s;
	return err;
}

void egd_server_stats(const struct egd_server *serve,
		      struct egd_server_stats *stats)
{
	*stats = serve->stats;
}

void egd_server_stop(struct egd_server *serve)
{
	while (serve->conns.oldest)
		drop(serve, serve->conns.oldest);
	egd_connections_free_dead(&serve->conns);
	if (serve->epoll >= 0)
		close(serve->epoll);
	egd_prefetch_done(&serve->prefetch);
	free(serve);
}
