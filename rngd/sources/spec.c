// SPDX-License-Identifier: GPL-2.0-or-later
/* Splitting a SPEC: see spec.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/sources/spec.h"

/*
 * Terminate the field at @from, with each double comma made single, in place.
 * Returns the start of the next field, or NULL after the last.
 */
static char *end_field(char *from)
{
	char *to = from;

	while (*from) {
		if (*from == ',' && *++from != ',') {
			*to = '\0';
			return from;
		}
		*to++ = *from++;
	}
	*to = '\0';
	return NULL;
}

static int split_fields(struct vrng_spec *spec, char *next,
			struct vrng_error *error)
{
	while (next) {
		if (spec->fields == VRNG_SPEC_FIELDS)
			return vrng_fail(error, EINVAL,
					 "source: more than %d fields; see the "
					 "manual for what this kind takes",
					 VRNG_SPEC_FIELDS);
		spec->field[spec->fields++] = next;
		next = end_field(next);
	}
	return 0;
}

int vrng_spec_split(struct vrng_spec *spec, const char *text,
		    struct vrng_error *error)
{
	size_t len = strnlen(text, VRNG_SPEC_MAX + 1);
	char *end;
	int ret;

	memset(spec, 0, sizeof(*spec));
	if (!len || len > VRNG_SPEC_MAX)
		return vrng_fail(error, EINVAL,
				 "source: must be 1 to %d characters long",
				 VRNG_SPEC_MAX);

	spec->text = strdup(text);
	if (!spec->text)
		return vrng_fail(error, ENOMEM, "source: %m");
	spec->size = len + 1;
	spec->kind = spec->text;

	end = strpbrk(spec->text, ":,");
	if (!end)
		return 0;
	spec->has_colon = *end == ':';
	*end = '\0';
	ret = split_fields(spec, end + 1, error);
	if (ret)
		vrng_spec_free(spec);
	return ret;
}

const char *vrng_spec_value(const struct vrng_spec *spec, size_t first,
			    const char *key)
{
	size_t len = strlen(key);
	size_t i;

	for (i = first; i < spec->fields; i++)
		if (!strncmp(spec->field[i], key, len) &&
		    spec->field[i][len] == '=')
			return spec->field[i] + len + 1;
	return NULL;
}

/* Of commas in a row each two are one within a field: the last of an odd number ends it. */
static bool ends_field(const char *text, const char *comma)
{
	const char *first = comma;

	while (first > text && first[-1] == ',')
		first--;
	return (comma - first) % 2 == 0;
}

void vrng_spec_leave_out_claim(char *text)
{
	char *at = text, *end;

	while ((at = strstr(at, ",entropy="))) {
		if (ends_field(text, at)) {
			end = at + 1 + strcspn(at + 1, ",");
			memmove(at, end, strlen(end) + 1);
			return;
		}
		at++;
	}
}

void vrng_spec_free(struct vrng_spec *spec)
{
	if (spec->text)
		explicit_bzero(spec->text, spec->size);
	free(spec->text);
	memset(spec, 0, sizeof(*spec));
}
