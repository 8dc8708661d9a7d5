/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations that need a privilege: open a source's device, credit entropy, let
 * the kernel reseed, and remove rngd's files at the end.
 *
 * This process does them itself until rngd_privops_start() has forked a helper
 * (helper.h), and a process for each file that it may have to open (opener.h). From
 * then on these do what this process may not. Callers need not know: sources open files by rngd_privops_opener(), and the kernel's
 * sink credits by rngd_privops_pool_ops(), before and after.
 *
 * Any thread may open, credit and reseed. Credits and reseeds wait for one
 * another, so the main thread does neither: a helper that was stopped must not hold
 * up signals and the watchdog. An open waits for no other file and for no credit. The
 * functions below are the main thread's.
 */
#ifndef RNGD_PROCESS_PRIVOPS_H
#define RNGD_PROCESS_PRIVOPS_H

#include "rngd/base/ours.h"
#include "rngd/process/helper.h"
#include "rngd/process/runner.h"
#include "rngd/sinks/kernel_pool.h"
#include "vrng/error.h"
#include "vrng/opener.h"

/*
 * How long an open may take, ms. A longer one goes on: 1 s bounds how long a source's
 * thread waits.
 */
#define RNGD_OPEN_MS 1000

/* How long the helper may take to credit or reseed, s; it takes microseconds. */
#define RNGD_EXCHANGE_S 5

struct rngd_privops;

/* Without a helper. -ENOMEM. */
int rngd_privops_make(struct rngd_privops **privops, struct vrng_error *error);

/*
 * Opens what this process may open. What it may not (EACCES, EPERM) is opened by
 * another process, if path and flags are in the list; otherwise the error is
 * returned. -ETIMEDOUT: the open takes longer than RNGD_OPEN_MS; a later call gets
 * its result. -ESTALE: the file has changed (opener.h). Lives as long as @privops.
 */
const struct vrng_opener *
rngd_privops_opener(const struct rngd_privops *privops);

/*
 * Credits and reseeds. -ETIMEDOUT: the helper has not answered, or not read what it
 * was sent, for RNGD_EXCHANGE_S; it fails for good then. Lives as long as @privops.
 */
const struct vrng_kernel_pool_ops *
rngd_privops_pool_ops(const struct rngd_privops *privops);

/*
 * From here on the opener runs programs by @runner, which @privops owns. Without it
 * sources start them themselves.
 */
void rngd_privops_use_runner(struct rngd_privops *privops,
			     struct rngd_runner *runner);

/*
 * Remove @file in rngd_privops_end(). At most RNGD_HELPER_FILES, before the
 * helper is started; its path must live as long as @privops.
 */
void rngd_privops_remove_at_end(struct rngd_privops *privops,
				const struct vrng_ours *file);

/*
 * Fork the helper and the openers, before there are threads. @setup says what they
 * may do; its files are those of rngd_privops_remove_at_end(). The paths and log_fd
 * are owned by @privops from here on, also after a failure; forks_fd is made here.
 */
int rngd_privops_start(struct rngd_privops *privops,
		       const struct rngd_helper_setup *setup,
		       struct vrng_error *error);

/*
 * A descriptor that polls EPOLLRDHUP when the helper has ended: nothing can be
 * credited then. -1 without a helper, or for NULL.
 */
int rngd_privops_fd(const struct rngd_privops *privops);

/*
 * An eventfd(2) that the helper adds to: how many lines of the kernel's log show a VM
 * fork. -1 where no helper reads the log.
 */
int rngd_privops_forks_fd(const struct rngd_privops *privops);

/*
 * Remove the files; let the helper do so and end, and wait for it @ms at most.
 * Later operations return -EPIPE where there was a helper. Once; NULL is
 * nothing.
 */
void rngd_privops_end(struct rngd_privops *privops, unsigned int ms);

/* After the sources and the sink that use it. NULL is nothing. */
void rngd_privops_free(struct rngd_privops *privops);

#endif
