// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/device/entropy/source_process.h"
#include "tests/device/entropy/source_sandbox.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/helper_user.h"
#include "tests/device/runtime/loop.h"
#include "rngd/base/backoff.h"
#include "rngd/base/clock.h"
#include "rngd/base/subprocess.h"
#include "rngd/base/log.h"
#include "rngd/base/locked.h"
#include "tests/device/entropy/shared_source.h"

#define CHUNK	   16384 /* bytes read at a time */
#define ON_THE_WAY 16384 /* bytes of send buffer: kept small, it is no store */

/* ---- the child ---- */

/* What a child hands over to the next one and to the parent, in memory of all. */
struct handover {
	uint64_t tag; /* under which the child reads */
	uint64_t fresh_from; /* bytes sent before that; read after @tag, D */
	uint64_t sent; /* bytes; rather too many than too few */
	bool wanted;
	size_t asked; /* bytes to read still */
	size_t unsent; /* bytes read and not sent: they are lost with it */
	uint32_t asks; /* of the opener */
};

/* A child's status if the opener has ended: to start it again would not help. */
#define NO_OPENER 2

struct child {
	struct shared_source *shared;
	struct fork_signs *signs; /* of this process; NULL: none */
	struct handover *handover;
	int sock;
	int changes;
	int demand;
	int opener; /* -1: the source opens no file */
	bool is_bereft; /* the opener has ended */
	bool in_use; /* wanted, or lingers */
	uint64_t leave_at; /* when it has lingered; 0: it does not */
	unsigned char *buf; /* CHUNK bytes, locked */
	size_t at, end; /* bytes in @buf still to be sent */
	struct shared_source_wait wait;
};

/*
 * A handler, not SIG_IGN: programs that a source runs then start with the default
 * action.
 */
static void on_signal(int sig)
{
	(void)sig;
}

/*
 * Survive signals to the process group, such as a terminal's ^C: the parent is
 * still to log its end, and the child ends with the socket.
 */
static void outlive_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGPIPE, &action, NULL);
}

/* Wait for nothing that was before. */
static void begin_anew(struct child *child)
{
	child->wait =
		(struct shared_source_wait){ .fd = -1, .when = 1 }; /* now */
}

static void use(struct child *child, bool in_use)
{
	child->leave_at = 0;
	if (child->in_use == in_use)
		return;
	child->in_use = in_use;
	begin_anew(child);
	if (in_use)
		shared_source_use(child->shared);
	else
		shared_source_leave(child->shared);
}

static void change(struct child *child, bool wanted)
{
	child->handover->wanted = wanted;
	if (wanted)
		use(child, true);
	else if (vrng_source_revives(child->shared->source))
		child->leave_at = vrng_now() + SOURCE_PROCESS_LINGER_NS;
	else
		use(child, false);
}

/* Apply the changes since the last call; an even number cancels out. */
static void obey(struct child *child)
{
	eventfd_t changes, asked;

	if (!eventfd_read(child->changes, &changes) && changes % 2)
		change(child, !child->handover->wanted);
	if (child->leave_at && vrng_now() >= child->leave_at)
		use(child, false);
	if (!eventfd_read(child->demand, &asked))
		child->handover->asked += asked;
}

/* May bytes be read from the source now? */
static bool may_fetch(const struct child *child)
{
	return child->handover->wanted && child->handover->asked &&
	       child->at == child->end;
}

