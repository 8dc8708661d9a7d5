// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing a configuration file: see config.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/options/config.h"

static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

static void cut_comment(char *line)
{
	char *hash = line;

	while ((hash = strchr(hash, '#'))) {
		if (hash == line || isspace((unsigned char)hash[-1])) {
			*hash = '\0';
			return;
		}
		hash++;
	}
}

static int take_line(char *line, unsigned int number, rngd_config_take *take,
		     void *opaque, struct vrng_error *error)
{
	char *value;

	cut_comment(line);
	line = trim(line);
	if (!*line)
		return 0;
	value = strchr(line, '=');
	if (!value)
		return take(opaque, number, line, "", error);
	*value++ = '\0';
	return take(opaque, number, trim(line), trim(value), error);
}

static int in_line(const char *path, unsigned int number, int ret,
		   struct vrng_error *error)
{
	struct vrng_error inner = *error;

	return vrng_fail(error, -ret, "%.100s:%u: %s", path, number,
			 inner.text);
}

/* Changes @text, which has room for one byte after its @len. */
static int parse(const char *path, char *text, size_t len,
		 rngd_config_take *take, void *opaque, struct vrng_error *error)
{
	unsigned int number = 0;
	char *line, *next = text;
	int ret;

	text[len] = '\0';
	if (strlen(text) != len)
		return vrng_fail(error, EINVAL,
				 "%.100s: holds a zero byte; it is to be text",
				 path);
	while ((line = strsep(&next, "\n"))) {
		number++;
		ret = take_line(line, number, take, opaque, error);
		if (ret)
			return in_line(path, number, ret, error);
	}
	return 0;
}

static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t have = 0;
	ssize_t got;

	do {
		got = read(fd, text + have, size - have);
		if (got < 0)
			return -errno;
		have += (size_t)got;
	} while (got && have < size);
	return (ssize_t)have;
}

/* O_NONBLOCK: opening a FIFO must not block. */
int rngd_config_read(const char *path, rngd_config_take *take, void *opaque,
		     struct vrng_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = NULL;
	ssize_t len;
	int ret;

	if (fd < 0)
		return vrng_fail(
			error, errno,
			"--config: %.100s: cannot open: %m; check that "
			"it exists and may be read",
			path);
	text = malloc(RNGD_CONFIG_MAX + 2);
	if (!text) {
		ret = vrng_fail(error, ENOMEM, "--config: %m");
		goto out;
	}
	len = read_all(fd, text, RNGD_CONFIG_MAX + 1);
	if (len < 0)
		ret = vrng_fail(error, (int)-len,
				"--config: %.100s: cannot read: %m", path);
	else if (len > RNGD_CONFIG_MAX)
		ret = vrng_fail(error, EFBIG,
				"--config: %.100s: longer than %d bytes", path,
				RNGD_CONFIG_MAX);
	else
		ret = parse(path, text, (size_t)len, take, opaque, error);
	explicit_bzero(text, RNGD_CONFIG_MAX + 2);
out:
	free(text);
	close(fd);
	return ret;
}
