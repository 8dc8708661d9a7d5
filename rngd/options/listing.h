/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --list and --option=SOURCE print, in the manner of rng-tools. */
#ifndef RNGD_OPTIONS_LISTING_H
#define RNGD_OPTIONS_LISTING_H

#include <stdbool.h>

#include "rngd/options/options.h"

/* On stdout. True if there is a source that works. */
bool rngd_listing_sources(const struct rngd_options *options);

void rngd_listing_keys(const char *name);

#endif
