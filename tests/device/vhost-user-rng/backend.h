/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtio-rng device (virtio 1.2, section 5.4: device id 4, one queue) behind
 * one vhost-user connection at a time: it fills the guest's requests, in their
 * order, with the bytes of a feed, in theirs.
 *
 * Bytes are copied from the feed's locked memory and wiped there, so that no
 * source ever works in memory that somebody else can change or take away. A
 * request is drawn for, filled and answered in one go; none is ever half done
 * when the ring stops. What was copied for requests that the guest then never
 * looks at (it was reset, or its memory is gone) is not given out again.
 */
#ifndef DEVICE_RNG_H
#define DEVICE_RNG_H

#include <stdbool.h>

#include "tests/device/runtime/loop.h"
#include "tests/device/virtqueue/virtq.h"
#include "vrng/error.h"

/*
 * Bytes between two looks at everything else; also what a guest may have to
 * wait for before it hears of the first of many requests.
 */
#define RNG_BATCH (256 * 1024)
/* What answering costs at least, as bytes, so that empty ones are bounded. */
#define RNG_REQUEST_COST 256

/*
 * A guest that asks for little at a time asks again soon: for so long (ns) it is
 * waited for without going to sleep, as long as that was worth it.
 */
#define RNG_LOOK_NS 100000

struct faults;
struct feed;
struct say;
struct stats;
struct vhost_user;

struct rng {
	struct loop *loop;
	struct feed *feed;
	struct stats *stats;
	const struct say *say;
	struct faults *faults; /* to make on purpose, NULL: none */
	bool resumable; /* vhost_user.h */
	void (*gone)(struct rng *rng); /* the guest went; rng_detach() is done */

	/* the rest is the device's own */
	struct vhost_user *vu; /* NULL: no guest */
	struct virtq *vq; /* NULL: not to be served */
	struct loop_watch conn;
	struct loop_watch kick;
	struct loop_watch timer;
	struct loop_watch source;
	struct virtq_request request;
	uint64_t rests; /* since then, loop_now()'s */
	bool looks; /* RNG_LOOK_NS was worth it */
	bool started; /* the guest has, at some time */
	unsigned int spurious; /* interrupts that are owed to a fault */
	bool said_malformed;
};

/* Fill in the first group, then call this. 0 or a negative errno. */
int rng_init(struct rng *rng, struct vrng_why *why);
void rng_done(struct rng *rng);

/*
 * Serve the front end at @sock, which becomes the device's, until it goes or
 * is dropped. Only one at a time.
 */
int rng_attach(struct rng *rng, int sock);

/* Let go of the guest, if any: nothing of it stays open or mapped. */
void rng_detach(struct rng *rng);

#endif
