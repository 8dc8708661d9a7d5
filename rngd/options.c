// SPDX-License-Identifier: GPL-2.0-or-later
/* rngd's command line: see options.h. */
#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/config.h"
#include "rngd/names.h"
#include "rngd/number.h"
#include "rngd/options.h"
#include "rngd/sinks/kind.h"

#define DEFAULT_SINK	 "/dev/random"
#define DEFAULT_PID_FILE "/var/run/rngd.pid"
#define DEFAULT_HOOKS	 "/etc/vrng/fork.d"

/* As rng-tools' --random-step. */
#define DEFAULT_STEP 64

/* The kernel reseeds its generator every 60 s (CRNG_RESEED_INTERVAL). */
#define DEFAULT_INTERVAL 60

#define DEFAULT_SUSPEND 60

_Static_assert(RNGD_STEP_MAX == VRNG_SINK_STEP_MAX, "a step must fit");

enum {
	OPT_SOURCE = 0x100,
	OPT_REQUIRE,
	OPT_SUSPEND,
	OPT_BLOCKS,
	OPT_CONFIG,
	OPT_TEST_CONFIG,
	OPT_CONTROL,
	OPT_CONTROL_GROUP,
	OPT_HOOKS,
	OPT_NO_SANDBOX,
	OPT_HELP
};

