/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics as text, in the format of OpenMetrics 1.0: what Prometheus and its
 * node exporter's textfile collector read.
 */
#ifndef DEVICE_REPORT_H
#define DEVICE_REPORT_H

#include <stddef.h>

#include "tests/device/stats.h"

/* One guest's socket. */
struct report_row {
	const char *socket; /* its label */
	struct stats stats;
};

/* The whole text, *@len bytes, to be freed; NULL when there is no memory. */
char *report_text(const struct report_row *rows, unsigned int n, size_t *len);

/*
 * Write @text to @path by way of a new file beside it, so that a reader never
 * sees half of it. A negative errno.
 */
int report_write(const char *path, const char *text, size_t len);

#endif
