/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Splits a SPEC, KIND[:FIELD][,FIELD...], into its fields. A comma inside a
 * field is written twice. A field is key=value, except the first field of a
 * kind that takes an argument. The kind gives fields their meaning.
 */
#ifndef RNGD_SOURCES_SPEC_H
#define RNGD_SOURCES_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

/* Characters. Any path (PATH_MAX) fits, with its options. */
#define VRNG_SPEC_MAX 8191

#define VRNG_SPEC_FIELDS 8

/* Pointers point into @text, a copy that vrng_spec_free() wipes. */
struct vrng_spec {
	char *text;
	size_t size;
	const char *kind;
	bool has_colon; /* false: field[0], if any, is not an argument */
	const char *field[VRNG_SPEC_FIELDS];
	size_t fields;
};

/*
 * Split @text. -EINVAL for an empty or too long SPEC or too many fields;
 * -ENOMEM. After a failure there is nothing to free.
 */
int vrng_spec_split(struct vrng_spec *spec, const char *text,
		    struct vrng_error *error);

/* The value of @key in the fields from @first on, or NULL. Valid until free. */
const char *vrng_spec_value(const struct vrng_spec *spec, size_t first,
			    const char *key);

/*
 * Take entropy=VALUE out of the valid SPEC @text: what is left is the source itself,
 * which stays the same if another claim is made for it.
 */
void vrng_spec_leave_out_claim(char *text);

void vrng_spec_free(struct vrng_spec *spec);

#endif
