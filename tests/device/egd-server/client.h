/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One client of an EGD server. It keeps the requests that were not looked at
 * yet, how many random bytes it is owed, and no random byte: those go from the
 * pool into its socket, and only what the socket took leaves the pool.
 *
 * Replies go out in the order of the requests, and each whole: it waits for as
 * many bytes as it is of. Only a socket that is full, or a limit below that for a
 * whole period, cuts it. A client that does not read what it asked for is not
 * read from either.
 */
#ifndef DEVICE_EGD_SERVER_CLIENT_H
#define DEVICE_EGD_SERVER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/egd-server/prefetch.h"
#include "vrng/error.h"

/* Requests read ahead, in bytes; and replies owed at most. */
#define EGD_CLIENT_AHEAD   256
#define EGD_CLIENT_REPLIES 256

struct egd_counts {
	uint64_t requests;
	uint64_t bytes; /* random ones, given to clients */
	uint64_t written; /* bytes that clients wrote; they are not used */
};

struct egd_client {
	int fd; /* owned */
	uint8_t in[EGD_CLIENT_AHEAD]; /* requests, from the first on */
	size_t in_len;
	uint8_t out[16]; /* a reply without random bytes, or M */
	size_t out_len;
	uint8_t reply[EGD_CLIENT_REPLIES]; /* random bytes of each that is owed */
	size_t first, replies; /* in that ring */
	bool is_begun; /* the first of them: so many are left of it */
	size_t skip; /* of a write's data, still to come */
	bool has_ended; /* no more requests will come */
};

void egd_client_init(struct egd_client *client, int fd);
void egd_client_done(struct egd_client *client);

/* Read requests, as far as there is room for them. -EPIPE: it has gone. */
int egd_client_read(struct egd_client *client);

/* Is there something to do, if only the socket and the pool let it? */
bool egd_client_wants(const struct egd_client *client);

/* Is it to be read from, by epoll's leave? */
bool egd_client_listens(const struct egd_client *client);

/* How many bytes the pool should have for it to get on; at least 1. */
size_t egd_client_needs(const struct egd_client *client,
			const struct egd_prefetch *pool);

enum egd_served {
	EGD_SERVED_ALL, /* nothing is wanted any more */
	EGD_SERVED_TURN, /* its turn is over, it wants more */
	EGD_SERVED_FULL, /* its socket is full */
	EGD_SERVED_DRY, /* the pool has too few bytes */
	EGD_SERVED_GONE, /* to be dropped: nobody is there */
	EGD_SERVED_WRONG /* to be dropped for what @error says */
};

/*
 * Let it have its turn: the replies that begin within @most bytes, so that all
 * requests that are looked at are answered in order.
 */
enum egd_served egd_client_serve(struct egd_client *client,
				 struct egd_prefetch *pool, size_t most,
				 struct egd_counts *counts,
				 struct vrng_error *error);

#endif
