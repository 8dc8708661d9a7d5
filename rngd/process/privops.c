// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that need a privilege: see privops.h. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/subprocess.h"
#include "rngd/process/message.h"
#include "rngd/process/privops.h"
#include "rngd/process/sandbox.h"

/* The caller's side of a process that opens a file. */
struct opener {
	pthread_mutex_t lock; /* over is_asked, and one request at a time */
	int sock;
	bool is_asked; /* and has not answered so far */
};

struct rngd_privops {
	struct vrng_opener opener;
	struct vrng_kernel_pool_ops pool_ops;
	struct rngd_helper_setup setup;
	pid_t helper; /* 0: there is none */
	struct rngd_runner *runner; /* NULL: none */
	struct opener openers[RNGD_HELPER_OPENERS];

	pthread_mutex_t lock; /* over the rest: one request at a time */
	int sock; /* -1: no helper so far, or it was ended */
	uint32_t serial;
	bool credited; /* a credit has worked */
	bool is_late; /* an answer did not come in time */
	struct rngd_request request; /* locked in memory */
};

/* ---------------------------------------------------- asking the helper */

/* With the lock held, as is all of this part. */
static int receive(struct rngd_privops *p, struct rngd_answer *answer, int *fd)
{
	if (p->sock < 0)
		return -EPIPE;
	return rngd_message_receive_answer(p->sock, MSG_DONTWAIT, answer, fd);
}

/*
 * Wait for @events. -ETIMEDOUT after RNGD_EXCHANGE_S waits of 1 s that ended without
 * them: several, because after a service was frozen and thawed the time of one is
 * over before the helper has run.
 */
static int await(const struct rngd_privops *p, short events)
{
	struct pollfd pfd = { .fd = p->sock, .events = events };
	int waits = 0, ret;

	while (waits < RNGD_EXCHANGE_S) {
		ret = poll(&pfd, 1, 1000);
		if (ret > 0)
			return 0;
		if (ret < 0 && errno != EINTR)
			return -errno;
		waits += !ret;
	}
	return -ETIMEDOUT;
}

/*
 * An answer that nobody waits for reports a failed request. 0: there is none.
 */
static int take_failure(struct rngd_privops *p)
{
	struct rngd_answer answer = { 0 };
	int fd = -1;
	int ret = receive(p, &answer, &fd);

	if (ret <= 0)
		return ret;
	if (fd >= 0)
		close(fd);
	return answer.result < 0 ? answer.result : -EPROTO;
}

static int send_request(struct rngd_privops *p, enum rngd_operation operation,
			bool wait)
{
	int ret;

	p->request.operation = operation;
	if (wait && !++p->serial)
		p->serial = 1;
	p->request.serial = wait ? p->serial : 0;
	do
		ret = rngd_message_send_request(p->sock, &p->request);
	while (ret == -EAGAIN && !(ret = await(p, POLLOUT)));
	explicit_bzero(p->request.data, sizeof(p->request.data));
	return ret;
}

/* Why the helper has ended, if it said so; otherwise @ret. */
static int reason(struct rngd_privops *p, int ret)
{
	int failure = take_failure(p);

	return failure ? failure : ret;
}

/* An answer that comes before that to this request is of an earlier one that failed. */
static int await_answer(struct rngd_privops *p)
{
	struct rngd_answer answer = { 0 };
	int fd = -1, ret;

	do {
		ret = await(p, POLLIN);
		if (!ret)
			ret = receive(p, &answer, &fd);
	} while (!ret);
	if (fd >= 0)
		close(fd);
	if (ret < 0)
		return ret;
	if (answer.result >= 0 && answer.serial != p->request.serial)
		return -EPROTO;
	return answer.result;
}

/*
 * Send the request, and @wait for its answer. A helper that was late once is asked
 * for nothing more: what it did of that request is not known.
 */
static int ask(struct rngd_privops *p, enum rngd_operation operation, bool wait)
{
	int ret = p->is_late ? -ETIMEDOUT : take_failure(p);

	if (ret)
		return ret;
	ret = send_request(p, operation, wait);
	if (ret && ret != -ETIMEDOUT)
		return reason(p, ret);
	if (!ret && wait)
		ret = await_answer(p);
	p->is_late = ret == -ETIMEDOUT;
	return ret;
}

/* ------------------------------------------------------- crediting entropy */

/* The first credit waits for its answer, to know that it works. */
static int remote_credit(struct rngd_privops *p, const void *buf, size_t len,
			 unsigned int bits, bool reseed)
{
	int ret;

	if (len > sizeof(p->request.data))
		return -EINVAL;
	pthread_mutex_lock(&p->lock);
	p->request.len = (uint32_t)len;
	p->request.bits = bits;
	p->request.reseed = reseed;
	memcpy(p->request.data, buf, len);
	ret = ask(p, RNGD_CREDIT, !p->credited);
	if (!ret)
		p->credited = true;
	pthread_mutex_unlock(&p->lock);
	return ret;
}

