// SPDX-License-Identifier: GPL-2.0-or-later
/* The split into processes: see confine.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/stdfds.h"
#include "rngd/base/subprocess.h"
#include "rngd/base/trim.h"
#include "rngd/signs/kernel_log.h"
#include "rngd/process/confine.h"
#include "rngd/process/privilege.h"
#include "rngd/process/sandbox.h"
#include "rngd/sources/spec.h"

_Static_assert(RNGD_HELPER_OPENERS >= RNGD_SOURCES_MAX, "a file a source");

/* The file that a source opens, if any: @path is NULL for the other kinds. */
static struct rngd_opener_file file_of(const char *text)
{
	struct rngd_opener_file file = { .flags = VRNG_OPEN_FLAGS };
	struct vrng_spec spec;

	if (vrng_spec_split(&spec, text, NULL))
		return file;
	file.is_terminal = !strcmp(spec.kind, "tty");
	file.flags |= file.is_terminal ? O_RDWR : O_RDONLY;
	if (spec.fields && (file.is_terminal || !strcmp(spec.kind, "file")))
		file.path = strdup(spec.field[0]);
	vrng_spec_free(&spec);
	return file;
}

/* A reload may bring programs, and there is one only with a file. */
static bool may_run_programs(const struct rngd_daemon *d)
{
	size_t i;

	if (d->options.config)
		return true;

	for (i = 0; i < d->options.sources; i++)
		if (!strncmp(d->options.source[i], "exec:", 5))
			return true;
	return false;
}

/* How long to wait for answers about files, which may be of a file system that hangs. */
#define ASK_MS 1000

/* In a child that has become the user. */
static _Noreturn void tell_access(const struct rngd_helper_setup *setup,
				  const struct rngd_user *user, int sock)
{
	bool may[RNGD_HELPER_OPENERS] = { false };
	size_t i;

	if (rngd_privilege_drop(user, NULL))
		_exit(1);
	for (i = 0; i < setup->openables; i++) {
		const struct rngd_opener_file *file = &setup->openable[i];
		const int mode = file->is_terminal ? R_OK | W_OK : R_OK;

		may[i] = !faccessat(AT_FDCWD, file->path, mode, AT_EACCESS);
	}
	_exit(send(sock, may, sizeof(may), MSG_NOSIGNAL) != sizeof(may));
}

/* Which files @user may open is asked of a child. Without an answer: none. */
static void ask_access(const struct rngd_helper_setup *setup,
		       const struct rngd_user *user,
		       bool may[RNGD_HELPER_OPENERS])
{
	/* Standard input may be what a source names. */
	const struct vrng_subprocess child = { .name = "access",
					       .type = SOCK_SEQPACKET,
					       .keeps_stdio = true };
	const size_t size = RNGD_HELPER_OPENERS * sizeof(*may);
	struct pollfd pfd = { .events = POLLIN };
	int sock;
	const pid_t pid = vrng_subprocess_fork(&child, &sock, NULL);

	memset(may, 0, size);
	if (!pid)
		tell_access(setup, user, sock);
	if (pid < 0)
		return;
	pfd.fd = sock;
	if (poll(&pfd, 1, ASK_MS) != 1 ||
	    recv(sock, may, size, 0) != (ssize_t)size) {
		memset(may, 0, size);
		(void)kill(pid, SIGKILL);
	}
	close(sock);
	(void)vrng_subprocess_wait(pid, ASK_MS);
	(void)waitpid(pid, NULL, WNOHANG);
}

/* A file that the user may open at the start needs no process that opens it. */
static void leave_out_accessible(struct rngd_helper_setup *setup,
				 const struct rngd_user *user)
{
	bool may[RNGD_HELPER_OPENERS];
	size_t i, n = 0;

	if (!setup->openables)
		return;
	ask_access(setup, user, may);
	for (i = 0; i < setup->openables; i++) {
		if (may[i])
			free(setup->openable[i].path);
		else
			setup->openable[n++] = setup->openable[i];
	}
	setup->openables = n;
}

/* Without another user there is nothing that the openers could do in addition. */
static int start_helper(struct rngd_daemon *d, const struct rngd_user *user,
			struct vrng_error *error)
{
	struct rngd_helper_setup setup = {
		.pool = vrng_sink_kernel_pool(d->sink),
		.pid_fd = d->pid_fd,
		.filter = !d->options.no_sandbox,
	};
	struct rngd_opener_file file;
	size_t i;

	for (i = 0; user && i < d->options.sources; i++) {
		file = file_of(d->options.source[i]);
		if (file.path)
			setup.openable[setup.openables++] = file;
	}
	leave_out_accessible(&setup, user);
	/* In the background it becomes /dev/null. */
	for (i = 0; d->options.foreground && i < setup.openables; i++)
		setup.openable[i].is_stdin =
			vrng_stdfds_is_input(setup.openable[i].path);
	setup.log_fd = rngd_kernel_log_open(RNGD_KERNEL_LOG_PATH);
	return rngd_privops_start(d->privops, &setup, error);
}

static int start_runner(struct rngd_daemon *d, struct vrng_error *error)
{
	const struct rngd_runner_setup setup = { .argc = d->argc,
						 .argv = d->argv,
						 .folder = d->folder,
						 .options = &d->options };
	struct rngd_runner *runner;
	int ret = rngd_runner_start(&runner, &setup, error);

	if (!ret)
		rngd_privops_use_runner(d->privops, runner);
	return ret;
}

/* In the background rngd logs by syslog(3), which may connect again. */
static unsigned int needs_of(const struct rngd_options *options)
{
	unsigned int needs = options->foreground ? 0 : RNGD_NEEDS_UNIX;
	size_t i;

	for (i = 0; i < options->sources; i++)
		needs |= rngd_sandbox_needs(options->source[i]);
	return needs;
}

static int filter(struct rngd_daemon *d, struct vrng_error *error)
{
	const bool removes_files = rngd_privops_fd(d->privops) < 0;
	struct vrng_seccomp_rules rules;
	int ret;

	d->allowed = RNGD_NEEDS_ALL;
	if (d->options.no_sandbox)
		return 0;
	d->allowed = needs_of(&d->options);
	rules = rngd_sandbox_rules(d->allowed, removes_files);
	ret = rngd_sandbox_enter(&rules);
	if (ret)
		return vrng_fail(error, -ret,
				 "cannot filter system calls: %m; "
				 "--no-sandbox does without");
	return 0;
}

/*
 * Groups of the user are the administrator's choice, for devices that come and go. Of
 * those that rngd was started with, sources' files decide.
 */
static void add_groups(const struct rngd_daemon *d, struct rngd_user *user)
{
	struct rngd_opener_file file;
	size_t i;

	rngd_user_add_account_groups(user);
	for (i = 0; i < d->options.sources; i++) {
		file = file_of(d->options.source[i]);
		if (file.path)
			rngd_user_add_group_of(user, file.path);
		free(file.path);
	}
}

int rngd_confine(struct rngd_daemon *d, struct rngd_user *user,
		 struct vrng_error *error)
{
	int ret = rngd_hooks_start(&d->hooks, d->options.hooks, error);

	if (!ret && user)
		add_groups(d, user);
	if (!ret && (user || vrng_sink_kernel_pool(d->sink)))
		ret = start_helper(d, user, error);
	if (!ret)
		ret = rngd_privilege_drop(user, error);
	if (!ret && may_run_programs(d))
		ret = start_runner(d, error);
	if (!ret)
		ret = filter(d, error);
	vrng_trim_heap();
	vrng_trim_code();
	return ret;
}
