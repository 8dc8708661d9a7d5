/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counters of an EGD server as text, for Prometheus. */
#ifndef DEVICE_EGD_SERVER_METRICS_H
#define DEVICE_EGD_SERVER_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/device/egd-server/server.h"
#include "tests/device/entropy/shared_source.h"

struct egd_metrics_report {
	struct egd_server_stats server;
	struct shared_source_counts source;
	uint64_t max_clients;
};

/*
 * The text, *@len bytes, to be freed; NULL when there is no memory. In the format
 * of OpenMetrics, or in Prometheus's own.
 */
char *egd_metrics_text(const struct egd_metrics_report *report,
		       bool openmetrics, size_t *len);

#endif