static int privops_credit(void *opaque, struct vrng_kernel_pool *pool,
			  const void *buf, size_t len, unsigned int bits,
			  bool reseed)
{
	const struct vrng_kernel_pool_ops *local = &vrng_kernel_pool_ops_local;
	struct rngd_privops *p = opaque;

	if (p->helper)
		return remote_credit(p, buf, len, bits, reseed);
	return local->credit(local->opaque, pool, buf, len, bits, reseed);
}

static int privops_reseed(void *opaque, struct vrng_kernel_pool *pool)
{
	const struct vrng_kernel_pool_ops *local = &vrng_kernel_pool_ops_local;
	struct rngd_privops *p = opaque;
	int ret;

	if (!p->helper)
		return local->reseed(local->opaque, pool);
	pthread_mutex_lock(&p->lock);
	ret = ask(p, RNGD_RESEED, true);
	pthread_mutex_unlock(&p->lock);
	return ret;
}

/* ----------------------------------------------------------- opening files */

/* With the lock held. 0, or a negative errno. */
static int send_ask(struct opener *opener)
{
	const char byte = 0;

	if (opener->is_asked)
		return 0;
	if (send(opener->sock, &byte, 1, MSG_NOSIGNAL) != 1)
		return -errno;
	opener->is_asked = true;
	return 0;
}

/* A signal ends the wait: the caller's thread may have to stop. */
static int await_descriptor(struct opener *opener)
{
	struct pollfd pfd = { .fd = opener->sock, .events = POLLIN };
	struct rngd_answer answer = { 0 };
	int fd, ret = poll(&pfd, 1, RNGD_OPEN_MS);

	if (ret <= 0)
		return ret ? -errno : -ETIMEDOUT;
	ret = rngd_message_receive_answer(opener->sock, 0, &answer, &fd);
	opener->is_asked = false;
	if (ret < 0 || answer.result) {
		if (fd >= 0)
			close(fd);
		return ret < 0 ? ret : answer.result;
	}
	return fd < 0 ? -EPROTO : fd;
}

/* An answer that came too late is the answer to the next request. */
static int remote_open(struct opener *opener)
{
	int ret;

	pthread_mutex_lock(&opener->lock);
	ret = send_ask(opener);
	if (!ret)
		ret = await_descriptor(opener);
	pthread_mutex_unlock(&opener->lock);
	return ret;
}

static int privops_open(void *opaque, const char *path, int flags, mode_t mode)
{
	struct rngd_privops *p = opaque;
	const struct rngd_opener_file *file = p->setup.openable;
	int fd = vrng_open(&vrng_opener_plain, path, flags, mode);
	size_t i;

	if (!p->helper || (fd != -EACCES && fd != -EPERM))
		return fd;
	for (i = 0; i < p->setup.openables; i++)
		if (flags == file[i].flags && !strcmp(file[i].path, path))
			return remote_open(&p->openers[i]);
	return fd;
}

/* --------------------------------------------------------- running programs */

static int privops_run(void *opaque, const char *command, int fds[2])
{
	struct rngd_privops *p = opaque;

	return rngd_runner_run(p->runner, command, fds);
}

void rngd_privops_use_runner(struct rngd_privops *privops,
			     struct rngd_runner *runner)
{
	privops->runner = runner;
	privops->opener.run = privops_run;
}

/* -------------------------------------------------------- starting, ending */

int rngd_privops_make(struct rngd_privops **privops, struct vrng_error *error)
{
	struct rngd_privops *p = calloc(1, sizeof(*p));
	size_t i;

	*privops = p;
	if (!p)
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	p->opener.open = privops_open;
	p->opener.opaque = p;
	p->pool_ops.credit = privops_credit;
	p->pool_ops.reseed = privops_reseed;
	p->pool_ops.opaque = p;
	p->sock = -1;
	p->setup.log_fd = -1;
	p->setup.forks_fd = -1;
	for (i = 0; i < RNGD_HELPER_OPENERS; i++) {
		p->openers[i].sock = -1;
		pthread_mutex_init(&p->openers[i].lock, NULL);
	}
	pthread_mutex_init(&p->lock, NULL);
	return 0;
}

const struct vrng_opener *
rngd_privops_opener(const struct rngd_privops *privops)
{
	return &privops->opener;
}

const struct vrng_kernel_pool_ops *
rngd_privops_pool_ops(const struct rngd_privops *privops)
{
	return &privops->pool_ops;
}

void rngd_privops_remove_at_end(struct rngd_privops *privops,
				const struct vrng_ours *file)
{
	struct rngd_helper_setup *setup = &privops->setup;

	if (setup->files < RNGD_HELPER_FILES)
		setup->file[setup->files++] = *file;
}

/* Filters of the processes that are forked. */
struct filters {
	struct vrng_seccomp_program helper;
	struct vrng_seccomp_program opener;
};

/* *@filters is NULL if there shall be none. */
static int build_filters(struct filters **filters, bool wanted,
			 struct vrng_error *error)
{
	int ret;

