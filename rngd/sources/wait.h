/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One descriptor to poll for a source that waits for several things: a
 * connection, room to send, a reply, a time. It is an epoll instance, readable
 * when one of them has happened. It is the same from open to close.
 */
#ifndef RNGD_SOURCES_WAIT_H
#define RNGD_SOURCES_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct vrng_wait {
	int epoll; /* the descriptor to poll; -1 while closed */
	int timer;
	int ready; /* an eventfd */
	bool is_ready;
};

#define VRNG_WAIT_CLOSED                               \
	{                                              \
		.epoll = -1, .timer = -1, .ready = -1, \
	}

/* 0, or a negative errno, and nothing is open. */
int vrng_wait_open(struct vrng_wait *wait);

/* Does nothing to a closed one. */
void vrng_wait_close(struct vrng_wait *wait);

/* Wait for @events (EPOLLIN, EPOLLOUT) of @fd. 0 or a negative errno. */
int vrng_wait_add(struct vrng_wait *wait, int fd, uint32_t events);
int vrng_wait_change(struct vrng_wait *wait, int fd, uint32_t events);

/* Stop waiting for @fd. Call it before @fd is closed. */
void vrng_wait_remove(struct vrng_wait *wait, int fd);

/* Become readable in @ms. 0 stops the timer. */
void vrng_wait_timer(struct vrng_wait *wait, unsigned int ms);

/* Be readable until this is called with false. Cheap if nothing changes. */
void vrng_wait_ready(struct vrng_wait *wait, bool ready);

/* CLOCK_MONOTONIC in ms. */
uint64_t vrng_wait_now(void);

#endif
