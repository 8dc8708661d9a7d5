/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an EGD server has done, as OpenMetrics text. */
#ifndef DEVICE_EGD_REPORT_H
#define DEVICE_EGD_REPORT_H

#include "tests/device/egd_serve.h"

/* Replace @path as a whole, so that no reader sees half of it. -errno. */
int egd_report_write(const struct egd_serve_stats *stats, const char *path);

#endif
