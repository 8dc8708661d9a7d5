// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "rngd/base/number.h"
#include "tests/device/runtime/cli.h"

int cli_misuse(const char *program, const char *what, const char *error)
{
	fprintf(stderr, "%s: %s: %s; see %s --help\n", program, what, error,
		program);
	return EX_USAGE;
}

int cli_refuse(const char *program, const struct vrng_error *error)
{
	fprintf(stderr, "%s: %s\n", program, error->text);
	return EX_USAGE;
}

int cli_parse(const char *program, const struct poptOption *table, int argc,
	      char **argv)
{
	poptContext context = poptGetContext(
		program, argc, (const char **)(void *)argv, table, 0);
	int rc = poptGetNextOpt(context);
	int status = 0;

	if (rc < -1)
		status = cli_misuse(program, poptBadOption(context, 0),
				    poptStrerror(rc));
	else if (poptPeekArg(context))
		status = cli_misuse(program, poptPeekArg(context),
				    "not an option");
	poptFreeContext(context);
	return status;
}

int cli_number(const char *program, const char *name, const char *text,
	       uint64_t min, uint64_t max, uint64_t *value)
{
	if (!text || !vrng_decimal(value, name, text, min, max, NULL))
		return 0;
	fprintf(stderr,
		"%s: %s=%s: not a number from %" PRIu64 " to %" PRIu64 "\n",
		program, name, text, min, max);
	return EX_USAGE;
}

int cli_limit_check(const char *program, struct cli_limit *limit)
{
	int status;

	if (limit->period_text && !limit->max_bytes_text)
		return cli_misuse(program, "--period", "needs --max-bytes");
	status = cli_number(program, "--max-bytes", limit->max_bytes_text, 1,
			    INT64_MAX, &limit->max_bytes);
	if (status)
		return status;
	return cli_number(program, "--period", limit->period_text, 1,
			  CLI_PERIOD_MAX_MS, &limit->period_ms);
}

void cli_limit_free(struct cli_limit *limit)
{
	free(limit->max_bytes_text);
	free(limit->period_text);
}

void cli_words_free(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}
