/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages that bring a new session to where another one is, with their
 * descriptors. A program that ends writes one for its successor, which has a
 * session act on it: each message is checked as if the front end sent it.
 *
 * It travels in datagrams of up to TRANSCRIPT_BATCH messages, each with up to one
 * descriptor, between two programs on one machine. The layout of a message is part
 * of HANDOVER_VERSION (vhost-user-rng/handover.h).
 */
#ifndef DEVICE_VHOST_USER_TRANSCRIPT_H
#define DEVICE_VHOST_USER_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "rngd/base/passing.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/vhost-user/wire.h"
#include "vrng/error.h"

#define TRANSCRIPT_BATCH VRNG_PASSING_FDS
/* A message for each region of memory, and for all else. */
#define TRANSCRIPT_MAX (MEMMAP_REGIONS + 16)
/* Bytes: SET_MEM_TABLE, the only larger one, is not used. */
#define TRANSCRIPT_PAYLOAD sizeof(struct vu_mem_reg)

struct transcript_message {
	uint32_t request; /* VU_* */
	uint32_t size; /* bytes of @payload that are used */
	uint32_t has_fd; /* 0 or 1 */
	uint32_t zero;
	unsigned char payload[TRANSCRIPT_PAYLOAD];
};

struct transcript {
	unsigned int n;
	struct transcript_message message[TRANSCRIPT_MAX];
	int fd[TRANSCRIPT_MAX]; /* -1: none */
};

/* An empty one, to be freed with free(). NULL: no memory. */
struct transcript *transcript_new(void);

/*
 * Append @request with the @size bytes of @payload, up to TRANSCRIPT_PAYLOAD, and
 * @fd, which stays the caller's, or -1. There must be room.
 */
void transcript_add(struct transcript *t, uint32_t request, const void *payload,
		    size_t size, int fd);

/* Send all to @sock, without waiting. 0 or a negative errno. */
int transcript_send(const struct transcript *t, int sock);

/*
 * Receive the @n messages that were sent to @sock, without waiting; *@t is empty.
 * Their descriptors are *@t's then. 0; or -EPROTO with @error: there are others, or
 * they have another form. Then *@t is empty.
 */
int transcript_receive(struct transcript *t, int sock, unsigned int n,
		       struct vrng_error *error);

/* Close the descriptors that are left, after transcript_receive(). */
void transcript_close(struct transcript *t);

#endif
