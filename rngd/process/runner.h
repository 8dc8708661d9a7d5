/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process rngd-runner: it starts the programs of exec: sources, so that the process
 * that reads need not be able to. It has the same user, no capability and no filter,
 * which its programs would inherit.
 *
 * It runs only commands of the configuration: those of the start and, if another one is
 * asked for, those of the command line and the file as they are then. So the reading
 * process cannot run what the administrator has not written, if it is taken over.
 *
 * The messages, over a socket of type SOCK_SEQPACKET: the command as text asks; the
 * answer is a struct rngd_answer with the socket of the command (rngd/sources/
 * command.h), whose first message is a struct rngd_answer with the output.
 */
#ifndef RNGD_PROCESS_RUNNER_H
#define RNGD_PROCESS_RUNNER_H

#include "rngd/options/options.h"
#include "vrng/error.h"

struct rngd_runner;

/* What to parse again; all must outlive the fork. */
struct rngd_runner_setup {
	int argc;
	char **argv;
	const char *folder; /* of rngd_options_parse() */
	const struct rngd_options *options;
};

/*
 * Fork the process, after privileges were dropped and before there are threads or a
 * filter. *@runner is for the caller's side. A negative errno.
 */
int rngd_runner_start(struct rngd_runner **runner,
		      const struct rngd_runner_setup *setup,
		      struct vrng_error *error);

/*
 * As run() of struct vrng_opener. -EPERM: no such command is configured; -EAGAIN: too
 * many run; -ETIMEDOUT: the process is busy; -EPIPE: it has ended.
 */
int rngd_runner_run(struct rngd_runner *runner, const char *command,
		    int fds[2]);

/* The process ends when its last program has. Free it; NULL is nothing. */
void rngd_runner_free(struct rngd_runner *runner);

#endif
