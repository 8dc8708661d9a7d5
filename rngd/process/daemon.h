/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rngd's main loop, in the process without privileges. It waits for signals, for
 * events of the outlet, for VM forks, for requests at the control socket, for hooks
 * and for timers, and calls the part that each is for. It never reads a source.
 *
 * One thread; the feeders' threads do not touch struct rngd_daemon.
 */
#ifndef RNGD_PROCESS_DAEMON_H
#define RNGD_PROCESS_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/sources/hwrng.h"
#include "rngd/base/log.h"
#include "rngd/base/notify.h"
#include "rngd/control/server.h"
#include "rngd/feed/outlet.h"
#include "rngd/feed/set.h"
#include "rngd/fork/limit.h"
#include "rngd/fork/renewal.h"
#include "rngd/options/options.h"
#include "rngd/process/gate.h"
#include "rngd/process/notice.h"
#include "rngd/process/privops.h"
#include "rngd/process/summary.h"
#include "rngd/sinks/sink.h"
#include "vrng/error.h"

/* A client that waits for the end of a renewal. */
struct rngd_waiter {
	uint64_t ticket; /* of the control socket */
	uint64_t number; /* of the renewal */
};

struct rngd_daemon {
	int argc; /* parsed again on SIGHUP */
	char **argv;
	char *folder; /* that rngd was started in; NULL: it has no path */
	struct rngd_options options; /* sources: those of the start, see set */
	struct vrng_log log;
	uint64_t began; /* ns, of vrng_now() */

	struct rngd_set *set;
	bool hangs; /* a feeder could not be stopped */
	struct vrng_sink *sink;
	struct rngd_outlet *outlet;
	bool was_fed; /* the first block was handed over */
	uint64_t reported; /* bytes out at the last line of --test */
	uint64_t reports; /* lines of --test */

	int pid_fd; /* holds the pid file's lock; -1: none */
	unsigned int allowed; /* RNGD_NEEDS_* that the filter allows */
	struct rngd_privops *privops;
	struct rngd_hooks *hooks; /* NULL: none */
	struct rngd_notice notice; /* of VM forks */
	int uevent_fd; /* negative: none */
	struct rngd_renewal renewal;
	struct vrng_notify notify;
	struct rngd_control *control; /* NULL: none */
	char signs[64]; /* in the last snapshot */
	char waiting_for[RNGD_SUMMARY_SIZE]; /* in the last snapshot */
	struct vrng_hwrng hwrng; /* the same */
	struct rngd_waiter waiter[RNGD_CONTROL_PLACES]; /* see answer.h */
	size_t waiters;
	struct rngd_gate gate; /* for wait-fresh */
	struct rngd_limit forks; /* announced at the control socket */
	struct rngd_limit requests;

	int signal_fd;
	int epoll_fd;
	int timer_fd; /* for --test or systemd; -1: neither */
	int ready_fd; /* -1 in the foreground, or once told */
};

/* The signals that the loop reads. Blocked by the caller before threads start. */
void rngd_daemon_signals(sigset_t *set);

/* Open what the loop waits with. Called once, first. */
int rngd_daemon_init(struct rngd_daemon *d, struct vrng_error *error);

/* Start the feeders and watch everything else. */
int rngd_daemon_feed(struct rngd_daemon *d, struct vrng_error *error);

/*
 * Tell systemd that rngd is ready, whatever its sources do, and run until a signal
 * or an outcome ends it.
 */
void rngd_daemon_wait(struct rngd_daemon *d);

void rngd_daemon_log_stats(struct rngd_daemon *d);

/* With --test: log the rate since the start. */
void rngd_daemon_log_rate(struct rngd_daemon *d);

/*
 * Free the set, whose feeders were stopped, the outlet and all descriptors; not
 * the sink, the options and privops. The outlet stays if a feeder hangs.
 */
void rngd_daemon_free(struct rngd_daemon *d);

#endif
