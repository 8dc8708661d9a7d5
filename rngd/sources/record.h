/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records raw samples of a source to a file, before any test or conditioning,
 * for rngtest(1). What is recorded goes nowhere else: who reads the file knows
 * it.
 */
#ifndef RNGD_SOURCES_RECORD_H
#define RNGD_SOURCES_RECORD_H

#include <stdint.h>

#include "vrng/error.h"

/* ms without a byte after which recording fails. */
#define VRNG_RECORD_SILENCE 60000

struct vrng_record {
	const char *spec;
	const char *path; /* of the file, which must not exist */
	uint64_t bytes; /* of each start */
	unsigned int starts; /* how often the source is opened */
};

/*
 * Record, after a warning on stderr. Returns EX_OK, or with @error set EX_USAGE for the SPEC, EX_CANTCREAT for
 * the file, EX_UNAVAILABLE for the source and EX_IOERR for a write. The file
 * then has what was recorded until the failure.
 */
int vrng_record(const struct vrng_record *record, struct vrng_error *error);

#endif
