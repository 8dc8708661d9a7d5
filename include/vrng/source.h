/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source of random bytes, named by a SPEC: KIND[:ARG][,key=value...]. rngd,
 * vhost-user-rng and egd-server all draw from here.
 *
 *	getrandom		the kernel's own generator, never blocks
 *	file:PATH		a file, device or FIFO
 *	rdseed, rdrand		the CPU's own; of x86,
 *	rndr			of arm64,
 *	darn			of POWER
 *	jitter			the kernel's jitterentropy, through AF_ALG
 *	tty:PATH		a serial line; baud=N, init=HEX, discard=BYTES
 *	exec:COMMAND		what a program writes to its standard output
 *	unix:PATH		raw bytes from a server on a Unix socket
 *	tcp:HOST:PORT		the same, over the network
 *	egd:unix:PATH		an EGD server; cache=BYTES: read ahead into
 *	egd:tcp:HOST:PORT	locked memory
 *	drbg:seed=HEX		64 hex digits; AES-256-CTR keystream (key = seed,
 *				counter from 0, big endian), for tests only
 *
 * Every kind also takes entropy=BITS_PER_BYTE: the entropy that its owner
 * claims.
 *
 * A source is parsed once, then opened, read, closed, opened again and so on,
 * and freed. It may be checked at any time while it is closed. No byte of a
 * source is returned twice: a drbg continues its stream when it is opened
 * again, and so does a regular file, unless another file has taken its path.
 *
 * One thread at a time calls functions on a source. A function that fails
 * returns a negative errno and fills @error with one line: what failed, why,
 * and what to do. None of them waits for a peer, a device or a child, except
 * vrng_source_close() for a bounded time. rngd/sources/keeper.h reopens a
 * source that has failed.
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
 * Check that the source exists and may be read at this moment. Leaves nothing
 * open. It connects to no peer, opens no serial line and runs no program.
 */
int vrng_source_check(struct vrng_source *src, struct vrng_error *error);

/*
 * Open a closed source. Operations that take time, such as connecting, are only
 * started here; a read returns their outcome. -EBUSY if it is open.
 */
int vrng_source_open(struct vrng_source *src, struct vrng_error *error);

/*
 * Read up to @len > 0 bytes without waiting. Returns their number; 0 at the end
 * of the source, with @error filled in; -EAGAIN when there are none yet (poll
 * vrng_source_fd(), or try again later if that is -1); -ENODEV or -ENXIO when a
 * device is gone; -EPROTO when a peer breaks its protocol; another negative
 * errno. After 0 or a failure other than -EAGAIN, close the source.
 */
ssize_t vrng_source_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_error *error);

/*
 * A descriptor that polls readable when a read may return bytes, or -1. It is
 * the same from open to close, and owned by the source.
 */
int vrng_source_fd(const struct vrng_source *src);

/*
 * Close the source, if it is open, and wipe bytes that were not read. Waits up
 * to 1.1 s for a child to end.
 */
void vrng_source_close(struct vrng_source *src);

/* Close and free the source. NULL is nothing. */
void vrng_source_free(struct vrng_source *src);

/*
 * The SPEC without entropy=, which may change while the source stays, for messages. A
 * seed is a secret, shown as "seed=...".
 */
const char *vrng_source_name(const struct vrng_source *src);

/* Where the bytes come from, as far as it limits what they may be credited with. */
enum vrng_origin {
	VRNG_ORIGIN_OTHER,
	/* The kernel's own generator, by a system call or a device. */
	VRNG_ORIGIN_KERNEL,
	/*
	 * A regular file, a block device, memory, a tape and the like: the same
	 * bytes can be read again.
	 */
	VRNG_ORIGIN_STORED,
	/*
	 * Any other character device but /dev/zero and its like, a serial line, or a TCP peer on another machine. In a virtual machine the host
	 * sees these bytes, or makes them.
	 */
	VRNG_ORIGIN_OUTSIDE
};

/*
 * The origin of an open source; of a closed one, that of what its path names at
 * this moment (VRNG_ORIGIN_OTHER if that is nothing).
 */
enum vrng_origin vrng_source_origin(const struct vrng_source *src);

/*
 * True if both read from the same place: the same file, device or socket under
 * whatever names, the same address, the same command, or the same generator of this
 * machine. Names of hosts are compared as text, but for case, a dot at the end and the
 * names of localhost; IP addresses and ports are compared by value. A path that does not exist is compared as text. False for two
 * drbg.
 */
bool vrng_source_is_same(const struct vrng_source *a,
			 const struct vrng_source *b);

/* True if anybody can compute the bytes. They must not be credited. */
bool vrng_source_is_deterministic(const struct vrng_source *src);

/* The value of entropy=, in 1/1000 bit per byte: 1 to 8000. 0: not given. */
unsigned int vrng_source_entropy(const struct vrng_source *src);

/*
 * For a generator whose bytes hold less than they seem to, because it is reseeded at
 * intervals or conditions a weaker source: what a byte holds, in 1/1000 bit, if its
 * SPEC does not say otherwise. Its bytes look random all the same, so
 * they can be tested as such. 0: another source.
 */
unsigned int vrng_source_reseeded(const struct vrng_source *src);

/*
 * True for an open FIFO. It may be read again after its end, when another
 * writer opens it.
 */
bool vrng_source_stays(const struct vrng_source *src);

/*
 * True if the source is open and nothing is held for this reader, so that to close it
 * would drop no byte: /dev/hwrng, whose bytes the kernel holds for all its readers.
 */
bool vrng_source_holds_nothing(const struct vrng_source *src);

/*
 * True if closing and opening may end a silence: a peer may be gone without a
 * notice, a program may hang, a generator on a serial line may need its string
 * again. It changes nothing for files, devices and instructions, and a FIFO
 * would lose what its writer has written.
 */
bool vrng_source_revives(const struct vrng_source *src);

#endif
