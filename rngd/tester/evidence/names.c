// SPDX-License-Identifier: GPL-2.0-or-later
/* What samples are of: see names.h. */
#include "rngd/base/utf8.h"
#include "rngd/tester/evidence/names.h"

/* A name may have what ends a cell of a table. */
static void print_row(FILE *file, const char *kind, const char *name)
{
	fprintf(file, "| %s | `", kind);
	for (; *name; name++) {
		if (*name == '|')
			fputc('\\', file);
		fputc(*name, file);
	}
	fputs("` |\n", file);
}

void rngtest_names_markdown(const struct rngtest_options *options, FILE *file)
{
	char *const *name;

	if (options->source)
		print_row(file, "source", options->source);
	for (name = options->names; *name; name++)
		print_row(file, "file", *name);
}

/* Text from outside as a string of JSON. */
static void print_string(FILE *file, const char *text)
{
	char piece[VRNG_UTF8_PIECE];
	size_t len;

	fputc('"', file);
	for (; *text; text += len) {
		len = vrng_utf8_piece(piece, text);
		if ((unsigned char)*piece < ' ')
			fprintf(file, "\\u%04x", (unsigned int)*piece);
		else if (len == 1 && (*text == '"' || *text == '\\'))
			fprintf(file, "\\%c", *text);
		else if (*text != *piece)
			fprintf(file, "\\%s", piece);
		else
			fputs(piece, file);
	}
	fputc('"', file);
}

void rngtest_names_json(const struct rngtest_options *options, FILE *file)
{
	char *const *name;

	fputs("\"source\":", file);
	if (options->source)
		print_string(file, options->source);
	else
		fputs("null", file);
	fputs(",\"files\":[", file);
	for (name = options->names; *name; name++) {
		if (name != options->names)
			fputc(',', file);
		print_string(file, *name);
	}
	fputc(']', file);
}
