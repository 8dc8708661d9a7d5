// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/listener.h"
#include "rngd/base/passing.h"
#include "rngd/base/subprocess.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/vhost-user-rng/dialer.h"

/* Send @number, and a descriptor (-1: none). 0, or a negative errno. */
static int send_with(int sock, int32_t number, int fd)
{
	return vrng_passing_send(sock, &number, sizeof(number), fd,
				 MSG_DONTWAIT);
}

/* Receive a number, and a descriptor or -1. 0, or a negative errno. */
static int receive_with(int sock, int32_t *number, int *fd)
{
	ssize_t n = vrng_passing_receive(sock, number, sizeof(*number), fd,
					 MSG_DONTWAIT);

	if (n < 0)
		return (int)n;
	return n == sizeof(*number) ? 0 : -EPIPE;
}

/* ---- the dialer's process ---- */

struct dialing {
	char *const *paths;
	unsigned int n;
	struct pollfd *fds; /* 1 + @n; the first one: from the owner */
};

static void drop_line(struct pollfd *line)
{
	close(line->fd);
	line->fd = -1;
}

/* Take a new line. False: the owner has gone. */
static bool take_line(struct dialing *d)
{
	int32_t i = -1;
	int fd, err = receive_with(d->fds[0].fd, &i, &fd);

	if (err)
		return err == -EAGAIN || err == -EINTR;
	if (fd < 0)
		return true;
	if (i < 0 || (unsigned int)i >= d->n || d->fds[1 + i].fd >= 0)
		close(fd);
	else
		d->fds[1 + i].fd = fd;
	return true;
}

static void serve_line(struct dialing *d, unsigned int i)
{
	struct pollfd *line = &d->fds[1 + i];
	struct vrng_error error;
	int32_t question = 0;
	int fd, err = receive_with(line->fd, &question, &fd);

	if (err == -EAGAIN || err == -EINTR)
		return;
	if (err) {
		drop_line(line);
		return;
	}
	fd = vrng_listener_dial(d->paths[i], &error);
	err = send_with(line->fd, fd < 0 ? fd : 0, fd);
	if (err == -ETOOMANYREFS) /* this user passes too many */
		err = send_with(line->fd, err, -1);
	if (err)
		drop_line(line);
	if (fd >= 0)
		close(fd);
}

static bool has_lines(const struct dialing *d)
{
	for (unsigned int i = 0; i < d->n; i++)
		if (d->fds[1 + i].fd >= 0)
			return true;
	return false;
}

static void run(struct dialing *d)
{
	bool has_owner = true;

	while (has_owner || has_lines(d)) {
		if (poll(d->fds, 1 + d->n, -1) < 0)
			continue;
		if (has_owner && d->fds[0].revents && !take_line(d)) {
			has_owner = false;
			drop_line(&d->fds[0]);
		}
		for (unsigned int i = 0; i < d->n; i++)
			if (d->fds[1 + i].fd >= 0 && d->fds[1 + i].revents)
				serve_line(d, i);
	}
}

/* It ends with its lines, not by a terminal's ^C. */
static _Noreturn void dialer_run(char *const *paths, unsigned int n, int sock)
{
	const struct sandbox box = { .data = 16UL << 20,
				     .connects = true,
				     .gathers = true };
	struct dialing d = { .paths = paths,
			     .n = n,
			     .fds = calloc(1 + n, sizeof(*d.fds)) };
	struct vrng_error error;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (!d.fds)
		_exit(1);
	d.fds[0] = (struct pollfd){ .fd = sock, .events = POLLIN };
	for (unsigned int i = 0; i < n; i++)
		d.fds[1 + i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	if (!sandbox_enter(&box, &error))
		run(&d);
	_exit(0);
}

/* ---- the owner ---- */

int dialer_start(struct dialer *dialer, char *const *paths, unsigned int n,
		 struct vrng_error *error)
{
	const struct vrng_subprocess child = { .name = "dialer",
					       .type = SOCK_SEQPACKET };

	dialer->pid = vrng_subprocess_fork(&child, &dialer->sock, error);
	if (!dialer->pid)
		dialer_run(paths, n, dialer->sock);
	return dialer->pid < 0 ? (int)dialer->pid : 0;
}

int dialer_line(const struct dialer *dialer, unsigned int i,
		struct vrng_error *error)
{
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return vrng_fail(error, errno, "dialer: socket: %m");
	err = send_with(dialer->sock, (int32_t)i, pair[1]);
	close(pair[1]);
	if (!err)
		return pair[0];
	close(pair[0]);
	return vrng_fail(error, -err, "dialer: %m");
}

/* The number means nothing. A worker's sandbox has sendto(2), not sendmsg(2). */
int dialer_ask(int line)
{
	const int32_t question = 0;

	if (send(line, &question, sizeof(question),
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

int dialer_answer(int line)
{
	int32_t answer = 0;
	int fd, err = receive_with(line, &answer, &fd);

	if (err)
		return err == -EAGAIN || err == -EINTR ? -EAGAIN : -EPIPE;
	if (answer >= 0)
		return fd >= 0 ? fd : -EPIPE;
	if (fd >= 0)
		close(fd);
	return answer;
}

void dialer_stop(struct dialer *dialer)
{
	if (dialer->sock < 0)
		return;
	close(dialer->sock);
	dialer->sock = -1;
	waitpid(dialer->pid, NULL, WNOHANG);
}
