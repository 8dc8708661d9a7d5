/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifies systemd as sd_notify(3) does, without its library: by a datagram to
 * the socket $NOTIFY_SOCKET.
 */
#ifndef RNGD_BASE_NOTIFY_H
#define RNGD_BASE_NOTIFY_H

#include <stdint.h>

struct vrng_notify {
	int fd; /* connected; -1: no socket, nothing is sent */
	uint64_t watchdog_us; /* $WATCHDOG_USEC, or 0: no watchdog */
};

/* Read the environment and connect. Before privileges are dropped. */
void vrng_notify_init(struct vrng_notify *notify);

/*
 * Send lines such as "READY=1", "STATUS=...", "WATCHDOG=1", without the last
 * newline. Text beyond 511 bytes is cut. Errors are ignored.
 */
void vrng_notify_say(const struct vrng_notify *notify, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void vrng_notify_close(struct vrng_notify *notify);

#endif
