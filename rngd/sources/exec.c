// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "exec:COMMAND": what a program writes to its standard output. The
 * shell runs it in a process group of its own, with /dev/null as its standard
 * input and our standard error. Closing the source ends the whole group.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/close_range.h"
#include "rngd/base/subprocess.h"
#include "rngd/sources/kind.h"
#include "rngd/sources/wait.h"

/*
 * posix_spawn_file_actions_addclosefrom_np(): glibc 2.34, no other C library.
 */
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 34)
#define HAVE_CLOSEFROM
#endif
#endif

#define SHELL "/bin/sh"

/* Bytes in one read: the capacity of a pipe. */
#define CHUNK 65536

/*
 * To wait after SIGTERM, and after SIGKILL, in ms: see vrng_source_close(). The first
 * is half of what rngd's feeders have for their end (RNGD_STOP_TIMEOUT).
 */
#define TERM_MS 30
#define KILL_MS 1000

/* How long a child may run after it has closed its output, in ms. */
#define END_MS 1000

struct child {
	struct vrng_wait wait;
	pid_t pid; /* also the id of its group; 0: no child */
	int pidfd; /* polls readable when it has ended; -1: none */
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
	child->pidfd = -1;
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

/* The child starts with no signal blocked or ignored, as after a login. */
static int set_attributes(posix_spawnattr_t *attr)
{
	const short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
			    POSIX_SPAWN_SETSIGDEF;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	err = posix_spawnattr_setflags(attr, flags);
	if (!err)
		err = posix_spawnattr_setpgroup(attr, 0);
	if (!err)
		err = posix_spawnattr_setsigmask(attr, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(attr, &all);
	return err;
}

static int set_files(posix_spawn_file_actions_t *files, int out)
{
	int err = posix_spawn_file_actions_addopen(files, STDIN_FILENO,
						   "/dev/null", O_RDONLY, 0);

	if (!err)
		err = posix_spawn_file_actions_adddup2(files, out,
						       STDOUT_FILENO);
#ifdef HAVE_CLOSEFROM
	/* This process may have files open without O_CLOEXEC. */
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(
			files, STDERR_FILENO + 1);
#else
	vrng_close_all_on_exec();
#endif
	return err;
}

/* Our environment without what is between systemd and us. NULL: no memory. */
static char **make_environment(void)
{
	char **list, **to, **from;
	size_t n = 0;

	while (environ[n])
		n++;
	list = calloc(n + 1, sizeof(*list));
	to = list;
	for (from = environ; list && *from; from++)
		if (!vrng_subprocess_is_service_variable(*from))
			*to++ = *from;
	return list;
}

static int spawn(pid_t *pid, char *command, int out)
{
	char name[] = "sh", option[] = "-c";
	char *argv[] = { name, option, command, NULL };
	char **environment = make_environment();
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int err = environment ? posix_spawnattr_init(&attr) : ENOMEM;

	if (err)
		goto free_environment;
	err = posix_spawn_file_actions_init(&files);
	if (err)
		goto free_attr;
	err = set_attributes(&attr);
	if (!err)
		err = set_files(&files, out);
	if (!err)
		err = posix_spawn(pid, SHELL, &files, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&files);
free_attr:
	posix_spawnattr_destroy(&attr);
free_environment:
	free(environment);
	return -err;
}

/* src->fd becomes the reading end of the child's output. */
static int start(struct vrng_source *src)
{
	struct child *child = src->state;
	int ret, ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	src->fd = ends[0];
	ret = spawn(&child->pid, src->arg, ends[1]);
	close(ends[1]);
	if (ret) {
		child->pid = 0;
		return ret;
	}
	if (fcntl(src->fd, F_SETFL, O_NONBLOCK))
		return -errno;
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		return -errno;
	return vrng_wait_add(&child->wait, src->fd, EPOLLIN);
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
				 "processes and that " SHELL " is there",
				 src->name);
	}
	src->poll_fd = child->wait.epoll;
	return 0;
}

/* --------------------------------------------------------------- ending */

/* Wait up to @ms for the child to end. Does not reap it. */
static bool has_ended(const struct child *child, int ms)
{
	struct pollfd pfd = { .fd = child->pidfd, .events = POLLIN };

	return child->pidfd >= 0 && poll(&pfd, 1, ms) == 1;
}

/* The group keeps its id until its leader, the child, is reaped. */
static void signal_group(const struct child *child, int signal)
{
	(void)kill(-child->pid, signal);
	(void)kill(child->pid, signal);
}

/* A child that does not end on SIGKILL is left as it is. */
static void end_child(struct child *child)
{
	if (!child->pid)
		return;
	if (!has_ended(child, 0)) {
		signal_group(child, SIGTERM);
		(void)has_ended(child, TERM_MS);
	}
	signal_group(child, SIGKILL);
	(void)has_ended(child, KILL_MS);
	(void)waitpid(child->pid, NULL, WNOHANG);
	child->pid = 0;
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
	if (child->pidfd >= 0)
		close(child->pidfd);
	child->pidfd = -1;
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

/* End the rest of the group before its id can be reused. */
static ssize_t reap(struct vrng_source *src, struct vrng_error *error)
{
	struct child *child = src->state;
	const pid_t pid = child->pid;
	int status;

	signal_group(child, SIGKILL);
	child->pid = 0;
	if (waitpid(pid, &status, WNOHANG) != pid)
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
	(void)vrng_wait_add(&child->wait, child->pidfd, EPOLLIN);
}

static bool time_is_up(const struct child *child)
{
	struct pollfd pfd = { .fd = child->wait.timer, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static ssize_t read_silent(struct vrng_source *src, struct vrng_error *error)
{
	struct child *child = src->state;

	if (!child->pid)
		return vrng_source_end(error, "%s: has ended", src->name);
	if (has_ended(child, 0))
		return reap(src, error);
	if (!time_is_up(child))
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
