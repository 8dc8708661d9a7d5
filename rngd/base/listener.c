// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rngd/base/socket.h"
#include "rngd/base/listener.h"

static int address(const char *path, struct sockaddr_un *addr,
		   struct vrng_error *error)
{
	const size_t len = strlen(path);

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!len || len >= sizeof(addr->sun_path))
		return vrng_fail(error, ENAMETOOLONG,
				 "socket path: %zu characters; write 1 to %zu",
				 len, sizeof(addr->sun_path) - 1);
	memcpy(addr->sun_path, path, len + 1);
	return 0;
}

int vrng_listener_check(const char *path, struct vrng_error *error)
{
	struct sockaddr_un addr;

	return address(path, &addr, error);
}

static int new_socket(void)
{
	int fd = vrng_socket(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* A connected socket, or a negative errno. */
static int dial(const struct sockaddr_un *addr)
{
	int err, fd = new_socket();

	if (fd < 0 ||
	    !connect(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/*
 * Remove a socket file whose listener is dead. Only a dead listener's socket
 * refuses connections.
 */
static int clear_stale(const struct sockaddr_un *addr, struct vrng_error *error)
{
	struct stat st;
	int fd;

	if (lstat(addr->sun_path, &st))
		return 0; /* bind() tells what is wrong */
	if (!S_ISSOCK(st.st_mode))
		return vrng_fail(error, EEXIST,
				 "%s: exists and is no socket; give another "
				 "path",
				 addr->sun_path);
	fd = dial(addr);
	if (fd == -ECONNREFUSED && !unlink(addr->sun_path))
		return 0;
	if (fd >= 0)
		close(fd);
	if (fd == -EACCES || fd == -EPERM || fd == -ECONNREFUSED)
		return vrng_fail(
			error, fd == -ECONNREFUSED ? errno : -fd,
			"%s: %m: somebody else's, who may be listening there; "
			"give another path",
			addr->sun_path);
	return vrng_fail(error, EADDRINUSE,
			 "%s: %m: somebody is listening there; stop them or "
			 "give another path",
			 addr->sun_path);
}

/* No client may connect between bind() and the chmod() to @as->mode. */
static int bind_as(struct vrng_listener *l, const struct sockaddr_un *addr,
		   const struct vrng_listener_as *as)
{
	const mode_t mask = as ? umask(0777) : 0;
	int err = 0;

	if (bind(l->fd, (const struct sockaddr *)addr, sizeof(*addr)))
		err = -errno;
	if (as)
		umask(mask);
	return err;
}

static int own(const char *path, const struct vrng_listener_as *as)
{
	const bool is_given =
		as && (as->uid != (uid_t)-1 || as->gid != (gid_t)-1);

	if (is_given && lchown(path, as->uid, as->gid))
		return -errno;
	return as && chmod(path, as->mode) ? -errno : 0;
}

static int bind_and_listen(struct vrng_listener *l, const char *path,
			   const struct sockaddr_un *addr,
			   const struct vrng_listener_as *as)
{
	int err;

	l->fd = new_socket();
	if (l->fd < 0)
		return l->fd;
	err = bind_as(l, addr, as);
	if (err)
		return err;
	if (!vrng_ours_note(&l->file, path))
		return -errno;
	err = own(path, as);
	if (!err && listen(l->fd, VRNG_LISTENER_BACKLOG))
		err = -errno;
	return err;
}

int vrng_listener_open(struct vrng_listener *l, const char *path,
		       const struct vrng_listener_as *as,
		       struct vrng_error *error)
{
	struct sockaddr_un addr;
	int err;

	*l = (struct vrng_listener){ .fd = -1 };
	err = address(path, &addr, error);
	if (!err)
		err = clear_stale(&addr, error);
	if (err)
		return err;
	err = bind_and_listen(l, path, &addr, as);
	if (!err)
		return 0;
	vrng_listener_remove(l);
	vrng_listener_close(l);
	return vrng_fail(error, -err,
			 "%s: cannot listen: %m; check the directory and the "
			 "rights to it",
			 path);
}

bool vrng_listener_adopt(struct vrng_listener *l, int fd, const char *path)
{
	struct stat st;

	*l = (struct vrng_listener){ .fd = -1 };
	if (lstat(path, &st) || !S_ISSOCK(st.st_mode) ||
	    !vrng_ours_note(&l->file, path))
		return false;
	l->fd = fd;
	return true;
}

int vrng_listener_own(const struct vrng_listener *l,
		      const struct vrng_listener_as *as,
		      struct vrng_error *error)
{
	const char *path = l->file.path;
	int err;

	if (!vrng_ours_is(&l->file))
		return vrng_fail(error, ENOENT, "%s: is not ours any more",
				 path ? path : "socket");
	err = own(path, as);
	return err ? vrng_fail(error, -err, "%s: %m", path) : 0;
}

void vrng_listener_remove(struct vrng_listener *l)
{
	vrng_ours_remove(&l->file);
}

void vrng_listener_close(struct vrng_listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

int vrng_listener_dial(const char *path, struct vrng_error *error)
{
	struct sockaddr_un addr;
	int err = address(path, &addr, error);

	return err ? err : dial(&addr);
}
