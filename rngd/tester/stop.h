/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGTERM and SIGINT as something to poll for. The handlers are installed
 * without SA_RESTART, so that a call that waits all the same is cut short.
 */
#ifndef RNGD_TESTER_STOP_H
#define RNGD_TESTER_STOP_H

/*
 * Install the handlers, and ignore SIGPIPE: a write says EPIPE instead.
 * Negative errno on failure.
 */
int vrng_stop_init(void);

/*
 * Wait until @fd has one of poll's @events, at most @timeout ms (-1: as long as
 * it takes). 1 if it does, 0 when the time is up, -EINTR once a stop was asked
 * for, another negative errno on failure. A negative @fd waits for the time.
 */
int vrng_stop_poll(int fd, short events, int timeout);

#endif
