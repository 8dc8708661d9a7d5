/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts a program in a process group of its own, as after a login: no signal is
 * blocked or ignored, there is no input, and no descriptor above 2.
 *
 * By posix_spawn(3), which copies no page table, and after which no page is copied on a
 * write: right after a fork of the machine each page fault counts.
 */
#ifndef RNGD_BASE_SPAWN_H
#define RNGD_BASE_SPAWN_H

#include <sys/types.h>

struct vrng_spawn {
	const char *path;
	char *const *argv;
	char *const *environment;
	int out; /* its standard output; -1: that of this process */
};

/* 0 with *@pid, or a negative errno. */
int vrng_spawn(pid_t *pid, const struct vrng_spawn *program);

#endif
