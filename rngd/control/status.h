/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket answers to "status": a line a value, "name value", of
 * which rngctl makes its tables, JSON and metrics. Those of a source begin with
 * "source.N.".
 */
#ifndef RNGD_CONTROL_STATUS_H
#define RNGD_CONTROL_STATUS_H

#include <stddef.h>

#include "rngd/process/daemon.h"

/* Into @text of @size bytes, cut at a line if it does not fit; its length. */
size_t rngd_report_write(struct rngd_daemon *d, char *text, size_t size);

#endif