	*filters = wanted ? malloc(sizeof(**filters)) : NULL;
	if (!wanted)
		return 0;
	if (!*filters)
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	ret = vrng_seccomp_build_native(&(*filters)->helper,
					&rngd_sandbox_helper);
	if (!ret)
		ret = vrng_seccomp_build_native(&(*filters)->opener,
						&rngd_sandbox_opener);
	return ret ? vrng_fail(error, -ret, "cannot filter system calls: %m") :
		     0;
}

static int fork_helper(struct rngd_privops *p, struct filters *filters,
		       struct vrng_error *error)
{
	struct vrng_subprocess child = { .name = "helper",
					 .type = SOCK_SEQPACKET,
					 .starts_clean = true };
	int sock;
	pid_t pid;

	if (p->setup.pool)
		child.keep[child.keeps++] = vrng_kernel_pool_fd(p->setup.pool);
	child.keep[child.keeps++] = p->setup.pid_fd;
	child.keep[child.keeps++] = p->setup.log_fd;
	child.keep[child.keeps++] = p->setup.forks_fd;
	pid = vrng_subprocess_fork(&child, &sock, error);
	if (!pid)
		rngd_helper_main(&p->setup, filters ? &filters->helper : NULL,
				 sock);
	if (pid < 0)
		return (int)pid;
	p->helper = pid;
	p->sock = sock;
	return 0;
}

static int fork_opener(struct rngd_privops *p, size_t i,
		       struct filters *filters, struct vrng_error *error)
{
	const struct rngd_helper_setup *setup = &p->setup;
	const struct vrng_subprocess child = {
		.name = setup->openable[i].path,
		.type = SOCK_SEQPACKET,
		.keeps_stdio = setup->openable[i].is_stdin,
		.starts_clean = true
	};
	int sock;
	const pid_t pid = vrng_subprocess_fork(&child, &sock, error);

	if (!pid)
		rngd_opener_main(&setup->openable[i],
				 filters ? &filters->opener : NULL, sock);
	if (pid < 0)
		return (int)pid;
	p->openers[i].sock = sock;
	return 0;
}

static int fork_openers(struct rngd_privops *p, struct filters *filters,
			struct vrng_error *error)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < p->setup.openables && !ret; i++)
		ret = fork_opener(p, i, filters, error);
	return ret;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int rngd_privops_start(struct rngd_privops *privops,
		       const struct rngd_helper_setup *setup,
		       struct vrng_error *error)
{
	struct rngd_helper_setup *mine = &privops->setup;
	struct filters *filters;
	int ret;

	mine->pool = setup->pool;
	mine->pid_fd = setup->pid_fd;
	mine->openables = setup->openables;
	memcpy(mine->openable, setup->openable, sizeof(mine->openable));
	mine->log_fd = setup->log_fd;
	if (mine->log_fd >= 0)
		mine->forks_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)mlock(&privops->request, sizeof(privops->request));
	ret = build_filters(&filters, setup->filter, error);
	if (!ret)
		ret = fork_openers(privops, filters, error);
	if (!ret)
		ret = fork_helper(privops, filters, error);
	free(filters);
	close_fd(&mine->log_fd);
	return ret;
}

int rngd_privops_forks_fd(const struct rngd_privops *privops)
{
	return privops ? privops->setup.forks_fd : -1;
}

int rngd_privops_fd(const struct rngd_privops *privops)
{
	return privops ? privops->sock : -1;
}

static void remove_files(struct rngd_helper_setup *setup)
{
	while (setup->files)
		vrng_ours_remove(&setup->file[--setup->files]);
}

/* The shutdown lets go of a thread that waits for an answer with the lock. */
static void end_helper(struct rngd_privops *p, unsigned int ms)
{
	size_t i;

	for (i = 0; i < p->setup.openables; i++)
		(void)shutdown(p->openers[i].sock, SHUT_RDWR);
	(void)shutdown(p->sock, SHUT_RDWR);
	(void)vrng_subprocess_wait(p->helper, (int)ms);
	(void)waitpid(p->helper, NULL, WNOHANG);
	pthread_mutex_lock(&p->lock);
	close(p->sock);
	p->sock = -1;
	pthread_mutex_unlock(&p->lock);
}

void rngd_privops_end(struct rngd_privops *privops, unsigned int ms)
{
	if (!privops)
		return;
	if (!privops->helper)
		remove_files(&privops->setup);
	else if (privops->sock >= 0)
		end_helper(privops, ms);
}

void rngd_privops_free(struct rngd_privops *privops)
{
	size_t i;

	if (!privops)
		return;
	for (i = 0; i < privops->setup.openables; i++)
		free(privops->setup.openable[i].path);
	for (i = 0; i < RNGD_HELPER_OPENERS; i++) {
		if (privops->openers[i].sock >= 0)
			close(privops->openers[i].sock);
		pthread_mutex_destroy(&privops->openers[i].lock);
	}
	close_fd(&privops->setup.forks_fd);
	rngd_runner_free(privops->runner);
	explicit_bzero(&privops->request, sizeof(privops->request));
	pthread_mutex_destroy(&privops->lock);
	free(privops);
}
