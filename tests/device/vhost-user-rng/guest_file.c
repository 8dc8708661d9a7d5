// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/number.h"
#include "tests/device/runtime/cli.h"
#include "tests/device/vhost-user-rng/guest_file.h"

struct parse {
	struct guest_options *options;
	struct access_options access; /* points into the text */
	bool limits_only;
};

/* ---- values ---- */

static int set_max_bytes(struct parse *p, char *value, struct vrng_error *error)
{
	return vrng_decimal(&p->options->max_bytes, "max-bytes", value, 0,
			    INT64_MAX, error);
}

static int set_period(struct parse *p, char *value, struct vrng_error *error)
{
	return vrng_decimal(&p->options->period_ms, "period", value, 1,
			    CLI_PERIOD_MAX_MS, error);
}

static int set_owner(struct parse *p, char *value, struct vrng_error *error)
{
	(void)error;
	p->access.owner = value;
	return 0;
}

static int set_group(struct parse *p, char *value, struct vrng_error *error)
{
	(void)error;
	p->access.group = value;
	return 0;
}

static int set_mode(struct parse *p, char *value, struct vrng_error *error)
{
	(void)error;
	p->access.mode = value;
	return 0;
}

static const struct option {
	const char *name;
	int (*set)(struct parse *p, char *value, struct vrng_error *error);
	bool is_limit;
} options[] = {
	{ "max-bytes", set_max_bytes, true }, { "period", set_period, true },
	{ "owner", set_owner, false },	      { "group", set_group, false },
	{ "mode", set_mode, false },
};

/* ---- lines ---- */

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static const struct option *find(const struct parse *p, const char *name)
{
	for (size_t i = 0; i < VRNG_LENGTH(options); i++)
		if (!strcmp(options[i].name, name) &&
		    (options[i].is_limit || !p->limits_only))
			return &options[i];
	return NULL;
}

static int parse_line(struct parse *p, char *line, struct vrng_error *error)
{
	const struct option *option;
	char *equals, *name;

	line = trim(line);
	if (!*line || *line == '#')
		return 0;
	equals = strchr(line, '=');
	if (equals)
		*equals = '\0';
	name = trim(line);
	option = find(p, name);
	if (!equals || !option)
		return vrng_fail(error, EINVAL,
				 "\"%.64s\" is no option; write %s", name,
				 p->limits_only ?
					 "max-bytes=N or period=MS" :
					 "max-bytes=N, period=MS, owner=USER, "
					 "group=GROUP or mode=MODE");
	return option->set(p, trim(equals + 1), error);
}

static int parse_text(struct parse *p, char *text, const char *name,
		      struct vrng_error *error)
{
	struct vrng_error inner = { "" };
	unsigned int number = 0;
	char *line;
	int err;

	while ((line = strsep(&text, "\n"))) {
		number++;
		err = parse_line(p, line, &inner);
		if (err)
			return vrng_fail(error, -err, "%s: line %u: %s", name,
					 number, inner.text);
	}
	p->options->has_as = access_is_given(&p->access);
	if (!p->options->has_as)
		return 0;
	err = access_parse(&p->access, &p->options->as, &inner);
	return err ? vrng_fail(error, -err, "%s: %s", name, inner.text) : 0;
}

/* ---- the file ---- */

/* Terminated; the number of bytes, or a negative errno. */
static ssize_t read_text(int fd, char text[GUEST_FILE_MAX + 1])
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, GUEST_FILE_MAX + 1 - len);
		if (n < 0)
			return -errno;
		len += (size_t)n;
	} while (n && len <= GUEST_FILE_MAX);
	if (len > GUEST_FILE_MAX)
		return -EFBIG;
	text[len] = '\0';
	return strlen(text) == len ? (ssize_t)len : -EILSEQ;
}

/* A FIFO or a device would make the reader wait. */
static int open_regular(int dir, const char *name)
{
	int fd =
		openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int refuse(const char *name, int err, struct vrng_error *error)
{
	const char *what = "is no regular file";

	if (err == EFBIG)
		what = "has more than 4096 bytes";
	else if (err == EILSEQ)
		what = "has a byte 0";
	else if (err != EINVAL)
		what = strerror(err);
	return vrng_fail(error, err, "%s: %s", name, what);
}

int guest_file_read(int dir, const char *name, bool limits_only,
		    const struct guest_defaults *defaults,
		    struct guest_options *o, struct vrng_error *error)
{
	struct parse parse = { .options = o, .limits_only = limits_only };
	char text[GUEST_FILE_MAX + 1];
	ssize_t n;
	int fd = open_regular(dir, name);

	if (fd < 0)
		return refuse(name, -fd, error);
	n = read_text(fd, text);
	close(fd);
	if (n < 0)
		return refuse(name, (int)-n, error);
	*o = (struct guest_options){ .max_bytes = defaults->max_bytes,
				     .period_ms = defaults->period_ms };
	if (!limits_only)
		parse.access = defaults->access;
	return parse_text(&parse, text, name, error);
}
