/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a sink: one row of functions for each kind. */
#ifndef RNGD_SINKS_KIND_H
#define RNGD_SINKS_KIND_H

#include "rngd/sinks/sink.h"

/* The most handed to the kernel in one call; --random-step's upper bound. */
#define VRNG_SINK_STEP_MAX 4096

/* ioctl(2) and poll(2) for one descriptor, which tests replace. */
struct vrng_sink_system {
	int (*ioctl)(int fd, unsigned long request, void *arg);
	bool (*is_writable)(int fd);
};

struct vrng_sink {
	const struct vrng_sink_kind *kind;
	const struct vrng_sink_system *system;
	enum vrng_sink_type type;
	char *path;
	int fd;
	unsigned int interval; /* ms */
	unsigned int step; /* bytes */
	void *state; /* the kind's own */
};

struct vrng_sink_kind {
	/* Is the opened descriptor what this kind needs? May be NULL. */
	int (*begin)(struct vrng_sink *sink, struct vrng_error *error);
	unsigned int (*due)(const struct vrng_sink *sink,
			    const uint64_t *fed_at, uint64_t now_ms);
	ssize_t (*put)(struct vrng_sink *sink, const void *buf, size_t len,
		       unsigned int bits, bool last, struct vrng_error *error);
	int (*reseed)(struct vrng_sink *sink, struct vrng_error *error);
	int (*level)(const struct vrng_sink *sink); /* may be NULL */
	void (*end)(struct vrng_sink *sink); /* may be NULL */
};

/* Once an interval, and whenever the descriptor polls writable. */
unsigned int vrng_sink_kernel_due(const struct vrng_sink *sink,
				  const uint64_t *fed_at, uint64_t now_ms);

/* RNDGETENTCNT, which anybody may ask for; -1 on failure. */
int vrng_sink_kernel_level(const struct vrng_sink *sink);

extern const struct vrng_sink_kind vrng_sink_kernel;
extern const struct vrng_sink_kind vrng_sink_file;
extern const struct vrng_sink_kind vrng_sink_none;

#endif
