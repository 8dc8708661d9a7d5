/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Unix socket that writes one text to each connection and closes it: the
 * statistics of that moment, to one client at a time. A client that does not read
 * it in EXPORTER_PATIENCE_NS is dropped.
 *
 * The loop may have guests' bytes to distribute. So clients that come again and again get
 * no more than one in EXPORTER_SHARE of its processor time, however long the text.
 *
 * One thread, the loop's.
 */
#ifndef DEVICE_RUNTIME_EXPORTER_H
#define DEVICE_RUNTIME_EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#include "rngd/base/listener.h"
#include "tests/device/runtime/loop.h"

/* When accept() is tried again after it has failed, in ns. */
#define EXPORTER_PAUSE_NS 100000000
/* From one answer to the next, in ns, at least. */
#define EXPORTER_EACH_NS 50000000
/* If answers take longer: the share of their processor time, one in so many. */
#define EXPORTER_SHARE 20

#define EXPORTER_PATIENCE_NS 2000000000ULL

struct exporter {
	/* to be filled in */
	struct loop *loop;
	char *(*text)(void *opaque, size_t *len); /* malloc'd, or NULL */
	void *opaque;

	/* its own */
	struct vrng_listener listener;
	struct loop_watch accept;
	struct loop_watch again;
	struct loop_watch client; /* while @left is sent to it */
	char *sent; /* the text; NULL: no client */
	const char *left; /* of it */
	size_t n_left;
	uint64_t cost; /* of the answer so far: processor time, ns */
};

/* Listen at @path. 0, or a negative errno with @error. */
int exporter_start(struct exporter *exporter, const char *path,
		   struct vrng_error *error);

/* The socket's file stays: see vrng_listener_remove(). */
void exporter_stop(struct exporter *exporter);

#endif
