// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/log.h"
#include "rngd/base/passing.h"
#include "rngd/base/stdfds.h"
#include "rngd/base/subprocess.h"
#include "rngd/sources/spec.h"
#include "tests/device/entropy/source_opener.h"
#include "tests/device/entropy/source_sandbox.h"

struct answer {
	uint32_t number; /* of the question */
	int32_t result; /* 0: a descriptor comes with it; or a negative errno */
};

/* What the process opens. */
struct file {
	char *path;
	int flags;
};

/* ---- the process ---- */

/* The folder of @path, from malloc(3); NULL: there is none. */
static char *folder_of(const char *path)
{
	char *copy = path ? strdup(path) : NULL;
	char *folder = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return folder;
}

static int confine(const struct file *file, struct vrng_error *error)
{
	char *target = realpath(file->path, NULL);
	char *folders[] = { folder_of(file->path), folder_of(target) };
	const bool writes = (file->flags & O_ACCMODE) == O_RDWR;
	int err = source_sandbox_enter_opener(folders, VRNG_LENGTH(folders),
					      writes, error);

	for (size_t i = 0; i < VRNG_LENGTH(folders); i++)
		free(folders[i]);
	free(target);
	return err;
}

/* False: nobody is left who asks. */
static bool serve(const struct file *file, int sock)
{
	struct answer answer = { 0 };
	int fd, err;

	if (recv(sock, &answer.number, sizeof(answer.number), 0) !=
	    sizeof(answer.number))
		return false;
	fd = open(file->path, file->flags);
	answer.result = fd < 0 ? -errno : 0;
	err = vrng_passing_send(sock, &answer, sizeof(answer), fd, 0);
	if (err == -ETOOMANYREFS) { /* this user passes too many */
		answer.result = err;
		err = vrng_passing_send(sock, &answer, sizeof(answer), -1, 0);
	}
	if (fd >= 0)
		close(fd);
	return !err;
}

/* It ends with the socket, not by a terminal's ^C. */
static _Noreturn void run(const struct file *file, int sock,
			  struct vrng_log *log)
{
	struct vrng_error error;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (confine(file, &error)) {
		vrng_log_line(log, "source's file: %s", error.text);
		_exit(EXIT_FAILURE);
	}
	while (serve(file, sock))
		;
	_exit(EXIT_SUCCESS);
}

/* ---- its owner ---- */

/* The file that the source @text opens: @path is NULL if it opens none. */
static struct file file_of(const char *text)
{
	struct file file = { .flags = VRNG_OPEN_FLAGS };
	struct vrng_spec spec;
	bool is_tty;

	if (vrng_spec_split(&spec, text, NULL))
		return file;
	is_tty = !strcmp(spec.kind, "tty");
	file.flags |= is_tty ? O_RDWR : O_RDONLY;
	if (spec.fields && (is_tty || !strcmp(spec.kind, "file")))
		file.path = strdup(spec.field[0]);
	vrng_spec_free(&spec);
	return file;
}

int source_opener_start(struct source_opener *opener, const char *spec,
			struct vrng_log *log, struct vrng_error *error)
{
	struct file file = file_of(spec);
	const struct vrng_subprocess child = {
		.name = "source's file",
		.type = SOCK_SEQPACKET,
		.keeps_stdio = file.path && vrng_stdfds_is_input(file.path)
	};

	*opener = (struct source_opener){ .sock = -1, .owner = -1 };
	if (!file.path)
		return 0;
	opener->pid = vrng_subprocess_fork(&child, &opener->sock, error);
	if (!opener->pid)
		run(&file, opener->sock, log);
	free(file.path);
	return opener->pid < 0 ? (int)opener->pid : 0;
}

void source_opener_close(struct source_opener *opener)
{
	if (opener->sock >= 0)
		close(opener->sock);
	opener->sock = -1;
}

/* ---- who asks ---- */

/* An answer to an earlier question, of a process that was killed, is dropped. */
static int receive(struct source_opener *opener, uint32_t number)
{
	struct answer answer = { 0 };
	int fd;
	const ssize_t got = vrng_passing_receive(
		opener->sock, &answer, sizeof(answer), &fd, MSG_DONTWAIT);

	if (got == (ssize_t)sizeof(answer) && answer.number == number &&
	    (answer.result < 0 || fd >= 0))
		return answer.result < 0 ? answer.result : fd;
	if (fd >= 0)
		close(fd);
	if (!got || (got < 0 && got != -EAGAIN && got != -EINTR))
		return -EPIPE;
	return -EAGAIN;
}

static int ask(void *opaque, const char *path, int flags, mode_t mode)
{
	struct source_opener *opener = opaque;
	struct pollfd pfd[2] = { { .fd = opener->sock, .events = POLLIN },
				 { .fd = opener->owner, .events = POLLIN } };
	const uint32_t number = ++*opener->asks;
	int ret = -EAGAIN;

	(void)path; /* it has them */
	(void)flags;
	(void)mode;
	if (send(opener->sock, &number, sizeof(number), MSG_NOSIGNAL) < 0)
		return -errno;
	while (ret == -EAGAIN) {
		if (poll(pfd, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (pfd[1].revents)
			return -EPIPE;
		if (pfd[0].revents)
			ret = receive(opener, number);
	}
	return ret;
}

struct vrng_opener source_opener_asking(struct source_opener *opener)
{
	return (struct vrng_opener){ .open = ask, .opaque = opener };
}
