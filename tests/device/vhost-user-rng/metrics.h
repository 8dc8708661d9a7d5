/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device has done for each of its guests, as OpenMetrics text. */
#ifndef DEVICE_VHOST_USER_RNG_METRICS_H
#define DEVICE_VHOST_USER_RNG_METRICS_H

#include <stddef.h>

#include "tests/device/vhost-user-rng/stats.h"

/* One guest's socket. */
struct metrics_row {
	const char *socket; /* its label */
	struct stats stats;
};

/* The whole text, *@len bytes, to be freed; NULL when there is no memory. */
char *metrics_text(const struct metrics_row *rows, unsigned int n, size_t *len);

#endif
