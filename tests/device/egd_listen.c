// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rngd/number.h"
#include "tests/device/egd_listen.h"

#define LOOPBACK "127.0.0.1"

/* ---- whose ---- */

/* A number, or what @look_up makes of the name. False: neither. */
static bool parse_id(unsigned int *id, const char *text,
		     bool (*look_up)(unsigned int *id, const char *name))
{
	uint64_t number;

	if (look_up(id, text))
		return true;
	if (vrng_number(&number, "", text, 0, UINT32_MAX - 1, NULL))
		return false;
	*id = (unsigned int)number;
	return true;
}

static bool find_user(unsigned int *id, const char *name)
{
	const struct passwd *found = getpwnam(name);

	if (found)
		*id = found->pw_uid;
	return found;
}

static bool find_group(unsigned int *id, const char *name)
{
	const struct group *found = getgrnam(name);

	if (found)
		*id = found->gr_gid;
	return found;
}

int egd_listen_owner(struct egd_listen_as *as, const char *text,
		     struct vrng_why *why)
{
	const size_t len = strcspn(text, ":");
	const char *group = text[len] ? text + len + 1 : NULL;
	char *user = strndup(text, len);
	bool ok = user && (*user || group);

	if (ok && *user)
		ok = parse_id(&as->uid, user, find_user);
	if (ok && group)
		ok = parse_id(&as->gid, group, find_group);
	free(user);
	return ok ? 0 :
		    vrng_why(why, EINVAL,
			     "\"%.64s\" is no user or group; write USER, "
			     "USER:GROUP or :GROUP",
			     text);
}

/* ---- unix ---- */

static int cannot_listen(const char *name, int err, struct vrng_why *why)
{
	return vrng_why(why, err,
			"%s: cannot listen: %m; check the address and the "
			"rights to it",
			name);
}

static int new_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* A listener that is dead refuses; only then is its file ours to remove. */
static int clear_stale(const struct sockaddr_un *at, const char *name,
		       struct vrng_why *why)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(at->sun_path, &st))
		return 0; /* bind() will say */
	if (!S_ISSOCK(st.st_mode))
		return vrng_why(why, EEXIST,
				"%s: exists and is no socket; give another "
				"path",
				name);
	fd = new_socket(AF_UNIX);
	if (fd < 0)
		return cannot_listen(name, -fd, why);
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)))
		err = errno;
	close(fd);
	if (err == ECONNREFUSED && !unlink(at->sun_path))
		return 0;
	return vrng_why(why, EADDRINUSE,
			"%s: %m: somebody is listening there; stop them or "
			"give another path",
			name);
}

/* Nobody may connect between bind() and the mode that was asked for. */
static int bind_file(struct egd_listen *l, const struct sockaddr_un *at,
		     const struct egd_listen_as *as)
{
	const mode_t mask = umask(0777);
	struct stat st;
	int err = 0;

	if (bind(l->fd, (const struct sockaddr *)at, sizeof(*at)))
		err = -errno;
	umask(mask);
	if (err)
		return err;
	if (lchown(at->sun_path, as->uid, as->gid) ||
	    chmod(at->sun_path, as->mode) || lstat(at->sun_path, &st)) {
		err = -errno;
		unlink(at->sun_path);
		return err;
	}
	l->path = strdup(at->sun_path);
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->changed = st.st_ctim;
	return l->path ? 0 : -ENOMEM;
}

static int listen_unix(struct egd_listen *l, const char *path,
		       const struct egd_listen_as *as, struct vrng_why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const size_t len = strlen(path);
	int err;

	if (!len || len >= sizeof(at.sun_path))
		return vrng_why(why, EINVAL,
				"unix: write a path of 1 to %zu characters",
				sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, len);
	(void)snprintf(l->name, sizeof(l->name), "unix:%s", path);
	err = clear_stale(&at, l->name, why);
	if (err)
		return err;
	l->fd = new_socket(AF_UNIX);
	if (l->fd < 0)
		return cannot_listen(l->name, -l->fd, why);
	err = bind_file(l, &at, as);
	if (!err && listen(l->fd, EGD_LISTEN_BACKLOG))
		err = -errno;
	return err ? cannot_listen(l->name, -err, why) : 0;
}

