// SPDX-License-Identifier: GPL-2.0-or-later
/* rngd's command line: see options.h. */
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/number.h"
#include "rngd/options.h"
#include "rngd/sinks/kind.h"

#define DEFAULT_SOURCE	 "file:/dev/hwrng"
#define DEFAULT_SINK	 "/dev/random"
#define DEFAULT_PID_FILE "/var/run/rngd.pid"

/* As rng-tools' --random-step. */
#define DEFAULT_STEP 64

/* The kernel reseeds its generator every 60 s (CRNG_RESEED_INTERVAL). */
#define DEFAULT_INTERVAL 60

_Static_assert(RNGD_STEP_MAX == VRNG_SINK_STEP_MAX, "a step must fit");

enum {
	OPT_SOURCE = 0x100,
	OPT_INTERVAL,
	OPT_BLOCKS,
	OPT_HELP
};

static const struct poptOption table[] = {
	{ "foreground", 'f', POPT_ARG_NONE, NULL, 'f',
	  "Stay in the foreground, with messages on stderr", NULL },
	{ "background", 'b', POPT_ARG_NONE, NULL, 'b',
	  "Become a daemon, with messages to syslog (the default)", NULL },
	{ "rng-device", 'r', POPT_ARG_STRING, NULL, 'r',
	  "Device or file to read random bytes from (default: /dev/hwrng)",
	  "FILE" },
	{ "source", '\0', POPT_ARG_STRING, NULL, OPT_SOURCE,
	  "Source to read from instead: file:PATH, getrandom, drbg:seed=HEX",
	  "SPEC" },
	{ "random-device", 'o', POPT_ARG_STRING, NULL, 'o',
	  "Kernel device to credit, or file or FIFO to write to (default: "
	  "/dev/random)",
	  "FILE" },
	{ "random-step", 's', POPT_ARG_STRING, NULL, 's',
	  "Bytes handed to the kernel at a time, 8 to 4096 (default: 64)",
	  "BYTES" },
	{ "feed-interval", '\0', POPT_ARG_STRING, NULL, OPT_INTERVAL,
	  "Seconds between feedings of a kernel that is full (default: 60)",
	  "SECONDS" },
	{ "blocks", '\0', POPT_ARG_STRING, NULL, OPT_BLOCKS,
	  "Stop after this many good blocks (default: 0, never)", "N" },
	{ "pid-file", 'p', POPT_ARG_STRING, NULL, 'p',
	  "File for the process id (default: /var/run/rngd.pid in the "
	  "background, none in the foreground)",
	  "FILE" },
	{ "quiet", 'q', POPT_ARG_NONE, NULL, 'q', "Say nothing but errors",
	  NULL },
	{ "debug", 'd', POPT_ARG_NONE, NULL, 'd', "Say what every block gave",
	  NULL },
	{ "help", '?', POPT_ARG_NONE, NULL, OPT_HELP, "Show this help", NULL },
	{ "version", 'v', POPT_ARG_NONE, NULL, 'v', "Show the version", NULL },
	{ NULL, 'V', POPT_ARG_NONE | POPT_ARGFLAG_DOC_HIDDEN, NULL, 'v', NULL,
	  NULL },
	POPT_TABLEEND
};

static int no_memory(struct vrng_why *why)
{
	return vrng_why(why, ENOMEM, "%m");
}

static int set_string(char **to, const char *from, struct vrng_why *why)
{
	free(*to);
	*to = strdup(from);
	return *to ? 0 : no_memory(why);
}

static int take_path(char **to, const char *option, const char *text,
		     struct vrng_why *why)
{
	if (!*text)
		return vrng_why(why, EINVAL, "%s: must name a file", option);
	return set_string(to, text, why);
}

/* A path is a SPEC once its commas are written twice. */
static int take_device(struct rngd_options *options, const char *path,
		       struct vrng_why *why)
{
	char *spec;
	char *to;

	if (!*path)
		return vrng_why(why, EINVAL, "--rng-device: must name a file");
	spec = malloc(sizeof("file:") + 2 * strlen(path));
	if (!spec)
		return no_memory(why);

	to = stpcpy(spec, "file:");
	for (; *path; path++) {
		*to++ = *path;
		if (*path == ',')
			*to++ = ',';
	}
	*to = '\0';
	free(options->source);
	options->source = spec;
	return 0;
}

static int take_uint(unsigned int *to, const char *option, const char *text,
		     unsigned int min, unsigned int max, struct vrng_why *why)
{
	uint64_t n;
	int ret = vrng_number(&n, option, text, min, max, why);

	if (!ret)
		*to = (unsigned int)n;
	return ret;
}

