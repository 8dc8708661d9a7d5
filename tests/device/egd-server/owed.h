/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The replies with random bytes that a client is owed, in order: their lengths, and
 * not the bytes.
 *
 * Replies of one length in a row take one place, because a client may ask for
 * thousands of them before it reads the first. QEMU's rng-egd does: it asks for all
 * that the guest has posted, in requests of 255 bytes, and stops its guest until the
 * last of them is written. A server that reads no requests while QEMU reads no replies
 * would stop that guest for good.
 */
#ifndef DEVICE_EGD_SERVER_OWED_H
#define DEVICE_EGD_SERVER_OWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EGD_OWED_RUNS 256
/*
 * For the 512 KiB that vrng.ko posts QEMU sends 2,056 requests, and as many again for
 * each kick before the answer.
 */
#define EGD_OWED_MAX 65535

struct egd_run {
	uint16_t count; /* of replies; at least 1 */
	uint8_t n; /* random bytes of each; at least 1 */
};

/* All zero at the start. */
struct egd_owed {
	/* A ring of @runs from @first on. */
	struct egd_run run[EGD_OWED_RUNS];
	size_t first, runs;
	size_t replies; /* in all runs; at most EGD_OWED_MAX */
	size_t sent; /* bytes of the first reply that were sent */
};

/* Is there room for a reply of @n bytes? */
bool egd_owed_has_room(const struct egd_owed *owed, uint8_t n);

/* Owe a reply of @n bytes, for which there is room. 0 adds none. */
void egd_owed_add(struct egd_owed *owed, uint8_t n);

/* Bytes of the first reply that are still to be sent; 0: none is owed. */
size_t egd_owed_first(const struct egd_owed *owed);

/*
 * Of @at_hand bytes: how many belong to whole replies that begin within @most. If
 * @may_cut, the first reply may be cut where the bytes at hand end.
 */
size_t egd_owed_bytes(const struct egd_owed *owed, size_t at_hand, size_t most,
		      bool may_cut);

/* @n bytes were sent, no more than are owed. */
void egd_owed_give(struct egd_owed *owed, size_t n);

#endif
