// SPDX-License-Identifier: GPL-2.0-or-later
/* A process that opens a file: see opener.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/trim.h"
#include "rngd/process/message.h"
#include "rngd/process/opener.h"
#include "rngd/process/privilege.h"
#include "rngd/process/sandbox.h"

/* ----------------------------------------------------------------- identity */

static struct rngd_identity identify(const struct stat *st)
{
	const bool is_device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);

	return (struct rngd_identity){
		.is_known = true,
		.type = st->st_mode & S_IFMT,
		.device = is_device ? st->st_rdev : st->st_dev,
		.inode = is_device ? 0 : st->st_ino,
	};
}

static bool is_same(const struct rngd_identity *a,
		    const struct rngd_identity *b)
{
	return a->type == b->type && a->device == b->device &&
	       a->inode == b->inode;
}

/* May root alone change what is in the directory of the first @len bytes? */
static bool is_roots_alone(const char *path, size_t len)
{
	char folder[PATH_MAX];
	struct stat st;

	memcpy(folder, path, len);
	folder[len] = '\0';
	return !stat(folder, &st) && !st.st_uid &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static bool root_put_it_there(const char *path)
{
	const char *slash = path;

	if (*path != '/' || strlen(path) >= PATH_MAX)
		return false;
	for (; slash; slash = strchr(slash + 1, '/'))
		if (!is_roots_alone(path, (size_t)(slash - path) + 1))
			return false;
	return true;
}

/* Another device may be meant by a link, and it must be root's choice, too. */
static bool is_roots_link(const char *path)
{
	char target[PATH_MAX];
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode) &&
	       root_put_it_there(path) && realpath(path, target) &&
	       root_put_it_there(target);
}

static bool is_device(const struct rngd_identity *identity)
{
	return S_ISCHR(identity->type) || S_ISBLK(identity->type);
}

int rngd_identity_accept(struct rngd_identity *identity,
			 const struct rngd_opener_file *file,
			 const struct stat *st)
{
	const struct rngd_identity now = identify(st);

	if (file->is_terminal && !S_ISCHR(st->st_mode))
		return -ENOTTY;
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	if (identity->is_known && is_same(identity, &now))
		return 0;
	if (identity->is_known && identity->type != now.type)
		return -ESTALE;
	if (identity->is_known && is_device(&now) && !is_roots_link(file->path))
		return -ESTALE;
	if (!root_put_it_there(file->path))
		return -ESTALE;
	*identity = now;
	return 0;
}

/* At the start everything counts: the administrator configured it. */
static void note_start(struct rngd_identity *identity,
		       const struct rngd_opener_file *file)
{
	struct stat st;

	if (!stat(file->path, &st))
		*identity = identify(&st);
}

/* ------------------------------------------------------------------ opening */

/* @fd is of O_PATH. Without /proc the path is opened, and checked again. */
static int reopen(const struct rngd_opener_file *file, int fd,
		  const struct stat *checked)
{
	const struct rngd_identity before = identify(checked);
	struct rngd_identity after;
	char path[40];
	struct stat st;
	int opened;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, file->flags);
	if (opened < 0 && errno == ENOENT)
		opened = open(file->path, file->flags);
	if (opened < 0)
		return -errno;
	if (!fstat(opened, &st)) {
		after = identify(&st);
		if (is_same(&before, &after))
			return opened;
	}
	close(opened);
	return -ESTALE;
}

/* A descriptor or a negative errno. */
static int open_checked(const struct rngd_opener_file *file,
			struct rngd_identity *identity)
{
	struct stat st = { 0 };
	int fd = open(file->path, O_PATH | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = fstat(fd, &st) ? -errno :
			       rngd_identity_accept(identity, file, &st);
	if (!ret)
		ret = reopen(file, fd, &st);
	close(fd);
	return ret;
}

/* -------------------------------------------------------------- the process */

/*
 * During an open the end of the other process ends this one, too, by SIGIO. Its
 * requests do not come then. False: it has ended already.
 */
static bool watch_end(int sock)
{
	char byte;

	if (fcntl(sock, F_SETFL, O_ASYNC))
		return true;
	return recv(sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void prepare_watch(int sock)
{
	sigset_t set;

	(void)signal(SIGIO, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)fcntl(sock, F_SETOWN, getpid());
}

static void serve(const struct rngd_opener_file *file,
		  struct rngd_identity *identity, int sock)
{
	struct rngd_answer answer = { 0 };
	char ask;
	int fd;

	while (recv(sock, &ask, 1, 0) == 1 && watch_end(sock)) {
		fd = open_checked(file, identity);
		(void)fcntl(sock, F_SETFL, 0);
		answer.result = fd < 0 ? fd : 0;
		rngd_message_send_answer(sock, &answer, fd);
		if (fd >= 0)
			close(fd);
		vrng_trim_code();
	}
}

_Noreturn void rngd_opener_main(const struct rngd_opener_file *file,
				struct vrng_seccomp_program *filter, int sock)
{
	struct rngd_identity identity = { .is_known = false };

	(void)prctl(PR_SET_NAME, "rngd-opener");
	prepare_watch(sock);
	note_start(&identity, file);
	if (rngd_privilege_drop(NULL, NULL) ||
	    (filter && rngd_sandbox_enter_built(&rngd_sandbox_opener, filter)))
		_exit(1);
	vrng_trim_code();
	serve(file, &identity, sock);
	_exit(0);
}
