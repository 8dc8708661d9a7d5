// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs that run after a VM fork: see hooks.h. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/spawn.h"
#include "rngd/base/subprocess.h"
#include "rngd/base/trim.h"
#include "rngd/fork/hooks.h"

struct rngd_hooks {
	int fd;
};

/* ============================================= in the process that runs hooks */

/* run-parts(8) without options: letters, digits, underscores and hyphens. */
bool rngd_hooks_is_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_' &&
		    *name != '-')
			return false;
	return true;
}

static int select_name(const struct dirent *entry)
{
	return rngd_hooks_is_name(entry->d_name);
}

/* For the programs of one run, which take over this process's environment. */
static void set_environment(const struct rngd_hooks_order *order)
{
	char generation[32];

	(void)snprintf(generation, sizeof(generation), "%" PRIu64,
		       order->generation);
	(void)setenv("VRNG_GENERATION", generation, 1);
	(void)setenv("VRNG_REASON", order->fork ? "fork" : "request", 1);
	(void)setenv("VRNG_FRESH", order->fresh ? "yes" : "no", 1);
	(void)setenv("VRNG_CLONE_ID", order->clone_id, 1);
	(void)setenv("VRNG_SOURCE", order->source, 1);
}

/* True if it ended in time, with status 0. */
static bool await(pid_t pid)
{
	int status = -1;

	if (!vrng_subprocess_wait(pid, RNGD_HOOK_TIMEOUT * 1000))
		(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool run_one(const char *path)
{
	char *const argv[] = { (char *)(uintptr_t)path, NULL };
	const struct vrng_spawn program = {
		.path = path, .argv = argv, .environment = environ, .out = -1
	};
	pid_t pid;

	return !vrng_spawn(&pid, &program) && await(pid);
}

/* A user who may write a program that runs here has the rights of root. */
static bool is_ours(const struct stat *st)
{
	return (!st->st_uid || st->st_uid == geteuid()) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static void refuse(struct rngd_hooks_done *done, const char *name)
{
	if (!done->refused++)
		(void)snprintf(done->name, sizeof(done->name), "%s", name);
}

static void run_if_program(const char *folder, const char *name,
			   struct rngd_hooks_done *done)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return;
	if (stat(path, &st) || !S_ISREG(st.st_mode) || access(path, X_OK))
		return;
	if (!is_ours(&st)) {
		refuse(done, name);
		return;
	}
	done->run++;
	if (!run_one(path))
		done->failed++;
}

static void run_all(const char *folder, struct rngd_hooks_done *done)
{
	struct dirent **list;
	struct stat st;
	int i, n;

	if (!stat(folder, &st) && !is_ours(&st)) {
		refuse(done, folder);
		return;
	}
	n = scandir(folder, &list, select_name, alphasort);
	for (i = 0; i < n; i++) {
		run_if_program(folder, list[i]->d_name, done);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

/* The process that sends it has fewer rights than the programs. */
static void make_plain(char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size - 1; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_' &&
		    text[i] != '-')
			break;
	text[i] = '\0';
}

static _Noreturn void runner_main(const char *folder, int fd)
{
	struct rngd_hooks_order order;

	(void)prctl(PR_SET_NAME, "rngd-hooks");
	vrng_trim_code();
	while (recv(fd, &order, sizeof(order), 0) == (ssize_t)sizeof(order)) {
		struct rngd_hooks_done done = { .number = order.number };

		make_plain(order.clone_id, sizeof(order.clone_id));
		make_plain(order.source, sizeof(order.source));
		set_environment(&order);
		run_all(folder, &done);
		if (send(fd, &done, sizeof(done), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

/* ================================================================ in rngd */

int rngd_hooks_start(struct rngd_hooks **hooks, const char *folder,
		     struct vrng_error *error)
{
	/* The programs write to rngd's standard error, often the journal. */
	const struct vrng_subprocess child = { .name = folder,
					       .type = SOCK_SEQPACKET,
					       .keeps_stdio = true,
					       .starts_clean = true };
	struct rngd_hooks *h;
	struct stat st;
	pid_t pid;

	*hooks = NULL;
	if (!strcmp(folder, "none") || stat(folder, &st) ||
	    !S_ISDIR(st.st_mode))
		return 0;
	h = malloc(sizeof(*h));
	if (!h)
		return vrng_fail(error, ENOMEM, "%s: cannot run hooks: %m",
				 folder);
	pid = vrng_subprocess_fork(&child, &h->fd, error);
	if (!pid)
		runner_main(folder, h->fd);
	if (pid < 0) {
		free(h);
		return (int)pid;
	}
	*hooks = h;
	return 0;
}

int rngd_hooks_fd(const struct rngd_hooks *hooks)
{
	return hooks ? hooks->fd : -1;
}

/* struct rngd_hooks_order is the packet, and struct rngd_hooks_done its answer. */
int rngd_hooks_run(struct rngd_hooks *hooks,
		   const struct rngd_hooks_order *order)
{
	if (send(hooks->fd, order, sizeof(*order),
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	return 0;
}

int rngd_hooks_take(struct rngd_hooks *hooks, struct rngd_hooks_done *done)
{
	ssize_t got = recv(hooks->fd, done, sizeof(*done), MSG_DONTWAIT);

	if (got == (ssize_t)sizeof(*done))
		return 1;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return -EPIPE;
}

void rngd_hooks_end(struct rngd_hooks *hooks)
{
	if (!hooks)
		return;
	close(hooks->fd);
	free(hooks);
}
