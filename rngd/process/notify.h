/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What systemd is told (sd_notify(3)), without its library: one datagram to the
 * socket that $NOTIFY_SOCKET names.
 */
#ifndef RNGD_PROCESS_NOTIFY_H
#define RNGD_PROCESS_NOTIFY_H

#include <stdint.h>

struct rngd_notify {
	int fd; /* connected, or -1: nobody wants to know */
	uint64_t watchdog_us; /* $WATCHDOG_USEC if it is for us, or 0 */
};

/* Read the environment and connect. While that may still be done. */
void rngd_notify_init(struct rngd_notify *notify);

/* "READY=1", "STATUS=...", "WATCHDOG=1": lines without the last newline. */
void rngd_notify_say(const struct rngd_notify *notify, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void rngd_notify_close(struct rngd_notify *notify);

#endif
