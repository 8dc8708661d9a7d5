/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes SIGTERM and SIGINT pollable, for the whole process. The handlers are
 * installed without SA_RESTART, so that blocking calls elsewhere return EINTR.
 */
#ifndef RNGD_TESTER_STOP_H
#define RNGD_TESTER_STOP_H

/*
 * Install the handlers, and ignore SIGPIPE so that writes return EPIPE. Call
 * once, before any thread starts. Returns 0 or a negative errno.
 */
int vrng_stop_init(void);

/*
 * Wait until poll(2) reports one of @events for @fd, at most @timeout ms; -1 is
 * without limit. A negative @fd only waits for the time. Returns 1 if there is
 * an event, 0 after the time, -EINTR if a stop was requested, or another
 * negative errno. Any thread may call.
 */
int vrng_stop_poll(int fd, short events, int timeout);

#endif
