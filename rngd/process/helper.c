// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The privileged process: see helper.h. The first part runs there, the second in
 * the process that asks.
 *
 * One request is one packet of sizeof(struct request). A credit is answered only
 * where that was asked for, or where it failed: at rest nobody is woken for an
 * answer that says nothing. An answer to an earlier request may therefore come
 * before the one that is waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/process/helper.h"
#include "rngd/process/privilege.h"
#include "rngd/process/sandbox.h"
#include "rngd/sinks/kind.h"

enum op {
	OP_PUT, /* @len bytes with @bits; @last: and reseed */
	OP_RESEED,
	OP_OPEN /* device number @len */
};

struct request {
	uint32_t serial; /* 0: to be answered only if it fails */
	uint32_t op;
	uint32_t len;
	uint32_t bits;
	uint32_t last;
	uint8_t data[VRNG_SINK_STEP_MAX];
};

struct answer {
	uint32_t serial;
	int32_t result; /* 0 or more, or negative errno */
};

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

/* ================================================== the privileged process */

static int do_put(struct vrng_sink *sink, const struct request *r)
{
	if (!r->len || r->len > sizeof(r->data) || r->bits > r->len * 8)
		return -EINVAL;
	return (int)vrng_sink_put(sink, r->data, r->len, r->bits, r->last,
				  NULL);
}

/*
 * O_NONBLOCK and O_NOCTTY for all: a device must neither hold this process up
 * nor become its terminal.
 */
static int do_open(const struct rngd_helper_setup *setup, uint32_t n)
{
	int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd;

	if (n >= setup->devices)
		return -EINVAL;
	fd = open(setup->device[n].path,
		  flags | (setup->device[n].writable ? O_RDWR : O_RDONLY));
	return fd < 0 ? -errno : fd;
}

static void send_answer(int fd, const struct answer *answer, int pass)
{
	union control control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (pass >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &pass, sizeof(int));
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0) {
		/* Whoever asked is gone: the next read says so, too. */
	}
}

static void obey(const struct rngd_helper_setup *setup, int fd,
		 const struct request *request)
{
	struct answer answer = { .serial = request->serial };
	int pass = -1;

	switch (request->op) {
	case OP_PUT:
		answer.result = do_put(setup->sink, request);
		break;
	case OP_RESEED:
		answer.result = vrng_sink_reseed(setup->sink, NULL);
		break;
	case OP_OPEN:
		pass = do_open(setup, request->len);
		answer.result = pass < 0 ? pass : 0;
		break;
	default:
		answer.result = -EINVAL;
	}
	if (request->serial || answer.result < 0)
		send_answer(fd, &answer, pass);
	if (pass >= 0)
		close(pass);
}

static void serve(const struct rngd_helper_setup *setup, int fd)
{
	static struct request request;
	ssize_t got;

	for (;;) {
		got = recv(fd, &request, sizeof(request), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)sizeof(request))
			return;
		obey(setup, fd, &request);
		explicit_bzero(&request, sizeof(request));
	}
}

static _Noreturn void helper_main(const struct rngd_helper_setup *setup, int fd)
{
	struct vrng_ours ours;
	size_t i;
	int ret;

	(void)prctl(PR_SET_NAME, "rngd-helper");
	(void)mlockall(MCL_CURRENT | MCL_ONFAULT); /* locks are not inherited */
	ret = rngd_privilege_keep_admin();
	if (!ret && setup->filter)
		ret = rngd_sandbox_enter(&rngd_sandbox_helper);
	if (ret) {
		const struct answer answer = { .result = ret };

		send_answer(fd, &answer, -1);
		_exit(1);
	}
	serve(setup, fd);
	/* The other process may be gone by now, and another rngd be there. */
	for (i = 0; i < RNGD_HELPER_FILES; i++) {
		ours = setup->file[i];
		vrng_ours_remove(&ours);
	}
	_exit(0);
}

/* ==================================================== the process that asks */

