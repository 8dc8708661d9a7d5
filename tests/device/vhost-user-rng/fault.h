/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deliberate faults of a device, to test drivers with. A SPEC,
 * KIND[:key=value,...], names one; vhost-user-rng(8) lists them. This file
 * decides which request gets a fault and what its answer becomes; backend.c
 * does it.
 *
 * Pure: no ring and no clock. Random choices depend on the seed alone.
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
	const struct fault_row *acts; /* @row, or what a mix has chosen */
	bool strikes; /* the current request */
	bool struck; /* a request before it */
	uint64_t random; /* state of the generator */

	/* from the SPEC */
	uint64_t after; /* how many requests are left alone first */
	uint64_t count; /* how many requests it still strikes */
	uint64_t every; /* strikes one request in so many */
	bool seeded; /* at random; false: every @every-th */
	uint64_t len, ms, times, byte, from, to; /* keys of single kinds */
};

struct faults {
	unsigned int n;
	struct fault fault[FAULTS_MAX];
	uint64_t request; /* number of the current one, from 0 */
	bool chosen; /* it is decided which faults strike it */
	uint64_t release; /* when a held request is due, ns; 0: never */
	uint64_t given; /* bytes of the stream so far */
};

/* An answer as it goes into the used ring. */
struct fault_answer {
	uint32_t id;
	uint32_t len; /* bytes that it claims were written */
	unsigned int times; /* how many equal used elements */
	unsigned int interrupts; /* in addition to those that are due */
};

/* The request that is answered. */
struct fault_request {
	size_t asked; /* bytes of room in it */
	uint32_t num; /* size of the ring */
	uint32_t idle; /* an id that no request has; @num if there is none */
};

enum fault_what {
	FAULT_NOT, /* answer it */
	FAULT_HOLD, /* do not answer it before @release */
	FAULT_DROP, /* end the connection */
};

/* Add the fault of a SPEC. 0, or -EINVAL with @error. */
int faults_add(struct faults *f, const char *spec, struct vrng_error *error);

/*
 * What to do before the current request is answered, at @now (ns). The decision
 * stays the same until faults_done().
 */
enum fault_what faults_ask(struct faults *f, uint64_t now);

/* Change @len bytes of the stream, which go to the guest, in place. */
void faults_give(struct faults *f, unsigned char *buf, size_t len);

/* Change @answer from the correct one to what goes out. */
void faults_answer(struct faults *f, const struct fault_request *req,
		   struct fault_answer *answer);

/*
 * The current request was answered or dropped. Returns the kind that struck for
 * the first time, for the log, or NULL.
 */
const char *faults_done(struct faults *f);

/* List the kinds for --help, "a, b, c", in @text of @size bytes, terminated. */
void faults_list(char *text, size_t size);

#endif
