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

int rngd_option_take_note(struct rngd_options *options, const char *note,
			  struct vrng_error *error)
{
	char *whole;

	if (!options->note)
		return rngd_option_set_string(&options->note, note, error);
	if (strstr(options->note, note))
		return 0;
	if (asprintf(&whole, "%s\n%s", options->note, note) < 0)
		return rngd_option_no_memory(error);
	free(options->note);
	options->note = whole;
	return 0;
}

/* The same, for an option that rngd accepts for the sake of old command lines. */
static int take_in_vain(struct rngd_options *options, const char *option,
			struct vrng_error *error)
{
	char note[96];

	(void)snprintf(note, sizeof(note), "%s: has no effect here", option);
	return rngd_option_take_note(options, note, error);
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

/* Bits, or a percentage of the pool's size. */
static int take_watermark(struct rngd_options *options, const char *text,
			  struct vrng_error *error)
{
	const size_t len = strlen(text);
	unsigned int n = 0;
	char digits[8];
	int ret;

	options->watermark_percent = len && text[len - 1] == '%';
	if (!options->watermark_percent) {
		ret = take_uint(&n, "--fill-watermark", text, 0,
				RNGD_WATERMARK_MAX, error);
	} else {
		(void)snprintf(digits, sizeof(digits), "%.*s",
			       len - 1 < sizeof(digits) ? (int)len - 1 : 7,
			       text);
		ret = take_uint(&n, "--fill-watermark, in percent", digits, 0,
				100, error);
	}
	if (!ret)
		options->watermark = (int)n;
	return ret;
}

/* rng-tools also takes numbers out of the range, and cuts some of them to it. */
static int take_step(struct rngd_options *options, const char *text,
		     struct vrng_error *error)
{
	char note[96];
	int ret = take_uint(&options->step, "--random-step", text, 0,
			    RNGD_STEP_MAX, error);

	if (ret || options->step >= RNGD_STEP_MIN)
		return ret;
	(void)snprintf(note, sizeof(note), "--random-step: %u is taken as %d",
		       options->step, RNGD_STEP_MIN);
	options->step = RNGD_STEP_MIN;
	return rngd_option_take_note(options, note, error);
}

/*
 * The fraction of a bit that a bit holds, of rng-tools-debian. Bits of a byte are
 * rounded down.
 */
static int take_fraction(struct rngd_options *options, const char *text,
			 struct vrng_error *error)
{
	static const char digits[] = "0123456789";
	size_t len = strspn(text, digits);
	double value;

	if (len && text[len] == '.')
		len += 1 + strspn(text + len + 1, digits);
	value = len && !text[len] && len < 16 ? strtod(text, NULL) : -1;
	if (value < 0 || value > 1)
		return vrng_fail(error, EINVAL,
				 "--rng-entropy: \"%.32s\" is not a number "
				 "from 0 to 1, the bits in each bit",
				 text);
	options->entropy = (unsigned int)(value * RNGD_ENTROPY_MAX);
	options->is_fraction = true;
	return 0;
}

static int take_entropy(struct rngd_options *options, const char *text,
			struct vrng_error *error)
{
	options->is_fraction = false;
	return take_uint(&options->entropy, "--entropy-count", text, 0,
			 RNGD_ENTROPY_MAX, error);
}

static int refuse_padlock(const char *option, struct vrng_error *error)
{
	return vrng_fail(error, EINVAL,
			 "%s: viapadlock: rngd has no such driver: load "
			 "via-rng, which gives its bytes in /dev/hwrng",
			 option);
}

/* --hrng selects a driver of the kernel, or rng-tools-debian's own one. */
static int take_hrng(struct rngd_options *options, const char *text,
		     struct vrng_error *error)
{
	if (!strcmp(text, "viapadlock"))
		return refuse_padlock("--hrng", error);
	return take_in_vain(options, "--hrng", error);
}

/* -R is --rng-driver in rng-tools-debian, with the name of a driver. */
static int take_driver(struct rngd_options *options, const char *text,
		       struct vrng_error *error)
{
	if (!strcmp(text, "stream"))
		return take_in_vain(options, "--rng-driver", error);
	if (!strcmp(text, "viapadlock"))
		return refuse_padlock("--rng-driver", error);
	return vrng_fail(error, EINVAL,
			 "--rng-driver: \"%.32s\" is neither stream nor "
			 "viapadlock",
			 text);
}

static int take_interval(struct rngd_options *options, const char *option,
			 const char *text, struct vrng_error *error)
{
	return take_uint(&options->interval, option, text, 0, RNGD_INTERVAL_MAX,
			 error);
}

/* A number from 4 on names another source in rng-tools before 6.15. */
static int note_number(struct rngd_options *options, const char *option,
		       const char *text, int n, struct vrng_error *error)
{
	char note[128];

	if (*text < '0' || *text > '9' || n < RNGD_NAME_RNDR || n >= RNGD_NAMES)
		return 0;
	(void)snprintf(note, sizeof(note),
		       "%s: %d is %s, but another source in earlier versions "
		       "of rng-tools; give the name",
		       option, n, rngd_names[n].name);
	return rngd_option_take_note(options, note, error);
}

/* -n is --no-tpm in rng-tools5, with 0 or 1. */
static int note_no_tpm(struct rngd_options *options, const char *text,
		       struct vrng_error *error)
{
	char note[128];

	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return 0;
	(void)snprintf(note, sizeof(note),
		       "--include: %s is %s; the -n %s of rng-tools5 is "
		       "--no-tpm=%s",
		       text, rngd_names[*text - '0'].name, text, text);
	return rngd_option_take_note(options, note, error);
}

/* As in rng-tools, a source that is not there is ignored. */
static int take_include(struct rngd_options *options, const char *text,
			struct vrng_error *error)
{
	int n = rngd_names_find("--include", text, error);
	char note[160];
	int ret;