static int take_value(struct rngd_options *options, int opt, const char *text,
		      struct vrng_why *why)
{
	switch (opt) {
	case 'r':
		return take_device(options, text, why);
	case OPT_SOURCE:
		return set_string(&options->source, text, why);
	case 'o':
		return take_path(&options->sink, "--random-device", text, why);
	case 'p':
		return take_path(&options->pid_file, "--pid-file", text, why);
	case 's':
		return take_uint(&options->step, "--random-step", text,
				 RNGD_STEP_MIN, RNGD_STEP_MAX, why);
	case OPT_INTERVAL:
		return take_uint(&options->interval, "--feed-interval", text, 1,
				 RNGD_INTERVAL_MAX, why);
	case OPT_BLOCKS:
		return vrng_number(&options->blocks, "--blocks", text, 0,
				   RNGD_BLOCKS_MAX, why);
	default:
		return vrng_why(why, EINVAL, "option %d has no meaning", opt);
	}
}

/* True when @opt is one of those without a value. */
static bool take_switch(struct rngd_options *options, int opt)
{
	switch (opt) {
	case 'f':
		options->foreground = true;
		return true;
	case 'b':
		options->foreground = false;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case 'd':
		options->debug = true;
		return true;
	case 'v':
		options->action = RNGD_SHOW_VERSION;
		return true;
	case OPT_HELP:
		options->action = RNGD_SHOW_HELP;
		return true;
	default:
		return false;
	}
}

/* The daemon leaves the current folder, but must find its pid file again. */
static int make_absolute(char **path, struct vrng_why *why)
{
	char *cwd, *whole;
	int len;

	if (!*path || **path == '/')
		return 0;
	cwd = getcwd(NULL, 0);
	if (!cwd)
		return vrng_why(why, errno,
				"--pid-file: no current folder: %m; give an "
				"absolute path");
	len = asprintf(&whole, "%s/%s", cwd, *path);
	free(cwd);
	if (len < 0)
		return no_memory(why);
	free(*path);
	*path = whole;
	return 0;
}

static int set_defaults(struct rngd_options *options, struct vrng_why *why)
{
	int ret = 0;

	if (!options->source)
		ret = set_string(&options->source, DEFAULT_SOURCE, why);
	if (!ret && !options->sink)
		ret = set_string(&options->sink, DEFAULT_SINK, why);
	if (!ret && !options->pid_file && !options->foreground)
		ret = set_string(&options->pid_file, DEFAULT_PID_FILE, why);
	if (!ret)
		ret = make_absolute(&options->pid_file, why);
	return ret;
}

static int take_all(struct rngd_options *options, poptContext con,
		    struct vrng_why *why)
{
	int opt, ret;

	while ((opt = poptGetNextOpt(con)) > 0) {
		char *text = poptGetOptArg(con);

		ret = 0;
		if (!take_switch(options, opt))
			ret = take_value(options, opt, text, why);
		free(text);
		if (ret || options->action != RNGD_RUN)
			return ret;
	}
	if (opt < -1)
		return vrng_why(why, EINVAL, "%.64s: %s",
				poptBadOption(con, POPT_BADOPTION_NOALIAS),
				poptStrerror(opt));
	if (poptPeekArg(con))
		return vrng_why(why, EINVAL,
				"%.64s: there are only options here",
				poptPeekArg(con));
	return set_defaults(options, why);
}

int rngd_options_parse(struct rngd_options *options, int argc, char **argv,
		       struct vrng_why *why)
{
	poptContext con;
	int ret;

	memset(options, 0, sizeof(*options));
	options->step = DEFAULT_STEP;
	options->interval = DEFAULT_INTERVAL;

	con = poptGetContext("rngd", argc, (const char **)argv, table, 0);
	if (!con)
		return no_memory(why);
	ret = take_all(options, con, why);
	poptFreeContext(con);
	if (ret)
		rngd_options_free(options);
	return ret;
}

void rngd_options_help(void)
{
	static const char *argv[] = { "rngd", NULL };
	poptContext con = poptGetContext("rngd", 1, argv, table, 0);

	if (!con)
		return;
	poptPrintHelp(con, stdout, 0);
	poptFreeContext(con);
	puts("\nReads random bytes from a source, holds each block of 20,000 "
	     "bits against the\nFIPS 140-2 tests, and gives the kernel what "
	     "passes, with 8 bits of credit a\nbyte. SIGTERM ends it; SIGUSR1 "
	     "makes it print its statistics.\n\nExit status: 0 stopped as "
	     "asked, 64 usage, 66 no source, 69 source ended or\nfailed, 70 "
	     "internal, 71 system error, 73 no output or pid file, 74 output\n"
	     "failed, 75 another rngd runs, 77 not permitted.");
}

void rngd_options_free(struct rngd_options *options)
{
	if (options->source)
		explicit_bzero(options->source, strlen(options->source));
	free(options->source);
	free(options->sink);
	free(options->pid_file);
	options->source = NULL;
	options->sink = NULL;
	options->pid_file = NULL;
}
