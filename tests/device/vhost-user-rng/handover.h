/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program that ends leaves to its successor of one guest: its listening
 * socket, its connection, and the transcript that sets a session up again
 * (vhost-user/transcript.h). No random bytes.
 *
 * It is a Unix socket with these in its queue as datagrams, a label first. So the
 * service manager keeps one descriptor for each guest (FDSTORE of sd_notify(3)), and
 * what is in it is read by the successor alone.
 *
 * The successor trusts it no more than a front end: the label is checked here, and
 * each message of the transcript by its handler, in the sandbox.
 */
#ifndef DEVICE_VHOST_USER_RNG_HANDOVER_H
#define DEVICE_VHOST_USER_RNG_HANDOVER_H

#include <stdint.h>

#include "tests/device/vhost-user/transcript.h"
#include "vrng/error.h"

#define HANDOVER_NAME	 "vrng-guest" /* FDNAME= and LISTEN_FDNAMES */
#define HANDOVER_MAGIC	 "vrng"
#define HANDOVER_VERSION 1 /* of the label and of the transcript */
#define HANDOVER_PATH	 128 /* bytes of a guest's name, with the 0 */

struct handover_label {
	char magic[4]; /* HANDOVER_MAGIC, without the 0 */
	uint32_t version;
	uint32_t has_listener; /* 0 or 1; its descriptor is the first one */
	uint32_t has_connection; /* 0 or 1 */
	uint32_t messages; /* of the transcript */
	uint32_t zero;
	char name[HANDOVER_PATH]; /* of the guest; the rest is 0 */
};

struct handover {
	struct handover *next; /* the owner's */
	char name[HANDOVER_PATH];
	int sock; /* descriptors are owned; -1: none */
	int listener;
	int connection;
	unsigned int messages;
};

/*
 * Send to @sock what is left of the guest @name: @listener and @connection, which
 * stay the caller's (-1: none), and *@t, NULL without @connection. Does not wait. 0
 * or a negative errno.
 */
int handover_send(int sock, const char *name, int listener, int connection,
		  const struct transcript *t);

/*
 * Read the label from @sock, which is taken over, also on failure. NULL with @error:
 * there is none, or it is wrong.
 */
struct handover *handover_receive(int sock, struct vrng_error *error);

/* The transcript, once: as transcript_receive(). */
int handover_transcript(struct handover *handover, struct transcript *t,
			struct vrng_error *error);

/* Close what is left in it. NULL is allowed. */
void handover_free(struct handover *handover);

#endif
