// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/egd-server/server.h"
#include "tests/device/runtime/loop.h"

#define NS_PER_MS 1000000

/* Events and connections taken, and turns given, before the next are. */
#define EVENTS	64
#define TURNS	256
#define ACCEPTS 64

/* Where no further connection can be taken, it is tried again so soon. */
#define ACCEPT_PAUSE_NS 100000000

/* What an event is about; the first member of what it is in. */
enum kind {
	KIND_CONTROL,
	KIND_POOL,
	KIND_LISTENER,
	KIND_CLIENT
};

struct watch {
	enum kind kind;
	uint32_t events; /* what is registered; 0: not at all */
};

struct listener {
	struct watch watch;
	struct egd_listen *listen;
};

/* Members of two lists: all, the idlest first; and those with a turn to come. */
struct seat {
	struct watch watch;
	struct egd_client client;
	uint64_t active_at;
	size_t had; /* bytes of a turn that the pool's end cut short */
	struct seat *older, *newer;
	struct seat *next_turn;
	bool in_queue;
	bool is_full; /* its socket: it is waited for to have room */
	bool is_dead; /* freed when no event can point to it any more */
};

struct egd_server {
	struct egd_server_setup setup;
	int epoll;
	struct egd_prefetch pool;
	struct watch control;
	struct watch pool_data;
	struct listener listeners[EGD_SERVER_LISTENERS];
	uint64_t accept_again; /* 0: they are watched */
	struct seat *oldest, *newest;
	struct seat *first_turn, *last_turn;
	unsigned int n_waiting; /* in the queue */
	struct seat *dead; /* by next_turn */
	struct egd_server_stats stats;
	uint64_t now;
	bool is_stopped;
};

/* ---- epoll ---- */

static int watch_fd(struct egd_server *s, struct watch *w, int fd,
		    uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };
	int op = EPOLL_CTL_MOD;

	if (w->events == events)
		return 0;
	if (!w->events)
		op = EPOLL_CTL_ADD;
	if (!events)
		op = EPOLL_CTL_DEL;
	if (epoll_ctl(s->epoll, op, fd, &event))
		return -errno;
	w->events = events;
	return 0;
}

/* ---- the two lists ---- */

static void unlink_seat(struct egd_server *s, struct seat *seat)
{
	if (seat->older)
		seat->older->newer = seat->newer;
	else
		s->oldest = seat->newer;
	if (seat->newer)
		seat->newer->older = seat->older;
	else
		s->newest = seat->older;
}

static void link_newest(struct egd_server *s, struct seat *seat)
{
	seat->older = s->newest;
	seat->newer = NULL;
	if (s->newest)
		s->newest->newer = seat;
	else
		s->oldest = seat;
	s->newest = seat;
}

static void is_active(struct egd_server *s, struct seat *seat)
{
	seat->active_at = s->now;
	if (s->newest == seat)
		return;
	unlink_seat(s, seat);
	link_newest(s, seat);
}

static void enqueue(struct egd_server *s, struct seat *seat)
{
	if (seat->in_queue || seat->is_dead)
		return;
	seat->in_queue = true;
	seat->next_turn = NULL;
	if (s->last_turn)
		s->last_turn->next_turn = seat;
	else
		s->first_turn = seat;
	s->last_turn = seat;
	s->n_waiting++;
}

/* Its turn is not over: or the same ones would have theirs cut short for ever. */
static void enqueue_first(struct egd_server *s, struct seat *seat)
{
	seat->in_queue = true;
	seat->next_turn = s->first_turn;
	s->first_turn = seat;
	if (!s->last_turn)
		s->last_turn = seat;
	s->n_waiting++;
}

/* One that is dead stays in until it is at the head. */
static struct seat *dequeue(struct egd_server *s)
{
	struct seat *seat = s->first_turn;

	if (!seat)
		return NULL;
	s->first_turn = seat->next_turn;
	if (!s->first_turn)
		s->last_turn = NULL;
	seat->in_queue = false;
	s->n_waiting--;
	return seat;
}

/* ---- clients that go ---- */

static void bury(struct egd_server *s, struct seat *seat)
{
	seat->next_turn = s->dead;
	s->dead = seat;
}

static void drop(struct egd_server *s, struct seat *seat)
{
	if (seat->is_dead)
		return;
	(void)watch_fd(s, &seat->watch, seat->client.fd, 0);
	egd_client_done(&seat->client);
	unlink_seat(s, seat);
	seat->is_dead = true;
	s->stats.clients--;
	if (!seat->in_queue)
		bury(s, seat);
	if (!s->stats.clients)
		egd_prefetch_rest(&s->pool);
}

static void drop_for(struct egd_server *s, struct seat *seat, const char *error)
{
	s->stats.dropped++;
	vrng_log_line(s->setup.log, "client dropped: %s", error);
	drop(s, seat);
}

static void free_dead(struct egd_server *s)
{
	struct seat *seat;

	while ((seat = s->dead)) {
		s->dead = seat->next_turn;
		free(seat);
	}
}

/* ---- clients that come ---- */

