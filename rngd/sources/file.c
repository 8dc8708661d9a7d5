// SPDX-License-Identifier: GPL-2.0-or-later
/* Source "file:PATH": a file, a device or a FIFO. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rngd/sources/device.h"
#include "rngd/sources/kind.h"

/* Bytes in one read, so that it does not hold up its caller for long. */
#define CHUNK (1024 * 1024)

/*
 * Identifies a file. The time of its birth tells it from a later file with the
 * same path and inode number: file systems reuse inode numbers.
 */
struct file_id {
	uint32_t major;
	uint32_t minor;
	uint64_t ino;
	int64_t born;
	uint32_t born_ns;
};

/* Where to continue in a file when it is opened again. */
struct place {
	struct file_id id;
	off_t offset;
};

struct state {
	struct place place;
	enum vrng_origin origin; /* of the open file */
	bool has_origin; /* it was looked up */
};

static int cannot_open(const struct vrng_source *src, int err,
		       struct vrng_error *error)
{
	if (err == ESTALE)
		return vrng_source_changed(src, error);
	return vrng_fail(error, err,
			 "%s: cannot open: %m; check that it exists and may be "
			 "read",
			 src->name);
}

static int refuse_directory(const struct vrng_source *src,
			    struct vrng_error *error)
{
	return vrng_fail(error, EISDIR,
			 "%s: cannot be read: %m; name a file, device or FIFO",
			 src->name);
}

static int open_path(const struct vrng_source *src, struct stat *st,
		     struct vrng_error *error)
{
	int fd =
		vrng_open(src->opener, src->arg, O_RDONLY | VRNG_OPEN_FLAGS, 0);
	int ret;

	if (fd < 0)
		return cannot_open(src, -fd, error);
	if (fstat(fd, st)) {
		ret = cannot_open(src, errno, error);
		close(fd);
		return ret;
	}
	if (S_ISDIR(st->st_mode)) {
		close(fd);
		return refuse_directory(src, error);
	}
	return fd;
}

/*
 * A check does not open a FIFO: a writer that waits for a reader would wake up,
 * and then get SIGPIPE.
 */
static int file_check(struct vrng_source *src, struct vrng_error *error)
{
	struct stat st;
	int fd;

	if (stat(src->arg, &st))
		return cannot_open(src, errno, error);
	if (S_ISFIFO(st.st_mode)) {
		if (faccessat(AT_FDCWD, src->arg, R_OK, AT_EACCESS))
			return cannot_open(src, errno, error);
		return 0;
	}

	fd = open_path(src, &st, error);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/*
 * True for a file that epoll accepts (EPERM: the file has no poll operation):
 * FIFOs, terminals, /dev/random. For regular files and /dev/hwrng poll(2)
 * always returns POLLIN, which means nothing.
 */
static bool can_poll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	bool can;

	if (epoll < 0)
		return false;
	can = !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	close(epoll);
	return can;
}

/* Zero for what the file system does not report. */
static struct file_id identify(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st))
		return (struct file_id){ 0 };
	if (!(st.stx_mask & STATX_BTIME))
		memset(&st.stx_btime, 0, sizeof(st.stx_btime));
	return (struct file_id){ .major = st.stx_dev_major,
				 .minor = st.stx_dev_minor,
				 .ino = st.stx_ino,
				 .born = st.stx_btime.tv_sec,
				 .born_ns = st.stx_btime.tv_nsec };
}

static bool is_same(const struct file_id *a, const struct file_id *b)
{
	return a->major == b->major && a->minor == b->minor &&
	       a->ino == b->ino && a->born == b->born &&
	       a->born_ns == b->born_ns;
}

static int file_parse(struct vrng_source *src, const struct vrng_spec *spec,
		      struct vrng_error *error)
{
	(void)spec;
	src->state = calloc(1, sizeof(struct state));
	return src->state ? 0 : vrng_fail(error, ENOMEM, "%s: %m", src->name);
}

static void file_free(struct vrng_source *src)
{
	free(src->state);
	src->state = NULL;
}

