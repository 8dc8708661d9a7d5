// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket: see server.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/control/server.h"
#include "rngd/base/listener.h"

#define ANSWER_MAX 65536

struct client {
	int fd; /* -1: free */
	bool is_owner; /* root, or the user who opened the socket */
	bool waits; /* for a late answer */
	uid_t uid;
	pid_t pid;
	uint64_t ticket; /* grows with each connection */
	uint64_t until; /* ms */
	char line[RNGD_CONTROL_LINE + 1];
	size_t have;
	char *answer; /* NULL: not given yet */
	size_t len;
	size_t sent;
};

struct rngd_control {
	struct vrng_listener listener;
	int epoll_fd;
	uid_t uid; /* that opened the socket */
	gid_t gid; /* that may use it, too; -1: none */
	uint64_t accept_at; /* ms; does not accept before that; 0: it does */
	uint64_t tickets;
	rngd_control_ask *ask;
	void *opaque;
	struct client client[RNGD_CONTROL_PLACES];
};

/* ------------------------------------------------------------------- the socket */

static int watch(struct rngd_control *c, int op, int fd, uint32_t events,
		 uint64_t n)
{
	struct epoll_event event = { .events = events, .data.u64 = n };

	return epoll_ctl(c->epoll_fd, op, fd, &event) ? -errno : 0;
}

#define LISTENER UINT64_MAX

static int open_socket(struct rngd_control *c, const char *path, gid_t gid,
		       struct vrng_error *error)
{
	const struct vrng_listener_as as = {
		.mode = gid == (gid_t)-1 ? 0600 : 0660,
		.uid = (uid_t)-1,
		.gid = gid,
	};
	int ret = vrng_listener_open(&c->listener, path, &as, error);

	if (ret == -ENAMETOOLONG) {
		const struct vrng_error inner = *error;

		return vrng_fail(error, EINVAL, "--control: %s", inner.text);
	}
	if (ret)
		return ret;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	ret = c->epoll_fd < 0 ? -errno :
				watch(c, EPOLL_CTL_ADD, c->listener.fd, EPOLLIN,
				      LISTENER);
	if (!ret)
		return 0;
	vrng_listener_remove(&c->listener);
	return vrng_fail(error, -ret, "%s: epoll: %m", path);
}

int rngd_control_open(struct rngd_control **control, const char *path,
		      gid_t gid, rngd_control_ask *ask, void *opaque,
		      struct vrng_error *error)
{
	struct rngd_control *c = calloc(1, sizeof(*c));
	size_t i;
	int ret;

	*control = NULL;
	if (!c)
		return vrng_fail(error, ENOMEM, "%s: %m", path);
	c->ask = ask;
	c->opaque = opaque;
	c->uid = geteuid();
	c->gid = gid;
	c->epoll_fd = -1;
	c->listener.fd = -1;
	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		c->client[i].fd = -1;
	ret = open_socket(c, path, gid, error);
	if (ret) {
		rngd_control_close(c);
		return ret;
	}
	*control = c;
	return 0;
}

const struct vrng_ours *rngd_control_file(const struct rngd_control *control)
{
	return &control->listener.file;
}

int rngd_control_fd(const struct rngd_control *control)
{
	return control ? control->epoll_fd : -1;
}

/* ------------------------------------------------------------------ clients */

static void set_accepting(struct rngd_control *c, bool on)
{
	(void)watch(c, EPOLL_CTL_MOD, c->listener.fd, on ? EPOLLIN : 0,
		    LISTENER);
}

static void drop(struct client *client)
{
	if (client->fd < 0)
		return;
	close(client->fd);
	free(client->answer);
	*client = (struct client){ .fd = -1 };
}