/* One that cannot be watched again, for want of memory, is tried later. */
static void watch_listeners(struct egd_server *s, uint32_t events)
{
	bool all = events;
	unsigned int i;

	for (i = 0; i < s->setup.n_listeners; i++)
		if (watch_fd(s, &s->listeners[i].watch,
			     s->listeners[i].listen->fd, events))
			all = false;
	s->accept_again = all ? 0 : s->now + ACCEPT_PAUSE_NS;
}

static void seat_client(struct egd_server *s, int fd)
{
	struct seat *seat = calloc(1, sizeof(*seat));

	if (!seat || s->stats.clients == s->setup.max_clients) {
		s->stats.refused++;
		vrng_log_line(s->setup.log,
			      "client refused: there are %u already",
			      (unsigned int)s->stats.clients);
		close(fd);
		free(seat);
		return;
	}
	egd_client_init(&seat->client, fd);
	seat->watch.kind = KIND_CLIENT;
	if (watch_fd(s, &seat->watch, fd, EPOLLIN)) {
		egd_client_done(&seat->client);
		free(seat);
		return;
	}
	seat->active_at = s->now;
	link_newest(s, seat);
	if (!s->stats.clients)
		egd_prefetch_begin(&s->pool);
	s->stats.clients++;
	s->stats.accepted++;
}

