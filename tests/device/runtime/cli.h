/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command lines of the host's programs have in common. Functions write
 * one line on standard error if something is wrong, and return 0 or the status
 * to exit with.
 */
#ifndef DEVICE_RUNTIME_CLI_H
#define DEVICE_RUNTIME_CLI_H

#include <popt.h>
#include <stdint.h>

#include "vrng/error.h"

/* Help of --source, which all programs have. */
#define CLI_SOURCE_HELP                                                                  \
	"where bytes come from: getrandom (the default), file:PATH, rdseed, "            \
	"rdrand, rndr, darn, jitter, tty:PATH, exec:COMMAND, unix:PATH, tcp:HOST:PORT, " \
	"egd:unix:PATH, egd:tcp:HOST:PORT, drbg:seed=HEX (tests only)"

#define CLI_SOURCE_USER_HELP                                                \
	"if root starts this: the user whose process reads the source and " \
	"runs its program (default vrng-host, or else nobody)"

#define CLI_PERIOD_MAX_MS (24 * 60 * 60 * 1000)

/* --max-bytes and --period. */
struct cli_limit {
	char *max_bytes_text; /* as given, or NULL */
	char *period_text;
	uint64_t max_bytes; /* 0: no limit */
	uint64_t period_ms; /* set the default before cli_limit_check() */
};

/* Parse the options in @table; other words are refused. Exits for --help. */
int cli_parse(const char *program, const struct poptOption *table, int argc,
	      char **argv);

/* Write "PROGRAM: WHAT: ERROR; see PROGRAM --help". EX_USAGE. */
int cli_misuse(const char *program, const char *what, const char *error);

/* Write "PROGRAM: ERROR". EX_USAGE. */
int cli_refuse(const char *program, const struct vrng_error *error);

/*
 * Parse @text, of decimal digits only, as a number from @min to @max. A NULL
 * @text leaves *@value alone.
 */
int cli_number(const char *program, const char *name, const char *text,
	       uint64_t min, uint64_t max, uint64_t *value);

/* Check both options, and parse them into @limit. */
int cli_limit_check(const char *program, struct cli_limit *limit);
void cli_limit_free(struct cli_limit *limit);

/* Free the words of an option that may be given several times. NULL: none. */
void cli_words_free(char **words);

#endif
