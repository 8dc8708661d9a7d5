// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "exec:COMMAND": what a program writes to its standard output. The shell runs
 * it (command.h), as a child of this process or of the one that the opener asks.
 * Closing the source ends the whole group.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/sources/command.h"
#include "rngd/sources/kind.h"
#include "rngd/sources/wait.h"

/* Bytes in one read: the capacity of a pipe. */
#define CHUNK 65536

/* How long a child may run after it has closed its output, in ms. */
#define END_MS 1000

struct child {
	struct vrng_wait wait;
	struct vrng_command command; /* of this process */
	int remote; /* the socket of another process's (command.h); -1 */
	bool is_silent; /* its output is closed */
};

static int exec_parse(struct vrng_source *src, const struct vrng_spec *spec,
		      struct vrng_error *error)
{
	struct child *child = calloc(1, sizeof(*child));

	(void)spec;
	if (!child)
		return vrng_fail(error, ENOMEM, "%s: %m", src->name);
	child->wait = (struct vrng_wait)VRNG_WAIT_CLOSED;
	child->command = (struct vrng_command)VRNG_COMMAND_NONE;
	child->remote = -1;
	src->state = child;
	return 0;
}

static void exec_free(struct vrng_source *src)
{
	free(src->state);
}

/* Check a command that begins with a path; the shell searches others. */
static int exec_check(struct vrng_source *src, struct vrng_error *error)
{
	const size_t len = strcspn(src->arg, " \t\n;|&<>()$`\\\"'");
	char *path;
	int err = 0;

	if (src->arg[0] != '/')
		return 0;
	path = strndup(src->arg, len);
	if (!path || access(path, X_OK))
		err = path ? errno : ENOMEM;
	free(path);
	return err ? vrng_fail(error, err,
			       "%s: cannot be run: %m; check the command",
			       src->name) :
		     0;
}

/* -------------------------------------------------------------- starting */

/* src->fd becomes the reading end of the child's output. */
static int start(struct vrng_source *src)
{
	const struct vrng_opener *opener = src->opener;
	struct child *child = src->state;
	int fds[2], ret;

	if (!opener->run) {
		ret = vrng_command_start(&child->command, src->arg, &src->fd);
	} else {
		ret = opener->run(opener->opaque, src->arg, fds);
		if (!ret) {
			src->fd = fds[0];
			child->remote = fds[1];
		}
	}
	return ret ? ret : vrng_wait_add(&child->wait, src->fd, EPOLLIN);
}

static void exec_close(struct vrng_source *src);

static int exec_open(struct vrng_source *src, struct vrng_error *error)
{
	struct child *child = src->state;
	int ret = vrng_wait_open(&child->wait);

	if (!ret)
		ret = start(src);
	if (ret) {
		exec_close(src);
		return vrng_fail(error, -ret,
				 "%s: cannot be run: %m; check the limits on "
				 "processes and that " VRNG_COMMAND_SHELL
				 " is there",
				 src->name);
	}
	src->poll_fd = child->wait.epoll;
	return 0;
}

/* --------------------------------------------------------------- ending */

/* Polls readable when the child has ended. -1: there is no child. */
static int end_fd(const struct child *child)
{
	return child->remote >= 0 ? child->remote : child->command.pidfd;
}

static bool polls(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&pfd, 1, ms) == 1;
}

static void end_child(struct child *child)
{
	if (child->remote >= 0) {
		(void)shutdown(child->remote, SHUT_WR);
		(void)polls(child->remote,
			    VRNG_COMMAND_TERM_MS + VRNG_COMMAND_KILL_MS);
		close(child->remote);
		child->remote = -1;
	}
	vrng_command_end(&child->command);
}

static void close_output(struct vrng_source *src)
{
	struct child *child = src->state;

	if (src->fd < 0)
		return;
	vrng_wait_remove(&child->wait, src->fd);
	close(src->fd);
	src->fd = -1;
}

/* Close its output first: a child that writes then ends by itself. */
static void exec_close(struct vrng_source *src)
{
	struct child *child = src->state;

	src->poll_fd = -1;
	close_output(src);
	end_child(child);
	child->is_silent = false;
	vrng_wait_close(&child->wait);
}

static ssize_t tell_status(const struct vrng_source *src, int status,
			   struct vrng_error *error)
{
	const char *hint = "check the command";

	if (WIFSIGNALED(status))
		return vrng_fail(error, EIO, "%s: ended by signal %d (%s)",
				 src->name, WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	if (!WEXITSTATUS(status))
		return vrng_source_end(error, "%s: ended with status 0",
				       src->name);
	if (WEXITSTATUS(status) == 127)
		hint = "the command was not found";
	if (WEXITSTATUS(status) == 126)
		hint = "the command may not be run";
	return vrng_fail(error, EIO, "%s: ended with status %d; %s", src->name,
			 WEXITSTATUS(status), hint);
}

static int take_status(struct child *child, int *status)
{
	ssize_t got;

	if (child->remote < 0)
		return vrng_command_reap(&child->command, status);
	got = recv(child->remote, status, sizeof(*status), MSG_DONTWAIT);
	close(child->remote);
	child->remote = -1;
	return got == (ssize_t)sizeof(*status) ? 0 : -ECHILD;
}

static ssize_t reap(struct vrng_source *src, struct vrng_error *error)
{
	int status, fd = end_fd(src->state);

	vrng_wait_remove(&((struct child *)src->state)->wait, fd);
	if (take_status(src->state, &status))
		return vrng_fail(error, ECHILD,
				 "%s: ended, and its status is lost: %m",
				 src->name);
	return tell_status(src, status, error);
}

/* The output is closed: wait for the child's status. */
static void fall_silent(struct vrng_source *src)
{
	struct child *child = src->state;

	close_output(src);
	child->is_silent = true;
	vrng_wait_timer(&child->wait, END_MS);
	(void)vrng_wait_add(&child->wait, end_fd(child), EPOLLIN);
}

static ssize_t read_silent(struct vrng_source *src, struct vrng_error *error)
{
	struct child *child = src->state;

	if (end_fd(child) < 0)
		return vrng_source_end(error, "%s: has ended", src->name);
	if (polls(end_fd(child), 0))
		return reap(src, error);
	if (!polls(child->wait.timer, 0))
		return -EAGAIN;
	return vrng_fail(error, EIO,
			 "%s: closed its output and goes on; it is ended; let "
			 "it write to its standard output",
			 src->name);
}

static ssize_t exec_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_error *error)
{
	const struct child *child = src->state;
	ssize_t got;

	if (child->is_silent)
		return read_silent(src, error);
	got = read(src->fd, buf, len < CHUNK ? len : CHUNK);
	if (got > 0)
		return got;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	if (got < 0)
		return vrng_fail(error, errno, "%s: cannot read: %m",
				 src->name);
	fall_silent(src);
	return read_silent(src, error);
}

const struct vrng_kind vrng_kind_exec = {
	.name = "exec",
	.revives = true,
	.usage = "exec:COMMAND",
	.takes_arg = true,
	.parse = exec_parse,
	.check = exec_check,
	.open = exec_open,
	.read = exec_read,
	.close = exec_close,
	.free = exec_free,
};
