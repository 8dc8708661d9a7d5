/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that reads and tests: its parts, and the loop that waits for
 * signals, for what feeders tell, and for everybody who asks.
 */
#ifndef RNGD_DAEMON_H
#define RNGD_DAEMON_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/feeder.h"
#include "rngd/log.h"
#include "rngd/options.h"
#include "rngd/outlet.h"
#include "rngd/pidfile.h"
#include "rngd/sinks/sink.h"
#include "vrng/source.h"
#include "vrng/why.h"

struct rngd_daemon {
	struct rngd_options options;
	struct rngd_log log;
	struct vrng_source *source[RNGD_SOURCES_MAX];
	size_t sources;
	struct vrng_sink *sink;
	struct rngd_pidfile *pidfile;
	struct rngd_outlet *outlet;
	struct rngd_feeder *feeder[RNGD_SOURCES_MAX];
	size_t feeders;
	int signal_fd;
	int epoll_fd;
	int timer_fd; /* of --test: each second; or of the watchdog */
	int ready_fd; /* -1 in the foreground, or once told */
	uint64_t reported; /* bytes out that --test has told of */
	bool hangs; /* a feeder could not be stopped */

	pthread_mutex_t lock; /* over ill */
	size_t ill; /* sources that give nothing */
};

/* Those that are waited for; the caller blocks them before any thread starts. */
void rngd_daemon_signals(sigset_t *set);

/* What the loop waits with. Once, first. */
int rngd_daemon_init(struct rngd_daemon *d, struct vrng_why *why);

/* Start a feeder for each source. */
int rngd_daemon_feed(struct rngd_daemon *d, struct vrng_why *why);

/* The loop, until a signal or an outcome ends it. */
void rngd_daemon_wait(struct rngd_daemon *d);

void rngd_daemon_log_stats(struct rngd_daemon *d);

/* Feeders, which have been stopped, sources and descriptors. */
void rngd_daemon_free(struct rngd_daemon *d);

#endif
