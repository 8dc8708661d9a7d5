/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signals that the host's programs act on, as something to poll for:
 * SIGTERM and SIGINT end them, SIGUSR1 has them write their statistics.
 */
#ifndef DEVICE_RUNTIME_SIGNALS_H
#define DEVICE_RUNTIME_SIGNALS_H

enum signals_word {
	SIGNALS_NOTHING,
	SIGNALS_REPORT,
	SIGNALS_END
};

/*
 * Block them, in this thread and all that it makes, and ignore SIGPIPE: before
 * anything else is made, so that none is missed. A descriptor, to be closed, or
 * a negative errno.
 */
int signals_open(void);

/* The next one at @fd, without waiting. */
enum signals_word signals_take(int fd);

#endif
