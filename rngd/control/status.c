// SPDX-License-Identifier: GPL-2.0-or-later
/* What the control socket answers to "status": see report.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rngd/control/status.h"
#include "rngd/base/clock.h"
#include "vrng/version.h"

struct text {
	char *at;
	size_t left;
	size_t used;
};

static void line(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void line(struct text *t, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(t->at, t->left, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len + 1 >= t->left) {
		t->left = 0; /* full: whole lines only */
		return;
	}
	t->at[len] = '\n';
	t->at += len + 1;
	t->left -= (size_t)len + 1;
	t->used += (size_t)len + 1;
}

static void number(struct text *t, const char *prefix, const char *name,
		   uint64_t value)
{
	if (t->left)
		line(t, "%s%s %" PRIu64, prefix, name, value);
}

static void words(struct text *t, const char *prefix, const char *name,
		  const char *value)
{
	if (t->left)
		line(t, "%s%s %s", prefix, name, value);
}

static const char *type_name(enum vrng_sink_type type)
{
	switch (type) {
	case VRNG_SINK_KERNEL:
		return "kernel";
	case VRNG_SINK_FILE:
		return "file";
	case VRNG_SINK_FIFO:
		return "fifo";
	case VRNG_SINK_NONE:
	default:
		return "none";
	}
}

static void write_stats(struct text *t, const char *prefix,
			const struct rngd_stats *stats)
{
	static const char *const tests[VRNG_FIPS_TESTS] = {
		"fips_monobit", "fips_poker", "fips_runs", "fips_long_run",
		"fips_continuous"
	};
	unsigned int i;

	number(t, prefix, "bytes_received", stats->bytes_in);
	number(t, prefix, "bytes_delivered", stats->bytes_out);
	number(t, prefix, "bits_credited", stats->bits);
	number(t, prefix, "blocks_good", stats->good);
	number(t, prefix, "blocks_bad", stats->bad);
	for (i = 0; i < VRNG_FIPS_TESTS; i++)
		number(t, prefix, tests[i], stats->tally.failed[i]);
	number(t, prefix, "health_failures", stats->health);
	number(t, prefix, "suspensions", stats->suspended);
	number(t, prefix, "bytes_dropped", stats->dropped);
}

static void write_source(struct text *t, struct rngd_daemon *d, size_t n)
{
	struct rngd_status status;
	char prefix[32];

	rngd_feeder_status(d->feeder[n], &status);
	(void)snprintf(prefix, sizeof(prefix), "source.%zu.", n);
	words(t, prefix, "name", vrng_source_name(d->source[n]));
	words(t, prefix, "state", rngd_status_name(&status));
	number(t, prefix, "entropy_millibits",
	       rngd_feeder_setup(d->feeder[n])->entropy);
	write_stats(t, prefix, &status.stats);
	if (*status.error)
		words(t, prefix, "message", status.error);
}

size_t rngd_report_write(struct rngd_daemon *d, char *text, size_t size)
{
	struct text t = { .at = text, .left = size };
	const struct rngd_renewal *r = &d->renewal;
	struct rngd_stats stats;
	int level = vrng_sink_level(d->sink);
	size_t i;

	rngd_daemon_total(d, &stats);
	words(&t, "", "version", VRNG_VERSION);
	number(&t, "", "pid", (uint64_t)getpid());
	number(&t, "", "uptime_seconds", (vrng_now() - d->began) / 1000000000);
	words(&t, "", "output", vrng_sink_path(d->sink));
	words(&t, "", "output_type", type_name(vrng_sink_type(d->sink)));
	if (level >= 0)
		number(&t, "", "entropy_avail", (uint64_t)level);
	number(&t, "", "feed_interval_seconds", d->options.interval);
	number(&t, "", "fed", d->was_fed);
	write_stats(&t, "", &stats);
	number(&t, "", "generation", rngd_vmfork_generation(&d->vmfork));
	number(&t, "", "generation_devices", d->vmfork.devices);
	number(&t, "", "vm_forks", r->forks);
	number(&t, "", "reseed_requests", r->requests);
	number(&t, "", "reseed_milliseconds", r->last_fed_ms);
	number(&t, "", "hooks_run", r->hooks_run);
	number(&t, "", "hooks_failed", r->hooks_failed);
	number(&t, "", "hooks_milliseconds", r->last_done_ms);
	number(&t, "", "sources", d->feeders);
	for (i = 0; i < d->feeders; i++)
		write_source(&t, d, i);
	return t.used;
}
