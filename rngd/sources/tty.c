// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "tty:PATH": a generator on a serial line, or on USB with a serial
 * interface. The line is set to raw mode. Options are its speed (baud=), bytes
 * that start the generator (init=HEX), and how many bytes to drop at first
 * (discard=N), such as a banner.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/number.h"
#include "rngd/sources/hex.h"
#include "rngd/sources/kind.h"
#include "rngd/sources/wait.h"

#define INIT_BYTES  256 /* at most */
#define DISCARD_MAX (1024 * 1024) /* bytes */

/* Bytes in one read. */
#define CHUNK 65536

static const char *const tty_keys[] = { "baud", "init", "discard", NULL };

static const struct {
	uint64_t baud;
	speed_t speed;
} speeds[] = {
	{ 300, B300 },	       { 600, B600 },	      { 1200, B1200 },
	{ 2400, B2400 },       { 4800, B4800 },	      { 9600, B9600 },
	{ 19200, B19200 },     { 38400, B38400 },     { 57600, B57600 },
	{ 115200, B115200 },   { 230400, B230400 },   { 460800, B460800 },
	{ 500000, B500000 },   { 576000, B576000 },   { 921600, B921600 },
	{ 1000000, B1000000 }, { 1152000, B1152000 }, { 1500000, B1500000 },
	{ 2000000, B2000000 }, { 2500000, B2500000 }, { 3000000, B3000000 },
	{ 3500000, B3500000 }, { 4000000, B4000000 },
};

struct line {
	/* From the SPEC. */
	speed_t speed; /* B0: leave it as it is */
	unsigned char init[INIT_BYTES];
	size_t init_len;
	size_t discard; /* bytes */

	/* From open to close. */
	struct vrng_wait wait;
	struct termios before; /* to be restored */
	size_t sent; /* bytes of init */
	size_t discarded; /* bytes */
};

/* ---------------------------------------------------------------- parsing */

static int parse_baud(struct line *line, const char *text,
		      struct vrng_error *error)
{
	uint64_t baud;
	size_t i;

	if (!text)
		return 0;
	if (!vrng_number(&baud, "baud", text, 300, 4000000, NULL))
		for (i = 0; i < VRNG_LENGTH(speeds); i++)
			if (speeds[i].baud == baud) {
				line->speed = speeds[i].speed;
				return 0;
			}
	return vrng_fail(
		error, EINVAL,
		"source \"tty\": baud=%.16s is no speed that lines "
		"have; from 300 to 4000000, give 9600, 115200, 3000000 "
		"or the like",
		text);
}

static int parse_init(struct line *line, const char *text,
		      struct vrng_error *error)
{
	ssize_t len;

	if (!text)
		return 0;
	len = vrng_hex(line->init, INIT_BYTES, text);
	if (len <= 0)
		return vrng_fail(error, EINVAL,
				 "source \"tty\": init= takes 1 to %d bytes of "
				 "two hex digits each",
				 INIT_BYTES);
	line->init_len = (size_t)len;
	return 0;
}

static int parse_discard(struct line *line, const char *text,
			 struct vrng_error *error)
{
	uint64_t bytes = 0;

	if (text && vrng_number(&bytes, "source \"tty\": discard", text, 0,
				DISCARD_MAX, error))
		return -EINVAL;
	line->discard = (size_t)bytes; /* at most DISCARD_MAX */
	return 0;
}

static int tty_parse(struct vrng_source *src, const struct vrng_spec *spec,
		     struct vrng_error *error)
{
	struct line *line = calloc(1, sizeof(*line));
	int ret;

	if (!line)
		return vrng_fail(error, ENOMEM, "%s: %m", src->name);
	line->wait = (struct vrng_wait)VRNG_WAIT_CLOSED;
	src->state = line;
	ret = parse_baud(line, vrng_spec_value(spec, 1, "baud"), error);
	if (!ret)
		ret = parse_init(line, vrng_spec_value(spec, 1, "init"), error);
	if (!ret)
		ret = parse_discard(line, vrng_spec_value(spec, 1, "discard"),
				    error);
	return ret;
}

static void tty_free(struct vrng_source *src)
{
	free(src->state);
}

/* ---------------------------------------------------------------- opening */

static int cannot_open(const struct vrng_source *src, int err,
		       struct vrng_error *error)
{
	if (err == ESTALE)
		return vrng_source_changed(src, error);
	return vrng_fail(error, err,
			 "%s: cannot open: %m; check that it is plugged in and "
			 "may be read and written",
			 src->name);
}

/*
 * A check does not open the line: that raises DTR, which restarts some
 * generators.
 */
static int tty_check(struct vrng_source *src, struct vrng_error *error)
{
	struct stat st;

	if (stat(src->arg, &st))
		return cannot_open(src, errno, error);
	if (!S_ISCHR(st.st_mode))
		return cannot_open(src, ENOTTY, error);
	if (faccessat(AT_FDCWD, src->arg, R_OK | W_OK, AT_EACCESS))
		return cannot_open(src, errno, error);
	return 0;
}

/*
 * VMIN is 1: with 0 a read without data returns 0, as after a hangup. CLOCAL:
 * generators do not drive carrier detect.
 */
