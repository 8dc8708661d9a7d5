/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs to run after a VM fork, so that others can reseed too: those in one
 * folder, in the order of their names, as run-parts(8) would.
 *
 * They run with the rights that rngd was started with, so a process of its own
 * runs them, which does nothing else: it is told of a fork, and tells when they
 * are done. It exists only if the folder does when rngd starts.
 *
 * A program gets VRNG_GENERATION (decimal), VRNG_REASON (fork or request) and
 * VRNG_FRESH (yes: fresh entropy has been credited; no: none came in time). It
 * has RNGD_HOOK_TIMEOUT to end; then it is killed, with its process group. One
 * that is neither root's nor ours, or that its group or others may write, is not
 * run, and none is in a folder of that kind.
 */
#ifndef RNGD_FORK_HOOKS_H
#define RNGD_FORK_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "vrng/error.h"

#define RNGD_HOOK_TIMEOUT 30 /* s, each */
#define RNGD_HOOK_NAME	  64 /* bytes; longer ones are cut */

struct rngd_hooks;

struct rngd_hooks_done {
	uint64_t generation;
	uint32_t run; /* how many programs */
	uint32_t failed; /* of these, killed ones included */
	uint32_t refused; /* besides, since others may write them */
	char name[RNGD_HOOK_NAME]; /* of the first of those, or of the folder */
};

/* Fork the runner off. *@hooks is NULL where there is no such folder. */
int rngd_hooks_start(struct rngd_hooks **hooks, const char *folder,
		     struct vrng_error *error);

/* Readable when they are done. -1 for NULL. */
int rngd_hooks_fd(const struct rngd_hooks *hooks);

/* Run them, after those that run already. -EAGAIN when too many wait. */
int rngd_hooks_run(struct rngd_hooks *hooks, uint64_t generation, bool fork,
		   bool fresh);

/* What is done: 1, 0 when nothing is, or negative errno: the runner has gone. */
int rngd_hooks_take(struct rngd_hooks *hooks, struct rngd_hooks_done *done);

/* Lets the runner end. NULL is nothing. */
void rngd_hooks_end(struct rngd_hooks *hooks);

/* Would run-parts run a program of this name? */
bool rngd_hooks_is_name(const char *name);

#endif
