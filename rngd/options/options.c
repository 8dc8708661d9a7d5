// SPDX-License-Identifier: GPL-2.0-or-later
/* rngd's command line: see options.h. */
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/options/config.h"
#include "rngd/options/names.h"
#include "rngd/options/paths.h"
#include "rngd/options/table.h"
#include "rngd/options/values.h"
#include "rngd/options/options.h"
#include "rngd/sinks/kernel_pool.h"

#define DEFAULT_SINK	 "/dev/random"
#define DEFAULT_PID_FILE "/var/run/rngd.pid"
#define DEFAULT_HOOKS	 "/etc/vrng/fork.d"

/* Bytes, as rng-tools has it. */
#define DEFAULT_STEP 64

/*
 * Seconds: the kernel reseeds its generator that often (CRNG_RESEED_INTERVAL).
 */
#define DEFAULT_INTERVAL 60

#define DEFAULT_SUSPEND 60 /* seconds */

_Static_assert(RNGD_STEP_MAX == VRNG_KERNEL_POOL_MAX, "a step must fit");

/* ---------------------------------------------------- the command line */

/* These end the parsing: other options do not matter. */
static bool only_shows(const struct rngd_options *options)
{
	return options->action == RNGD_SHOW_HELP ||
	       options->action == RNGD_SHOW_VERSION ||
	       options->action == RNGD_SELFTEST ||
	       options->action == RNGD_SHOW_KEYS;
}

/* -t takes a number in rng-tools-debian, and -d takes 0 or 1 in rng-tools5. */
static const char *hint_of_word(const struct rngd_options *options,
				const char *word)
{
	const bool is_number = *word >= '0' && *word <= '9';

	if (options->test && is_number)
		return "; for the -t N of rng-tools-debian write "
		       "--feed-interval=N";
	if (options->debug && is_number)
		return "; for the -d N of rng-tools5 write --no-drng=N";
	return "";
}

static int refuse_word(const struct rngd_options *options, const char *word,
		       struct vrng_error *error)
{
	return vrng_fail(error, EINVAL, "%.64s: there are only options here%s",
			 word, hint_of_word(options, word));
}

static int refuse_option(const char *option, int opt, struct vrng_error *error)
{
	return vrng_fail(error, EINVAL, "%.64s: %s%s", option,
			 poptStrerror(opt),
			 strcmp(option, "--verbose") ?
				 "" :
				 "; for that of rng-tools5 write --debug");
}

static int take_line(struct rngd_options *options, poptContext con,
		     struct vrng_error *error)
{
	int opt, ret;

	while ((opt = poptGetNextOpt(con)) > 0) {
		char *text = poptGetOptArg(con);

		ret = 0;
		if (!rngd_option_take_switch(options, opt))
			ret = rngd_option_take_value(options, opt, text, error);
		free(text);
		if (ret || only_shows(options))
			return ret;
	}
	if (opt < -1)
		return refuse_option(poptBadOption(con, POPT_BADOPTION_NOALIAS),
				     opt, error);
	return poptPeekArg(con) ?
		       refuse_word(options, poptPeekArg(con), error) :
		       0;
}

static void set_out(struct rngd_options *options)
{
	memset(options, 0, sizeof(*options));
	options->step = DEFAULT_STEP;
	options->interval = DEFAULT_INTERVAL;
	options->entropy = RNGD_ENTROPY_MAX;
	options->suspend = DEFAULT_SUSPEND;
	options->watermark = -1;
}

static int take_command(struct rngd_options *options, int argc, char **argv,
			struct vrng_error *error)
{
	poptContext con = poptGetContext("rngd", argc, (const char **)argv,
					 rngd_option_table, 0);
	int ret;

	if (!con)
		return rngd_option_no_memory(error);
	ret = take_line(options, con, error);
	poptFreeContext(con);
	return ret;
}

/* ---------------------------------------------------------------- the file */

/* False for options that make no sense in a file. */
static bool is_for_files(const struct poptOption *row)
{
	return row->longName && row->val != OPT_CONFIG &&
	       row->val != OPT_TEST_CONFIG && row->val != OPT_HELP &&
	       row->val != OPT_RECORD && row->val != OPT_RECORD_BYTES &&
	       row->val != OPT_RESTARTS && row->val != 'v' && row->val != 'l';
}

static const struct poptOption *find_row(const char *key)
{
	const struct poptOption *row;

	for (row = rngd_option_table; row->longName || row->shortName; row++)
		if (is_for_files(row) && !strcmp(row->longName, key))
			return row;
	return NULL;
}

static int take_yes(struct rngd_options *options, const struct poptOption *row,
		    const char *value, struct vrng_error *error)
{
	if (!*value || !strcmp(value, "yes")) {
		(void)rngd_option_take_switch(options, row->val);
		return 0;
	}
	if (!strcmp(value, "no"))
		return 0;
	return vrng_fail(error, EINVAL, "%s: \"%.32s\" is neither yes nor no",
			 row->longName, value);
}

