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
#ifndef DEVICE_VHOST_USER_RNG_BACKEND_H
#define DEVICE_VHOST_USER_RNG_BACKEND_H

#include <stdbool.h>

#include "tests/device/runtime/loop.h"
#include "tests/device/virtqueue/virtq.h"
#include "vrng/error.h"

/*
 * Bytes between two looks at everything else; also what a guest may have to
 * wait for before it hears of the first of many requests.
 */
#define BACKEND_BATCH (256 * 1024)
/* What answering costs at least, as bytes, so that empty ones are bounded. */
#define BACKEND_REQUEST_COST 256

/*
 * A guest that asks for little at a time asks again soon: for so long (ns) it is
 * waited for without going to sleep, as long as that was worth it.
 */
#define BACKEND_LOOK_NS 100000

struct faults;
struct request_buffer;
struct vrng_log;
struct metrics;
struct session;

struct backend {
	struct loop *loop;
	struct request_buffer *buffer;
	struct metrics *metrics;
	struct vrng_log *log;
	struct faults *faults; /* to make on purpose, NULL: none */
	bool resumable; /* vhost_user.h */
	void (*gone)(
		struct backend *
			backend); /* the guest went; backend_detach() is done */

	/* the rest is the device's own */
	struct session *vu; /* NULL: no guest */
	struct virtq *vq; /* NULL: not to be served */
	struct loop_watch conn;
	struct loop_watch kick;
	struct loop_watch timer;
	struct loop_watch source;
	struct virtq_request request;
	uint64_t rests; /* since then, vrng_now()'s */
	bool looks; /* BACKEND_LOOK_NS was worth it */
	bool started; /* the guest has, at some time */
	unsigned int spurious; /* interrupts that are owed to a fault */
	bool said_malformed;
};

/* Fill in the first group, then call this. 0 or a negative errno. */
int backend_init(struct backend *backend, struct vrng_error *error);
void backend_done(struct backend *backend);

/*
 * Serve the front end at @sock, which becomes the device's, until it goes or
 * is dropped. Only one at a time.
 */
int backend_attach(struct backend *backend, int sock);

/* Let go of the guest, if any: nothing of it stays open or mapped. */
void backend_detach(struct backend *backend);

#endif
