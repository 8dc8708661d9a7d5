/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking a running rngd: one request, its answer, and the values in that. No
 * answer is waited for longer than RNGD_CLIENT_TIMEOUT.
 */
#ifndef RNGD_CONTROL_CLIENT_H
#define RNGD_CONTROL_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

#define RNGD_CLIENT_TIMEOUT 20000 /* ms */
#define RNGD_CLIENT_MAX	    65536 /* bytes of an answer */
#define RNGD_CLIENT_VALUES  2048

/* "name value" lines; pointers reach into @text. */
struct rngd_answer {
	char text[RNGD_CLIENT_MAX + 1];
	size_t len;
	struct {
		const char *name;
		const char *value;
	} row[RNGD_CLIENT_VALUES];
	size_t rows;
};

/* Ask @request of whoever listens at @path; @answer has its text. */
int rngd_client_ask(const char *path, const char *request,
		    struct rngd_answer *answer, struct vrng_error *error);

/* Split the text into values. -EPROTO where that cannot be. */
int rngd_client_split(struct rngd_answer *answer, struct vrng_error *error);

/* The value of @name, or of "source.@n.@name"; NULL where there is none. */
const char *rngd_client_value(const struct rngd_answer *answer,
			      const char *name);
const char *rngd_client_source(const struct rngd_answer *answer, size_t n,
			       const char *name);

/* The same as a number; 0 where there is none. */
uint64_t rngd_client_number(const struct rngd_answer *answer, const char *name);
uint64_t rngd_client_source_number(const struct rngd_answer *answer, size_t n,
				   const char *name);

#endif
