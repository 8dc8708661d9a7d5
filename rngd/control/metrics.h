/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rngd reports as OpenMetrics text, for Prometheus and its kin. */
#ifndef RNGD_CONTROL_METRICS_H
#define RNGD_CONTROL_METRICS_H

#include <stdio.h>

#include "rngd/control/client.h"

/* The whole exposition, "# EOF" included. */
void rngd_metrics_write(const struct rngd_answer *answer, FILE *out);

#endif