/* The file has the names of options without dashes. */
static void cut_dashes(struct vrng_error *error)
{
	char *text = error->text;

	if (!strncmp(text, "--", 2))
		memmove(text, text + 2, strlen(text + 2) + 1);
}

static int take_setting(void *opaque, unsigned int line, const char *key,
			const char *value, struct vrng_error *error)
{
	struct rngd_options *options = opaque;
	const struct poptOption *row = find_row(key);
	int ret;

	options->line_now = line;
	if (!row)
		return vrng_fail(error, EINVAL, "\"%.32s\" is no setting", key);
	if (row->argInfo == POPT_ARG_NONE)
		return take_yes(options, row, value, error);
	ret = rngd_option_take_value(options, row->val, value, error);
	if (ret)
		cut_dashes(error);
	if (!ret && options->action == RNGD_SHOW_KEYS)
		return vrng_fail(error, EINVAL,
				 "option: \"%.32s\" is not SOURCE:KEY:VALUE",
				 value);
	return ret;
}

/* ------------------------------------------------------------ both together */

static int refuse_contradictions(const struct rngd_options *options,
				 struct vrng_error *error)
{
	unsigned int both = options->included & options->excluded;

	if (both)
		return vrng_fail(error, EINVAL,
				 "--include and --exclude: both name %s",
				 rngd_names[__builtin_ctz(both)].name);
	if (options->test && options->sink)
		return vrng_fail(error, EINVAL,
				 "--test and --random-device: a test discards "
				 "what it reads; give one of them");
	if (options->control_group && options->control &&
	    !strcmp(options->control, "none"))
		return vrng_fail(error, EINVAL,
				 "--control-group: there is no socket with "
				 "--control=none");
	if (options->included & 1u << RNGD_NAME_NAMEDPIPE && !options->fifo)
		return vrng_fail(error, EINVAL,
				 "--include: namedpipe: which? add "
				 "--option=namedpipe:path:FILE");
	return 0;
}

/* --include of a SPEC that --source has given already adds nothing. */
static int add_name(struct rngd_options *options, int n,
		    struct vrng_error *error)
{
	const char *spec = rngd_names_spec(n, rngd_names_works);
	size_t i;

	for (i = 0; i < options->sources; i++)
		if (!strcmp(options->source[i], spec))
			return 0;
	return rngd_option_add_source(options, spec, error);
}

/* The sources of --include, of --rng-device and of the key of namedpipe. */
static unsigned int names_given(const struct rngd_options *options)
{
	unsigned int given = options->included;

	if (options->device)
		given |= 1u << RNGD_NAME_HWRNG;
	if (options->fifo)
		given |= 1u << RNGD_NAME_NAMEDPIPE;
	return given;
}

static int add_names(struct rngd_options *options, unsigned int wanted,
		     struct vrng_error *error)
{
	int n, ret = 0;

	for (n = 0; n < RNGD_NAMES && !ret; n++) {
		if (!(wanted & 1u << n))
			continue;
		if (n == RNGD_NAME_HWRNG && options->device)
			ret = rngd_option_add_device(options, options->device,
						     error);
		else if (n == RNGD_NAME_NAMEDPIPE)
			ret = rngd_option_add_device(options, options->fifo,
						     error);
		else
			ret = add_name(options, n, error);
	}
	return ret;
}

/* Where no source was given, one of this machine stands in for hwrng. */
static int add_standby(struct rngd_options *options, struct vrng_error *error)
{
	const char *spec =
		rngd_names_standby(options->excluded, rngd_names_works);

	options->standby = spec && options->sources;
	return spec ? rngd_option_add_source(options, spec, error) : 0;
}

/*
 * Add the sources of --include after those of --source. As in rng-tools, hwrng is
 * used beside them unless it is excluded; --source alone leaves it out.
 */
static int add_named(struct rngd_options *options, struct vrng_error *error)
{
	const unsigned int given = names_given(options);
	const bool none_given = !options->sources && !given;
	unsigned int wanted = given;
	int ret;

	if (!options->sources)
		wanted |= 1u << RNGD_NAME_HWRNG;
	ret = add_names(options, wanted & ~options->excluded, error);
	if (!ret && none_given)
		ret = add_standby(options, error);
	if (!ret && !options->sources)
		return vrng_fail(
			error, EINVAL,
			"--exclude: no source is left; add --source or "
			"--include");
	return ret;
}

