/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sink takes checked bytes: the kernel's pool, with credit, or a file.
 *
 * One thread opens and closes it. Any thread may call the rest. A function that
 * fails returns a negative errno and fills @error with one line.
 */
#ifndef RNGD_SINKS_SINK_H
#define RNGD_SINKS_SINK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rngd/sinks/kernel_pool.h"
#include "vrng/error.h"
#include "vrng/opener.h"

struct vrng_sink;

enum vrng_sink_type {
	VRNG_SINK_KERNEL, /* a character device that takes RNDADDENTROPY */
	VRNG_SINK_FILE, /* a regular file; bytes are appended */
	VRNG_SINK_FIFO, /* bytes wait in it for a reader */
	VRNG_SINK_NONE /* discards everything */
};

/* Opener and pool_ops must live as long as the sink. */
struct vrng_sink_setup {
	const char *path; /* NULL: VRNG_SINK_NONE */
	/* ms between feedings of a full kernel pool; 0: it is fed when it asks */
	unsigned int interval;
	unsigned int step; /* bytes of one RNDADDENTROPY, at least 1 */
	const struct vrng_opener *opener; /* opens path */
	const struct vrng_kernel_pool_ops *pool_ops; /* credits and reseeds */
};

/*
 * Open what @setup names. A regular file that does not exist is created with
 * mode 0600, except below /dev/. -EISDIR, -EINVAL for what is no character
 * device, regular file or FIFO; -EPERM without CAP_SYS_ADMIN for the kernel's
 * pool; otherwise the errno of open(2) or of the ioctl.
 */
int vrng_sink_open(struct vrng_sink **sink, const struct vrng_sink_setup *setup,
		   struct vrng_error *error);

enum vrng_sink_type vrng_sink_type(const struct vrng_sink *sink);

/* The path, or "no output". */
const char *vrng_sink_path(const struct vrng_sink *sink);

/* The kernel's pool of a VRNG_SINK_KERNEL, which the sink owns; else NULL. */
struct vrng_kernel_pool *vrng_sink_kernel_pool(const struct vrng_sink *sink);

/* Change how often a full kernel pool is fed, in ms. */
void vrng_sink_set_interval(struct vrng_sink *sink, unsigned int interval);

/* ms. It is never due by time. */
#define VRNG_SINK_NEVER INT_MAX

/*
 * 0 when it is time for a feeding by a caller whose last one was at *@fed_at
 * (ms; NULL: never). Otherwise the ms until then; sooner if vrng_sink_fd() polls
 * writable before.
 */
unsigned int vrng_sink_due(const struct vrng_sink *sink, const uint64_t *fed_at,
			   uint64_t now_ms);

/* A descriptor that polls writable when the sink asks for more, or -1. */
int vrng_sink_fd(const struct vrng_sink *sink);

/*
 * Hand over @len > 0 bytes with @bits <= 8 * @len of credit; never wait for a
 * reader. @last: these end a feeding, so the kernel is to use them at once
 * (RNDRESEEDCRNG). Returns how many it took (the kernel takes all, up to
 * VRNG_KERNEL_POOL_MAX), or -EAGAIN until vrng_sink_fd() polls writable.
 */
ssize_t vrng_sink_put(struct vrng_sink *sink, const void *buf, size_t len,
		      unsigned int bits, bool last, struct vrng_error *error);

/* Let the kernel derive a new key from its pool. Nothing elsewhere. */
int vrng_sink_reseed(struct vrng_sink *sink, struct vrng_error *error);

/* The kernel's count of entropy in bits, or -1 where there is none. */
int vrng_sink_level(const struct vrng_sink *sink);

/* NULL is nothing. */
void vrng_sink_close(struct vrng_sink *sink);

#endif