/* Continue where the same file was closed; begin another at its start. */
static int go_on(struct vrng_source *src, int fd, struct vrng_error *error)
{
	struct place *place = &((struct state *)src->state)->place;
	struct file_id id = identify(fd);

	if (!is_same(&id, &place->id))
		*place = (struct place){ .id = id };
	if (lseek(fd, place->offset, SEEK_SET) < 0)
		return cannot_open(src, errno, error);
	return 0;
}

static bool has_places(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISBLK(st->st_mode);
}

/* Documentation/admin-guide/devices.txt of Linux. */
static bool is_hwrng(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(10, 183);
}

static int file_open(struct vrng_source *src, struct vrng_error *error)
{
	struct stat st = { 0 };
	int fd = open_path(src, &st, error);
	int ret = 0;

	if (fd < 0)
		return fd;
	if (has_places(&st))
		ret = go_on(src, fd, error);
	if (ret) {
		close(fd);
		return ret;
	}
	src->fd = fd;
	src->poll_fd = can_poll(fd) ? fd : -1;
	src->stays = S_ISFIFO(st.st_mode);
	src->holds_nothing = is_hwrng(&st);
	return 0;
}

/*
 * A FIFO reads as ended also before its first writer has opened it. It reports
 * POLLHUP only after a writer has closed it.
 */
static ssize_t at_end(const struct vrng_source *src, struct vrng_error *error)
{
	struct pollfd pfd = { .fd = src->fd, .events = POLLIN };

	if (!src->stays)
		return vrng_source_end(error, "%s: end of file", src->name);
	if (poll(&pfd, 1, 0) == 1 && pfd.revents & POLLHUP)
		return vrng_source_end(error,
				       "%s: end of file: the last writer has "
				       "gone",
				       src->name);
	return -EAGAIN;
}

static ssize_t file_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_error *error)
{
	ssize_t got = read(src->fd, buf, len < CHUNK ? len : CHUNK);

	if (got > 0)
		return got;
	if (got == 0)
		return at_end(src, error);
	if (errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	return vrng_fail(error, errno,
			 "%s: cannot read: %m; check the device behind it",
			 src->name);
}

static void file_close(struct vrng_source *src)
{
	struct state *state = src->state;
	off_t offset = lseek(src->fd, 0, SEEK_CUR);

	if (offset > 0) /* a FIFO has none, a character device needs none */
		state->place.offset = offset;
	state->has_origin = false;
	close(src->fd);
	src->fd = -1;
	src->poll_fd = -1;
}

static enum vrng_origin origin_of(const struct stat *st)
{
	if (has_places(st))
		return VRNG_ORIGIN_STORED;
	if (S_ISCHR(st->st_mode))
		return vrng_device_origin(st->st_rdev, "");
	return VRNG_ORIGIN_OTHER;
}

/* It stays as it is. If nothing is known of it, it gets no credit. */
static enum vrng_origin origin_of_open(const struct vrng_source *src)
{
	struct state *state = src->state;
	struct stat st;

	if (!state->has_origin) {
		state->origin = fstat(src->fd, &st) ? VRNG_ORIGIN_STORED :
						      origin_of(&st);
		state->has_origin = true;
	}
	return state->origin;
}

/* An open file is asked itself: its path may name another one by now. */
static enum vrng_origin file_origin(const struct vrng_source *src)
{
	struct stat st;

	if (src->is_open)
		return origin_of_open(src);
	return stat(src->arg, &st) ? VRNG_ORIGIN_OTHER : origin_of(&st);
}

static enum vrng_place file_place(const struct vrng_source *src,
				  const char **text)
{
	*text = src->arg;
	return VRNG_PLACE_PATH;
}

const struct vrng_kind vrng_kind_file = {
	.name = "file",
	.usage = "file:PATH",
	.origin = file_origin,
	.place = file_place,
	.takes_arg = true,
	.parse = file_parse,
	.check = file_check,
	.open = file_open,
	.read = file_read,
	.close = file_close,
	.free = file_free,
};
