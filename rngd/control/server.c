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
	uint64_t ticket;
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
	bool is_full; /* does not accept until a client has gone */
	uint64_t tickets;
	rngd_control_ask *ask;
	void *opaque;
	struct client client[RNGD_CONTROL_CLIENTS];
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
	c->epoll_fd = -1;
	c->listener.fd = -1;
	for (i = 0; i < RNGD_CONTROL_CLIENTS; i++)
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
	c->is_full = !on;
	(void)watch(c, EPOLL_CTL_MOD, c->listener.fd, on ? EPOLLIN : 0,
		    LISTENER);
}

static void drop(struct rngd_control *c, struct client *client)
{
	if (client->fd < 0)
		return;
	close(client->fd);
	free(client->answer);
	*client = (struct client){ .fd = -1 };
	if (c->is_full)
		set_accepting(c, true);
}

static struct client *find_free(struct rngd_control *c)
{
	size_t i;

	for (i = 0; i < RNGD_CONTROL_CLIENTS; i++)
		if (c->client[i].fd < 0)
			return &c->client[i];
	return NULL;
}

static void accept_one(struct rngd_control *c, uint64_t now)
{
	struct client *client = find_free(c);
	int fd;

	if (!client) {
		set_accepting(c, false);
		return;
	}
	fd = accept4(c->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	client->fd = fd;
	client->ticket = ++c->tickets;
	client->until = now + RNGD_CONTROL_TIMEOUT;
	if (watch(c, EPOLL_CTL_ADD, fd, EPOLLIN,
		  (uint64_t)(client - c->client)))
		drop(c, client);
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
	drop(c, client);
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
	static const char refusal[] = "error not a request\n";
	size_t len = sizeof(refusal) - 1;

	client->answer = malloc(ANSWER_MAX);
	if (!client->answer) {
		drop(c, client);
		return;
	}
	if (is_printable(client->line))
		len = c->ask(c->opaque, client->ticket, client->line,
			     client->answer, ANSWER_MAX);
	else
		memcpy(client->answer, refusal, len);
	if (!len) { /* later. One-shot, or a hang-up would make the loop spin */
		free(client->answer);
		client->answer = NULL;
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
		drop(c, client);
		return;
	}
	end = memchr(client->line + client->have, '\n', (size_t)got);
	client->have += (size_t)got;
	if (end) {
		*end = '\0';
		ask(c, client);
	} else if (client->have == RNGD_CONTROL_LINE) {
		drop(c, client);
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
		drop(c, client);
}

static void drop_late(struct rngd_control *c, uint64_t now)
{
	size_t i;

	for (i = 0; i < RNGD_CONTROL_CLIENTS; i++)
		if (c->client[i].fd >= 0 && now >= c->client[i].until)
			drop(c, &c->client[i]);
}

void rngd_control_serve(struct rngd_control *control, uint64_t now_ms)
{
	struct epoll_event event[RNGD_CONTROL_CLIENTS + 1];
	int n = epoll_wait(control->epoll_fd, event, RNGD_CONTROL_CLIENTS + 1,
			   0);
	int i;

	for (i = 0; i < n; i++)
		if (event[i].data.u64 == LISTENER)
			accept_one(control, now_ms);
		else
			serve_one(control, &control->client[event[i].data.u64],
				  event[i].events);
	drop_late(control, now_ms);
}

uint64_t rngd_control_due(const struct rngd_control *control)
{
	uint64_t due = 0;
	size_t i;

	for (i = 0; control && i < RNGD_CONTROL_CLIENTS; i++)
		if (control->client[i].fd >= 0 &&
		    (!due || control->client[i].until < due))
			due = control->client[i].until;
	return due;
}

void rngd_control_answer(struct rngd_control *control, uint64_t ticket,
			 const char *text, size_t len)
{
	struct client *client;
	size_t i;

	for (i = 0; i < RNGD_CONTROL_CLIENTS; i++) {
		client = &control->client[i];
		if (client->fd < 0 || client->ticket != ticket ||
		    client->answer)
			continue;
		client->answer = malloc(len);
		if (!client->answer) {
			drop(control, client);
			return;
		}
		memcpy(client->answer, text, len);
		client->len = len;
		write_on(control, client);
	}
}

void rngd_control_close(struct rngd_control *control)
{
	size_t i;

	if (!control)
		return;
	for (i = 0; i < RNGD_CONTROL_CLIENTS; i++)
		if (control->client[i].fd >= 0)
			close(control->client[i].fd);
	for (i = 0; i < RNGD_CONTROL_CLIENTS; i++)
		free(control->client[i].answer);
	vrng_listener_close(&control->listener);
	if (control->epoll_fd >= 0)
		close(control->epoll_fd);
	free(control);
}
