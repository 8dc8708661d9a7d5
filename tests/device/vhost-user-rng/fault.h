/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device does wrong on purpose, so that drivers can be tested against
 * it. A fault is named by a SPEC, KIND[:key=value,...]; vhost-user-backend(8) says
 * what there is. Here is decided which request is struck and what becomes of
 * its answer; the device obeys.
 *
 * Pure: no ring, no clock, and what is random depends on the seed alone.
 */
#ifndef DEVICE_VHOST_USER_RNG_FAULT_H
#define DEVICE_VHOST_USER_RNG_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

#define FAULTS_MAX 16

struct fault_row;

struct fault {
	const struct fault_row *row;
	const struct fault_row *acts; /* in its name, for a mix */
	bool strikes; /* the request in hand */
	bool struck; /* one before, at least */
	uint64_t random; /* the generator's state */

	/* from the SPEC */
	uint64_t after; /* requests that are left alone first */
	uint64_t count; /* of those that are struck: how many are left */
	uint64_t every; /* 1 in so many */
	bool seeded; /* at random, that is, not each so-manieth */
	uint64_t len, ms, times, byte, from, to; /* the kind's own */
};

struct faults {
	unsigned int n;
	struct fault fault[FAULTS_MAX];
	uint64_t request; /* the number of the one in hand, from 0 */
	bool chosen; /* who strikes it is decided */
	uint64_t release; /* when a request held back may be answered, or 0 */
	uint64_t given; /* bytes of the stream so far */
};

/* An answer, as it is to go into the used ring. */
struct fault_answer {
	uint32_t id;
	uint32_t len; /* claimed to be written */
	unsigned int times; /* used elements, all alike */
	unsigned int interrupts; /* on top of those that are due */
};

/* What a request is answered for. */
struct fault_request {
	size_t asked; /* bytes it has room for */
	uint32_t num; /* the ring's size */
	uint32_t idle; /* an id that no request waits under, @num if none */
};

enum fault_what {
	FAULT_NOT, /* go on and answer */
	FAULT_HOLD, /* not before @release; 0: never */
	FAULT_DROP, /* the connection */
};

/* Another fault, by its SPEC. -EINVAL for one that means nothing. */
int faults_add(struct faults *f, const char *spec, struct vrng_error *error);

/*
 * A request is at hand, at @now in nanoseconds: what to do before it may be
 * answered. To be asked again as often as one likes: the decision stands.
 */
enum fault_what faults_ask(struct faults *f, uint64_t now);

/* @len bytes of the stream on their way to the guest, in place. */
void faults_give(struct faults *f, unsigned char *buf, size_t len);

/* The honest @answer is made what goes out. */
void faults_answer(struct faults *f, const struct fault_request *req,
		   struct fault_answer *answer);

/*
 * The request in hand is over, answered or dropped. The kind that struck for
 * the first time with it, for the log, or NULL.
 */
const char *faults_done(struct faults *f);

/* The kinds, for --help: "a, b, c". @text of @size is always terminated. */
void faults_list(char *text, size_t size);

#endif
