// SPDX-License-Identifier: GPL-2.0-or-later
/* A stream connection to a server: see peer.h. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "rngd/base/number.h"
#include "rngd/sources/host.h"
#include "rngd/sources/peer.h"
#include "rngd/sources/resolve.h"

/* How soon to try a Unix socket again whose backlog is full, ms. */
#define BUSY_MS 20

struct vrng_peer {
	char *name;
	char *host; /* NULL: a Unix socket */
	char *port;
	struct sockaddr_un path;
	struct addrinfo path_info; /* points to path */

	/* From open to close. */
	struct vrng_wait *wait;
	struct vrng_resolve *resolve;
	struct addrinfo *list; /* of host, freed at close */
	const struct addrinfo *next; /* the address to try; NULL: none left */
	uint64_t deadline; /* ms, to be connected */
	int fd; /* -1: no connection, and none in progress */
	bool is_up;
	bool wants_send;
	int error; /* errno of the last address that failed */
};

/* ---------------------------------------------------------------- parsing */

static int bad_address(const char *name, struct vrng_error *error)
{
	return vrng_fail(error, EINVAL,
			 "source \"%.64s\": write unix:PATH (up to %zu "
			 "characters) or tcp:HOST:PORT, an IPv6 HOST in "
			 "brackets",
			 name, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
}

static bool parse_path(struct vrng_peer *p, const char *path)
{
	const size_t len = strlen(path);

	if (!len || len >= sizeof(p->path.sun_path))
		return false;
	p->path.sun_family = AF_UNIX;
	memcpy(p->path.sun_path, path, len + 1);
	p->path_info = (struct addrinfo){
		.ai_family = AF_UNIX,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = sizeof(p->path),
		.ai_addr = (struct sockaddr *)&p->path,
	};
	return true;
}

static bool is_port(const char *text)
{
	uint64_t port;

	return !vrng_decimal(&port, "", text, 1, UINT16_MAX, NULL);
}

/* Split HOST:PORT at the last colon. Other colons must be in brackets. */
static bool parse_host(struct vrng_peer *p, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t len;

	if (!colon || !is_port(colon + 1))
		return false;
	len = (size_t)(colon - text);
	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (!len || strcspn(text, ":[]") != len) {
		return false;
	}
	p->host = strndup(text, len);
	p->port = strdup(colon + 1);
	return true;
}

static bool parse(struct vrng_peer *p, const char *address)
{
	if (!strncmp(address, "unix:", 5))
		return parse_path(p, address + 5);
	return !strncmp(address, "tcp:", 4) && parse_host(p, address + 4);
}

int vrng_peer_parse(struct vrng_peer **peer, const char *name,
		    const char *address, struct vrng_error *error)
{
	struct vrng_peer *p = calloc(1, sizeof(*p));
	int ret = 0;

	*peer = NULL;
	if (!p)
		return vrng_fail(error, ENOMEM, "%s: %m", name);
	p->fd = -1;
	p->name = strdup(name);
	if (!parse(p, address))
		ret = bad_address(name, error);
	else if (!p->name || (!p->path_info.ai_addr && !(p->host && p->port)))
		ret = vrng_fail(error, ENOMEM, "%s: %m", name);
	if (ret)
		vrng_peer_free(p);
	else
		*peer = p;
	return ret;
}

/* Of a connection the address decides: a name may stand for any. */
static bool is_local(const struct vrng_peer *peer)
{
	char host[VRNG_HOST_SIZE];

	if (peer->is_up)
		return vrng_host_is_local_address(peer->next->ai_addr);
	vrng_host_unify(host, peer->host, strlen(peer->host));
	return vrng_host_is_local(host);
}

enum vrng_origin vrng_peer_origin(const struct vrng_peer *peer)
{
	return peer->host && !is_local(peer) ? VRNG_ORIGIN_OUTSIDE :
					       VRNG_ORIGIN_OTHER;
}

static int look_at_socket(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (!S_ISSOCK(st.st_mode))
		return ENOTSOCK;
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) ? errno : 0;
}