/* True if recv() returned @n because the other side is gone. */
static bool is_end(ssize_t n)
{
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* True if the parent is gone; it sends nothing. */
static bool is_alone(int sock)
{
	char byte;

	return is_end(recv(sock, &byte, 1, MSG_DONTWAIT));
}

/* Send what is in @buf. False: the parent is gone. */
static bool send_some(struct child *child)
{
	const size_t len = child->end - child->at;
	ssize_t n;

	child->handover->sent += len;
	n = send(child->sock, child->buf + child->at, len,
		 MSG_DONTWAIT | MSG_NOSIGNAL);
	child->handover->sent -= len - (n < 0 ? 0 : (size_t)n);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	explicit_bzero(child->buf + child->at, (size_t)n);
	child->at += (size_t)n;
	child->handover->unsent = child->end - child->at;
	return true;
}

/*
 * May the source be read? If there was a fork, it is closed, and what it reads from
 * here on is fresh. Partner of the barrier D: source_process_is_fresh().
 */
static bool is_of_now(struct child *child)
{
	uint64_t tag;

	fork_signs_follow(child->signs);
	tag = fork_signs_now(child->signs);
	if (tag == child->handover->tag)
		return true;
	if (!fork_signs_settled(child->signs)) {
		child->wait = (struct shared_source_wait){
			.fd = -1, .when = vrng_now() + FORK_SIGNS_SETTLE_NS
		};
		return false;
	}
	shared_source_forget(child->shared);
	__atomic_store_n(&child->handover->fresh_from, child->handover->sent,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&child->handover->tag, tag, __ATOMIC_RELEASE);
	return true;
}

/*
 * Send what was read, or read some. Bytes that were read go out even when the
 * source is no longer wanted, for the next guest. False: the parent is gone.
 */
static bool fetch_some(struct child *child)
{
	ssize_t n;

	if (child->at < child->end)
		return send_some(child);
	if (!may_fetch(child) || !is_of_now(child))
		return true;
	n = shared_source_read(
		child->shared, child->buf,
		child->handover->asked < CHUNK ? child->handover->asked : CHUNK,
		vrng_now(), &child->wait);
	if (n <= 0)
		return true;
	begin_anew(child);
	child->handover->asked -= (size_t)n;
	child->at = 0;
	child->end = (size_t)n;
	child->handover->unsent = child->end;
	return send_some(child);
}

/* When there is something to do by itself: a time, or 0. */
static uint64_t next_time(const struct child *child)
{
	return may_fetch(child) ? child->wait.when : child->leave_at;
}

/* Wait until there is something to do. */
static void wait_for_work(struct child *child)
{
	struct pollfd fds[5] = { { .fd = child->sock, .events = POLLIN },
				 { .fd = -1, .events = POLLIN },
				 { .fd = child->changes, .events = POLLIN },
				 { .fd = child->demand, .events = POLLIN },
				 { .fd = child->opener } };
	const uint64_t when = next_time(child);

	if (child->at < child->end)
		fds[0].events |= POLLOUT;
	if (may_fetch(child))
		fds[1].fd = child->wait.fd;
	else
		shared_source_rest(child->shared);
	if (poll(fds, 5, when ? vrng_timeout_ns(when, vrng_now()) : -1) > 0)
		child->is_bereft = fds[4].revents & POLLHUP;
}

/* Take over what the child before was asked for. */
static void inherit(struct child *child)
{
	child->handover->asked += child->handover->unsent;
	child->handover->unsent = 0;
	if (child->handover->wanted)
		use(child, true);
}

static _Noreturn void child_run(struct shared_source *shared,
				struct fork_signs *signs,
				const struct source_process *process)
{
	struct child child = { .shared = shared,
			       .signs = signs,
			       .handover = process->handover,
			       .sock = process->sock,
			       .changes = process->changes,
			       .demand = process->demand,
			       .opener = process->opener.sock,
			       .wait = { .fd = -1 } };

	inherit(&child);
	child.buf = vrng_locked_alloc(CHUNK, shared->log);
	while (child.buf && !child.is_bereft && !is_alone(child.sock)) {
		obey(&child);
		if (!fetch_some(&child))
			break;
		wait_for_work(&child);
	}
	use(&child, false);
	shared_source_done(shared);
	vrng_locked_free(child.buf, CHUNK);
	if (child.is_bereft)
		_exit(NO_OPENER);
	_exit(child.buf ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* ---- the supervisor ---- */

/* Wait for so long, or until the parent is gone. */
static void wait_at(int sock, unsigned int ms)
{
	struct pollfd parent = { .fd = sock, .events = POLLRDHUP };

	(void)poll(&parent, 1, (int)ms);
}

static void say_again(const struct shared_source *shared, int status,
		      unsigned int ms)
{
	vrng_log_line(shared->log,
		      "the source's process has ended (%s %d); it is started "
		      "again in %u ms",
		      WIFSIGNALED(status) ? "signal" : "status",
		      WIFSIGNALED(status) ? WTERMSIG(status) :
					    WEXITSTATUS(status),
		      ms);
}

/* How a child ended: EXIT_SUCCESS if its work is done. */
static int child_status(pid_t pid)
{
	int status = EXIT_FAILURE << 8;

	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Signs first: their files may be root's alone. */
static void confine(struct shared_source *shared, struct fork_signs *signs,
		    struct source_process *process)
{
	const char *spec = shared_source_name(shared);
	const struct helper_user *user = shared->user;
	struct vrng_error error;

	if (!source_sandbox_may_become(spec, user)) {
		vrng_log_line(shared->log,
			      "source: the socket is not open to user %u; root "
			      "reads it, without capabilities (--source-user)",
			      (unsigned int)user->uid);
		user = NULL;
	}
	if (shared->signs) {
		*signs = *shared->signs;
		fork_signs_reopen(signs);
	}
	process->opener.asks = &process->handover->asks;
	process->opener.owner = process->sock;
	if (process->opener.sock >= 0)
		shared->opener = source_opener_asking(&process->opener);
	if (!source_sandbox_enter(spec, user, shared->signs, &error))
		return;
	vrng_log_line(shared->log, "source: %s", error.text);
	_exit(EXIT_FAILURE);
}

/* True if another child would fare no better. */
static bool is_final(const struct shared_source *shared, int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != NO_OPENER)
		return !status;
	vrng_log_line(shared->log,
		      "the process that opens the source's file has ended");
	return true;
}

static _Noreturn void supervise(struct shared_source *shared,
				struct source_process *process)
{
	static struct fork_signs signs; /* of this process */
	unsigned int times = 0, ms;
	uint64_t began;
	int status;
	pid_t pid;

	outlive_signals();
	confine(shared, &signs, process);
	while (!is_alone(process->sock)) {
		began = vrng_now();
		pid = fork();
		if (!pid)
			child_run(shared, shared->signs ? &signs : NULL,
				  process);
		status = child_status(pid);
		if (is_final(shared, status) || is_alone(process->sock))
			break;
		if (vrng_now() - began >
		    SOURCE_PROCESS_AGAIN_MAX_MS * VRNG_NS_PER_MS)
			times = 0;
		ms = vrng_doubled(SOURCE_PROCESS_AGAIN_MS, times++,
				  SOURCE_PROCESS_AGAIN_MAX_MS);
		say_again(shared, status, ms);
		shared_source_restarts(shared);
		wait_at(process->sock, ms);
	}
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

static void release(struct source_process *process)
{
	source_opener_close(&process->opener);
	if (process->handover)
		munmap(process->handover, sizeof(*process->handover));
	process->handover = NULL;
	if (process->changes >= 0)
		close(process->changes);
	if (process->demand >= 0)
		close(process->demand);
}

static int handover_make(struct source_process *process,
			 const struct shared_source *shared)
{
	struct handover *handover =
		mmap(NULL, sizeof(*handover), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (handover == MAP_FAILED)
		return -errno;
	handover->tag = fork_signs_now(shared->signs);
	process->handover = handover;
	return 0;
}

static int make_all(struct source_process *process,
		    const struct shared_source *shared,
		    struct vrng_error *error)
{
	process->changes = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	process->demand = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (process->changes < 0 || process->demand < 0 ||
	    handover_make(process, shared))
		return vrng_fail(error, errno, "source: %m");
	return source_opener_start(&process->opener, shared_source_name(shared),
				   shared->log, error);
}

int source_process_start(struct source_process *process,
			 struct shared_source *shared, struct vrng_error *error)
{
	struct vrng_subprocess child = { .name = "source",
					 .type = SOCK_STREAM | SOCK_NONBLOCK };
	const int size = ON_THE_WAY;
	int err;

	*process = (struct source_process){ .sock = -1,
					    .changes = -1,
					    .demand = -1,
					    .opener = { .sock = -1 } };
	err = make_all(process, shared, error);
	if (err) {
		release(process);
		return err;
	}
	child.keep[child.keeps++] = process->changes;
	child.keep[child.keeps++] = process->demand;
	if (process->opener.sock >= 0)
		child.keep[child.keeps++] = process->opener.sock;
	process->pid = vrng_subprocess_fork(&child, &process->sock, error);
	if (process->pid < 0) {
		release(process);
		return (int)process->pid;
	}
	if (process->pid) {
		source_opener_close(&process->opener);
		return 0;
	}
	setsockopt(process->sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	supervise(shared, process);
}

void source_process_want(struct source_process *process, bool wanted)
{
	if (wanted != process->wanted)
		eventfd_write(process->changes, 1);
	process->wanted = wanted;
}

/* Half: each time costs two system calls. */
void source_process_ask(struct source_process *process, size_t lack)
{
	if (!lack || process->asked > lack / 2)
		return;
	eventfd_write(process->demand, lack - process->asked);
	process->asked = lack;
}

void source_process_got(struct source_process *process, size_t n)
{
	process->asked -= n < process->asked ? n : process->asked;
}

bool source_process_is_fresh(struct source_process *process, size_t n,
			     uint64_t tag)
{
	const struct handover *handover = process->handover;
	const uint64_t at = process->received;

	process->received += n;
	/* D */
	return __atomic_load_n(&handover->tag, __ATOMIC_ACQUIRE) == tag &&
	       __atomic_load_n(&handover->fresh_from, __ATOMIC_RELAXED) <= at;
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
	release(process);
	process->sock = -1;
	waitpid(process->pid, NULL, WNOHANG);
	if (process->opener.pid)
		waitpid(process->opener.pid, NULL, WNOHANG);
}
