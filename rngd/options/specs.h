/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checking the SPECs of all sources, before any is used. */
#ifndef RNGD_OPTIONS_SPECS_H
#define RNGD_OPTIONS_SPECS_H

#include "rngd/options/options.h"
#include "vrng/error.h"
#include "vrng/opener.h"

/*
 * Parse each SPEC, and compare each with those before it. -EINVAL for one that means
 * nothing, and for two that are the same source; @error names both, and the lines
 * of the file that they come from ("FILE:LINE: ..."). -ENOMEM. Nothing is opened;
 * paths are looked at, to recognise one file under two names. vrng_crypto_init()
 * must have been called.
 */
int rngd_specs_check(const struct rngd_options *options,
		     const struct vrng_opener *opener,
		     struct vrng_error *error);

#endif
