/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that reads and tests: its parts, and the loop that waits for
 * signals, for what feeders tell, and for everybody who asks.
 */
#ifndef RNGD_PROCESS_DAEMON_H
#define RNGD_PROCESS_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/control/server.h"
#include "rngd/feed/set.h"
#include "rngd/process/privops.h"
#include "rngd/base/log.h"
#include "rngd/process/notify.h"
#include "rngd/options/options.h"
#include "rngd/feed/outlet.h"
#include "rngd/fork/renewal.h"
#include "rngd/sinks/sink.h"
#include "rngd/fork/vmfork.h"
#include "vrng/source.h"
#include "vrng/error.h"

struct rngd_daemon {
	int argc; /* for the next reading of the configuration */
	char **argv;
	struct rngd_options options;
	struct vrng_log log;
	uint64_t began; /* ns */

	struct rngd_set *set; /* the sources; options.source is of the start */
	bool hangs; /* a feeder could not be stopped */

	struct vrng_sink *sink;
	struct rngd_outlet *outlet;
	bool was_fed;
	uint64_t reported; /* bytes out that --test has told of */

	int pid_fd; /* holds the pid file's lock; -1: none */
	struct rngd_privops *privops;
	struct rngd_hooks *hooks;
	struct rngd_vmfork vmfork;
	struct rngd_renewal renewal;
	struct rngd_notify notify;
	struct rngd_control *control;
	uint64_t waiting[RNGD_CONTROL_CLIENTS]; /* for a renewal's end, tickets */
	size_t waiters;

	int signal_fd;
	int epoll_fd;
	int timer_fd; /* each second of --test, or for the watchdog */
	int ready_fd; /* -1 in the foreground, or once told */
};

/* Those that are waited for; the caller blocks them before any thread starts. */
void rngd_daemon_signals(sigset_t *set);

/* What the loop waits with. Once, first. */
int rngd_daemon_init(struct rngd_daemon *d, struct vrng_error *error);

/* Start a feeder for each source, and wait for the rest of what there is. */
int rngd_daemon_feed(struct rngd_daemon *d, struct vrng_error *error);

/* What the control socket is asked; see rngd_control_ask. */
size_t rngd_daemon_ask(void *opaque, uint64_t ticket, const char *text,
		       char *answer, size_t size);

/* The loop, until a signal or an outcome ends it. */
void rngd_daemon_wait(struct rngd_daemon *d);

void rngd_daemon_log_stats(struct rngd_daemon *d);

/* Feeders, which have been stopped, sources and descriptors. */
void rngd_daemon_free(struct rngd_daemon *d);

#endif