	if (n < 0)
		return n;
	ret = note_number(options, "--include", text, n, error);
	if (!ret)
		ret = note_no_tpm(options, text, error);
	if (ret)
		return ret;
	if (rngd_names[n].spec) {
		options->included |= 1u << n;
		return 0;
	}
	options->ignored |= 1u << n;
	(void)snprintf(note, sizeof(note),
		       "--include: %s: is ignored, rngd has no such source: %s",
		       rngd_names[n].name, rngd_names[n].instead);
	return rngd_option_take_note(options, note, error);
}

static int take_exclude(struct rngd_options *options, const char *text,
			struct vrng_error *error)
{
	int n = rngd_names_find("--exclude", text, error);

	if (n < 0)
		return n;
	options->excluded |= 1u << n;
	return note_number(options, "--exclude", text, n, error);
}

/* --no-drng and --no-tpm of rng-tools5. */
static int take_exclusion(struct rngd_options *options, const char *option,
			  int n, const char *text, struct vrng_error *error)
{
	unsigned int is_excluded = 0;
	int ret = take_uint(&is_excluded, option, text, 0, 1, error);

	if (!ret && is_excluded)
		options->excluded |= 1u << n;
	return ret;
}

static int find_key(const struct rngd_name *name, const char *text, size_t len,
		    struct vrng_error *error)
{
	const struct rngd_key *key = name->keys;

	for (; key && key->name; key++)
		if (strlen(key->name) == len && !strncmp(key->name, text, len))
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
	char named[64];
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
	(void)snprintf(named, sizeof(named), "--option: %s:%.*s",
		       rngd_names[n].name, (int)(value - key), key);
	return take_in_vain(options, named, error);
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
	case OPT_PAGE:
		return take_path(&options->page, "--fork-page", text, error);
	case OPT_HOOKS:
		return take_path(&options->hooks, "--fork-hooks", text, error);
	case 's':
		return take_step(options, text, error);
	case 'R':
		if (*text >= 'a' && *text <= 'z')
			return take_driver(options, text, error);
		return take_interval(options, "--force-reseed", text, error);
	case OPT_INTERVAL:
		return take_interval(options, "--feed-interval", text, error);
	case OPT_TIMEOUT:
		return take_interval(options, "--timeout", text, error);
	case OPT_DRIVER:
		return take_driver(options, text, error);
	case 'H':
		return take_fraction(options, text, error);
	case OPT_NO_DRNG:
		return take_exclusion(options, "--no-drng", RNGD_NAME_RDRAND,
				      text, error);
	case OPT_NO_TPM:
		return take_exclusion(options, "--no-tpm", RNGD_NAME_TPM, text,
				      error);
	case 'B':
		return take_in_vain(options, "--rng-buffers", error);
	case 'Q':
		return take_in_vain(options, "--rng-quality", error);
	case 'S':
		return take_in_vain(options, "--stats-interval", error);
	case 'T':
		return take_in_vain(options, "--rng-timeout", error);
	case OPT_HRNG:
		return take_hrng(options, text, error);
	case 'e':
		return take_entropy(options, text, error);
	case OPT_SUSPEND:
		return take_uint(&options->suspend, "--suspend", text, 1,
				 RNGD_SUSPEND_MAX, error);
	case 'W':
		return take_watermark(options, text, error);
	case OPT_RECORD:
		options->action = RNGD_RECORD;
		return take_path(&options->record, "--record", text, error);
	case OPT_RECORD_BYTES:
		return vrng_number(&options->record_bytes, "--record-bytes",
				   text, 1, RNGD_BLOCKS_MAX, error);
	case OPT_RESTARTS:
		return take_uint(&options->restarts, "--restarts", text, 1,
				 1000000, error);
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
	case OPT_SELFTEST:
		options->action = RNGD_SELFTEST;
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
