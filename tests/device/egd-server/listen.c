// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/activation.h"
#include "rngd/base/number.h"
#include "tests/device/egd-server/listen.h"

#define LOOPBACK "127.0.0.1"

/* ---- Unix sockets ---- */

static int listen_unix(struct egd_listen *l, const char *path,
		       const struct vrng_listener_as *as,
		       struct vrng_error *error)
{
	struct vrng_listener at;
	int err = vrng_listener_open(&at, path, as, error);

	if (err == -ENAMETOOLONG) {
		const struct vrng_error inner = *error;

		return vrng_fail(error, EINVAL, "--listen: %s", inner.text);
	}
	if (err)
		return err;
	l->fd = at.fd;
	l->file = at.file;
	(void)snprintf(l->name, sizeof(l->name), "unix:%s", path);
	return 0;
}

/* ---- TCP ---- */

/* Ask for the port: the kernel chooses it if it was 0. */
static void name_tcp(struct egd_listen *l)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);
	char host[INET6_ADDRSTRLEN + 16], port[8];

	if (getsockname(l->fd, (struct sockaddr *)&at, &len) ||
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	(void)snprintf(l->name, sizeof(l->name),
		       at.ss_family == AF_INET6 ? "tcp:[%s]:%s" : "tcp:%s:%s",
		       host, port);
}

/* Split "PORT", "ADDRESS:PORT" or "[ADDRESS]:PORT", in place. */
static bool split_host(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':');

	*host = LOOPBACK;
	*port = text;
	if (!colon)
		return *text;
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (*text == '[' && colon > text && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	} else if (strchr(text, ':')) {
		return false;
	}
	return **host && **port;
}

static int resolve(const char *address, struct addrinfo **list,
		   struct vrng_error *error)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	const char *host, *port;
	char *text = strdup(address);
	uint64_t number;
	bool ok;

	if (!text)
		return vrng_fail(error, ENOMEM, "tcp: %m");
	ok = split_host(text, &host, &port) &&
	     !vrng_decimal(&number, "", port, 0, UINT16_MAX, NULL) &&
	     !getaddrinfo(host, port, &hints, list);
	free(text);
	return ok ? 0 :
		    vrng_fail(error, EINVAL,
			      "tcp:%.64s: write tcp:PORT or "
			      "tcp:ADDRESS:PORT, with a numeric ADDRESS, "
			      "IPv6 in brackets",
			      address);
}

static int cannot_listen(const char *name, int err, struct vrng_error *error)
{
	const char *advice = "check the address";

	if (err == EADDRINUSE)
		advice = "somebody is listening there, stop them or give "
			 "another port";
	else if (err == EACCES)
		advice = "give a port from 1024 on, or start it as root";
	return vrng_fail(error, err, "%s: cannot listen: %m; %s", name, advice);
}

static int listen_tcp(struct egd_listen *l, const char *address,
		      struct vrng_error *error)
{
	const int one = 1;
	struct addrinfo *list = NULL;
	int err = resolve(address, &list, error);

	if (!list)
		return err;
	(void)snprintf(l->name, sizeof(l->name), "tcp:%.64s", address);
	l->fd = socket(list->ai_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0) {
		err = -errno;
		goto out;
	}
	(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(l->fd, list->ai_addr, list->ai_addrlen) ||
	    listen(l->fd, VRNG_LISTENER_BACKLOG))
		err = -errno;
	else
		name_tcp(l);
out:
	freeaddrinfo(list);
	return err ? cannot_listen(l->name, -err, error) : 0;
}

/* ---- all ---- */

int egd_listen_at(struct egd_listen *listen, const char *address,
		  const struct vrng_listener_as *as, struct vrng_error *error)
{
	int err;

	*listen = (struct egd_listen){ .fd = -1 };
	if (!strncmp(address, "unix:", 5))
		err = listen_unix(listen, address + 5, as, error);
	else if (!strncmp(address, "tcp:", 4))
		err = listen_tcp(listen, address + 4, error);
	else
		err = vrng_fail(error, EINVAL,
				"\"%.64s\": write unix:PATH, tcp:PORT or "
				"tcp:ADDRESS:PORT",
				address);
	if (err)
		egd_listen_close(listen);
	return err;
}

int egd_listen_inherited(struct egd_listen *listen, int fd,
			 struct vrng_error *error)
{
	*listen = (struct egd_listen){ .fd = fd };
	(void)snprintf(listen->name, sizeof(listen->name), "fd %d", fd);
	return vrng_activation_take(fd, error);
}

void egd_listen_remove(struct egd_listen *listen)
{
	vrng_ours_remove(&listen->file);
}

void egd_listen_close(struct egd_listen *listen)
{
	if (listen->fd >= 0)
		close(listen->fd);
	listen->fd = -1;
}
