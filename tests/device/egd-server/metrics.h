/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of an EGD server as OpenMetrics text. */
#ifndef DEVICE_EGD_SERVER_METRICS_H
#define DEVICE_EGD_SERVER_METRICS_H

#include <stddef.h>

#include "tests/device/egd-server/server.h"

/* The whole text, *@len bytes, to be freed; NULL when there is no memory. */
char *egd_metrics_text(const struct egd_server_stats *stats, size_t *len);

#endif
