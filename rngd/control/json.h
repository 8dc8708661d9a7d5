/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to "status" as JSON, in which numbers are numbers. A byte that is not
 * UTF-8, which JSON does not allow, is written as "\xHH".
 */
#ifndef RNGD_CONTROL_JSON_H
#define RNGD_CONTROL_JSON_H

#include <stddef.h>

#include "rngd/control/client.h"

struct json_object;

/*
 * The lines of @answer as an object, whose member "sources" has an object for
 * each of @sources sources, or that member alone. The caller frees it with
 * json_object_put().
 */
struct json_object *rngd_json_status(const struct rngd_client_answer *answer,
				     size_t sources);
struct json_object *rngd_json_sources(const struct rngd_client_answer *answer,
				      size_t sources);

#endif
