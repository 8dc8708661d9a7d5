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

enum task {
	TASK_STATS = 's',
	TASK_SOCKETS = 'u',
};

/* ---- the child ---- */

static int act(const struct clerk *c, const char *task, size_t len)
{
	if (task[0] == TASK_STATS)
		return c->write_stats(c->opaque, task + 1, len - 1);
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

/* All descriptors but standard error and @sock stay behind. */
static void keep_only(int sock)
{
	if (sock != STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)sock - 1, 0);
	close_range((unsigned int)sock + 1, ~0U, 0);
}

int clerk_start(struct clerk *c, struct vrng_why *why)
{
	int pair[2];

	c->sock = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return vrng_why(why, errno, "clerk: socket: %s",
				strerror(errno));
	c->pid = fork();
	if (c->pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return vrng_why(why, errno, "clerk: fork: %s", strerror(errno));
	}
	if (!c->pid) {
		keep_only(pair[1]);
		clerk_run(c, pair[1]);
	}
	close(pair[1]);
	c->sock = pair[0];
	return 0;
}

/* An answer that comes late would be taken for the next one's: none is asked. */
static int give_up(struct clerk *c, int err)
{
	close(c->sock);
	c->sock = -1;
	return err;
}

static int ask(struct clerk *c, const char *task, size_t len)
{
	struct pollfd answer = { .fd = c->sock, .events = POLLIN };
	int err;

	if (c->sock < 0)
		return -EPIPE;
	if (send(c->sock, task, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return give_up(c, -errno);
	if (poll(&answer, 1, CLERK_MS) != 1)
		return give_up(c, -ETIMEDOUT);
	if (recv(c->sock, &err, sizeof(err), MSG_DONTWAIT) != sizeof(err))
		return give_up(c, -EPIPE);
	return err;
}

int clerk_write_stats(struct clerk *c, const char *text, size_t len)
{
	char *task;
	int err;

	if (len > CLERK_TEXT_MAX)
		return -EMSGSIZE;
	task = malloc(len + 1);
	if (!task)
		return -ENOMEM;
	task[0] = TASK_STATS;
	memcpy(task + 1, text, len);
	err = ask(c, task, len + 1);
	free(task);
	return err;
}

int clerk_remove_sockets(struct clerk *c)
{
	const char task = TASK_SOCKETS;

	return ask(c, &task, 1);
}

void clerk_stop(struct clerk *c)
{
	if (c->sock < 0)
		return;
	close(c->sock);
	c->sock = -1;
	waitpid(c->pid, NULL, 0);
}
