// SPDX-License-Identifier: GPL-2.0-or-later
/* Setting options: see values.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/options/names.h"
#include "rngd/base/number.h"
#include "rngd/options/table.h"
#include "rngd/options/values.h"

int rngd_option_no_memory(struct vrng_error *error)
{
	return vrng_fail(error, ENOMEM, "%m");
}

int rngd_option_set_string(char **to, const char *from,
			   struct vrng_error *error)
{
	free(*to);
	*to = strdup(from);
	return *to ? 0 : rngd_option_no_memory(error);
}

static int take_path(char **to, const char *option, const char *text,
		     struct vrng_error *error)
{
	if (!*text)
		return vrng_fail(error, EINVAL, "%s: must name a file", option);
	return rngd_option_set_string(to, text, error);
}

/* Add @note to the line for the log, unless it is there. */
static int take_note(struct rngd_options *options, const char *note,
		     struct vrng_error *error)
{
	char *whole;

	if (!options->note)
		return rngd_option_set_string(&options->note, note, error);
	if (strstr(options->note, note))
		return 0;
	if (asprintf(&whole, "%s; %s", options->note, note) < 0)
		return rngd_option_no_memory(error);
	free(options->note);
	options->note = whole;
	return 0;
}

int rngd_option_add_source(struct rngd_options *options, const char *spec,
			   struct vrng_error *error)
{
	if (options->sources == RNGD_SOURCES_MAX)
		return vrng_fail(error, ERANGE,
				 "--source: more than %d of them",
				 RNGD_SOURCES_MAX);
	options->line[options->sources] = options->line_now;
	return rngd_option_set_string(&options->source[options->sources++],
				      spec, error);
}

char *rngd_option_with_commas(const char *path)
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

int rngd_option_add_device(struct rngd_options *options, const char *path,
			   struct vrng_error *error)
{
	char *field = rngd_option_with_commas(path);
	char *spec;
	int ret;

	if (!field)
		return rngd_option_no_memory(error);
	ret = asprintf(&spec, "file:%s", field);
	free(field);
	if (ret < 0)
		return rngd_option_no_memory(error);
	ret = rngd_option_add_source(options, spec, error);
	free(spec);
	return ret;
}

static int take_uint(unsigned int *to, const char *option, const char *text,
		     unsigned int min, unsigned int max,
		     struct vrng_error *error)
{
	uint64_t n;
	int ret = vrng_number(&n, option, text, min, max, error);

	if (!ret)
		*to = (unsigned int)n;
	return ret;
}

static int take_watermark(struct rngd_options *options, const char *text,
			  struct vrng_error *error)
{
	unsigned int bits = 0;
	int ret = take_uint(&bits, "--fill-watermark", text, 0,
			    RNGD_WATERMARK_MAX, error);

	if (!ret)
		options->watermark = (int)bits;
	return ret;
}

static int take_include(struct rngd_options *options, const char *text,
			struct vrng_error *error)
{
	int n = rngd_names_find("--include", text, error);

	if (n < 0)
		return n;
	if (!rngd_names[n].spec)
		return vrng_fail(error, EINVAL,
				 "--include: %s: rngd has no such source; it "
				 "has hwrng, rdrand, jitter and namedpipe, and "
				 "--list shows which of them work here",
				 rngd_names[n].name);
	options->included |= 1u << n;
	return 0;
}

static int take_exclude(struct rngd_options *options, const char *text,
			struct vrng_error *error)
{
	int n = rngd_names_find("--exclude", text, error);

	if (n < 0)
		return n;
	options->excluded |= 1u << n;
	return 0;
}

static int find_key(const struct rngd_name *name, const char *text, size_t len,
		    struct vrng_error *error)
{
	const char *const *key = name->keys;

	for (; key && *key; key++)
		if (strlen(*key) == len && !strncmp(*key, text, len))
			return 0;
	return vrng_fail(error, EINVAL,
			 "--option: %s: \"%.*s\" is none of its keys; "
			 "-O %s shows them",
			 name->name, (int)(len < 32 ? len : 32), text,
			 name->name);
}

/* SOURCE:KEY:VALUE sets a key; SOURCE alone shows the keys. */
static int take_option(struct rngd_options *options, const char *text,
		       struct vrng_error *error)
{
	int n = rngd_names_find("--option", text, error);
	const char *key, *value;
	int ret;

	if (n < 0)
		return n;
	key = strchr(text, ':');
	if (!key) {
		options->action = RNGD_SHOW_KEYS;
		return rngd_option_set_string(&options->shown,
					      rngd_names[n].name, error);
	}
	value = strchr(++key, ':');
	if (!value)
		return vrng_fail(error, EINVAL,
				 "--option: \"%.64s\" is not SOURCE:KEY:VALUE",
				 text);
	ret = find_key(&rngd_names[n], key, (size_t)(value - key), error);
	if (ret)
		return ret;
	if (n == RNGD_NAME_NAMEDPIPE && !strncmp(key, "path:", 5))
		return take_path(&options->fifo, "--option=namedpipe:path",
				 value + 1, error);
	return take_note(options, "--option: has no effect here", error);
}

int rngd_option_take_value(struct rngd_options *options, int opt,
			   const char *text, struct vrng_error *error)
{
	switch (opt) {
	case 'r':
		return take_path(&options->device, "--rng-device", text, error);
	case OPT_SOURCE:
		return rngd_option_add_source(options, text, error);
	case 'n':
		return take_include(options, text, error);
	case 'x':
		return take_exclude(options, text, error);
	case 'O':
		return take_option(options, text, error);
	case 'o':
		return take_path(&options->sink, "--random-device", text,
				 error);
	case 'p':
		return take_path(&options->pid_file, "--pid-file", text, error);
	case 'D':
		return take_path(&options->user, "--drop-privileges", text,
				 error);
	case OPT_CONFIG:
		return take_path(&options->config, "--config", text, error);
	case OPT_CONTROL:
		return take_path(&options->control, "--control", text, error);
	case OPT_CONTROL_GROUP:
		return take_path(&options->control_group, "--control-group",
				 text, error);
	case OPT_HOOKS:
		return take_path(&options->hooks, "--fork-hooks", text, error);
	case 's':
		return take_uint(&options->step, "--random-step", text,
				 RNGD_STEP_MIN, RNGD_STEP_MAX, error);
	case 'R':
		return take_uint(&options->interval, "--force-reseed", text, 1,
				 RNGD_INTERVAL_MAX, error);
	case OPT_INTERVAL:
		return take_uint(&options->interval, "--feed-interval", text, 1,
				 RNGD_INTERVAL_MAX, error);
	case 'e':
		return take_uint(&options->entropy, "--entropy-count", text, 0,
				 RNGD_ENTROPY_MAX, error);
	case OPT_SUSPEND:
		return take_uint(&options->suspend, "--suspend", text, 1,
				 RNGD_SUSPEND_MAX, error);
	case 'W':
		return take_watermark(options, text, error);
	case OPT_BLOCKS:
		return vrng_number(&options->blocks, "--blocks", text, 0,
				   RNGD_BLOCKS_MAX, error);
	default:
		return vrng_fail(error, EINVAL, "option %d has no meaning",
				 opt);
	}
}

bool rngd_option_take_switch(struct rngd_options *options, int opt)
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
	case OPT_TRUST_HOST:
		options->trust_host = true;
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
