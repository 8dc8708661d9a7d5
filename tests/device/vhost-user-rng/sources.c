// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>

#include "rngd/base/array.h"
#include "tests/device/runtime/fork_signs.h"
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

static int start_process(struct device_sources *s, struct vrng_error *error)
{
	int room, err = source_process_start(&s->scheduler.process, &s->shared,
					     error);

	if (err)
		return err;
	room = scheduler_room();
	if (room < 0)
		return fail(-room, error);
	s->scheduler.loop = s->loop;
	s->scheduler.gone = on_gone;
	s->scheduler.signs = s->signs;
	err = scheduler_start(&s->scheduler, room);
	return err ? fail(-err, error) : 0;
}

int device_sources_parse(struct device_sources *s, struct vrng_error *error)
{
	int err;

	vrng_log_init(&s->source_log, PROGRAM, NULL, VRNG_LOG_BURST_HOST);
	err = shared_source_init(&s->shared, s->spec, CONSEQUENCE,
				 &s->source_log, error);
	if (!err)
		s->kind = shared_source_kind(&s->shared);
	s->shared.signs = s->signs;
	s->shared.user = &s->user;
	return err;
}

int device_sources_start(struct device_sources *s, struct vrng_error *error)
{
	int err = vrng_source_check(s->shared.source, error);

	if (!err && s->kind == SHARED_SOURCE_FETCHED)
		err = start_process(s, error);
	return err;
}

void device_sources_stop(struct device_sources *s)
{
	scheduler_stop(&s->scheduler);
	shared_source_done(&s->shared);
}

void device_sources_abandon(struct device_sources *s)
{
	source_process_stop(&s->scheduler.process);
}

/* ---- of one guest ---- */

static int share_ring(struct device_sources *s, struct device_share *share)
{
	int err = prefetch_init(&share->ring, SCHEDULER_RING,
				s->scheduler.room.fd, s->log);

	if (err)
		return err;
	err = scheduler_add(&s->scheduler, &share->ring);
	if (err)
		prefetch_done(&share->ring);
	return err;
}

static int share_make(struct device_sources *s, struct device_share *share,
		      struct vrng_log *log, struct vrng_error *error)
{
	int err = 0;

	if (s->kind == SHARED_SOURCE_EACH) {
		err = shared_source_init(&share->copy, s->spec, CONSEQUENCE,
					 log, error);
		if (err)
			shared_source_done(&share->copy);
		return err;
	}
	if (s->kind == SHARED_SOURCE_FETCHED)
		err = share_ring(s, share);
	return err ? fail(-err, error) : 0;
}

static void share_free(struct device_sources *s, struct device_share *share)
{
	if (s->kind == SHARED_SOURCE_EACH)
		shared_source_done(&share->copy);
	if (s->kind != SHARED_SOURCE_FETCHED)
		return;
	scheduler_remove(&s->scheduler, &share->ring);
	prefetch_done(&share->ring);
}

int device_sources_attach(struct device_sources *s, struct device_share *share,
			  struct request_buffer *buffer, struct vrng_log *log,
			  uint64_t max, uint64_t period_ns,
			  struct vrng_error *error)
{
	struct shared_source *source = &s->shared;
	struct prefetch_ring *ring = NULL;
	int err = share_make(s, share, log, error);

	if (err)
		return err;
	if (s->kind == SHARED_SOURCE_EACH)
		source = &share->copy;
	if (s->kind == SHARED_SOURCE_FETCHED)
		ring = &share->ring;
	err = request_buffer_init(buffer, ring ? NULL : source, ring, log, max,
				  period_ns);
	buffer->signs = s->signs;
	buffer->tag = fork_signs_now(s->signs);
	if (!err)
		return 0;
	share_free(s, share);
	return vrng_fail(error, -err, "guest: %m");
}

void device_sources_detach(struct device_sources *s, struct device_share *share,
			   struct request_buffer *buffer)
{
	request_buffer_done(buffer);
	share_free(s, share);
}

struct shared_source_counts
device_sources_counts(const struct device_sources *s,
		      const struct device_share *share)
{
	return shared_source_look(s->kind == SHARED_SOURCE_EACH ? &share->copy :
								  &s->shared);
}

const char *device_sources_name(const struct device_sources *s)
{
	return shared_source_name(&s->shared);
}
