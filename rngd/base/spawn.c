// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "rngd/base/close_range.h"
#include "rngd/base/spawn.h"

/*
 * posix_spawn_file_actions_addclosefrom_np(): glibc 2.34, no other C library.
 */
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 34)
#define HAVE_CLOSEFROM
#endif
#endif

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

	if (!err && out >= 0)
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

int vrng_spawn(pid_t *pid, const struct vrng_spawn *program)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int err = posix_spawnattr_init(&attr);

	if (err)
		return -err;
	err = posix_spawn_file_actions_init(&files);
	if (err)
		goto free_attr;
	err = set_attributes(&attr);
	if (!err)
		err = set_files(&files, program->out);
	if (!err)
		err = posix_spawn(pid, program->path, &files, &attr,
				  program->argv, program->environment);
	posix_spawn_file_actions_destroy(&files);
free_attr:
	posix_spawnattr_destroy(&attr);
	return -err;
}
