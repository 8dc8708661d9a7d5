/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With the empty line that follows it, the banner has as many lines as that of
 * rng-tools.
 */
#ifndef RNGD_TESTER_BANNER_H
#define RNGD_TESTER_BANNER_H

#include "vrng/version.h"

#define RNGTEST_BANNER                                                \
	"rngtest " VRNG_VERSION "\n"                                  \
	"Copyright (c) 2026 the vrng authors\n"                       \
	"Free software under the GNU GPL, version 2 or later; there " \
	"is NO WARRANTY, to the extent permitted by law.\n"

#endif