static const struct poptOption table[] = {
	{ "foreground", 'f', POPT_ARG_NONE, NULL, 'f',
	  "Stay in the foreground, with messages on stderr", NULL },
	{ "background", 'b', POPT_ARG_NONE, NULL, 'b',
	  "Become a daemon, with messages to syslog (the default)", NULL },
	{ "config", '\0', POPT_ARG_STRING, NULL, OPT_CONFIG,
	  "Read settings from FILE first: these options as key = value",
	  "FILE" },
	{ "test-config", '\0', POPT_ARG_NONE, NULL, OPT_TEST_CONFIG,
	  "Check the options, the configuration and the sources; do no more",
	  NULL },
	{ "rng-device", 'r', POPT_ARG_STRING, NULL, 'r',
	  "Device or file of the source hwrng (default: /dev/hwrng)", "FILE" },
	{ "source", '\0', POPT_ARG_STRING, NULL, OPT_SOURCE,
	  "Source to read from, repeatable; see rngd(8) for the kinds",
	  "SPEC" },
	{ "require-source", '\0', POPT_ARG_NONE, NULL, OPT_REQUIRE,
	  "Exit when there is no working source, instead of waiting for one",
	  NULL },
	{ "list", 'l', POPT_ARG_NONE, NULL, 'l',
	  "List the sources of rng-tools that there are here", NULL },
	{ "include", 'n', POPT_ARG_STRING, NULL, 'n',
	  "Use this source of that list too, by number or name", "SOURCE" },
	{ "exclude", 'x', POPT_ARG_STRING, NULL, 'x',
	  "Do not use this source of that list", "SOURCE" },
	{ "option", 'O', POPT_ARG_STRING, NULL, 'O',
	  "Set what a source of that list can be told", "SOURCE:KEY:VALUE" },
	{ "use-slow-sources", 'u', POPT_ARG_NONE, NULL, 'u',
	  "Accepted: all sources are used always", NULL },
	{ "entropy-count", 'e', POPT_ARG_STRING, NULL, 'e',
	  "Bits of entropy a byte of a source has, 0 to 8 (default: 8)",
	  "BITS" },
	{ "ignorefail", 'i', POPT_ARG_NONE, NULL, 'i',
	  "Do not suspend a source that fails its tests too often", NULL },
	{ "suspend", '\0', POPT_ARG_STRING, NULL, OPT_SUSPEND,
	  "Seconds such a source is left alone at first (default: 60)",
	  "SECONDS" },
	{ "random-device", 'o', POPT_ARG_STRING, NULL, 'o',
	  "Kernel device to credit, or file or FIFO to write to (default: "
	  "/dev/random)",
	  "FILE" },
	{ "random-step", 's', POPT_ARG_STRING, NULL, 's',
	  "Bytes handed to the kernel at a time, 8 to 4096 (default: 64)",
	  "BYTES" },
	{ "fill-watermark", 'W', POPT_ARG_STRING, NULL, 'W',
	  "Bits below which a kernel up to 5.17 asks for more, 0 to 4096",
	  "BITS" },
	{ "force-reseed", 'R', POPT_ARG_STRING, NULL, 'R',
	  "Seconds between feedings of a kernel that is full (default: 60)",
	  "SECONDS" },
	{ "feed-interval", '\0', POPT_ARG_STRING, NULL, 'R', "The same",
	  "SECONDS" },
	{ "test", 't', POPT_ARG_NONE, NULL, 't',
	  "Discard what passes and print rates, in the foreground", NULL },
	{ "blocks", '\0', POPT_ARG_STRING, NULL, OPT_BLOCKS,
	  "Stop after this many good blocks (default: 0, never)", "N" },
	{ "pid-file", 'p', POPT_ARG_STRING, NULL, 'p',
	  "File for the process id (default: /var/run/rngd.pid in the "
	  "background, none in the foreground)",
	  "FILE" },
	{ "drop-privileges", 'D', POPT_ARG_STRING, NULL, 'D',
	  "User of the process that reads (default: rngd, or else nobody)",
	  "USER[:GROUP]" },
	{ "no-sandbox", '\0', POPT_ARG_NONE, NULL, OPT_NO_SANDBOX,
	  "Do not filter system calls", NULL },
	{ "control", '\0', POPT_ARG_STRING, NULL, OPT_CONTROL,
	  "Socket for rngctl, or none (default: /run/rngd.sock, as root)",
	  "PATH" },
	{ "control-group", '\0', POPT_ARG_STRING, NULL, OPT_CONTROL_GROUP,
	  "Group that may use it (default: root alone)", "GROUP" },
	{ "fork-hooks", '\0', POPT_ARG_STRING, NULL, OPT_HOOKS,
	  "Folder of programs to run after a VM fork, or none (default: "
	  "/etc/vrng/fork.d)",
	  "FOLDER" },
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

/* In the log once, however many options have no effect. */
static int take_note(struct rngd_options *options, const char *note,
		     struct vrng_why *why)
{
	char *whole;

	if (!options->note)
		return set_string(&options->note, note, why);
	if (strstr(options->note, note))
		return 0;
	if (asprintf(&whole, "%s; %s", options->note, note) < 0)
		return no_memory(why);
	free(options->note);
	options->note = whole;
	return 0;
}

static int add_source(struct rngd_options *options, const char *spec,
		      struct vrng_why *why)
{
	if (options->sources == RNGD_SOURCES_MAX)
		return vrng_why(why, ERANGE, "--source: more than %d of them",
				RNGD_SOURCES_MAX);
	return set_string(&options->source[options->sources++], spec, why);
}

/* @path is a part of a SPEC once its commas are written twice. */
static char *with_commas(const char *path)
{
	char *field = malloc(2 * strlen(path) + 1);
	char *to = field;

	if (!field)
		return NULL;
	for (; *path; path++) {
		*to++ = *path;
		if (*path == ',')
			*to++ = ',';
	}
	*to = '\0';
	return field;
}

static int add_device(struct rngd_options *options, const char *path,
		      struct vrng_why *why)
{
	char *field = with_commas(path);
	char *spec;
	int ret;

	if (!field)
		return no_memory(why);
	ret = asprintf(&spec, "file:%s", field);
	free(field);
	if (ret < 0)
		return no_memory(why);
	ret = add_source(options, spec, why);
	free(spec);
	return ret;
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

static int take_watermark(struct rngd_options *options, const char *text,
			  struct vrng_why *why)
{
	unsigned int bits = 0;
	int ret = take_uint(&bits, "--fill-watermark", text, 0,
			    RNGD_WATERMARK_MAX, why);

	if (!ret)
		options->watermark = (int)bits;
	return ret;
}

static int take_include(struct rngd_options *options, const char *text,
			struct vrng_why *why)
{
	int n = rngd_names_find("--include", text, why);

	if (n < 0)
		return n;
	if (!rngd_names[n].spec)
		return vrng_why(why, EINVAL,
				"--include: %s: there is no such source here; "
				"there are hwrng, rdrand, jitter, namedpipe",
				rngd_names[n].name);
	options->included |= 1u << n;
	return 0;
}

static int take_exclude(struct rngd_options *options, const char *text,
			struct vrng_why *why)
{
	int n = rngd_names_find("--exclude", text, why);

	if (n < 0)
		return n;
	options->excluded |= 1u << n;
	return 0;
}

static int find_key(const struct rngd_name *name, const char *text, size_t len,
		    struct vrng_why *why)
{
	const char *const *key = name->keys;

	for (; key && *key; key++)
		if (strlen(*key) == len && !strncmp(*key, text, len))
			return 0;
	return vrng_why(why, EINVAL,
			"--option: %s: \"%.*s\" is none of its keys; "
			"-O %s shows them",
			name->name, (int)(len < 32 ? len : 32), text,
			name->name);
}

/* SOURCE:KEY:VALUE, or SOURCE alone to be shown the keys. */
static int take_option(struct rngd_options *options, const char *text,
		       struct vrng_why *why)
{
	int n = rngd_names_find("--option", text, why);
	const char *key, *value;
	int ret;

	if (n < 0)
		return n;
	key = strchr(text, ':');
	if (!key) {
		options->action = RNGD_SHOW_KEYS;
		return set_string(&options->shown, rngd_names[n].name, why);
	}
	value = strchr(++key, ':');
	if (!value)
		return vrng_why(why, EINVAL,
				"--option: \"%.64s\" is not SOURCE:KEY:VALUE",
				text);
	ret = find_key(&rngd_names[n], key, (size_t)(value - key), why);
	if (ret)
		return ret;
	if (n == RNGD_NAME_NAMEDPIPE && !strncmp(key, "path:", 5))
		return take_path(&options->fifo, "--option=namedpipe:path",
				 value + 1, why);
	return take_note(options, "--option: has no effect here", why);
}

static int take_value(struct rngd_options *options, int opt, const char *text,
		      struct vrng_why *why)
{
	switch (opt) {
	case 'r':
		return take_path(&options->device, "--rng-device", text, why);
	case OPT_SOURCE:
		return add_source(options, text, why);
	case 'n':
		return take_include(options, text, why);
	case 'x':
		return take_exclude(options, text, why);
	case 'O':
		return take_option(options, text, why);
	case 'o':
		return take_path(&options->sink, "--random-device", text, why);
	case 'p':
		return take_path(&options->pid_file, "--pid-file", text, why);
	case 'D':
		return take_path(&options->user, "--drop-privileges", text,
				 why);
	case OPT_CONFIG:
		return take_path(&options->config, "--config", text, why);
	case OPT_CONTROL:
		return take_path(&options->control, "--control", text, why);
	case OPT_CONTROL_GROUP:
		return take_path(&options->control_group, "--control-group",
				 text, why);
	case OPT_HOOKS:
		return take_path(&options->hooks, "--fork-hooks", text, why);
	case 's':
		return take_uint(&options->step, "--random-step", text,
				 RNGD_STEP_MIN, RNGD_STEP_MAX, why);
	case 'R':
		return take_uint(&options->interval, "--feed-interval", text, 1,
				 RNGD_INTERVAL_MAX, why);
	case 'e':
		return take_uint(&options->entropy, "--entropy-count", text, 0,
				 RNGD_ENTROPY_MAX, why);
	case OPT_SUSPEND:
		return take_uint(&options->suspend, "--suspend", text, 1,
				 RNGD_SUSPEND_MAX, why);
	case 'W':
		return take_watermark(options, text, why);
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
	case 't':
		options->test = true;
		return true;
	case 'i':
		options->ignore_failures = true;
		return true;
	case 'u':
		return true;
	case OPT_REQUIRE:
		options->require_source = true;
		return true;
	case OPT_NO_SANDBOX:
		options->no_sandbox = true;
		return true;
	case OPT_TEST_CONFIG:
		options->action = RNGD_TEST_CONFIG;
		return true;
	case 'l':
		options->action = RNGD_SHOW_LIST;
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

/* The daemon leaves the current folder, but must find its files again. */
static int get_folder(char **folder, const char *option, struct vrng_why *why)
{
	*folder = getcwd(NULL, 0);
	if (*folder)
		return 0;
	return vrng_why(why, errno,
			"%s: no current folder: %m; give an absolute path",
			option);
}

static int make_absolute(char **path, const char *option, struct vrng_why *why)
{
	char *cwd, *whole;
	int ret;

	if (!*path || !**path || **path == '/' || !strcmp(*path, "none"))
		return 0;
	ret = get_folder(&cwd, option, why);
	if (ret)
		return ret;
	ret = asprintf(&whole, "%s/%s", cwd, *path);
	free(cwd);
	if (ret < 0)
		return no_memory(why);
	free(*path);
	*path = whole;
	return 0;
}

/* Where the path of a SPEC begins, 0 for those without one. */
static size_t path_in(const char *spec)
{
	static const char *const kinds[] = { "file:", "tty:", "unix:",
					     "egd:unix:" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(spec, kinds[i], strlen(kinds[i])))
			return strlen(kinds[i]);
	return 0;
}

static int make_spec_absolute(char **spec, struct vrng_why *why)
{
	size_t at = path_in(*spec);
	char *cwd, *field, *whole;
	int ret;

	if (!at || !(*spec)[at] || (*spec)[at] == '/')
		return 0;
	ret = get_folder(&cwd, "--source", why);
	if (ret)
		return ret;
	field = with_commas(cwd);
	free(cwd);
	if (!field)
		return no_memory(why);
	ret = asprintf(&whole, "%.*s%s/%s", (int)at, *spec, field, *spec + at);
	free(field);
	if (ret < 0)
		return no_memory(why);
	free(*spec);
	*spec = whole;
	return 0;
}

static int make_specs_absolute(struct rngd_options *options,
			       struct vrng_why *why)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < options->sources && !ret; i++)
		ret = make_spec_absolute(&options->source[i], why);
	return ret;
}

/* ---------------------------------------------------- the command line */

/* What ends the reading: there is nothing left to do but to show it. */
static bool only_shows(const struct rngd_options *options)
{
	return options->action == RNGD_SHOW_HELP ||
	       options->action == RNGD_SHOW_VERSION ||
	       options->action == RNGD_SHOW_KEYS;
}

static int take_line(struct rngd_options *options, poptContext con,
		     struct vrng_why *why)
{
	int opt, ret;

	while ((opt = poptGetNextOpt(con)) > 0) {
		char *text = poptGetOptArg(con);

		ret = 0;
		if (!take_switch(options, opt))
			ret = take_value(options, opt, text, why);
		free(text);
		if (ret || only_shows(options))
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
	return 0;
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
			struct vrng_why *why)
{
	poptContext con =
		poptGetContext("rngd", argc, (const char **)argv, table, 0);
	int ret;

	if (!con)
		return no_memory(why);
	ret = take_line(options, con, why);
	poptFreeContext(con);
	return ret;
}

/* ---------------------------------------------------------------- the file */

/* These make no sense in a file. */
static bool is_for_files(const struct poptOption *row)
{
	return row->longName && row->val != OPT_CONFIG &&
	       row->val != OPT_TEST_CONFIG && row->val != OPT_HELP &&
	       row->val != 'v' && row->val != 'l';
}

static const struct poptOption *find_row(const char *key)
{
	const struct poptOption *row;

	for (row = table; row->longName || row->shortName; row++)
		if (is_for_files(row) && !strcmp(row->longName, key))
			return row;
	return NULL;
}

static int take_yes(struct rngd_options *options, const struct poptOption *row,
		    const char *value, struct vrng_why *why)
{
	if (!*value || !strcmp(value, "yes")) {
		(void)take_switch(options, row->val);
		return 0;
	}
	if (!strcmp(value, "no"))
		return 0;
	return vrng_why(why, EINVAL, "%s: \"%.32s\" is neither yes nor no",
			row->longName, value);
}

static int take_setting(void *opaque, const char *key, const char *value,
			struct vrng_why *why)
{
	struct rngd_options *options = opaque;
	const struct poptOption *row = find_row(key);
	int ret;

	if (!row)
		return vrng_why(why, EINVAL,
				"\"%.32s\" is no setting; see rngd --help",
				key);
	if (row->argInfo == POPT_ARG_NONE)
		return take_yes(options, row, value, why);
	ret = take_value(options, row->val, value, why);
	if (!ret && options->action == RNGD_SHOW_KEYS)
		return vrng_why(why, EINVAL,
				"option: \"%.32s\" is not SOURCE:KEY:VALUE",
				value);
	return ret;
}

/* ------------------------------------------------------------ both together */

static int refuse_contradictions(const struct rngd_options *options,
				 struct vrng_why *why)
{
	unsigned int both = options->included & options->excluded;

	if (both)
		return vrng_why(why, EINVAL,
				"--include and --exclude: both name %s",
				rngd_names[__builtin_ctz(both)].name);
	if (options->test && options->sink)
		return vrng_why(why, EINVAL,
				"--test and --random-device: a test discards "
				"what it reads; give one of them");
	if (options->control_group && options->control &&
	    !strcmp(options->control, "none"))
		return vrng_why(why, EINVAL,
				"--control-group: there is no socket with "
				"--control=none");
	if (options->included & 1u << RNGD_NAME_NAMEDPIPE && !options->fifo)
		return vrng_why(why, EINVAL,
				"--include: namedpipe: which? add "
				"--option=namedpipe:path:FILE");
	return 0;
}

/*
 * Those of rng-tools' list come after what --source names. hwrng is on where
 * nothing else is asked for, and with --rng-device.
 */
static int add_named(struct rngd_options *options, struct vrng_why *why)
{
	unsigned int wanted = options->included;
	int n, ret = 0;

	if (options->device || (!options->sources && !wanted))
		wanted |= 1u << RNGD_NAME_HWRNG;
	wanted &= ~options->excluded;
	for (n = 0; n < RNGD_NAMES && !ret; n++) {
		if (!(wanted & 1u << n))
			continue;
		if (n == RNGD_NAME_HWRNG && options->device)
			ret = add_device(options, options->device, why);
		else if (n == RNGD_NAME_NAMEDPIPE)
			ret = add_device(options, options->fifo, why);
		else
			ret = add_source(options, rngd_names[n].spec, why);
	}
	if (!ret && !options->sources)
		return vrng_why(why, EINVAL,
				"--exclude: no source is left; add --source or "
				"--include");
	return ret;
}

static int set_defaults(struct rngd_options *options, struct vrng_why *why)
{
	int ret = refuse_contradictions(options, why);

	if (!ret)
		ret = add_named(options, why);
	if (!ret && !options->sink)
		ret = set_string(&options->sink, DEFAULT_SINK, why);
	if (!ret && !options->hooks)
		ret = set_string(&options->hooks, DEFAULT_HOOKS, why);
	if (options->test)
		options->foreground = true;
	if (!ret && !options->pid_file && !options->foreground)
		ret = set_string(&options->pid_file, DEFAULT_PID_FILE, why);
	if (!ret && !options->foreground)
		ret = make_specs_absolute(options, why);
	if (!ret)
		ret = make_absolute(&options->pid_file, "--pid-file", why);
	if (!ret)
		ret = make_absolute(&options->control, "--control", why);
	return ret;
}

/*
 * The line is read twice where it names a file: to learn of the file, and then
 * over what that said.
 */
static int take_all(struct rngd_options *options, int argc, char **argv,
		    struct vrng_why *why)
{
	char *config;
	int ret = take_command(options, argc, argv, why);

	if (ret || only_shows(options))
		return ret;
	if (options->config) {
		ret = make_absolute(&options->config, "--config", why);
		if (ret)
			return ret;
		config = options->config;
		options->config = NULL;
		rngd_options_free(options);
		set_out(options);
		options->config = config;
		ret = rngd_config_read(config, take_setting, options, why);
		if (!ret)
			ret = take_command(options, argc, argv, why);
		if (!ret)
			ret = make_absolute(&options->config, "--config", why);
	}
	return ret ? ret : set_defaults(options, why);
}

int rngd_options_parse(struct rngd_options *options, int argc, char **argv,
		       struct vrng_why *why)
{
	int ret;

	set_out(options);
	ret = take_all(options, argc, argv, why);
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
	puts("\nReads random bytes from sources, tests them (SP 800-90B, FIPS "
	     "140-2), and gives the\nkernel what passes, with credit. SIGTERM "
	     "ends it; SIGUSR1 makes it print its\nstatistics; SIGHUP makes it "
	     "read its --config again.\n\nExit status: 0 stopped as asked, 64 "
	     "usage, 66 no source (--require-source), 69 all\nsources failed "
	     "(--require-source), 70 internal, 71 system error, 73 no output "
	     "or\npid file, 74 output failed, 75 another rngd runs, 77 not "
	     "permitted.");
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
				   &options->hooks,   &options->note,
				   &options->device,  &options->fifo,
				   &options->shown };
	size_t i;

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		free_string(strings[i]);
	for (i = 0; i < RNGD_SOURCES_MAX; i++)
		free_string(&options->source[i]);
	options->sources = 0;
}
