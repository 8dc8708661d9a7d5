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

#include "rngd/process/daemon.h"

/* Open what only root may open. Before privileges are dropped. */
void rngd_notice_open(struct rngd_daemon *d);

/* Watch all signs with d->epoll_fd. */
void rngd_notice_watch(struct rngd_daemon *d);

/*
 * Feeders run. Begin a renewal if the last rngd was ended before it had done all that
 * follows a fork, or if there was a fork since.
 */
void rngd_notice_resume(struct rngd_daemon *d);

/* A renewal has ended, or a sign was known: record it, if all has been done. */
void rngd_notice_done(struct rngd_daemon *d);

/* Look for devices again; a fork that has happened meanwhile is not forgotten. */
void rngd_notice_look_again(struct rngd_daemon *d);

/* Begin a renewal for each fork that a sign shows and that is not known. */
void rngd_notice_look(struct rngd_daemon *d);

/* False: @fd is of no sign. Otherwise it is looked at; @events of epoll. */
bool rngd_notice_handle(struct rngd_daemon *d, int fd, uint32_t events);

/*
 * A block was fed: change the generation page once more if it is the first one after
 * a fork. Before hooks run.
 */
void rngd_notice_fed(struct rngd_daemon *d);

/*
 * An agent reports a fork. Returns the number of the renewal that follows or has
 * followed that fork: see struct rngd_renewal_round.
 */
uint64_t rngd_notice_report(struct rngd_daemon *d);

/* The largest clone_generation; where no driver counts, the forks that were noticed. */
uint64_t rngd_notice_generation(const struct rngd_daemon *d);

/*
 * The clone's ID for hooks: that of the driver, if it has drawn one since the last
 * fork, and otherwise one of the kernel's generator. Siblings differ if fresh entropy
 * was credited. @opaque is the struct rngd_daemon.
 */
void rngd_notice_identify(void *opaque, char id[RNGD_HOOK_ID]);

/* Write the names of the signs in use to @text, or "none". */
void rngd_notice_names(const struct rngd_daemon *d, char *text, size_t size);

void rngd_notice_close(struct rngd_daemon *d);

#endif
