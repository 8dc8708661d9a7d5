// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Going into the background: see background.h.
 *
 * The starting process and the daemon share a pair of sockets. The daemon sends
 * its status and, if that is EX_OK, waits for an answer. Each sees the end of the
 * other as the end of the stream. In the starting process signals that would end it
 * are blocked from before the fork, so that no daemon is left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/process/background.h"
#include "rngd/process/daemon.h"
#include "rngd/base/close_range.h"
#include "rngd/base/clock.h"

/* How long the daemon may take to end, in ms, by SIGTERM and then by SIGKILL. */
#define END_TIMEOUT 2000

/* How often the starting process looks whether it has ended, in ms. */
#define END_STEP 5

/* What the starting process waits with. */
struct starter {
	sigset_t before; /* its mask of signals */
	int signal_fd; /* becomes readable when a signal ends it */
	int fd; /* to the daemon */
};

/* Signals that would end this process, and that its caller lets through. */
static void ending_signals(sigset_t *set, const sigset_t *blocked)
{
	struct sigaction action;
	int signal;

	rngd_daemon_signals(set);
	sigaddset(set, SIGQUIT);
	for (signal = 1; signal < SIGRTMIN; signal++)
		if (sigismember(set, signal) == 1 &&
		    (sigismember(blocked, signal) == 1 ||
		     sigaction(signal, NULL, &action) ||
		     action.sa_handler != SIG_DFL))
			sigdelset(set, signal);
}

/* Block them. They stay pending: nothing reads signal_fd. */
static int hold_signals(struct starter *s, struct vrng_error *error)
{
	sigset_t ending;

	sigprocmask(SIG_BLOCK, NULL, &s->before);
	ending_signals(&ending, &s->before);
	s->signal_fd = signalfd(-1, &ending, SFD_CLOEXEC);
	if (s->signal_fd < 0)
		return vrng_fail(error, errno, "cannot wait for signals: %m");
	sigprocmask(SIG_BLOCK, &ending, NULL);
	return 0;
}

/* The pending ones end this process here. */
static void release_signals(const struct starter *s)
{
	close(s->signal_fd);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}

/* Those of the daemon stay blocked, until its loop reads them. */
static void keep_signals(const struct starter *s)
{
	sigset_t blocked, mine;
	int signal;

	blocked = s->before;
	rngd_daemon_signals(&mine);
	for (signal = 1; signal < SIGRTMIN; signal++)
		if (sigismember(&mine, signal) == 1)
			sigaddset(&blocked, signal);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* A byte of the other process within @ms, or -ETIMEDOUT, or -EPIPE. */
static int receive(int fd, int ms)
{
	const uint64_t due = vrng_now_ms() + (uint64_t)ms;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t now = vrng_now_ms();
	uint8_t byte;

	while (now < due) {
		if (poll(&pfd, 1, vrng_timeout_ms(due, now)) == 1)
			return read(fd, &byte, 1) == 1 ? byte : -EPIPE;
		now = vrng_now_ms();
	}
	return -ETIMEDOUT;
}

static bool transmit(int fd, int status)
{
	const uint8_t byte = (uint8_t)status;

	return send(fd, &byte, 1, MSG_NOSIGNAL) == 1;
}

/* ----------------------------------------------------- the starting process */

static bool ends_within(pid_t pid, unsigned int ms)
{
	const uint64_t due = vrng_now_ms() + ms;
	pid_t ended;

	do {
		ended = waitpid(pid, NULL, WNOHANG);
		if (ended == pid || (ended < 0 && errno == ECHILD))
			return true;
		(void)poll(NULL, 0, END_STEP);
	} while (vrng_now_ms() < due);
	return false;
}

/* SIGKILL for a daemon that hangs in its start. Its helper removes its files. */
static void end_daemon(pid_t pid)
{
	(void)kill(pid, SIGTERM);
	if (ends_within(pid, END_TIMEOUT))
		return;
	(void)kill(pid, SIGKILL);
	(void)ends_within(pid, END_TIMEOUT);
}

/* The daemon's status, or a negative errno: -EINTR if a signal came first. */
static int await(const struct starter *s)
{
	const uint64_t due = vrng_now_ms() + RNGD_READY_TIMEOUT;
	struct pollfd pfd[] = {
		{ .fd = s->signal_fd, .events = POLLIN },
		{ .fd = s->fd, .events = POLLIN },
	};
	uint64_t now = vrng_now_ms();

	while (now < due) {
		if (poll(pfd, 2, vrng_timeout_ms(due, now)) > 0)
			return pfd[0].revents ? -EINTR : receive(s->fd, 1);
		now = vrng_now_ms();
	}
	return -ETIMEDOUT;
}

/* The exit status, unless a signal ends this process. */
static int attend(struct starter *s, pid_t pid)
{
	int status = await(s);

	if (status == EX_OK && transmit(s->fd, EX_OK))
		return EX_OK;
	close(s->fd);
	if (status == -EINTR || status == -ETIMEDOUT)
		end_daemon(pid);
	release_signals(s);
	if (status == -ETIMEDOUT)
		return EX_TEMPFAIL;
	return status > 0 ? status : EX_SOFTWARE;
}

static int cannot_start(struct starter *s, const int fds[2],
			struct vrng_error *error)
{
	int ret = vrng_fail(error, errno, "cannot fork: %m; use --foreground");

	release_signals(s);
	close(fds[0]);
	close(fds[1]);
	return ret;
}

int rngd_background(int *ready_fd, int *status, struct vrng_error *error)
{
	struct starter s;
	int fds[2];
	pid_t pid;
	int ret;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return vrng_fail(error, errno, "cannot make sockets: %m");
	ret = hold_signals(&s, error);
	if (ret) {
		close(fds[0]);
		close(fds[1]);
		return ret;
	}
	pid = fork();
	if (pid < 0)
		return cannot_start(&s, fds, error);
	if (pid) {
		close(fds[1]);
		s.fd = fds[0];
		*status = attend(&s, pid);
		return 1;
	}

	/* A daemon outlives its starter, and must not keep its files open. */
	vrng_close_all_but(&fds[1], 1);
	keep_signals(&s);
	*ready_fd = fds[1];
	setsid();
	return 0;
}

/* --------------------------------------------------------------- the daemon */

bool rngd_background_tell(int ready_fd, int status)
{
	bool heard = transmit(ready_fd, status);

	if (heard && status == EX_OK)
		heard = receive(ready_fd, RNGD_READY_TIMEOUT) == EX_OK;
	close(ready_fd);
	return heard;
}

int rngd_background_detach(struct vrng_error *error)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	if (fd < 0)
		return vrng_fail(error, errno, "/dev/null: cannot open: %m");
	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(fd, i) < 0)
			return vrng_fail(error, errno, "/dev/null: %m");
	close(fd);
	if (chdir("/"))
		return vrng_fail(error, errno, "/: cannot enter: %m");
	return 0;
}
