// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "rngd/base/array.h"
#include "tests/device/vhost-user-rng/options.h"
#include "tests/device/vhost-user-rng/sources.h"
#include "vrng/source.h"

#define CONSEQUENCE "the guest gets nothing until it is back"

static int fail(int err, struct vrng_error *error)
{
	return vrng_fail(error, err, "source: %m");
}

static void on_gone(struct scheduler *scheduler)
{
	struct device_sources *s =
		VRNG_CONTAINER_OF(scheduler, struct device_sources, scheduler);

	s->gone(s);
}

/* ---- a source process, and a prefetch ring for each guest ---- */

static int start_rings(struct device_sources *s, int room)
{
	int err = scheduler_start(&s->scheduler, room);

	for (unsigned int i = 0; i < s->n && !err; i++) {
		err = prefetch_init(&s->rings[i], SCHEDULER_RING, room, s->log);
		s->scheduler.rings += !err;
	}
	return err;
}

static int start_process(struct device_sources *s, struct vrng_error *error)
{
	int room, err = source_process_start(&s->scheduler.process, &s->shared,
					     error);

	if (err)
		return err;
	s->rings = calloc(s->n, sizeof(*s->rings));
	if (!s->rings)
		return fail(ENOMEM, error);
	room = scheduler_room();
	if (room < 0)
		return fail(-room, error);
	s->scheduler.loop = s->loop;
	s->scheduler.prefetch = s->rings;
	s->scheduler.gone = on_gone;
	err = start_rings(s, room);
	return err ? fail(-err, error) : 0;
}

/* ---- a copy of the source for each guest ---- */

static int start_copies(struct device_sources *s, struct vrng_error *error)
{
	int err = 0;

	s->copies = calloc(s->n, sizeof(*s->copies));
	if (!s->copies)
		return fail(ENOMEM, error);
	for (unsigned int i = 0; i < s->n && !err; i++)
		err = shared_source_init(&s->copies[i], s->spec, CONSEQUENCE,
					 &s->workers[i].log, error);
	return err;
}

/* ---- all ---- */

int device_sources_parse(struct device_sources *s, struct vrng_error *error)
{
	vrng_log_init(&s->source_log, PROGRAM, NULL, VRNG_LOG_BURST_HOST);
	return shared_source_init(&s->shared, s->spec, CONSEQUENCE,
				  &s->source_log, error);
}

int device_sources_start(struct device_sources *s, struct vrng_error *error)
{
	int err = vrng_source_check(s->shared.source, error);

	if (err)
		return err;
	switch (shared_source_kind(&s->shared)) {
	case SHARED_SOURCE_FETCHED:
		return start_process(s, error);
	case SHARED_SOURCE_EACH:
		return start_copies(s, error);
	default:
		return 0;
	}
}

void device_sources_stop(struct device_sources *s)
{
	scheduler_stop(&s->scheduler);
	for (unsigned int i = 0; i < s->scheduler.rings; i++)
		prefetch_done(&s->rings[i]);
	free(s->rings);
	for (unsigned int i = 0; s->copies && i < s->n; i++)
		shared_source_done(&s->copies[i]);
	free(s->copies);
	shared_source_done(&s->shared);
}

void device_sources_abandon(struct device_sources *s)
{
	source_process_stop(&s->scheduler.process);
}

int device_sources_attach(struct device_sources *s, unsigned int i,
			  uint64_t max, uint64_t period_ns)
{
	struct device_worker *worker = &s->workers[i];
	struct shared_source *source = s->copies ? &s->copies[i] : &s->shared;

	return request_buffer_init(&worker->buffer, s->rings ? NULL : source,
				   s->rings ? &s->rings[i] : NULL, &worker->log,
				   max, period_ns);
}

struct shared_source_counts
device_sources_counts(const struct device_sources *s, unsigned int i)
{
	return shared_source_look(s->copies ? &s->copies[i] : &s->shared);
}

const char *device_sources_name(const struct device_sources *s)
{
	return shared_source_name(&s->shared);
}
