/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signals of the host's programs, as a descriptor to poll: SIGTERM and
 * SIGINT end a program, SIGUSR1 has it write its statistics.
 */
#ifndef DEVICE_RUNTIME_SIGNALS_H
#define DEVICE_RUNTIME_SIGNALS_H

enum signals_word {
	SIGNALS_NOTHING,
	SIGNALS_REPORT, /* SIGUSR1 */
	SIGNALS_END /* SIGTERM, SIGINT */
};

/*
 * Block them, in this thread and all that it makes, and ignore SIGPIPE. Call it
 * before there are threads, so that none is missed. A signalfd, owned by the
 * caller, or a negative errno.
 */
int signals_open(void);

/* Read the next one from @fd, without waiting. */
enum signals_word signals_take(int fd);

#endif
