/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtio-rng device (virtio 1.2, section 5.4: device id 4, one queue) behind
 * one vhost-user connection at a time. It answers the guest's requests in their
 * order with the bytes of a request buffer in theirs.
 *
 * Bytes are copied from the buffer's locked memory and wiped there, so that no
 * source works in memory that the guest can change or take away. A request is
 * filled and answered in one go: none is half done when the ring stops. Bytes
 * that were copied for a request that the guest never looks at, because it was
 * reset or its memory is gone, are not given out again.
 *
 * One thread, the worker's.
 */
#ifndef DEVICE_VHOST_USER_RNG_BACKEND_H
#define DEVICE_VHOST_USER_RNG_BACKEND_H

#include <stdbool.h>

#include "tests/device/runtime/loop.h"
#include "tests/device/virtqueue/virtq.h"
#include "vrng/error.h"

/*
 * Bytes in a batch. Between batches the loop handles its other events, and the
 * guest gets its interrupt.
 */
#define BACKEND_BATCH (256 * 1024)
/*
 * What a request and each of its descriptors count in a batch besides the bytes:
 * bounds empty requests, and chains of 32,768 descriptors.
 */
#define BACKEND_REQUEST_COST 256
#define BACKEND_DESC_COST    32

/*
 * After so many kicks in a row without a request the device listens to none for
 * a time, in ns, and looks at the ring then: an eventfd can hold 2^64 kicks.
 */
#define BACKEND_IDLE_KICKS 64
#define BACKEND_IDLE_NS	   10000000

/*
 * How long the ring is polled before the thread sleeps, in ns: a guest that
 * asks for little asks again soon. Polling stops once it finds nothing, and
 * starts again when a kick comes sooner than this after the last answer.
 */
#define BACKEND_LOOK_NS 100000

struct faults;
struct request_buffer;
struct vrng_log;
struct metrics;
struct session;
struct transcript;

struct backend {
	struct loop *loop;
	struct request_buffer *buffer;
	struct metrics *metrics;
	struct vrng_log *log;
	struct faults *faults; /* deliberate ones; NULL: none */
	unsigned int offers; /* SESSION_*, as for session_new() */
	/* The connection has ended, after backend_detach(). */
	void (*gone)(struct backend *backend);

	/* its own */
	struct session *session; /* NULL: no guest */
	struct virtq *vq; /* NULL: the ring is stopped or broken */
	struct loop_watch conn;
	struct loop_watch kick;
	struct loop_watch timer;
	struct loop_watch source;
	struct virtq_request request;
	uint64_t rests; /* when the last batch ended, as vrng_now() */
	bool looks; /* poll the ring before sleeping */
	bool started; /* the guest has started its ring at some time */
	unsigned int spurious; /* interrupts that a fault wants */
	unsigned int idle_kicks; /* in a row, without a request */
	int kick_fd; /* not owned; of the ring, watched or not */
	bool said_malformed; /* logged for this connection */
};

/* Call with the first group filled in. 0, or a negative errno with @error. */
int backend_init(struct backend *backend, struct vrng_error *error);
void backend_done(struct backend *backend);

/*
 * Serve the front end at @sock, until it goes or is dropped. Takes @sock over,
 * also on failure. One at a time. 0, or a negative errno.
 */
int backend_attach(struct backend *backend, int sock);

/*
 * The same for a connection that another process has served, whose session *@t sets
 * up (vhost-user/transcript.h); the caller closes *@t. 0, or a negative errno, and
 * that was logged.
 */
int backend_take_over(struct backend *backend, int sock, struct transcript *t);

/*
 * Stop the ring, and save the session in *@t for another process; its descriptors
 * are there until backend_detach(). The connection, or a negative errno.
 */
int backend_save(struct backend *backend, struct transcript *t);

/* Drop a front end that has sent no message. */
void backend_expect_message(struct backend *backend);

/* Look at the ring again at once: there may be bytes that there were not. */
void backend_again(struct backend *backend);

/* Close and unmap all that belongs to the guest, if there is one. */
void backend_detach(struct backend *backend);

#endif
