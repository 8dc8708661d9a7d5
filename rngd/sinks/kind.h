/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a sink: each kind is one row of functions. */
#ifndef RNGD_SINKS_KIND_H
#define RNGD_SINKS_KIND_H

#include "rngd/sinks/sink.h"

struct vrng_sink {
	const struct vrng_sink_kind *kind;
	enum vrng_sink_type type;
	char *path; /* NULL: no output */
	int fd; /* -1: no output */
	unsigned int interval; /* ms; 0: none */
	unsigned int step; /* bytes */

	/* Of the kernel only. */
	const struct vrng_kernel_pool_system *system;
	const struct vrng_kernel_pool_ops *pool_ops;
	struct vrng_kernel_pool *pool; /* from begin to end */
};

/* Each is as the function of sink.h with its name; NULL where optional. */
struct vrng_sink_kind {
	/* Optional. Make ready; an error if the descriptor is unfit. */
	int (*begin)(struct vrng_sink *sink, struct vrng_error *error);
	unsigned int (*due)(const struct vrng_sink *sink,
			    const uint64_t *fed_at, uint64_t now_ms);
	ssize_t (*put)(struct vrng_sink *sink, const void *buf, size_t len,
		       unsigned int bits, bool last, struct vrng_error *error);
	int (*reseed)(struct vrng_sink *sink,
		      struct vrng_error *error); /* optional */
	int (*level)(const struct vrng_sink *sink); /* optional */
	/* Optional. Also after a failed begin. */
	void (*end)(struct vrng_sink *sink);
};

extern const struct vrng_sink_kind vrng_sink_kernel;
extern const struct vrng_sink_kind vrng_sink_file;
extern const struct vrng_sink_kind vrng_sink_none;

#endif