static int set_raw(const struct line *line, int fd)
{
	struct termios raw = line->before;

	cfmakeraw(&raw);
	raw.c_cflag |= CLOCAL | CREAD;
	raw.c_cflag &= ~(tcflag_t)CRTSCTS;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (line->speed != B0 && cfsetspeed(&raw, line->speed))
		return -errno;
	if (tcsetattr(fd, TCSANOW, &raw))
		return -errno;
	/* Drop what arrived before the line was set up. */
	return tcflush(fd, TCIOFLUSH) ? -errno : 0;
}

/* Errors are ignored: the device may be gone. */
static void put_back(const struct line *line, int fd)
{
	(void)ioctl(fd, TIOCNXCL);
	(void)tcsetattr(fd, TCSANOW, &line->before);
}

/*
 * TIOCEXCL: with two readers, each would get some of the bytes. Root may still
 * open the line.
 */
static int set_up(struct line *line, int fd)
{
	int ret;

	if (tcgetattr(fd, &line->before))
		return -errno;
	if (ioctl(fd, TIOCEXCL))
		return -errno;
	ret = set_raw(line, fd);
	if (ret)
		put_back(line, fd);
	return ret;
}

static int tty_open(struct vrng_source *src, struct vrng_error *error)
{
	struct line *line = src->state;
	int fd = vrng_open(src->opener, src->arg, O_RDWR | VRNG_OPEN_FLAGS, 0);
	int ret;

	if (fd < 0)
		return cannot_open(src, -fd, error);
	ret = set_up(line, fd);
	if (ret)
		goto close_fd;
	ret = vrng_wait_open(&line->wait);
	if (!ret)
		ret = vrng_wait_add(&line->wait, fd,
				    line->init_len ? EPOLLOUT : EPOLLIN);
	if (ret)
		goto restore;
	src->fd = fd;
	src->poll_fd = line->wait.epoll;
	line->sent = 0;
	line->discarded = 0;
	return 0;
restore:
	vrng_wait_close(&line->wait);
	put_back(line, fd);
close_fd:
	close(fd);
	return cannot_open(src, -ret, error);
}

static void tty_close(struct vrng_source *src)
{
	struct line *line = src->state;

	src->poll_fd = -1;
	vrng_wait_close(&line->wait);
	/* close() would wait 30 s for a stuck device to take the output. */
	(void)tcflush(src->fd, TCOFLUSH);
	put_back(line, src->fd);
	close(src->fd);
	src->fd = -1;
}

/* ---------------------------------------------------------------- reading */

/* A read returns 0 after a hangup, and EIO after a USB device was unplugged. */
static ssize_t failed(const struct vrng_source *src, int err,
		      struct vrng_error *error)
{
	if (err == EAGAIN || err == EINTR)
		return -EAGAIN;
	if (!err || err == EIO || err == ENXIO || err == ENODEV)
		return vrng_fail(error, ENODEV,
				 "%s: unplugged: %m; plug it in again",
				 src->name);
	return vrng_fail(error, err, "%s: cannot read: %m; check the device",
			 src->name);
}

/* 0 when all of init has been sent. */
static ssize_t send_init(struct vrng_source *src, struct vrng_error *error)
{
	struct line *line = src->state;
	ssize_t put;

	while (line->sent < line->init_len) {
		put = write(src->fd, line->init + line->sent,
			    line->init_len - line->sent);
		if (put <= 0)
			return failed(src, put ? errno : EAGAIN, error);
		line->sent += (size_t)put;
		if (line->sent == line->init_len)
			(void)vrng_wait_change(&line->wait, src->fd, EPOLLIN);
	}
	return 0;
}

static ssize_t tty_read(struct vrng_source *src, void *buf, size_t len,
			struct vrng_error *error)
{
	struct line *line = src->state;
	size_t drop;
	ssize_t got = send_init(src, error);

	if (got)
		return got;
	got = read(src->fd, buf, len < CHUNK ? len : CHUNK);
	if (got <= 0)
		return failed(src, got ? errno : 0, error);
	drop = line->discard - line->discarded;
	if (!drop)
		return got;
	if (drop > (size_t)got)
		drop = (size_t)got;
	line->discarded += drop;
	got -= (ssize_t)drop;
	memmove(buf, (char *)buf + drop, (size_t)got);
	explicit_bzero((char *)buf + got, drop);
	return got ? got : -EAGAIN;
}

static enum vrng_origin tty_origin(const struct vrng_source *src)
{
	(void)src;
	return VRNG_ORIGIN_OUTSIDE;
}

static enum vrng_place tty_place(const struct vrng_source *src,
				 const char **text)
{
	*text = src->arg;
	return VRNG_PLACE_PATH;
}

const struct vrng_kind vrng_kind_tty = {
	.name = "tty",
	.revives = true,
	.usage = "tty:PATH, with baud=N, init=HEX, discard=BYTES",
	.keys = tty_keys,
	.takes_arg = true,
	.origin = tty_origin,
	.place = tty_place,
	.parse = tty_parse,
	.check = tty_check,
	.open = tty_open,
	.read = tty_read,
	.close = tty_close,
	.free = tty_free,
};