int vrng_peer_check(const struct vrng_peer *peer, struct vrng_error *error)
{
	int err = peer->host ? 0 : look_at_socket(peer->path.sun_path);

	if (!err)
		return 0;
	return vrng_fail(error, err,
			 "%s: cannot connect: %m; check that a server listens "
			 "there and may be written to",
			 peer->name);
}

/* ------------------------------------------------------------- connecting */

/*
 * A peer that vanishes is noticed after about 30 s: 10 s idle, 4 probes of 5 s.
 */
static void set_options(int fd, int family)
{
	const int one = 1, idle = 10, interval = 5, count = 4;
	const unsigned int limit = VRNG_PEER_SEND_MS;

	if (family == AF_UNIX)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
			 sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit,
			 sizeof(limit));
}

static int cannot_connect(const struct vrng_peer *p, int err,
			  struct vrng_error *error)
{
	if (err == EACCES)
		return vrng_fail(
			error, err,
			"%s: cannot connect: %m; the socket is not "
			"open to user %u, who reads here: see its mode "
			"and owner",
			p->name, (unsigned int)geteuid());
	return vrng_fail(error, err,
			 "%s: cannot connect: %m; check the address and that a "
			 "server listens there",
			 p->name);
}

static void drop_fd(struct vrng_peer *p)
{
	if (p->fd < 0)
		return;
	vrng_wait_remove(p->wait, p->fd);
	close(p->fd);
	p->fd = -1;
}

/* The address failed: note @err and select the next. Returns -@err. */
static int next_address(struct vrng_peer *p, int err)
{
	p->error = err;
	drop_fd(p);
	p->next = p->next->ai_next;
	return -err;
}

/*
 * True if the socket is connected to itself: TCP does that if nobody listens
 * and the kernel picks the destination's port as the local one. The source
 * would read its own requests as random bytes.
 */
static bool is_ourselves(int fd)
{
	struct sockaddr_storage here = { 0 }, there = { 0 };
	socklen_t len = sizeof(here), other = sizeof(there);

	return !getsockname(fd, (struct sockaddr *)&here, &len) &&
	       !getpeername(fd, (struct sockaddr *)&there, &other) &&
	       len == other && !memcmp(&here, &there, len);
}

static int is_connected(struct vrng_peer *p)
{
	if (is_ourselves(p->fd))
		return next_address(p, ECONNREFUSED);
	p->is_up = true;
	vrng_wait_timer(p->wait, 0);
	return vrng_wait_change(p->wait, p->fd, EPOLLIN);
}

static int try_address(struct vrng_peer *p)
{
	const struct addrinfo *a = p->next;
	int err;

	p->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       0);
	if (p->fd < 0)
		return next_address(p, errno);
	set_options(p->fd, a->ai_family);
	err = -vrng_wait_add(p->wait, p->fd, 0);
	if (!err && connect(p->fd, a->ai_addr, a->ai_addrlen))
		err = errno;
	if (!err)
		return is_connected(p);
	if (err == EINPROGRESS) {
		(void)vrng_wait_change(p->wait, p->fd, EPOLLOUT);
		return -EAGAIN;
	}
	if (err == EAGAIN) {
		drop_fd(p);
		vrng_wait_timer(p->wait, BUSY_MS);
		return -EAGAIN;
	}
	return next_address(p, err);
}

/* Look at a connection in progress. */
static int look_again(struct vrng_peer *p)
{
	struct sockaddr_storage who;
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (err)
		return next_address(p, err);
	len = sizeof(who);
	if (getpeername(p->fd, (struct sockaddr *)&who, &len))
		return -EAGAIN;
	return is_connected(p);
}