/* A claim below 8 bits changes how blocks are tested, and what they become. */
static int note_claim(struct rngd_options *options, struct vrng_error *error)
{
	const char *option =
		options->is_fraction ? "--rng-entropy" : "--entropy-count";
	char note[192];

	if (options->entropy == RNGD_ENTROPY_MAX)
		return 0;
	if (!options->entropy)
		(void)snprintf(note, sizeof(note),
			       "%s: 0 bits a byte are claimed: no credit",
			       option);
	else
		(void)snprintf(note, sizeof(note),
			       "%s: %u of 8 bits a byte are claimed: blocks "
			       "are conditioned, and the tests of FIPS 140-2 "
			       "do not apply",
			       option, options->entropy);
	return rngd_option_take_note(options, note, error);
}

static int make_absolute(struct rngd_options *options, const char *folder,
			 struct vrng_error *error)
{
	int ret = rngd_option_make_specs_absolute(options, folder, error);

	if (!ret)
		ret = rngd_option_make_absolute(&options->pid_file,
						"--pid-file", folder, error);
	if (!ret)
		ret = rngd_option_make_absolute(&options->control, "--control",
						folder, error);
	if (!ret)
		ret = rngd_option_make_absolute(&options->hooks, "--fork-hooks",
						folder, error);
	if (!ret)
		ret = rngd_option_make_absolute(&options->page, "--fork-page",
						folder, error);
	return ret;
}

static int set_defaults(struct rngd_options *options, const char *folder,
			struct vrng_error *error)
{
	int ret = refuse_contradictions(options, error);

	if (!ret)
		ret = note_claim(options, error);
	if (!ret)
		ret = add_named(options, error);
	if (!ret && !options->sink)
		ret = rngd_option_set_string(&options->sink, DEFAULT_SINK,
					     error);
	if (!ret && !options->hooks)
		ret = rngd_option_set_string(&options->hooks, DEFAULT_HOOKS,
					     error);
	if (options->test)
		options->foreground = true;
	if (!ret && !options->pid_file && !options->foreground)
		ret = rngd_option_set_string(&options->pid_file,
					     DEFAULT_PID_FILE, error);
	return ret ? ret : make_absolute(options, folder, error);
}

/*
 * With --config the command line is parsed twice: for the name of the file, and
 * again after the file, so that it has precedence.
 */
static int take_all(struct rngd_options *options, int argc, char **argv,
		    const char *folder, struct vrng_error *error)
{
	char *config;
	int ret = take_command(options, argc, argv, error);

	if (ret || only_shows(options))
		return ret;
	if (options->config) {
		ret = rngd_option_make_absolute(&options->config, "--config",
						folder, error);
		if (ret)
			return ret;
		config = options->config;
		options->config = NULL;
		rngd_options_free(options);
		set_out(options);
		options->config = config;
		ret = rngd_config_read(config, take_setting, options, error);
		options->line_now = 0;
		if (!ret)
			ret = take_command(options, argc, argv, error);
		if (!ret)
			ret = rngd_option_make_absolute(
				&options->config, "--config", folder, error);
	}
	return ret ? ret : set_defaults(options, folder, error);
}

int rngd_options_parse(struct rngd_options *options, int argc, char **argv,
		       const char *folder, struct vrng_error *error)
{
	int ret;

	set_out(options);
	ret = take_all(options, argc, argv, folder, error);
	if (ret)
		rngd_options_free(options);
	return ret;
}

void rngd_options_help(void)
{
	static const char *argv[] = { "rngd", NULL };
	poptContext con = poptGetContext("rngd", 1, argv, rngd_option_table, 0);

	if (!con)
		return;
	poptPrintHelp(con, stdout, 0);
	poptFreeContext(con);
	puts("\nReads random bytes from sources, tests them (SP 800-90B, FIPS "
	     "140-2), and gives the\nkernel what passes, with credit. SIGTERM "
	     "ends it; SIGUSR1 makes it print its\nstatistics; SIGHUP makes it "
	     "read its --config again.\n\nExit status: 0 stopped as asked, 64 "
	     "usage, 66 no source (--require-source), 69 all\nsources failed "
	     "(--require-source), 70 internal, 71 system error, 73 no output "
	     "or\npid file, 74 output failed, 75 another rngd runs, 77 not "
	     "permitted.");
}

void rngd_options_log(const struct rngd_options *options, struct vrng_log *log)
{
	const char *line = options->note;
	size_t len;

	while (line && *line) {
		len = strcspn(line, "\n");
		vrng_log(log, VRNG_LOG_INFO, "%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static void free_string(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void rngd_options_free(struct rngd_options *options)
{
	char **const strings[] = { &options->sink,    &options->pid_file,
				   &options->config,  &options->user,
				   &options->control, &options->control_group,
				   &options->hooks,   &options->page,
				   &options->note,    &options->device,
				   &options->fifo,    &options->shown,
				   &options->record };
	size_t i;

	for (i = 0; i < VRNG_LENGTH(strings); i++)
		free_string(strings[i]);
	for (i = 0; i < RNGD_SOURCES_MAX; i++)
		free_string(&options->source[i]);
	options->sources = 0;
}
