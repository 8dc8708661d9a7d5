/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes the samples for a report from a source: records them and the restart
 * matrix to the folder of --evidence, whose files are tested then like any
 * others. They stay there, so that the report can be repeated.
 */
#ifndef RNGD_TESTER_RECORDING_H
#define RNGD_TESTER_RECORDING_H

#include "rngd/tester/run.h"
#include "vrng/error.h"

/*
 * Record from options->source, after a warning on stderr, and name the files in
 * @options. With a restart matrix in the options only samples are recorded. The
 * folder exists. Returns a status of rngtest; if it is not RNGTEST_GOOD, @error
 * is set.
 */
enum rngtest_status rngtest_recording_make(struct rngtest_options *options,
					   struct vrng_error *error);

#endif
