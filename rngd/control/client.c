// SPDX-License-Identifier: GPL-2.0-or-later
/* The client's side of the control socket: see client.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/listener.h"
#include "rngd/control/client.h"

static int connect_to(const char *path, struct vrng_error *error)
{
	int fd = vrng_listener_dial(path, error);

	if (fd >= 0 || fd == -ENAMETOOLONG)
		return fd;
	return vrng_fail(
		error, -fd,
		"%s: cannot reach rngd: %m; check that it runs, as root, "
		"and its --control",
		path);
}

/* Wait until @fd is readable. -ETIMEDOUT at @deadline, in ms. */
static int await(int fd, uint64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t now = vrng_now_ms();

	if (now >= deadline)
		return -ETIMEDOUT;
	if (poll(&pfd, 1, (int)(deadline - now)) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

static int read_all(int fd, unsigned int ms, struct rngd_client_answer *answer)
{
	const uint64_t deadline = vrng_now_ms() + ms;
	ssize_t got;
	int ret;

	answer->len = 0;
	for (;;) {
		got = recv(fd, answer->text + answer->len,
			   RNGD_CLIENT_MAX - answer->len, 0);
		if (got > 0) {
			answer->len += (size_t)got;
			if (answer->len == RNGD_CLIENT_MAX)
				return -EMSGSIZE;
			continue;
		}
		if (!got || (errno == ECONNRESET && answer->len))
			return answer->len ? 0 : -EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		ret = await(fd, deadline);
		if (ret)
			return ret;
	}
}

/* "error REASON" is the answer to a request that is refused. */
static int look_for_refusal(const char *path,
			    const struct rngd_client_answer *answer,
			    struct vrng_error *error)
{
	static const char mark[] = "error ";
	const char *reason = answer->text + sizeof(mark) - 1;

	if (strncmp(answer->text, mark, sizeof(mark) - 1) != 0)
		return 0;
	return vrng_fail(error,
			 strncmp(reason, "not permitted", 13) ? EREMOTEIO :
								EACCES,
			 "%s: rngd refuses: %.*s", path,
			 (int)strcspn(reason, "\n"), reason);
}

int rngd_client_ask(const char *path, const char *request, unsigned int ms,
		    struct rngd_client_answer *answer, struct vrng_error *error)
{
	char line[256];
	int fd = connect_to(path, error);
	int len, ret = 0;

	if (fd < 0)
		return fd;
	len = snprintf(line, sizeof(line), "%s\n", request);
	/* EPIPE: rngd has closed the connection, and may have said why. */
	if (send(fd, line, (size_t)len, MSG_NOSIGNAL) != len && errno != EPIPE)
		ret = -errno;
	if (!ret)
		ret = read_all(fd, ms, answer);
	close(fd);
	answer->text[answer->len] = '\0';
	if (ret)
		return vrng_fail(error, -ret,
				 "%s: no answer: %m; see rngd's log", path);
	return look_for_refusal(path, answer, error);
}

/* In place. */
static void unescape(char *value)
{
	char *to = value;

	for (; *value; value++) {
		if (*value == '\\' && value[1] && *++value == 'n')
			*to++ = '\n';
		else
			*to++ = *value;
	}
	*to = '\0';
}

int rngd_client_split(struct rngd_client_answer *answer,
		      struct vrng_error *error)
{
	char *next = answer->text, *line, *value;

	answer->rows = 0;
	while ((line = strsep(&next, "\n"))) {
		if (!*line)
			continue;
		value = strchr(line, ' ');
		if (!value || answer->rows == RNGD_CLIENT_VALUES)
			return vrng_fail(error, EPROTO,
					 "not an answer of rngd: \"%.40s\"",
					 line);
		*value++ = '\0';
		unescape(value);
		answer->row[answer->rows].name = line;
		answer->row[answer->rows++].value = value;
	}
	return 0;
}

const char *rngd_client_value(const struct rngd_client_answer *answer,
			      const char *name)
{
	size_t i;

	for (i = 0; i < answer->rows; i++)
		if (!strcmp(answer->row[i].name, name))
			return answer->row[i].value;
	return NULL;
}
