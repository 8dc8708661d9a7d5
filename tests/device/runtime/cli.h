/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command lines of the host's programs have in common. What is wrong is
 * said here, in one line on standard error; functions return 0, or the status to
 * end with.
 */
#ifndef DEVICE_RUNTIME_CLI_H
#define DEVICE_RUNTIME_CLI_H

#include <popt.h>
#include <stdint.h>

#include "vrng/error.h"

/* Of --source, which is the same in all of them. */
#define CLI_SOURCE_HELP                                                       \
	"where bytes come from: getrandom (the default), file:PATH, rdseed, " \
	"rdrand, jitter, tty:PATH, exec:COMMAND, unix:PATH, tcp:HOST:PORT, "  \
	"egd:unix:PATH, egd:tcp:HOST:PORT, drbg:seed=HEX (tests only)"

#define CLI_PERIOD_MAX_MS (24 * 60 * 60 * 1000)

/* --max-bytes and --period. */
struct cli_limit {
	char *max_bytes_text; /* as given, or NULL */
	char *period_text;
	uint64_t max_bytes; /* 0: no limit */
	uint64_t period_ms; /* to be filled with the default */
};

/* The options in @table, and no other word. May end the process, for --help. */
int cli_parse(const char *program, const struct poptOption *table, int argc,
	      char **argv);

/* @what is wrong, for @error; --help tells what would be right. */
int cli_misuse(const char *program, const char *what, const char *error);

/* The same, where @error has all there is to say. */
int cli_refuse(const char *program, const struct vrng_error *error);

/*
 * Decimal digits and nothing else, from @min to @max; *@value is left alone
 * without @text.
 */
int cli_number(const char *program, const char *name, const char *text,
	       uint64_t min, uint64_t max, uint64_t *value);

int cli_limit_check(const char *program, struct cli_limit *limit);
void cli_limit_free(struct cli_limit *limit);

/* Of an option that may be given several times; NULL is none. */
void cli_words_free(char **words);

#endif
