/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot in the text format of OpenMetrics 1.0, for Prometheus. */
#ifndef RNGD_CONTROL_METRICS_H
#define RNGD_CONTROL_METRICS_H

#include <stdio.h>

#include "rngd/control/snapshot.h"

/*
 * Write all metrics, and "# EOF". The caller checks @out for errors. A source
 * without a name is left out.
 */
void rngd_metrics_write(const struct rngd_snapshot *snapshot, FILE *out);

#endif
