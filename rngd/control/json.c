// SPDX-License-Identifier: GPL-2.0-or-later
/* An answer as JSON: see json.h. */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/utf8.h"
#include "rngd/control/json.h"

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* NULL: there is no memory. */
static struct json_object *string_of(const char *value)
{
	char piece[VRNG_UTF8_PIECE];
	struct json_object *object = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	while (*value) {
		value += vrng_utf8_piece(piece, value);
		fputs(piece, out);
	}
	if (!fclose(out))
		object = json_object_new_string(text);
	free(text);
	return object;
}

static void add_value(struct json_object *to, const char *name,
		      const char *value)
{
	struct json_object *object;

	if (is_number(value))
		object = json_object_new_int64(
			(int64_t)strtoull(value, NULL, 10));
	else
		object = string_of(value);
	json_object_object_add(to, name, object);
}

/* "source.N.name": its N, and where the name begins; NULL for others. */
static const char *split_name(const char *name, size_t *n)
{
	char *end;

	if (strncmp(name, "source.", 7))
		return NULL;
	*n = strtoul(name + 7, &end, 10);
	return *end == '.' ? end + 1 : NULL;
}

struct json_object *rngd_json_sources(const struct rngd_client_answer *answer,
				      size_t sources)
{
	struct json_object *list = json_object_new_array();
	const char *name;
	size_t i, n;

	for (n = 0; n < sources; n++)
		json_object_array_add(list, json_object_new_object());
	for (i = 0; i < answer->rows; i++) {
		name = split_name(answer->row[i].name, &n);
		if (name && n < sources)
			add_value(json_object_array_get_idx(list, n), name,
				  answer->row[i].value);
	}
	return list;
}

struct json_object *rngd_json_status(const struct rngd_client_answer *answer,
				     size_t sources)
{
	struct json_object *object = json_object_new_object();
	size_t i, n;

	for (i = 0; i < answer->rows; i++)
		if (!split_name(answer->row[i].name, &n))
			add_value(object, answer->row[i].name,
				  answer->row[i].value);
	json_object_object_add(object, "sources",
			       rngd_json_sources(answer, sources));
	return object;
}