/* ---- TCP ---- */

/* The port may have been the kernel's to choose. */
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
		   struct vrng_why *why)
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
		return vrng_why(why, ENOMEM, "tcp: %m");
	ok = split_host(text, &host, &port) &&
	     !vrng_number(&number, "", port, 0, UINT16_MAX, NULL) &&
	     !getaddrinfo(host, port, &hints, list);
	free(text);
	return ok ? 0 :
		    vrng_why(why, EINVAL,
			     "tcp:%.64s: write tcp:PORT or "
			     "tcp:ADDRESS:PORT, with a numeric ADDRESS, "
			     "IPv6 in brackets",
			     address);
}

static int listen_tcp(struct egd_listen *l, const char *address,
		      struct vrng_why *why)
{
	const int one = 1;
	struct addrinfo *list = NULL;
	int err = resolve(address, &list, why);

	if (!list)
		return err;
	(void)snprintf(l->name, sizeof(l->name), "tcp:%.64s", address);
	l->fd = new_socket(list->ai_family);
	if (l->fd < 0) {
		err = l->fd;
		goto out;
	}
	(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(l->fd, list->ai_addr, list->ai_addrlen) ||
	    listen(l->fd, EGD_LISTEN_BACKLOG))
		err = -errno;
	else
		name_tcp(l);
out:
	freeaddrinfo(list);
	return err ? cannot_listen(l->name, -err, why) : 0;
}

/* ---- all ---- */

int egd_listen_at(struct egd_listen *listen, const char *address,
		  const struct egd_listen_as *as, struct vrng_why *why)
{
	int err;

	*listen = (struct egd_listen){ .fd = -1 };
	if (!strncmp(address, "unix:", 5))
		err = listen_unix(listen, address + 5, as, why);
	else if (!strncmp(address, "tcp:", 4))
		err = listen_tcp(listen, address + 4, why);
	else
		err = vrng_why(why, EINVAL,
			       "\"%.64s\": write unix:PATH, tcp:PORT or "
			       "tcp:ADDRESS:PORT",
			       address);
	if (err)
		egd_listen_done(listen);
	return err;
}

int egd_listen_inherited(struct egd_listen *listen, int fd,
			 struct vrng_why *why)
{
	int listens = 0, type = 0;
	socklen_t len = sizeof(int);

	*listen = (struct egd_listen){ .fd = fd };
	(void)snprintf(listen->name, sizeof(listen->name), "fd %d", fd);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
		return vrng_why(why, errno, "fd %d: %m; pass a socket", fd);
	if (!listens || type != SOCK_STREAM)
		return vrng_why(why, EINVAL,
				"fd %d: is no stream socket that listens; use "
				"ListenStream= and Accept=no",
				fd);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return vrng_why(why, errno, "fd %d: %m", fd);
	return 0;
}

int egd_listen_passed(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	uint64_t n = 0;

	if (!pid || !count || vrng_number(&n, "", pid, 1, INT32_MAX, NULL) ||
	    n != (uint64_t)getpid())
		return 0;
	return vrng_number(&n, "", count, 1, 64, NULL) ? 0 : (int)n;
}

void egd_listen_done(struct egd_listen *listen)
{
	struct stat st;

	if (listen->path && !lstat(listen->path, &st) &&
	    st.st_dev == listen->dev && st.st_ino == listen->ino &&
	    st.st_ctim.tv_sec == listen->changed.tv_sec &&
	    st.st_ctim.tv_nsec == listen->changed.tv_nsec)
		unlink(listen->path);
	free(listen->path);
	listen->path = NULL;
	if (listen->fd >= 0)
		close(listen->fd);
	listen->fd = -1;
}
