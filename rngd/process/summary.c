// SPDX-License-Identifier: GPL-2.0-or-later
/* The status for systemd: see summary.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/sources/hwrng.h"
#include "rngd/process/summary.h"

/* Nothing can come from it before it works again. */
static bool is_out(const struct rngd_source_report *source)
{
	static const char *const states[] = { "ended", "unplugged", "failed",
					      "suspended" };
	size_t i;

	for (i = 0; i < VRNG_LENGTH(states); i++)
		if (!strcmp(source->state, states[i]))
			return true;
	return false;
}

static uint64_t lacks(const struct rngd_source_report *source)
{
	return source->awaited > source->held ? source->awaited - source->held :
						0;
}

/* The source that lacks the fewest bytes of a block, or NULL if none waits. */
static const struct rngd_source_report *
next_source(const struct rngd_report *report)
{
	const struct rngd_source_report *next = NULL, *each;
	size_t i;

	for (i = 0; i < report->sources; i++) {
		each = &report->source[i];
		if (lacks(each) && !is_out(each) &&
		    (!next || lacks(each) < lacks(next)))
			next = each;
	}
	return next;
}

static bool serves_host(void)
{
	struct vrng_hwrng hwrng;

	return vrng_hwrng_look(&hwrng) && vrng_hwrng_is_virtio(hwrng.current);
}

static const char *name_of(const struct rngd_source_report *source)
{
	static const char hwrng[] = "file:/dev/hwrng";
	const size_t len = sizeof(hwrng) - 1;

	if (!strncmp(source->name, hwrng, len) &&
	    (!source->name[len] || source->name[len] == ',') && serves_host())
		return "the host";
	return source->name;
}

/* Without a source that waits. */
static void say_trouble(char *text, size_t size,
			const struct rngd_report *report)
{
	const struct rngd_source_report *source = report->source;

	if (!report->sources)
		(void)snprintf(text, size, "there is no source");
	else if (!is_out(source))
		(void)snprintf(text, size, "waiting for %s", name_of(source));
	else if (strcmp(source->state, "suspended") && *source->message)
		(void)snprintf(text, size, "waiting for a source; %s",
			       source->message);
	else
		(void)snprintf(text, size, "waiting for a source; %s: %s",
			       source->name, source->state);
}

/* Sources that feed, or would if they could: not one that stands by. */
static size_t in_use(const struct rngd_report *report)
{
	size_t i, n = 0;

	for (i = 0; i < report->sources; i++)
		n += strcmp(report->source[i].state, "standby") != 0;
	return n;
}

static void say_counters(char *text, size_t size,
			 const struct rngd_report *report)
{
	(void)snprintf(text, size,
		       "%zu sources, %" PRIu64 " blocks good, %" PRIu64
		       " bad, %" PRIu64 " bits credited",
		       in_use(report), report->total.good, report->total.bad,
		       report->total.bits);
}

void rngd_summary_waiting(char *text, size_t size,
			  const struct rngd_report *report, bool was_fed)
{
	const struct rngd_source_report *next = next_source(report);

	*text = '\0';
	if (next)
		(void)snprintf(text, size,
			       "waiting for %s: %" PRIu64 " of %" PRIu64
			       " bytes",
			       name_of(next), next->held, next->awaited);
	else if (!was_fed)
		say_trouble(text, size, report);
}

void rngd_summary(char *text, size_t size, const struct rngd_report *report,
		  bool was_fed)
{
	char waiting[RNGD_SUMMARY_SIZE];
	size_t used = 0;

	rngd_summary_waiting(waiting, sizeof(waiting), report, was_fed);
	if (was_fed) {
		say_counters(text, size, report);
		used = strlen(text);
	}
	(void)snprintf(text + used, size - used, "%s%s",
		       used && *waiting ? "; " : "", waiting);
}
