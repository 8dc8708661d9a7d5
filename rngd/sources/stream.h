/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw bytes from a peer: what the kinds unix and tcp have in common, which is
 * all but how they write the address.
 */
#ifndef VRNG_SOURCES_STREAM_H
#define VRNG_SOURCES_STREAM_H

#include "rngd/sources/kind.h"

/* @transport: "unix" or "tcp"; the rest of the address is @src->arg. */
int vrng_stream_parse(struct vrng_source *src, const char *transport,
		      struct vrng_why *why);

/* As the rows of kind.h have them. */
int vrng_stream_check(struct vrng_source *src, struct vrng_why *why);
int vrng_stream_open(struct vrng_source *src, struct vrng_why *why);
ssize_t vrng_stream_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_why *why);
void vrng_stream_close(struct vrng_source *src);
void vrng_stream_free(struct vrng_source *src);

#endif
