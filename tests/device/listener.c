// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/device/listener.h"

#define BACKLOG 16

static int address(const char *path, struct sockaddr_un *addr,
		   struct vrng_why *why)
{
	const size_t len = strlen(path);

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!len || len >= sizeof(addr->sun_path))
		return vrng_why(why, ENAMETOOLONG,
				"socket path: %zu characters; give 1 to %zu",
				len, sizeof(addr->sun_path) - 1);
	memcpy(addr->sun_path, path, len + 1);
	return 0;
}

/* A connected socket, or a negative errno. */
static int dial(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/*
 * A socket file whose listener is dead refuses connections; only then is it
 * ours to remove.
 */
static int clear_stale(const struct sockaddr_un *addr, struct vrng_why *why)
{
	struct stat st;
	int fd;

	if (lstat(addr->sun_path, &st))
		return 0; /* bind() will say */
	if (!S_ISSOCK(st.st_mode))
		return vrng_why(
			why, EEXIST,
			"%s: exists and is no socket; give another path",
			addr->sun_path);
	fd = dial(addr);
	if (fd == -ECONNREFUSED) {
		unlink(addr->sun_path);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	if (fd == -EACCES || fd == -EPERM)
		return vrng_why(why, -fd,
				"%s: %s; remove it or give another "
				"path",
				addr->sun_path, strerror(-fd));
	return vrng_why(why, EADDRINUSE,
			"%s: %s: somebody is listening there; stop them or "
			"give another path",
			addr->sun_path, strerror(EADDRINUSE));
}

static int listen_failed(const char *path, int err, struct vrng_why *why)
{
	return vrng_why(why, err, "%s: cannot listen: %s; check the directory",
			path, strerror(err));
}

int listener_dial(const char *path, struct vrng_why *why)
{
	struct sockaddr_un addr;
	int err = address(path, &addr, why);

	return err ? -ENAMETOOLONG : dial(&addr);
}

static int bind_and_listen(struct listener *l, const struct sockaddr_un *addr)
{
	struct stat st;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0 ||
	    bind(l->fd, (const struct sockaddr *)addr, sizeof(*addr)))
		return -errno;
	if (!lstat(l->path, &st)) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
		l->bound = true;
	}
	return listen(l->fd, BACKLOG) ? -errno : 0;
}

int listener_open(struct listener *l, const char *path, struct vrng_why *why)
{
	struct sockaddr_un addr;
	int err;

	*l = (struct listener){ .fd = -1, .path = path };
	err = address(path, &addr, why);
	if (!err)
		err = clear_stale(&addr, why);
	if (err)
		return err;
	err = bind_and_listen(l, &addr);
	if (!err)
		return 0;
	listener_remove(l);
	listener_close(l);
	return listen_failed(path, -err, why);
}

void listener_remove(struct listener *l)
{
	struct stat st;

	if (l->bound && !lstat(l->path, &st) && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		unlink(l->path);
	l->bound = false;
}

void listener_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
