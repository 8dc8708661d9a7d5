/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints what --list and --option=SOURCE show, in the format of rng-tools. */
#ifndef RNGD_OPTIONS_LISTING_H
#define RNGD_OPTIONS_LISTING_H

#include <stdbool.h>

#include "rngd/options/options.h"

/*
 * Print the sources on stdout, and why one that is used does not work. True if one of
 * those that are used works, not counting one that stands in.
 */
bool rngd_listing_sources(const struct rngd_options *options);

/* Print the keys of the source @name, which is one of rngd_names[]. */
void rngd_listing_keys(const char *name);

#endif