struct rngd_helper {
	struct rngd_helper_setup setup;
	char *path; /* of the kernel's device */
	pid_t pid;
	int fd;
	pthread_mutex_t lock; /* one request and its answer at a time */
	uint32_t serial;
	bool works; /* a credit was taken */
	struct request request;
};

/* open(2), which is wrapped, has no other way to find it. */
static struct rngd_helper *the_helper;

static int take_passed(struct msghdr *msg)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

/* One answer: 1 and *@answer, *@passed; 0: none yet; negative errno. */
static int receive(struct rngd_helper *h, int flags, struct answer *answer,
		   int *passed)
{
	union control control;
	struct iovec iov = { answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t got;

	do
		got = recvmsg(h->fd, &msg, flags | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (got != (ssize_t)sizeof(*answer))
		return -EPIPE;
	*passed = take_passed(&msg);
	return 1;
}

/* What came for requests that were not to be answered: they failed. */
static int take_failures(struct rngd_helper *h)
{
	struct answer answer = { 0 };
	int passed = -1;
	int ret = receive(h, MSG_DONTWAIT, &answer, &passed);

	if (ret <= 0)
		return ret;
	if (passed >= 0)
		close(passed);
	return answer.result < 0 ? answer.result : -EPROTO;
}

static int send_request(struct rngd_helper *h)
{
	ssize_t sent;

	do
		sent = send(h->fd, &h->request, sizeof(h->request),
			    MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	explicit_bzero(h->request.data, sizeof(h->request.data));
	return sent < 0 ? -errno : 0;
}

/*
 * With the lock held. What comes before the answer to this is that to an earlier
 * request, which failed.
 */
static int ask(struct rngd_helper *h, enum op op, bool wait, int *passed)
{
	struct answer answer = { 0 };
	int ret = take_failures(h);

	if (ret)
		return ret;
	h->request.op = op;
	if (wait && !++h->serial)
		h->serial = 1;
	h->request.serial = wait ? h->serial : 0;
	ret = send_request(h);
	if (ret || !wait)
		return ret;
	ret = receive(h, 0, &answer, passed);
	if (ret < 0)
		return ret;
	if (answer.result >= 0 && answer.serial != h->request.serial)
		return -EPROTO;
	return answer.result;
}

static int gone(const struct vrng_sink *sink, int ret, struct vrng_error *error)
{
	if (ret == -EPIPE || ret == -ECONNRESET)
		return vrng_fail(error, -ret,
				 "%s: the privileged process has ended; start "
				 "rngd again",
				 vrng_sink_path(sink));
	return vrng_fail(error, -ret, "%s: RNDADDENTROPY failed: %m",
			 vrng_sink_path(sink));
}

/* The first credit is waited for, to know that it works; later ones are not. */
static ssize_t remote_put(struct vrng_sink *sink, const void *buf, size_t len,
			  unsigned int bits, bool last,
			  struct vrng_error *error)
{
	struct rngd_helper *h = sink->state;
	int passed = -1;
	int ret;

	if (len > sizeof(h->request.data))
		return vrng_fail(error, EINVAL, "%s: step of %zu bytes",
				 vrng_sink_path(sink), len);
	pthread_mutex_lock(&h->lock);
	h->request.len = (uint32_t)len;
	h->request.bits = bits;
	h->request.last = last;
	memcpy(h->request.data, buf, len);
	ret = ask(h, OP_PUT, !h->works, &passed);
	if (ret >= 0)
		h->works = true;
	pthread_mutex_unlock(&h->lock);
	return ret < 0 ? gone(sink, ret, error) : (ssize_t)len;
}

static int remote_reseed(struct vrng_sink *sink, struct vrng_error *error)
{
	struct rngd_helper *h = sink->state;
	int passed = -1;
	int ret;

	pthread_mutex_lock(&h->lock);
	ret = ask(h, OP_RESEED, true, &passed);
	pthread_mutex_unlock(&h->lock);
	return ret < 0 ? gone(sink, ret, error) : 0;
}

static const struct vrng_sink_kind remote = {
	.due = vrng_sink_kernel_due,
	.put = remote_put,
	.reseed = remote_reseed,
	.level = vrng_sink_kernel_level,
};

/* -------------------------------------------------------------- opening files */

/* NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's. */
/* The linker's name of open() where file offsets are wider than a long. */
#ifdef __USE_FILE_OFFSET64
#define __real_open __real_open64
#define __wrap_open __wrap_open64
#endif
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

static int ask_to_open(struct rngd_helper *h, size_t n)
{
	int passed = -1;
	int ret;

	pthread_mutex_lock(&h->lock);
	h->request.len = (uint32_t)n;
	ret = ask(h, OP_OPEN, true, &passed);
	pthread_mutex_unlock(&h->lock);
	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	return passed;
}

/* What we may not open ourselves, and is on the list, is opened over there. */
int __wrap_open(const char *path, int flags, ...)
{
	struct rngd_helper *h = the_helper;
	mode_t mode = 0;
	va_list args;
	size_t i;
	int fd;

	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	fd = __real_open(path, flags, mode);
	if (fd >= 0 || !h || (errno != EACCES && errno != EPERM))
		return fd;
	for (i = 0; i < h->setup.devices; i++)
		if (!strcmp(h->setup.device[i].path, path))
			return ask_to_open(h, i);
	errno = EACCES;
	return -1;
}

/* _FORTIFY_SOURCE calls these for open() where clang cannot see the flags. */
int __wrap___open_2(const char *path, int flags);
int __wrap___open64_2(const char *path, int flags);

int __wrap___open_2(const char *path, int flags)
{
	return __wrap_open(path, flags);
}

int __wrap___open64_2(const char *path, int flags)
{
	return __wrap_open(path, flags);
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* -------------------------------------------------------------------- control */

static void become_remote(struct rngd_helper *h, struct vrng_sink *sink)
{
	if (vrng_sink_type(sink) != VRNG_SINK_KERNEL)
		return;
	if (sink->kind->end)
		sink->kind->end(sink);
	sink->kind = &remote;
	sink->state = h;
}

static void free_paths(const struct rngd_helper_setup *setup)
{
	size_t i;

	for (i = 0; i < setup->devices; i++)
		free(setup->device[i].path);
}

static int fork_off(struct rngd_helper *h, struct vrng_error *error)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return vrng_fail(error, errno, "cannot start: %m");
	h->pid = fork();
	if (!h->pid) {
		close(fds[0]);
		helper_main(&h->setup, fds[1]);
	}
	close(fds[1]);
	h->fd = fds[0];
	if (h->pid > 0)
		return 0;
	vrng_fail(error, errno, "cannot fork: %m");
	close(h->fd);
	return -EAGAIN;
}

int rngd_helper_start(struct rngd_helper **helper,
		      const struct rngd_helper_setup *setup,
		      struct vrng_error *error)
{
	struct rngd_helper *h = calloc(1, sizeof(*h));
	int ret;

	*helper = NULL;
	if (!h) {
		free_paths(setup);
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	}
	h->setup = *setup;
	ret = fork_off(h, error);
	if (ret) {
		free_paths(&h->setup);
		free(h);
		return ret;
	}
	pthread_mutex_init(&h->lock, NULL);
	(void)mlock(&h->request, sizeof(h->request));
	become_remote(h, setup->sink);
	the_helper = h;
	*helper = h;
	return 0;
}

int rngd_helper_fd(const struct rngd_helper *helper)
{
	return helper->fd;
}

static void await(pid_t pid, unsigned int ms)
{
	struct pollfd pfd = { .events = POLLIN };

	pfd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pfd.fd < 0)
		return;
	(void)poll(&pfd, 1, (int)ms);
	close(pfd.fd);
	(void)waitpid(pid, NULL, WNOHANG);
}

void rngd_helper_end(struct rngd_helper *helper, unsigned int ms)
{
	if (!helper)
		return;
	the_helper = NULL;
	(void)shutdown(helper->fd, SHUT_RDWR);
	await(helper->pid, ms);
	close(helper->fd);
	explicit_bzero(&helper->request, sizeof(helper->request));
	free_paths(&helper->setup);
	free(helper);
}