/* Write as much of the answer as the client takes. */
static void write_on(struct rngd_control *c, struct client *client)
{
	ssize_t put;

	while (client->sent < client->len) {
		put = send(client->fd, client->answer + client->sent,
			   client->len - client->sent, MSG_NOSIGNAL);
		if (put < 0 && errno == EAGAIN) {
			(void)watch(c, EPOLL_CTL_MOD, client->fd, EPOLLOUT,
				    (uint64_t)(client - c->client));
			return;
		}
		if (put <= 0)
			break;
		client->sent += (size_t)put;
	}
	drop(client);
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static void ask(struct rngd_control *c, struct client *client)
{
	const struct rngd_control_request request = {
		.ticket = client->ticket,
		.text = client->line,
		.uid = client->uid,
		.pid = client->pid,
	};
	static const char refusal[] = "error not a request\n";
	size_t len = sizeof(refusal) - 1;

	client->answer = malloc(ANSWER_MAX);
	if (!client->answer) {
		drop(client);
		return;
	}
	if (is_printable(client->line))
		len = c->ask(c->opaque, &request, client->answer, ANSWER_MAX);
	else
		memcpy(client->answer, refusal, len);
	if (!len) { /* later. One-shot, or a hang-up would make the loop spin */
		free(client->answer);
		client->answer = NULL;
		client->waits = true;
		client->until += RNGD_CONTROL_LATE;
		(void)watch(c, EPOLL_CTL_MOD, client->fd, EPOLLONESHOT,
			    (uint64_t)(client - c->client));
		return;
	}
	client->len = len;
	write_on(c, client);
}

static void read_on(struct rngd_control *c, struct client *client)
{
	char *end;
	ssize_t got = recv(client->fd, client->line + client->have,
			   RNGD_CONTROL_LINE - client->have, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		drop(client);
		return;
	}
	end = memchr(client->line + client->have, '\n', (size_t)got);
	client->have += (size_t)got;
	if (end) {
		*end = '\0';
		ask(c, client);
	} else if (client->have == RNGD_CONTROL_LINE) {
		drop(client);
	}
}

static void serve_one(struct rngd_control *c, struct client *client,
		      uint32_t events)
{
	if (client->fd < 0)
		return;
	if (client->answer)
		write_on(c, client);
	else if (events & EPOLLIN)
		read_on(c, client);
	else
		drop(client);
}

/* ---------------------------------------------------------------- accepting */

static bool is_in_group(int fd, const struct ucred *peer, gid_t gid)
{
	gid_t group[64]; /* of the peer, besides its first */
	socklen_t len = sizeof(group);
	size_t i;

	if (gid == (gid_t)-1 || peer->gid == gid)
		return gid != (gid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, group, &len))
		return true; /* before Linux 4.13, or more: the mode decides */
	for (i = 0; i < len / sizeof(group[0]); i++)
		if (group[i] == gid)
			return true;
	return false;
}

/* Fill in who is at the other end of @client's socket. False: may not be served. */
static bool find_peer(const struct rngd_control *c, struct client *client)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	client->uid = peer.uid;
	client->pid = peer.pid;
	client->is_owner = !peer.uid || peer.uid == c->uid;
	return client->is_owner || is_in_group(client->fd, &peer, c->gid);
}

/*
 * A free place, or NULL. Clients that are not owners have RNGD_CONTROL_CLIENTS
 * places together.
 */
static struct client *find_free(struct rngd_control *c, bool is_owner)
{
	struct client *unused = NULL;
	size_t i, others = 0;

	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		if (c->client[i].fd < 0)
			unused = &c->client[i];
		else if (!c->client[i].is_owner)
			others++;
	return is_owner || others < RNGD_CONTROL_CLIENTS ? unused : NULL;
}

/* May a new client take the place of @client? */
static bool may_take(const struct client *client, bool is_owner)
{
	return client->fd >= 0 && !client->waits &&
	       (is_owner || !client->is_owner);
}

/* Of two that a client may take: the better one to drop is no owner, or older. */
static bool is_better(const struct client *a, const struct client *b)
{
	if (!b || a->is_owner != b->is_owner)
		return !b || !a->is_owner;
	return a->ticket < b->ticket;
}

static struct client *find_place(struct rngd_control *c, bool is_owner)
{
	struct client *place = find_free(c, is_owner), *oldest = NULL;
	size_t i;

	if (place)
		return place;
	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		if (may_take(&c->client[i], is_owner) &&
		    is_better(&c->client[i], oldest))
			oldest = &c->client[i];
	if (oldest)
		drop(oldest);
	return oldest;
}

/* A close with bytes unread would be a reset for the client. */
static void refuse(int fd, const char *text)
{
	char request[RNGD_CONTROL_LINE];

	(void)recv(fd, request, sizeof(request), 0);
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
		/* It has gone already. */
	}
	close(fd);
}

