/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot as metrics, for Prometheus. */
#ifndef RNGD_CONTROL_METRICS_H
#define RNGD_CONTROL_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "rngd/control/snapshot.h"

/*
 * Write all metrics, in Prometheus's text format or in that of OpenMetrics. The
 * caller checks @out for errors. A source without a name is left out. No two
 * samples have the same labels: of sources that print the same name, as two of
 * drbg:seed= do, the later ones have a label nth="2" and so on.
 */
void rngd_metrics_write(const struct rngd_snapshot *snapshot, bool openmetrics,
			FILE *out);

#endif
