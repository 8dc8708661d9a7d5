// SPDX-License-Identifier: GPL-2.0-or-later
/* An answer as JSON: see json.h. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/utf8.h"
#include "rngd/control/json.h"

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static void put_character(char c, FILE *out)
{
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", c);
	else if ((unsigned char)c < ' ')
		fprintf(out, "\\u%04x", (unsigned int)c);
	else
		putc(c, out);
}

static void put_string(const char *value, FILE *out)
{
	char piece[VRNG_UTF8_PIECE];
	const char *c;

	putc('"', out);
	while (*value) {
		value += vrng_utf8_piece(piece, value);
		for (c = piece; *c; c++)
			put_character(*c, out);
	}
	putc('"', out);
}

/* End the member or element before, if there is one, and begin a line. */
static void begin_line(bool is_first, int indent, FILE *out)
{
	fprintf(out, "%s\n%*s", is_first ? "" : ",", indent, "");
}

static void put_member(const char *name, const char *value, FILE *out)
{
	put_string(name, out);
	fputs(": ", out);
	if (is_number(value))
		fprintf(out, "%" PRIu64, (uint64_t)strtoull(value, NULL, 10));
	else
		put_string(value, out);
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

static void put_source(const struct rngd_client_answer *answer, size_t source,
		       int indent, FILE *out)
{
	bool is_first = true;
	const char *name;
	size_t i, n;

	putc('{', out);
	for (i = 0; i < answer->rows; i++) {
		name = split_name(answer->row[i].name, &n);
		if (!name || n != source)
			continue;
		begin_line(is_first, indent + 2, out);
		put_member(name, answer->row[i].value, out);
		is_first = false;
	}
	fprintf(out, "\n%*s}", indent, "");
}

static void put_sources(const struct rngd_client_answer *answer, size_t sources,
			int indent, FILE *out)
{
	size_t n;

	putc('[', out);
	for (n = 0; n < sources; n++) {
		begin_line(!n, indent + 2, out);
		put_source(answer, n, indent + 2, out);
	}
	fprintf(out, "\n%*s]", indent, "");
}

void rngd_json_sources(const struct rngd_client_answer *answer, size_t sources,
		       FILE *out)
{
	put_sources(answer, sources, 0, out);
	putc('\n', out);
}

void rngd_json_status(const struct rngd_client_answer *answer, size_t sources,
		      FILE *out)
{
	bool is_first = true;
	size_t i, n;

	putc('{', out);
	for (i = 0; i < answer->rows; i++) {
		if (split_name(answer->row[i].name, &n))
			continue;
		begin_line(is_first, 2, out);
		put_member(answer->row[i].name, answer->row[i].value, out);
		is_first = false;
	}
	begin_line(is_first, 2, out);
	fputs("\"sources\": ", out);
	put_sources(answer, sources, 2, out);
	fputs("\n}\n", out);
}
