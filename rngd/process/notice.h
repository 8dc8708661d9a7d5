/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How rngd notices VM forks: it watches all signs that there are (signs/sign.h), and
 * begins a renewal at the first sign of a fork. Called from the main loop.
 */
#ifndef RNGD_PROCESS_NOTICE_H
#define RNGD_PROCESS_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/base/log.h"
#include "rngd/feed/set.h"
#include "rngd/fork/hooks.h"
#include "rngd/fork/page.h"
#include "rngd/fork/past.h"
#include "rngd/fork/renewal.h"
#include "rngd/process/privops.h"
#include "rngd/signs/sign.h"
#include "rngd/signs/vmclock.h"
#include "rngd/signs/vmfork.h"

/* One thread. The caller sets the first group, which lives longer. */
struct rngd_notice {
	struct vrng_log *log;
	struct rngd_set *set; /* woken for a renewal */
	struct rngd_renewal *renewal;
	struct rngd_privops *privops; /* tells of the kernel's log */
	int epoll_fd; /* watches the signs */
	struct rngd_page page; /* of generations; fd -1: none */
	int past_fd; /* beside it; -1: none */
	struct rngd_past past; /* of the last rngd */
	bool has_past;

	struct rngd_vmfork vmfork;
	struct rngd_vmclock vmclock; /* fd -1: none */
	struct rngd_sign vmclock_sign, log_sign, agent_sign;
	struct rngd_sign_window window; /* of all signs */
	char driver_id[RNGD_VMFORK_ID]; /* clone_id before the next fork; or "" */
	char clone_id[RNGD_HOOK_ID]; /* for hooks; "": none drawn so far */
	uint64_t identified; /* number of the renewal that clone_id was drawn for */
	uint64_t page_fork; /* renewal->fork when the page was changed last after it */
	uint64_t fork_renewal; /* number of the last fork's; 0: none */
};

/* Open what only root may open. Before privileges are dropped. */
void rngd_notice_open(struct rngd_notice *n);

/* Watch all signs. */
void rngd_notice_watch(struct rngd_notice *n);

/*
 * Feeders run. Begin a renewal if the last rngd was ended before it had done all that
 * follows a fork, or if there was a fork since.
 */
void rngd_notice_resume(struct rngd_notice *n);

/* A renewal has ended, or a sign was known: record it, if all has been done. */
void rngd_notice_done(struct rngd_notice *n);

/* Look for devices again; a fork that has happened meanwhile is not forgotten. */
void rngd_notice_look_again(struct rngd_notice *n);

/* Begin a renewal for each fork that a sign shows and that is not known. */
void rngd_notice_look(struct rngd_notice *n);

/* False: @fd is of no sign. Otherwise it is looked at; @events of epoll. */
bool rngd_notice_handle(struct rngd_notice *n, int fd, uint32_t events);

/*
 * A block was fed: change the generation page once more if it is the first one after
 * a fork. Before hooks run.
 */
void rngd_notice_fed(struct rngd_notice *n);

/*
 * An agent reports a fork. Returns the number of the renewal that follows or has
 * followed that fork: see struct rngd_renewal_round.
 */
uint64_t rngd_notice_report(struct rngd_notice *n);

/* Begin a renewal that was asked for without a fork. Returns its number. */
uint64_t rngd_notice_request(struct rngd_notice *n);

/* The largest clone_generation; where no driver counts, the forks that were noticed. */
uint64_t rngd_notice_generation(const struct rngd_notice *n);

/*
 * The clone's ID for hooks: that of the driver, if it has drawn one since the last
 * fork, and otherwise one of the kernel's generator. Siblings differ if fresh entropy
 * was credited.
 */
void rngd_notice_identify(struct rngd_notice *n, char id[RNGD_HOOK_ID]);

/* Write the names of the signs in use to @text, or "none". */
void rngd_notice_names(const struct rngd_notice *n, char *text, size_t size);

void rngd_notice_close(struct rngd_notice *n);

#endif
