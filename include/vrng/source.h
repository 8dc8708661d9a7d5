/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source of random bytes, named by a SPEC: KIND[:ARG][,key=value...].
 * rngd, vhost-user-rng and egd-server all draw from here.
 *
 *	getrandom		the kernel's own generator, never blocks
 *	file:PATH		a file, device or FIFO
 *	rdseed, rdrand		the CPU's own
 *	jitter			the kernel's jitterentropy, through AF_ALG
 *	tty:PATH		a serial line; baud=N, init=HEX, discard=BYTES
 *	exec:COMMAND		what a program writes to its standard output
 *	unix:PATH		raw bytes from who listens there
 *	tcp:HOST:PORT		the same, over the network
 *	egd:unix:PATH		an EGD server; cache=BYTES: filled ahead, answered
 *	egd:tcp:HOST:PORT	from locked memory
 *	drbg:seed=HEX		64 hex digits; AES-256-CTR keystream (key = seed,
 *				counter from 0, big endian), for tests only
 *
 * Every kind also takes entropy=BITS_PER_BYTE, what its owner claims for it.
 *
 * The life of one: parse (once) -> check (any number of times, nothing stays
 * open) -> open -> read ... -> close -> open again ... -> free. A drbg and a
 * regular file begin their stream at parse and carry it on over close and
 * open: no byte of any source is given out twice. A file in whose place there
 * is another one begins anew.
 *
 * All calls on one source come from one thread at a time. Failures return a
 * negative errno and fill @error with one line: what, why, what to do. None of
 * the calls waits for a peer, a device or a child: see vrng_source_close() for
 * the one bound there is. A caller that wants a source taken up again after it
 * has failed has rngd/sources/keeper.h do it.
 */
#ifndef VRNG_SOURCE_H
#define VRNG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vrng/error.h"
#include "vrng/opener.h"

struct vrng_source;

/*
 * Parse @spec into a new *@src; -EINVAL for a SPEC that means nothing. @opener
 * opens its files and must live as long as the source.
 */
int vrng_source_parse(struct vrng_source **src, const char *spec,
		      const struct vrng_opener *opener,
		      struct vrng_error *error);

/*
 * Does it exist and may it be read, now? Leaves nothing open. Nobody is
 * disturbed for it: no peer is connected to, no line opened, no program run.
 */
int vrng_source_check(struct vrng_source *src, struct vrng_error *error);

/*
 * What takes time, such as a connection, is only begun here: how it went is
 * what the reads say.
 */
int vrng_source_open(struct vrng_source *src, struct vrng_error *error);

/*
 * Take up to @len bytes, never waiting. Returns the count (> 0); 0 at the end
 * of the source, with @error telling what kind of end it is; -EAGAIN when there
 * is nothing yet (poll vrng_source_fd(), or come back later where that is -1);
 * another negative errno on failure: -ENODEV or -ENXIO where a device is gone,
 * -EPROTO for a peer that errs. After 0 or a failure the source is to be closed.
 */
ssize_t vrng_source_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_error *error);

/*
 * A descriptor that polls readable when a read may yield, or -1. It is the same
 * one from open to close.
 */
int vrng_source_fd(const struct vrng_source *src);

/* Wipes what was not read. A child is given some time to end, 1.1 s at most. */
void vrng_source_close(struct vrng_source *src);
void vrng_source_free(struct vrng_source *src);

/* The SPEC as given, for messages (a seed is a secret: shown as seed=...). */
const char *vrng_source_name(const struct vrng_source *src);

/*
 * True for what the kernel's own generator gives, by system call or device: it is
 * not to be credited with what it gave itself.
 */
bool vrng_source_is_kernels(const struct vrng_source *src);

/* True for a stream that anybody can compute: never to be credited. */
bool vrng_source_is_deterministic(const struct vrng_source *src);

/*
 * What entropy= claims, in thousandths of a bit per byte: 1 to 8000; 0 where
 * the SPEC claims nothing.
 */
unsigned int vrng_source_entropy(const struct vrng_source *src);

/*
 * True for an open FIFO, the one source that outlives its end: the next writer
 * may come as long as it stays open.
 */
bool vrng_source_stays(const struct vrng_source *src);

#endif
