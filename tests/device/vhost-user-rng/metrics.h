/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of each guest's socket and of the source since the program was
 * started, and the text of all of them.
 */
#ifndef DEVICE_VHOST_USER_RNG_METRICS_H
#define DEVICE_VHOST_USER_RNG_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/entropy/shared_source.h"

/* Of one socket. Its worker's thread counts, any thread may look. */
struct metrics {
	uint64_t guests; /* connections of front ends taken */
	uint64_t requests; /* answered, malformed ones included */
	uint64_t bytes; /* written into guest memory */
	uint64_t kicks; /* notifications taken from the guest */
	uint64_t signals; /* interrupts sent to the guest */
	uint64_t forks; /* how often held bytes were dropped for a VM fork */
	uint64_t malformed; /* requests answered with 0 bytes, rings given up */
	uint64_t dry; /* waits of a request for the source */
	uint64_t throttled; /* waits of a request for a limit */
	/* of this moment: 1, else 0 */
	uint64_t is_connected;
	uint64_t is_dry;
	uint64_t is_throttled;
};

/*
 * By the thread that counts: with one writer, no locked instruction is needed.
 */
static inline void metrics_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* By that thread, too. */
static inline void metrics_set(uint64_t *gauge, uint64_t value)
{
	__atomic_store_n(gauge, value, __ATOMIC_RELAXED);
}

/* Add those of @more. */
void metrics_sum(struct metrics *sum, const struct metrics *more);

/* A copy. The counters need not be of one moment. */
struct metrics metrics_look(const struct metrics *metrics);

/*
 * All of a socket. Each sample has the socket as a label, so that the texts of
 * several programs can be collected as one.
 */
struct metrics_row {
	const char *socket; /* the label's value: a path, or "fd N" */
	struct metrics metrics;
	struct shared_source_counts source; /* which it may share with others */
	uint64_t faults; /* how many --fault there are */
};

/*
 * All guests together. @process is the label's value, so that the texts of several
 * programs can be collected as one.
 */
struct metrics_total {
	const char *process; /* the folder of sockets, or the first socket */
	uint64_t guests; /* that are served */
	struct metrics metrics; /* with those that have gone; gauges: how many */
};

/*
 * The text of @total and of @n rows, no socket twice: *@len bytes, to be freed; NULL when there
 * is no memory. In the format of OpenMetrics, or in Prometheus's own.
 */
char *metrics_text(const struct metrics_total *total,
		   const struct metrics_row *rows, unsigned int n,
		   bool openmetrics, size_t *len);

#endif
