// SPDX-License-Identifier: GPL-2.0-or-later
/* The part that all sinks share: see sink.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rngd/sinks/kind.h"

#define RANDOM "/dev/random"

/* Numbers of devices: devices.txt. */
#define RANDOM_NUMBER  makedev(1, 8)
#define URANDOM_NUMBER makedev(1, 9)

static int cannot_open(const char *path, int err, struct vrng_error *error)
{
	return vrng_fail(error, err,
			 "%s: cannot open to write: %m; name a random device, "
			 "a file or a FIFO that may be written",
			 path);
}

/*
 * O_APPEND: a file that was named by mistake loses nothing. O_RDWR: a FIFO opens
 * without a reader, and stays open when its reader goes. No file is created in
 * /dev, where it would hide that a device is missing.
 */
static int open_path(const struct vrng_opener *opener, const char *path,
		     struct vrng_error *error)
{
	int flags = O_RDWR | O_APPEND | VRNG_OPEN_FLAGS;
	int fd = vrng_open(opener, path, flags, 0);

	if (fd == -ENOENT && strncmp(path, "/dev/", 5))
		fd = vrng_open(opener, path, flags | O_CREAT | O_EXCL, 0600);
	return fd < 0 ? cannot_open(path, -fd, error) : fd;
}

/*
 * A pipe without a name, such as /dev/stdout in a pipeline, gets no other reader when
 * its reader goes.
 */
static bool is_nameless(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == PIPEFS_MAGIC;
}

/*
 * Give up the reading end of a pipe without a name, so that writing fails once its
 * reader has gone. The reading end that is still open lets the opening succeed.
 */
static int give_up_reading(struct vrng_sink *sink,
			   const struct vrng_opener *opener,
			   struct vrng_error *error)
{
	int fd = vrng_open(opener, sink->path, O_WRONLY | VRNG_OPEN_FLAGS, 0);

	if (fd < 0)
		return cannot_open(sink->path, -fd, error);
	close(sink->fd);
	sink->fd = fd;
	return 0;
}

static bool is_urandom(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == URANDOM_NUMBER;
}

/*
 * /dev/urandom feeds the same pool as /dev/random, but it has no poll operation: it
 * always polls writable, as if the kernel always asked for entropy.
 */
static int use_random(struct vrng_sink *sink, const struct vrng_opener *opener,
		      struct vrng_error *error)
{
	int fd = vrng_open(opener, RANDOM, O_RDWR | VRNG_OPEN_FLAGS, 0);
	struct stat st;

	if (fd < 0)
		return cannot_open(RANDOM, -fd, error);
	close(sink->fd);
	sink->fd = fd;
	if (fstat(fd, &st))
		return cannot_open(RANDOM, errno, error);
	if (!S_ISCHR(st.st_mode) || st.st_rdev != RANDOM_NUMBER)
		return vrng_fail(error, ENODEV,
				 "%s: needs " RANDOM ", which is another file "
				 "here; name the kernel's random device",
				 sink->path);
	return 0;
}

static int find_type(struct vrng_sink *sink, const struct vrng_opener *opener,
		     struct vrng_error *error)
{
	struct stat st;

	sink->kind = &vrng_sink_file;
	if (fstat(sink->fd, &st))
		return cannot_open(sink->path, errno, error);
	if (S_ISREG(st.st_mode)) {
		sink->type = VRNG_SINK_FILE;
	} else if (S_ISFIFO(st.st_mode)) {
		sink->type = VRNG_SINK_FIFO;
		if (is_nameless(sink->fd))
			return give_up_reading(sink, opener, error);
	} else if (S_ISCHR(st.st_mode)) {
		sink->type = VRNG_SINK_KERNEL;
		sink->kind = &vrng_sink_kernel;
	} else {
		return cannot_open(sink->path, EINVAL, error);
	}
	return is_urandom(&st) ? use_random(sink, opener, error) : 0;
}

static int open_named(struct vrng_sink *sink,
		      const struct vrng_sink_setup *setup,
		      struct vrng_error *error)
{
	int ret;

	sink->path = strdup(setup->path);
	if (!sink->path)
		return vrng_fail(error, ENOMEM, "%s: %m", setup->path);
	ret = open_path(setup->opener, sink->path, error);
	if (ret < 0)
		return ret;
	sink->fd = ret;
	ret = find_type(sink, setup->opener, error);
	if (!ret && sink->kind->begin)
		ret = sink->kind->begin(sink, error);
	return ret;
}

int vrng_sink_open(struct vrng_sink **sink, const struct vrng_sink_setup *setup,
		   struct vrng_error *error)
{
	struct vrng_sink *made = malloc(sizeof(*made));
	int ret = 0;

	*sink = NULL;
	if (!made)
		return vrng_fail(error, ENOMEM, "output: %m");
	*made = (struct vrng_sink){
		.kind = &vrng_sink_none,
		.type = VRNG_SINK_NONE,
		.fd = -1,
		.interval = setup->interval,
		.step = setup->step,
		.system = &vrng_kernel_pool_system,
		.pool_ops = setup->pool_ops,
	};
	if (setup->path)
		ret = open_named(made, setup, error);
	if (ret) {
		vrng_sink_close(made);
		return ret;
	}
	*sink = made;
	return 0;
}

enum vrng_sink_type vrng_sink_type(const struct vrng_sink *sink)
{
	return sink->type;
}

const char *vrng_sink_path(const struct vrng_sink *sink)
{
	return sink->path ? sink->path : "no output";
}

struct vrng_kernel_pool *vrng_sink_kernel_pool(const struct vrng_sink *sink)
{
	return sink->pool;
}

void vrng_sink_set_interval(struct vrng_sink *sink, unsigned int interval)
{
	sink->interval = interval;
}

unsigned int vrng_sink_due(const struct vrng_sink *sink, const uint64_t *fed_at,
			   uint64_t now_ms)
{
	return sink->kind->due(sink, fed_at, now_ms);
}

int vrng_sink_fd(const struct vrng_sink *sink)
{
	return sink->fd;
}

ssize_t vrng_sink_put(struct vrng_sink *sink, const void *buf, size_t len,
		      unsigned int bits, bool last, struct vrng_error *error)
{
	if (!len || bits > len * 8)
		return vrng_fail(error, EINVAL,
				 "%s: %u bits of credit for %zu bytes",
				 vrng_sink_path(sink), bits, len);
	return sink->kind->put(sink, buf, len, bits, last, error);
}

int vrng_sink_reseed(struct vrng_sink *sink, struct vrng_error *error)
{
	return sink->kind->reseed ? sink->kind->reseed(sink, error) : 0;
}

int vrng_sink_level(const struct vrng_sink *sink)
{
	return sink->kind->level ? sink->kind->level(sink) : -1;
}

void vrng_sink_close(struct vrng_sink *sink)
{
	if (!sink)
		return;
	if (sink->kind && sink->kind->end)
		sink->kind->end(sink);
	if (sink->fd >= 0)
		close(sink->fd);
	free(sink->path);
	free(sink);
}
