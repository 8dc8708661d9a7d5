// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the configuration again: see reload.h. */
#include <errno.h>
#include <string.h>

#include "rngd/options/specs.h"
#include "rngd/process/reload.h"
#include "rngd/process/sandbox.h"

struct rngd_set_defaults
rngd_reload_defaults(const struct rngd_options *options)
{
	return (struct rngd_set_defaults){
		.entropy = options->entropy,
		.suspend = options->suspend,
		.ignore_failures = options->ignore_failures,
		.trust_host = options->trust_host,
		.require_source = options->require_source,
		.standby = options->standby,
	};
}

static bool differ(const char *a, const char *b)
{
	return (a || b) && (!a || !b || strcmp(a, b) != 0);
}

/* Options that took rights which rngd has given up by now. */
static bool needs_start(const struct rngd_options *a,
			const struct rngd_options *b)
{
	return differ(a->sink, b->sink) || differ(a->pid_file, b->pid_file) ||
	       differ(a->user, b->user) || differ(a->control, b->control) ||
	       differ(a->control_group, b->control_group) ||
	       differ(a->hooks, b->hooks) || a->step != b->step ||
	       a->blocks != b->blocks || a->watermark != b->watermark ||
	       a->no_sandbox != b->no_sandbox || a->test != b->test ||
	       a->foreground != b->foreground;
}

/* What was logged before is not logged again. */
static void take_note(struct rngd_daemon *d, struct rngd_options *fresh)
{
	char *const before = d->options.note;

	if (differ(before, fresh->note))
		rngd_options_log(fresh, &d->log);
	d->options.note = fresh->note;
	fresh->note = before;
}

static void take_options(struct rngd_daemon *d, struct rngd_options *fresh)
{
	if (needs_start(&d->options, fresh))
		vrng_log(&d->log, VRNG_LOG_ERROR,
			 "%s: some of what has changed needs a new start",
			 fresh->config);
	d->options.interval = fresh->interval;
	d->options.entropy = fresh->entropy;
	d->options.suspend = fresh->suspend;
	d->options.ignore_failures = fresh->ignore_failures;
	d->options.trust_host = fresh->trust_host;
	d->options.require_source = fresh->require_source;
	d->log.quiet = fresh->quiet;
	d->log.debug = fresh->debug;
	take_note(d, fresh);
	vrng_sink_set_interval(d->sink, fresh->interval * 1000);
}

/* A socket that the filter does not allow would end the process. */
static int check_needs(const struct rngd_daemon *d,
		       const struct rngd_options *fresh,
		       struct vrng_error *error)
{
	size_t i;

	for (i = 0; i < fresh->sources; i++)
		if (rngd_sandbox_needs(fresh->source[i]) & ~d->allowed)
			return vrng_fail(
				error, EPERM,
				"%s: needs sockets that no source "
				"needed at the start; start rngd again",
				fresh->source[i]);
	return 0;
}

/* Nobody asked for it, so a reload does not fail for it. */
static void drop_standby(const struct rngd_daemon *d,
			 struct rngd_options *fresh)
{
	if (!fresh->standby ||
	    !(rngd_sandbox_needs(fresh->source[fresh->sources - 1]) &
	      ~d->allowed))
		return;
	fresh->standby = false;
	fresh->sources--;
}

bool rngd_reload(struct rngd_daemon *d)
{
	struct rngd_set_defaults defaults;
	struct rngd_options fresh;
	struct vrng_error error;
	int ret;

	if (rngd_options_parse(&fresh, d->argc, d->argv, d->folder, &error)) {
		vrng_log(&d->log, VRNG_LOG_ERROR, "%s; nothing is changed",
			 error.text);
		return false;
	}
	if (rngd_specs_check(&fresh, rngd_privops_opener(d->privops), &error)) {
		vrng_log(&d->log, VRNG_LOG_ERROR, "%s; nothing is changed",
			 error.text);
		rngd_options_free(&fresh);
		return false;
	}
	drop_standby(d, &fresh);
	defaults = rngd_reload_defaults(&fresh);
	ret = check_needs(d, &fresh, &error);
	if (!ret)
		ret = rngd_set_replace(d->set, fresh.source, fresh.sources,
				       &defaults, &error);
	if (ret) {
		vrng_log(&d->log, VRNG_LOG_ERROR, "%s: %s; nothing is changed",
			 fresh.config, error.text);
	} else {
		take_options(d, &fresh);
		vrng_log(&d->log, VRNG_LOG_INFO, "%s: read again, %zu sources",
			 fresh.config, fresh.sources);
	}
	rngd_options_free(&fresh);
	return !ret;
}
