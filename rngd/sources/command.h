/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command that the shell runs in a process group of its own, as this process's
 * child: with /dev/null as its standard input, a pipe as its output, our standard
 * error and no other descriptor.
 *
 * Who may not start programs has another process do it (vrng/opener.h), which passes
 * back the pipe and a socket that stands for the command. The socket polls readable
 * when the command has ended. Then it gives the status of waitpid(2), an int, and then
 * end of file. When the caller shuts down or closes its end, the command is ended.
 */
#ifndef RNGD_SOURCES_COMMAND_H
#define RNGD_SOURCES_COMMAND_H

#include <sys/types.h>

#define VRNG_COMMAND_SHELL "/bin/sh"

/*
 * To wait after SIGTERM, and after SIGKILL, in ms: see vrng_source_close(). The first
 * is half of what rngd's feeders have for their end (RNGD_STOP_TIMEOUT).
 */
#define VRNG_COMMAND_TERM_MS 30
#define VRNG_COMMAND_KILL_MS 1000

struct vrng_command {
	pid_t pid; /* also the id of its group; 0: no command */
	int pidfd; /* polls readable when it has ended; -1: none */
};

#define VRNG_COMMAND_NONE              \
	{                              \
		.pid = 0, .pidfd = -1, \
	}

/*
 * Start @text. *@out becomes the reading end of its output, without waiting for reads.
 * 0, or a negative errno, with *@out -1.
 */
int vrng_command_start(struct vrng_command *command, const char *text,
		       int *out);

/* Send @signal to the whole group. */
void vrng_command_signal(const struct vrng_command *command, int signal);

/*
 * It has ended: end the rest of its group, and take its *@status. -ECHILD: that is
 * lost. There is no command then.
 */
int vrng_command_reap(struct vrng_command *command, int *status);

/* End it, as the constants above say. It may have ended, or never started. */
void vrng_command_end(struct vrng_command *command);

#endif
