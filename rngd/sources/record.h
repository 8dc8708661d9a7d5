/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records raw samples of a source to a file, before any test or conditioning,
 * for rngtest(1). What is recorded goes nowhere else: who reads the file knows
 * it.
 */
#ifndef RNGD_SOURCES_RECORD_H
#define RNGD_SOURCES_RECORD_H

#include <stdint.h>

#include "vrng/source.h"

/* ms without a byte after which recording fails. */
#define VRNG_RECORD_SILENCE 60000

struct vrng_record {
	struct vrng_source *source; /* closed */
	const char *path; /* of the file, which must not exist */
	uint64_t bytes; /* of each start */
	unsigned int starts; /* how often the source is opened */
	/*
	 * Wait up to @ms until @fd can be read; -1 is no descriptor. A negative
	 * errno ends the recording. NULL: poll(2), which nothing ends.
	 */
	int (*wait)(int fd, int ms);
	/* Called between reads, with what is left of all bytes; or NULL. */
	void (*progress)(void *arg, uint64_t left);
	void *arg;
};

/*
 * Record. The caller warns that whoever reads the file knows the samples. Returns
 * EX_OK, or with @error set EX_CANTCREAT for the file, EX_UNAVAILABLE for the
 * source, EX_IOERR for a write and EX_TEMPFAIL if @wait ended it. The file then
 * has what was recorded until the failure.
 */
int vrng_record(const struct vrng_record *record, struct vrng_error *error);

#endif
