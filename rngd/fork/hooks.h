/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks: programs that run after a VM fork, so that other services can reseed too.
 * All programs of one folder run, one after the other, in the order of their names
 * as in run-parts(8).
 *
 * They run with the rights that rngd was started with. Therefore a process of its
 * own runs them, which is forked before privileges are dropped, if the folder
 * exists then. It is told of a fork by one packet and answers when all have ended.
 *
 * A program's environment has VRNG_GENERATION (decimal), VRNG_REASON (fork or
 * request), VRNG_SOURCE (the sign of the fork, see sign.h, or request), VRNG_CLONE_ID
 * (32 hexadecimal digits that no sibling has) and VRNG_FRESH (yes: fresh entropy was
 * credited; no: none came in time). After RNGD_HOOK_TIMEOUT it is killed, with its process group. A program is
 * refused unless root or rngd's user owns it and neither group nor others may write
 * it. If the folder fails that test, no program runs.
 *
 * All functions are for the main loop.
 */
#ifndef RNGD_FORK_HOOKS_H
#define RNGD_FORK_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "vrng/error.h"

#define RNGD_HOOK_TIMEOUT 30 /* s, each */
#define RNGD_HOOK_NAME	  64 /* bytes; longer ones are cut */

struct rngd_hooks;

#define RNGD_HOOK_ID	 33 /* 32 digits and a zero */
#define RNGD_HOOK_SOURCE 24

/* What the programs of a run are told. */
struct rngd_hooks_order {
	uint64_t number; /* tells this run from others of the same generation */
	uint64_t generation;
	uint32_t fork; /* boolean, as is fresh */
	uint32_t fresh;
	char clone_id[RNGD_HOOK_ID];
	char source[RNGD_HOOK_SOURCE];
};

struct rngd_hooks_done {
	uint64_t number; /* of the run: see rngd_hooks_run() */
	uint32_t run; /* programs */
	uint32_t failed; /* those of @run with another status than 0, or killed */
	uint32_t refused; /* not among @run: others may write them */
	char name[RNGD_HOOK_NAME]; /* the first one refused, or the folder */
};

/*
 * Fork the process that runs hooks, before there are threads. *@hooks is NULL if
 * @folder is "none" or does not exist. -ENOMEM, -EAGAIN.
 */
int rngd_hooks_start(struct rngd_hooks **hooks, const char *folder,
		     struct vrng_error *error);

/* Polls readable when rngd_hooks_take() has something. -1 for NULL. */
int rngd_hooks_fd(const struct rngd_hooks *hooks);

/* Run all hooks, after those that run already. -EAGAIN if too many runs wait. */
int rngd_hooks_run(struct rngd_hooks *hooks,
		   const struct rngd_hooks_order *order);

/* Take the result of a run: 1, or 0 if there is none. -EPIPE: the process ended. */
int rngd_hooks_take(struct rngd_hooks *hooks, struct rngd_hooks_done *done);

/* Let the process end after its run. NULL is allowed. */
void rngd_hooks_end(struct rngd_hooks *hooks);

/* Does run-parts(8) run a program of this name? */
bool rngd_hooks_is_name(const char *name);

#endif
