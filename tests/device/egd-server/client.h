/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol with one client of an EGD server. It keeps requests that are not
 * handled yet and how many random bytes it owes, but no random byte: those go
 * from the prefetch ring into the socket, and only what the socket took leaves
 * the ring.
 *
 * Replies go out in the order of the requests, each whole: a reply waits until
 * as many bytes are at hand as it has. It is cut only by a full socket, or by a
 * rate limit that is lower than a reply. A client that does not read its
 * replies is read from as long as owed.h has room for them.
 *
 * One thread, the server's.
 */
#ifndef DEVICE_EGD_SERVER_CLIENT_H
#define DEVICE_EGD_SERVER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/egd-server/owed.h"
#include "tests/device/egd-server/prefetch.h"
#include "vrng/error.h"

/* Bytes of requests read ahead, at most. */
#define EGD_CLIENT_AHEAD 256

struct egd_counts {
	uint64_t requests;
	uint64_t bytes; /* random bytes given to clients */
	uint64_t written; /* bytes that clients wrote; they are not used */
	uint64_t forks; /* how often bytes at hand were dropped for a VM fork */
};

struct egd_client {
	int fd; /* owned */
	uint8_t in[EGD_CLIENT_AHEAD]; /* requests not handled yet */
	size_t in_len;
	uint8_t out[16]; /* a reply without random bytes, or the byte M */
	size_t out_len;
	struct egd_owed owed; /* replies with random bytes */
	size_t skip; /* bytes of a write's data still to come */
	bool has_ended; /* no more requests will come */
};

void egd_client_init(struct egd_client *client, int fd);
void egd_client_done(struct egd_client *client);

/* Read requests as far as there is room. 0, or -EPIPE: the client is gone. */
int egd_client_read(struct egd_client *client);

/* Are there replies that it has not been sent whole? */
bool egd_client_is_owed(const struct egd_client *client);

/* Are there requests or replies left? */
bool egd_client_wants(const struct egd_client *client);

/* Is there room for more requests, and may more come? */
bool egd_client_listens(const struct egd_client *client);

/* How many bytes must be at hand for it to get on; at least 1. */
size_t egd_client_needs(const struct egd_client *client,
			const struct egd_prefetch *prefetch);

enum egd_served {
	EGD_SERVED_ALL, /* it wants nothing more */
	EGD_SERVED_TURN, /* its turn is over, and it wants more */
	EGD_SERVED_FULL, /* its socket is full */
	EGD_SERVED_DRY, /* too few bytes are at hand */
	EGD_SERVED_GONE, /* to be dropped: the connection has ended */
	EGD_SERVED_WRONG /* to be dropped: @error says why */
};

/*
 * Give the client its turn: send the replies that begin within @most random
 * bytes, and add what was done to @counts.
 */
enum egd_served egd_client_serve(struct egd_client *client,
				 struct egd_prefetch *prefetch, size_t most,
				 struct egd_counts *counts,
				 struct vrng_error *error);

#endif
