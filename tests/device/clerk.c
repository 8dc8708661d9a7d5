// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/device/clerk.h"
#include "tests/device/partner.h"
#include "tests/device/stats_file.h"

enum task {
	TASK_STATS = 's',
	TASK_SOCKETS = 'u',
};

/* ---- the child ---- */

static int act(const struct clerk *c, const char *task, size_t len)
{
	if (task[0] == TASK_STATS)
		return stats_file_write(c->stats, task + 1, len - 1);
	c->remove_sockets(c->opaque);
	return 0;
}

/* Only the end of the other end ends it, not a terminal's ^C. */
static _Noreturn void clerk_run(const struct clerk *c, int sock)
{
	char *task = malloc(CLERK_TEXT_MAX + 1);
	ssize_t n;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	while (task && (n = recv(sock, task, CLERK_TEXT_MAX + 1, 0)) > 0) {
		int err = act(c, task, (size_t)n);

		if (send(sock, &err, sizeof(err), MSG_NOSIGNAL) < 0)
			break;
	}
	free(task);
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

int clerk_start(struct clerk *c, struct vrng_why *why)
{
	c->busy = false;
	c->pid = partner_fork(&c->sock, SOCK_SEQPACKET, -1, "clerk", why);
	if (!c->pid)
		clerk_run(c, c->sock);
	return c->pid < 0 ? (int)c->pid : 0;
}

/* An answer that comes late would be taken for the next one's: none is asked. */
static int give_up(struct clerk *c, int err)
{
	close(c->sock);
	c->sock = -1;
	c->busy = false;
	return err;
}

static int ask(struct clerk *c, const char *task, size_t len)
{
	if (c->sock < 0)
		return -EPIPE;
	if (send(c->sock, task, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return give_up(c, -errno);
	c->busy = true;
	return 0;
}

static int take_answer(struct clerk *c)
{
	int err;

	c->busy = false;
	if (recv(c->sock, &err, sizeof(err), MSG_DONTWAIT) != sizeof(err))
		return give_up(c, -EPIPE);
	return err;
}

static int await_answer(struct clerk *c)
{
	struct pollfd answer = { .fd = c->sock, .events = POLLIN };

	if (!c->busy)
		return 0;
	if (poll(&answer, 1, CLERK_MS) != 1)
		return give_up(c, -ETIMEDOUT);
	return take_answer(c);
}

static int ask_for_stats(struct clerk *c, const char *text, size_t len)
{
	char *task;
	int err;

	if (c->busy)
		return -EBUSY;
	if (len > CLERK_TEXT_MAX)
		return -EMSGSIZE;
	task = malloc(len + 1);
	if (!text || !task) {
		free(task);
		return -ENOMEM;
	}
	task[0] = TASK_STATS;
	memcpy(task + 1, text, len);
	err = ask(c, task, len + 1);
	free(task);
	return err;
}

bool clerk_wants_stats(const struct clerk *c)
{
	return c->stats && c->sock >= 0;
}

void clerk_begin_stats(struct clerk *c, const char *text, size_t len)
{
	stats_file_say(c->say, c->stats, ask_for_stats(c, text, len));
}

void clerk_answer(struct clerk *c)
{
	stats_file_say(c->say, c->stats, take_answer(c));
}

/* If the answer before does not come, that is what is told. */
void clerk_write_stats(struct clerk *c, const char *text, size_t len)
{
	int err = await_answer(c);

	if (!err || c->sock >= 0)
		err = ask_for_stats(c, text, len);
	if (!err)
		err = await_answer(c);
	stats_file_say(c->say, c->stats, err);
}

/*
 * Where it was started there may be a sandbox, which would end us for removing a
 * socket. One that has been given up, or is now, is not waited for.
 */
void clerk_end(struct clerk *c)
{
	const char task = TASK_SOCKETS;

	if (c->pid <= 0)
		c->remove_sockets(c->opaque);
	(void)await_answer(c);
	if (c->sock >= 0 && !ask(c, &task, 1))
		(void)await_answer(c);
	if (c->sock < 0)
		return;
	give_up(c, 0);
	waitpid(c->pid, NULL, 0);
}
