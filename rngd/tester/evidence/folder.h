/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder of a report: report.md, report.json, and plots as SVG: values.svg,
 * autocorrelation.svg, spectrum.svg, estimates.svg.
 */
#ifndef RNGD_TESTER_EVIDENCE_FOLDER_H
#define RNGD_TESTER_EVIDENCE_FOLDER_H

#include "rngd/tester/evidence/evidence.h"

/*
 * Make the folder, if it is not there. Returns 0, or a negative errno with
 * @error set.
 */
int rngtest_folder_make(const char *path, struct vrng_error *error);

/* Write all files. Files of these names are replaced. The same. */
int rngtest_folder_write(const char *path,
			 const struct rngtest_evidence *evidence,
			 const struct rngtest_matter *matter,
			 const struct rngtest_options *options,
			 struct vrng_error *error);

#endif