/* Serve @fresh, and at once if its request is there: it cannot lose its place then. */
static void take(struct rngd_control *c, const struct client *fresh)
{
	struct client *client = find_place(c, fresh->is_owner);

	if (!client) {
		refuse(fresh->fd, "error too many clients\n");
		return;
	}
	*client = *fresh;
	if (watch(c, EPOLL_CTL_ADD, client->fd, EPOLLIN,
		  (uint64_t)(client - c->client)))
		drop(client);
	else
		read_on(c, client);
}

/* Out of descriptors or memory: pause, or epoll would report it without end. */
static void accept_failed(struct rngd_control *c, uint64_t now)
{
	if (errno != EMFILE && errno != ENFILE && errno != ENOMEM &&
	    errno != ENOBUFS)
		return;
	c->accept_at = now + RNGD_CONTROL_PAUSE;
	set_accepting(c, false);
}

static void accept_one(struct rngd_control *c, uint64_t now)
{
	struct client fresh = { .until = now + RNGD_CONTROL_TIMEOUT };

	fresh.fd = accept4(c->listener.fd, NULL, NULL,
			   SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fresh.fd < 0) {
		accept_failed(c, now);
		return;
	}
	fresh.ticket = ++c->tickets;
	if (find_peer(c, &fresh))
		take(c, &fresh);
	else
		refuse(fresh.fd, "error not permitted\n");
}

static void accept_again(struct rngd_control *c, uint64_t now)
{
	if (!c->accept_at || now < c->accept_at)
		return;
	c->accept_at = 0;
	set_accepting(c, true);
}

/* ------------------------------------------------------------------ serving */

static void drop_late(struct rngd_control *c, uint64_t now)
{
	size_t i;

	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		if (c->client[i].fd >= 0 && now >= c->client[i].until)
			drop(&c->client[i]);
}

/* The listener comes last, so that no event is for a client that has gone. */
void rngd_control_serve(struct rngd_control *control, uint64_t now_ms)
{
	struct epoll_event event[RNGD_CONTROL_PLACES + 1];
	int n = epoll_wait(control->epoll_fd, event, RNGD_CONTROL_PLACES + 1,
			   0);
	bool is_asked = false;
	int i;

	for (i = 0; i < n; i++)
		if (event[i].data.u64 == LISTENER)
			is_asked = true;
		else
			serve_one(control, &control->client[event[i].data.u64],
				  event[i].events);
	drop_late(control, now_ms);
	if (is_asked)
		accept_one(control, now_ms);
	accept_again(control, now_ms);
}

uint64_t rngd_control_due(const struct rngd_control *control)
{
	uint64_t due = control ? control->accept_at : 0;
	size_t i;

	for (i = 0; control && i < RNGD_CONTROL_PLACES; i++)
		if (control->client[i].fd >= 0 &&
		    (!due || control->client[i].until < due))
			due = control->client[i].until;
	return due;
}

bool rngd_control_waits(const struct rngd_control *control, uint64_t ticket)
{
	size_t i;

	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		if (control->client[i].fd >= 0 &&
		    control->client[i].ticket == ticket)
			return true;
	return false;
}

void rngd_control_answer(struct rngd_control *control, uint64_t ticket,
			 const char *text, size_t len)
{
	struct client *client;
	size_t i;

	for (i = 0; i < RNGD_CONTROL_PLACES; i++) {
		client = &control->client[i];
		if (client->fd < 0 || client->ticket != ticket ||
		    client->answer)
			continue;
		client->answer = malloc(len);
		if (!client->answer) {
			drop(client);
			return;
		}
		memcpy(client->answer, text, len);
		client->len = len;
		client->waits = false;
		write_on(control, client);
	}
}

void rngd_control_close(struct rngd_control *control)
{
	size_t i;

	if (!control)
		return;
	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		if (control->client[i].fd >= 0)
			close(control->client[i].fd);
	for (i = 0; i < RNGD_CONTROL_PLACES; i++)
		free(control->client[i].answer);
	vrng_listener_close(&control->listener);
	if (control->epoll_fd >= 0)
		close(control->epoll_fd);
	free(control);
}
