/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics as a text that is read by people and by monitoring. */
#ifndef DEVICE_REPORT_H
#define DEVICE_REPORT_H

#include "tests/device/stats.h"

/*
 * Write @stats to @path by way of a new file beside it, so that a reader never
 * sees half of it. A negative errno.
 */
int report_write(const struct stats *stats, const char *path);

#endif
