/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kind of source is one row, vrng_kind_NAME, in the table of source.c; those
 * of the CPU are a part of what cpu.h has of them. The generic part has checked the words of the SPEC against the row before parse
 * sees them, and calls open, read and close in that order only.
 */
#ifndef RNGD_SOURCES_KIND_H
#define RNGD_SOURCES_KIND_H

#include "vrng/source.h"
#include "rngd/sources/spec.h"

struct vrng_source {
	const struct vrng_kind *kind;
	char *name; /* for messages; a kind with secrets replaces it */
	char *arg; /* the plain argument, NULL for kinds without one */
	const struct vrng_opener *opener; /* of all its files */
	void *state; /* the kind's own, from parse to free */
	int fd; /* the kind's own, -1 while closed */
	int poll_fd; /* what vrng_source_fd() tells, or -1 */
	unsigned int entropy; /* as vrng_source_entropy() tells it */
	bool is_open;
	bool stays; /* as vrng_source_stays() tells it */
};

struct vrng_kind {
	const char *name;
	const char *usage; /* the SPEC's shape, for messages */
	/* key=value words it knows besides entropy=, NULL at end */
	const char *const *keys;
	bool takes_arg; /* the first field is plain, and required */
	bool deterministic;
	/* As vrng_source_is_kernels() tells it. */
	bool (*is_kernels)(const struct vrng_source *src);

	/* Each may be NULL where there is nothing to do, save read. */
	int (*parse)(struct vrng_source *src, const struct vrng_spec *spec,
		     struct vrng_error *error);
	int (*check)(struct vrng_source *src, struct vrng_error *error);
	int (*open)(struct vrng_source *src, struct vrng_error *error);
	ssize_t (*read)(struct vrng_source *src, void *buf, size_t len,
			struct vrng_error *error);
	void (*close)(struct vrng_source *src);
	void (*free)(struct vrng_source *src); /* also after a failed parse */
};

/* For a kind that is at its end: say how, and return the 0 of read. */
#define vrng_source_end(error, ...) ((void)vrng_fail(error, 0, __VA_ARGS__), 0)

extern const struct vrng_kind vrng_kind_getrandom;
extern const struct vrng_kind vrng_kind_file;
extern const struct vrng_kind vrng_kind_jitter;
extern const struct vrng_kind vrng_kind_tty;
extern const struct vrng_kind vrng_kind_exec;
extern const struct vrng_kind vrng_kind_egd;
extern const struct vrng_kind vrng_kind_unix;
extern const struct vrng_kind vrng_kind_tcp;
extern const struct vrng_kind vrng_kind_drbg;

#endif
