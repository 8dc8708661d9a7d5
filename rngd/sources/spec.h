/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a SPEC, taken apart: KIND[:FIELD][,FIELD...]. A comma inside a
 * field is written twice. A field is key=value, save the one after the colon of
 * a kind that takes a plain argument. What the words mean is the kind's business.
 */
#ifndef RNGD_SOURCES_SPEC_H
#define RNGD_SOURCES_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

/* Longer than any path (PATH_MAX) with its options. */
#define VRNG_SPEC_MAX 8191

#define VRNG_SPEC_FIELDS 8

/* Pointers reach into the one copy, @text, which vrng_spec_free() wipes. */
struct vrng_spec {
	char *text;
	size_t size;
	const char *kind;
	bool has_colon; /* else field[0], if any, cannot be a plain argument */
	const char *field[VRNG_SPEC_FIELDS];
	size_t fields;
};

/* -EINVAL for an empty or over-long SPEC or too many fields, -ENOMEM. */
int vrng_spec_split(struct vrng_spec *spec, const char *text,
		    struct vrng_error *error);

/* The value of @key among the fields from @first on, or NULL. */
const char *vrng_spec_value(const struct vrng_spec *spec, size_t first,
			    const char *key);

void vrng_spec_free(struct vrng_spec *spec);

#endif
