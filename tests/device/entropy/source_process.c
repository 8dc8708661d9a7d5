// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/loop.h"
#include "rngd/base/subprocess.h"
#include "rngd/base/log.h"
#include "rngd/base/locked.h"
#include "tests/device/entropy/shared_source.h"

#define CHUNK	   16384 /* read at a time */
#define ON_THE_WAY 16384 /* asked of the socket: it is no store */

/* ---- the child ---- */

struct fetcher {
	struct shared_source *shared;
	int sock;
	int changes;
	bool wanted;
	unsigned char *buf; /* CHUNK bytes */
	size_t at, end; /* of what is still to go out */
	struct shared_source_wait wait;
};

/* Programs that a source runs get the default again; a handler is not kept. */
static void on_signal(int sig)
{
	(void)sig;
}

/* A terminal's ^C goes to us too, and the parent has yet to write its end. */
static void outlive_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGPIPE, &action, NULL);
}

static void change(struct fetcher *f, bool wanted)
{
	f->wanted = wanted;
	f->wait = (struct shared_source_wait){ .fd = -1,
					       .when = 1 }; /* at once */
	if (wanted)
		shared_source_use(f->shared);
	else
		shared_source_leave(f->shared);
}

/* What was changed and changed back meanwhile is not gone through. */
static void obey(struct fetcher *f)
{
	eventfd_t changes;

	if (!eventfd_read(f->changes, &changes) && changes % 2)
		change(f, !f->wanted);
}

/* What recv() returned is the other one's end. */
static bool is_end(ssize_t n)
{
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Nothing comes on the socket but its end. */
static bool is_alone(const struct fetcher *f)
{
	char byte;

	return is_end(recv(f->sock, &byte, 1, MSG_DONTWAIT));
}

/* False: nobody is there any more. */
static bool send_some(struct fetcher *f)
{
	ssize_t n = send(f->sock, f->buf + f->at, f->end - f->at,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	explicit_bzero(f->buf + f->at, (size_t)n);
	f->at += (size_t)n;
	return true;
}

/* What was read goes out even when the guest has gone: to the next one. */
static bool fetch_some(struct fetcher *f)
{
	ssize_t n;

	if (f->at < f->end)
		return send_some(f);
	if (!f->wanted)
		return true;
	n = shared_source_read(f->shared, f->buf, CHUNK, vrng_now(), &f->wait);
	if (n <= 0)
		return true;
	f->wait = (struct shared_source_wait){ .fd = -1, .when = 1 };
	f->at = 0;
	f->end = (size_t)n;
	return send_some(f);
}

/* Until there is something to do. A time that has passed is no wait. */
static void wait_for_work(struct fetcher *f)
{
	struct pollfd fds[3] = { { .fd = f->sock, .events = POLLIN },
				 { .fd = f->wait.fd, .events = POLLIN },
				 { .fd = f->changes, .events = POLLIN } };
	uint64_t now = vrng_now(), ms;
	int timeout = -1;

	if (f->at < f->end) {
		fds[0].events |= POLLOUT;
		fds[1].fd = -1;
		shared_source_rest(f->shared);
	} else if (f->wanted && f->wait.when) {
		ms = f->wait.when > now ? (f->wait.when - now) / 1000000 + 1 :
					  0;
		timeout = ms < INT32_MAX ? (int)ms : INT32_MAX;
	} else if (!f->wanted) {
		fds[1].fd = -1;
	}
	poll(fds, 3, timeout);
}

static _Noreturn void fetcher_run(struct shared_source *shared, int sock,
				  int changes)
{
	struct fetcher f = { .shared = shared,
			     .sock = sock,
			     .changes = changes,
			     .wait = { .fd = -1 } };

	outlive_signals();
	f.buf = vrng_locked_alloc(CHUNK, shared->log);
	while (f.buf && !is_alone(&f)) {
		obey(&f);
		if (!fetch_some(&f))
			break;
		wait_for_work(&f);
	}
	if (f.wanted)
		change(&f, false);
	shared_source_done(shared);
	vrng_locked_free(f.buf, CHUNK);
	_exit(f.buf ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* ---- the parent ---- */

int source_process_start(struct source_process *process,
			 struct shared_source *shared, struct vrng_error *error)
{
	struct vrng_subprocess child = { .name = "source",
					 .type = SOCK_STREAM | SOCK_NONBLOCK };
	const int size = ON_THE_WAY;

	process->sock = -1;
	process->wanted = false;
	process->changes = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (process->changes < 0)
		return vrng_fail(error, errno, "source: eventfd: %m");
	child.keep = process->changes;
	process->pid = vrng_subprocess_fork(&child, &process->sock, error);
	if (process->pid < 0) {
		close(process->changes);
		return (int)process->pid;
	}
	if (process->pid)
		return 0;
	setsockopt(process->sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fetcher_run(shared, process->sock, process->changes);
}

void source_process_want(struct source_process *process, bool wanted)
{
	if (wanted != process->wanted)
		eventfd_write(process->changes, 1);
	process->wanted = wanted;
}

void source_process_stop(struct source_process *process)
{
	struct pollfd gone = { .fd = process->sock, .events = POLLIN };
	unsigned char rest[4096];
	uint64_t until = vrng_now() + SOURCE_PROCESS_END_MS * 1000000ULL;

	if (process->sock < 0)
		return;
	shutdown(process->sock, SHUT_WR);
	while (vrng_now() < until) {
		if (poll(&gone, 1, SOURCE_PROCESS_END_MS) < 0)
			continue;
		if (is_end(recv(process->sock, rest, sizeof(rest), 0)))
			break;
	}
	explicit_bzero(rest, sizeof(rest));
	close(process->sock);
	close(process->changes);
	process->sock = -1;
	waitpid(process->pid, NULL, WNOHANG);
}