/* Out of descriptors or memory: a pause, or it would be told without end. */
static void accept_clients(struct egd_server *s, const struct listener *l)
{
	int i, fd;

	for (i = 0; i < ACCEPTS; i++) {
		fd = accept4(l->listen->fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			break;
		seat_client(s, fd);
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

/* What the one whose turn is next cannot do without. */
static size_t least(const struct egd_server *s)
{
	const struct seat *seat = s->first_turn;

	if (!seat || seat->is_dead)
		return 1;
	return egd_client_needs(&seat->client, &s->pool);
}

static size_t at_hand(struct egd_server *s, uint64_t now)
{
	return egd_prefetch_at_hand(&s->pool, least(s), now);
}

/* What it waits for, so that it is not called for nothing. */
static void watch_seat(struct egd_server *s, struct seat *seat)
{
	uint32_t events = 0;

	if (egd_client_listens(&seat->client))
		events |= EPOLLIN;
	if (seat->is_full)
		events |= EPOLLOUT;
	if (watch_fd(s, &seat->watch, seat->client.fd, events))
		drop(s, seat);
}

static size_t turn_bytes(struct egd_server *s)
{
	const size_t mapping =
		egd_prefetch_at_hand(&s->pool, 1, s->now) / (s->n_waiting + 1);
	const size_t gets = egd_prefetch_gets(&s->pool, EGD_SERVER_TURN_NS);
	const size_t turn = mapping > gets ? mapping : gets;

	if (turn < EGD_SERVER_TURN_MIN)
		return EGD_SERVER_TURN_MIN;
	return turn < EGD_SERVER_TURN_MAX ? turn : EGD_SERVER_TURN_MAX;
}

/* @in_turn: it stood at the head of the queue. */
static void serve_seat(struct egd_server *s, struct seat *seat, bool in_turn)
{
	const size_t turn = turn_bytes(s);
	const uint64_t before = s->stats.counts.bytes;
	struct vrng_error error;
	enum egd_served served;

	served = egd_client_serve(&seat->client, &s->pool,
				  turn > seat->had ? turn - seat->had : 1,
				  &s->stats.counts, &error);
	if (served == EGD_SERVED_WRONG) {
		drop_for(s, seat, error.text);
		return;
	}
	if (served == EGD_SERVED_GONE) {
		drop(s, seat);
		return;
	}
	if (s->stats.counts.bytes != before)
		is_active(s, seat);
	if (served == EGD_SERVED_DRY && in_turn) {
		seat->had += (size_t)(s->stats.counts.bytes - before);
		enqueue_first(s, seat);
	} else {
		seat->had = 0;
		if (served == EGD_SERVED_TURN || served == EGD_SERVED_DRY)
			enqueue(s, seat);
	}
	seat->is_full = served == EGD_SERVED_FULL;
	watch_seat(s, seat);
}

/* How much to have at hand: some for each who waits. */
static size_t pool_level(const struct egd_server *s)
{
	const size_t level = (size_t)s->n_waiting * EGD_SERVER_TURN_MAX;

	if (level < EGD_PREFETCH_REST)
		return EGD_PREFETCH_REST;
	return level < EGD_PREFETCH_SIZE ? level : EGD_PREFETCH_SIZE;
}

/*
 * Who waits for bytes of an empty pool stands in the queue; what can be said
 * without any is said at once, and so is that there are none.
 */
static void on_client(struct egd_server *s, struct seat *seat, uint32_t events)
{
	if (seat->is_dead)
		return;
	if (events & EPOLLOUT)
		seat->is_full = false;
	if (events & ~(uint32_t)EPOLLOUT) {
		is_active(s, seat);
		if (egd_client_read(&seat->client)) {
			drop(s, seat);
			return;
		}
	}
	if (seat->in_queue || at_hand(s, s->now)) {
		enqueue(s, seat);
		watch_seat(s, seat);
	} else {
		serve_seat(s, seat, false);
	}
}

static void give_turns(struct egd_server *s)
{
	struct seat *seat;
	int i;

	for (i = 0; i < TURNS && at_hand(s, s->now); i++) {
		seat = dequeue(s);
		if (!seat)
			return;
		if (seat->is_dead)
			bury(s, seat);
		else
			serve_seat(s, seat, true);
	}
}

/* True if there is more to do at once. */
static bool work(struct egd_server *s)
{
	if (s->stats.clients)
		egd_prefetch_want(&s->pool, pool_level(s));
	give_turns(s);
	return s->n_waiting && at_hand(s, vrng_now());
}

/* ---- time ---- */

/* One that waits for us is not idle. */
static void drop_idle(struct egd_server *s)
{
	struct seat *seat;

	while (s->setup.idle_ns && (seat = s->oldest) &&
	       s->now - seat->active_at >= s->setup.idle_ns) {
		if (seat->in_queue)
			is_active(s, seat);
		else
			drop_for(s, seat, "it was idle for too long");
	}
}

static uint64_t next_time(const struct egd_server *s)
{
	uint64_t when = s->n_waiting ?
				egd_prefetch_again(&s->pool, least(s), s->now) :
				EGD_PREFETCH_NEVER;

	if (s->accept_again && s->accept_again < when)
		when = s->accept_again;
	if (s->setup.idle_ns && s->oldest &&
	    s->oldest->active_at + s->setup.idle_ns < when)
		when = s->oldest->active_at + s->setup.idle_ns;
	return when;
}

/* In ms, rounded up: a time that has not come is not looked for again. */
static int until(uint64_t when, uint64_t now)
{
	uint64_t ms;

	if (when == EGD_PREFETCH_NEVER)
		return -1;
	if (when <= now)
		return 0;
	ms = (when - now + NS_PER_MS - 1) / NS_PER_MS;
	return ms < 1000000 ? (int)ms : 1000000;
}

/* ---- the loop ---- */

static void dispatch(struct egd_server *s, const struct epoll_event *event)
{
	struct watch *w = event->data.ptr;

	switch (w->kind) {
	case KIND_CONTROL:
		s->is_stopped = !s->setup.control(s->setup.opaque);
		break;
	case KIND_POOL:
		prefetch_hear(
			&s->pool.prefetch); /* it is drawn on in any case */
		break;
	case KIND_LISTENER:
		accept_clients(s, (struct listener *)w);
		break;
	case KIND_CLIENT:
		on_client(s, (struct seat *)w, event->events);
		break;
	}
}

static int step(struct egd_server *s, bool is_busy)
{
	struct epoll_event events[EVENTS];
	int i, n = epoll_wait(s->epoll, events, EVENTS,
			      is_busy ? 0 : until(next_time(s), vrng_now()));

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	s->now = vrng_now();
	for (i = 0; i < n && !s->is_stopped; i++)
		dispatch(s, &events[i]);
	if (s->accept_again && s->now >= s->accept_again)
		watch_listeners(s, EPOLLIN);
	drop_idle(s);
	return 0;
}

static int loop(struct egd_server *s, struct vrng_error *error)
{
	bool is_busy = false;
	int err = 0;

	while (!s->is_stopped && !err) {
		if (refill_is_gone(&s->pool.refill))
			return vrng_fail(error, EPIPE,
					 "the source's process has ended");
		err = step(s, is_busy);
		is_busy = work(s);
		free_dead(s);
	}
	return err ? vrng_fail(error, -err, "epoll: %m") : 0;
}

int egd_server_run(struct egd_server *serve, struct vrng_error *error)
{
	int err = egd_prefetch_start(&serve->pool, error);

	if (err)
		return err;
	err = loop(serve, error);
	egd_prefetch_stop(&serve->pool);
	return err;
}

/*
 * A client that is gone without a word, with its machine, is noticed within half
 * a minute: it would keep its place for ever. What is accepted inherits this; a
 * Unix socket does without.
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
	int err = watch_fd(s, &s->control, setup->control_fd, EPOLLIN);
	unsigned int i;

	if (!err)
		err = watch_fd(s, &s->pool_data, s->pool.prefetch.data,
			       EPOLLIN);
	for (i = 0; i < setup->n_listeners && !err; i++) {
		s->listeners[i].watch.kind = KIND_LISTENER;
		s->listeners[i].listen = &setup->listeners[i];
		keep_alive(setup->listeners[i].fd);
		err = watch_fd(s, &s->listeners[i].watch,
			       setup->listeners[i].fd, EPOLLIN);
	}
	return err;
}

static int start(struct egd_server *s, struct vrng_error *error)
{
	int err = egd_prefetch_init(&s->pool, &s->setup.pool, error);

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
	s->control.kind = KIND_CONTROL;
	s->pool_data.kind = KIND_POOL;
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
	struct seat *seat;

	while (serve->oldest)
		drop(serve, serve->oldest);
	while ((seat = dequeue(serve)))
		bury(serve, seat);
	free_dead(serve);
	if (serve->epoll >= 0)
		close(serve->epoll);
	egd_prefetch_done(&serve->pool);
	free(serve);
}