static int look_up(struct vrng_peer *p, struct vrng_error *error)
{
	struct vrng_error found;
	int ret = vrng_resolve_answer(p->resolve, &p->list, &found);

	if (ret == -EAGAIN)
		return ret;
	vrng_wait_remove(p->wait, vrng_resolve_fd(p->resolve));
	vrng_resolve_end(p->resolve);
	p->resolve = NULL;
	p->next = p->list;
	return ret ? vrng_fail(error, -ret, "%s: %s; check the name", p->name,
			       found.text) :
		     0;
}

static int too_late(struct vrng_peer *p, struct vrng_error *error)
{
	if (vrng_wait_now() < p->deadline)
		return -EAGAIN;
	return cannot_connect(p, ETIMEDOUT, error);
}

int vrng_peer_connect(struct vrng_peer *peer, struct vrng_error *error)
{
	int ret;

	if (peer->is_up)
		return 0;
	if (peer->resolve) {
		ret = look_up(peer, error);
		if (ret)
			return ret == -EAGAIN ? too_late(peer, error) : ret;
	}
	while (peer->next) {
		ret = peer->fd < 0 ? try_address(peer) : look_again(peer);
		if (!ret)
			return 0;
		if (ret == -EAGAIN)
			return too_late(peer, error);
	}
	return cannot_connect(peer, peer->error, error);
}

int vrng_peer_open(struct vrng_peer *peer, struct vrng_wait *wait,
		   struct vrng_error *error)
{
	int ret;

	peer->wait = wait;
	peer->error = EADDRNOTAVAIL;
	peer->deadline = vrng_wait_now() + VRNG_PEER_CONNECT_MS;
	vrng_wait_timer(wait, VRNG_PEER_CONNECT_MS);
	if (!peer->host) {
		peer->next = &peer->path_info;
	} else {
		ret = vrng_resolve_begin(&peer->resolve, peer->host, peer->port,
					 error);
		if (!ret)
			ret = vrng_wait_add(
				wait, vrng_resolve_fd(peer->resolve), EPOLLIN);
		if (ret)
			goto close;
	}
	ret = vrng_peer_connect(peer, error);
	if (!ret || ret == -EAGAIN)
		return 0;
close:
	vrng_peer_close(peer);
	return ret;
}

int vrng_peer_fd(const struct vrng_peer *peer)
{
	return peer->fd;
}

/* ------------------------------------------------- sending, receiving */

void vrng_peer_want_send(struct vrng_peer *peer, bool wanted)
{
	if (peer->wants_send == wanted)
		return;
	peer->wants_send = wanted;
	(void)vrng_wait_change(peer->wait, peer->fd,
			       wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static ssize_t lost(const struct vrng_peer *p, int err,
		    struct vrng_error *error)
{
	if (err == EAGAIN || err == EINTR)
		return -EAGAIN;
	return vrng_fail(error, err,
			 "%s: lost the connection: %m; check the peer",
			 p->name);
}

ssize_t vrng_peer_recv(struct vrng_peer *peer, void *buf, size_t len,
		       struct vrng_error *error)
{
	ssize_t got = recv(peer->fd, buf, len, MSG_DONTWAIT);

	return got < 0 ? lost(peer, errno, error) : got;
}

ssize_t vrng_peer_send(struct vrng_peer *peer, const void *buf, size_t len,
		       struct vrng_error *error)
{
	ssize_t put = send(peer->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return put < 0 ? lost(peer, errno, error) : put;
}

/* ----------------------------------------------------------------- closing */

void vrng_peer_close(struct vrng_peer *peer)
{
	if (peer->resolve)
		vrng_wait_remove(peer->wait, vrng_resolve_fd(peer->resolve));
	vrng_resolve_end(peer->resolve);
	peer->resolve = NULL;
	drop_fd(peer);
	if (peer->list)
		freeaddrinfo(peer->list);
	peer->list = NULL;
	peer->next = NULL;
	peer->is_up = false;
	peer->wants_send = false;
}

void vrng_peer_free(struct vrng_peer *peer)
{
	if (!peer)
		return;
	free(peer->name);
	free(peer->host);
	free(peer->port);
	free(peer);
}
