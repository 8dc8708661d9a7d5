/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the samples of a report are of: the SPEC of a source, if there is one, and
 * the names of the files.
 */
#ifndef RNGD_TESTER_EVIDENCE_NAMES_H
#define RNGD_TESTER_EVIDENCE_NAMES_H

#include <stdio.h>

#include "rngd/tester/options.h"

/* Rows of a table in Markdown. */
void rngtest_names_markdown(const struct rngtest_options *options, FILE *file);

/* Members of an object: "source", which may be null, and "files", an array. */
void rngtest_names_json(const struct rngtest_options *options, FILE *file);

#endif
