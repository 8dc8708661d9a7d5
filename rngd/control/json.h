/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to "status" as JSON, in which numbers are numbers. A byte that is not
 * UTF-8, which JSON does not allow, is written as "\xHH".
 *
 * Without a library: rngctl starts in clones, where each library costs milliseconds.
 */
#ifndef RNGD_CONTROL_JSON_H
#define RNGD_CONTROL_JSON_H

#include <stddef.h>
#include <stdio.h>

#include "rngd/control/client.h"

/*
 * Write the lines of @answer as an object, whose member "sources" has an object for
 * each of @sources sources, or that member alone. The caller checks @out for errors.
 */
void rngd_json_status(const struct rngd_client_answer *answer, size_t sources,
		      FILE *out);
void rngd_json_sources(const struct rngd_client_answer *answer, size_t sources,
		       FILE *out);

#endif
