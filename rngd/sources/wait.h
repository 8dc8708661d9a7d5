/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One descriptor to poll for a source that waits for several things by turns:
 * to be connected, to send, for a reply, for a time. It is an epoll instance,
 * readable when any of them has come; it stays the same from open to close.
 */
#ifndef RNGD_SOURCES_WAIT_H
#define RNGD_SOURCES_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct vrng_wait {
	int epoll; /* this is what to poll; -1 while closed */
	int timer;
	int ready; /* an eventfd */
	bool is_ready;
};

#define VRNG_WAIT_CLOSED                               \
	{                                              \
		.epoll = -1, .timer = -1, .ready = -1, \
	}

/* 0 or a negative errno; then nothing is open. */
int vrng_wait_open(struct vrng_wait *wait);
void vrng_wait_close(struct vrng_wait *wait);

/* Wait for @events (EPOLLIN, EPOLLOUT) of @fd from here on. */
int vrng_wait_add(struct vrng_wait *wait, int fd, uint32_t events);
int vrng_wait_change(struct vrng_wait *wait, int fd, uint32_t events);

/* No more. To be called before @fd is closed. */
void vrng_wait_remove(struct vrng_wait *wait, int fd);

/* Be readable from @ms from now on; 0 takes that back. */
void vrng_wait_timer(struct vrng_wait *wait, unsigned int ms);

/* Be readable, or not, whatever else is waited for. Cheap if it is already. */
void vrng_wait_ready(struct vrng_wait *wait, bool ready);

/* CLOCK_MONOTONIC in ms. */
uint64_t vrng_wait_now(void);

#endif
