// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/device/runtime/file_helper.h"
#include "rngd/base/subprocess.h"
#include "tests/device/runtime/stats_file.h"

enum task {
	TASK_STATS = 's',
	TASK_SOCKETS = 'u',
};

/* ---- the child ---- */

static int act(const struct file_helper *c, const char *task, size_t len)
{
	if (task[0] == TASK_STATS)
		return stats_file_write(c->stats, task + 1, len - 1);
	c->remove_sockets(c->opaque);
	return 0;
}

/* Only the end of the other end ends it, not a terminal's ^C. */
static _Noreturn void clerk_run(const struct file_helper *c, int sock)
{
	char *task = malloc(FILE_HELPER_TEXT_MAX + 1);
	ssize_t n;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	while (task &&
	       (n = recv(sock, task, FILE_HELPER_TEXT_MAX + 1, 0)) > 0) {
		int err = act(c, task, (size_t)n);

		if (send(sock, &err, sizeof(err), MSG_NOSIGNAL) < 0)
			break;
	}
	free(task);
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

static void on_answer(struct loop_watch *watch);

int file_helper_start(struct file_helper *c, struct vrng_error *error)
{
	const struct vrng_subprocess child = { .name = "file helper",
					       .type = SOCK_SEQPACKET,
					       .keep = -1 };

	c->answer = (struct loop_watch)LOOP_WATCH(on_answer);
	c->due = false;
	c->pid = vrng_subprocess_fork(&child, &c->sock, error);
	if (!c->pid)
		clerk_run(c, c->sock);
	return c->pid < 0 ? (int)c->pid : 0;
}

/* An answer that comes late would be taken for the next one's: none is asked. */
static int give_up(struct file_helper *c, int err)
{
	close(c->sock);
	c->sock = -1;
	return err;
}

static int ask(struct file_helper *c, const char *task, size_t len)
{
	if (send(c->sock, task, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return give_up(c, -errno);
	return 0;
}

static int take_answer(struct file_helper *c)
{
	int err;

	if (recv(c->sock, &err, sizeof(err), MSG_DONTWAIT) != sizeof(err))
		return give_up(c, -EPIPE);
	return err;
}

static int await_answer(struct file_helper *c)
{
	struct pollfd answer = { .fd = c->sock, .events = POLLIN };

	if (poll(&answer, 1, FILE_HELPER_MS) != 1)
		return give_up(c, -ETIMEDOUT);
	return take_answer(c);
}

static int ask_for_stats(struct file_helper *c)
{
	size_t len = 0;
	char *text = c->text(c->opaque, &len);
	char *task = text ? malloc(len + 1) : NULL;
	int err = -ENOMEM;

	if (task && len > FILE_HELPER_TEXT_MAX) {
		err = -EMSGSIZE;
	} else if (task) {
		task[0] = TASK_STATS;
		memcpy(task + 1, text, len);
		err = ask(c, task, len + 1);
	}
	free(task);
	free(text);
	return err;
}

static void tell(const struct file_helper *c, int err)
{
	stats_file_say(c->log, c->stats, err);
}

void file_helper_report(struct file_helper *c)
{
	int err;

	c->due = c->answer.fd >= 0;
	if (!c->stats || c->sock < 0 || c->due)
		return;
	err = ask_for_stats(c);
	if (!err)
		err = loop_watch(c->loop, &c->answer, c->sock);
	tell(c, err);
}

static void on_answer(struct loop_watch *watch)
{
	struct file_helper *c =
		(struct file_helper *)(void *)((char *)watch -
					       offsetof(struct file_helper,
							answer));

	loop_unwatch(c->loop, watch);
	tell(c, take_answer(c));
	if (c->due)
		file_helper_report(c);
}

/* If the answer before does not come, that is what is told. */
static void report_at_last(struct file_helper *c)
{
	int err = 0;

	if (c->answer.fd >= 0) {
		loop_unwatch(c->loop, &c->answer);
		err = await_answer(c);
	}
	if (c->sock >= 0) {
		err = ask_for_stats(c);
		if (!err)
			err = await_answer(c);
	}
	tell(c, err);
}

/*
 * Where it was started there may be a sandbox, which would end us for removing a
 * socket. One that has been given up, or is now, is not waited for.
 */
void file_helper_end(struct file_helper *c)
{
	const char task = TASK_SOCKETS;

	if (c->pid <= 0)
		c->remove_sockets(c->opaque);
	if (c->stats && c->sock >= 0)
		report_at_last(c);
	if (c->sock >= 0 && !ask(c, &task, 1))
		(void)await_answer(c);
	if (c->sock < 0)
		return;
	give_up(c, 0);
	waitpid(c->pid, NULL, 0);
}
