// SPDX-License-Identifier: GPL-2.0-or-later
/* What all feeders share: see outlet.h. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rngd/feed/outlet.h"

struct rngd_outlet {
	struct vrng_sink *sink;
	struct vrng_log *log;
	bool limited;
	int event_fd;

	pthread_mutex_t lock; /* protects what follows */
	uint64_t left; /* blocks to hand over, if limited */
	uint64_t unclaimed; /* the same without claimed ones */
	uint64_t asked;
	uint64_t forks;
	size_t stale; /* bytes, of the last fork */
	uint64_t met; /* the last request that is met */
	bool was_fed;
	bool was_credited;
	unsigned int events;
	enum rngd_outcome outcome;
	struct vrng_error error;
};

int rngd_outlet_make(struct rngd_outlet **outlet, struct vrng_sink *sink,
		     struct vrng_log *log, uint64_t blocks,
		     struct vrng_error *error)
{
	struct rngd_outlet *o = calloc(1, sizeof(*o));

	*outlet = NULL;
	if (!o)
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	o->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (o->event_fd < 0) {
		free(o);
		return vrng_fail(error, errno, "cannot start: %m");
	}
	pthread_mutex_init(&o->lock, NULL);
	o->sink = sink;
	o->log = log;
	o->limited = blocks > 0;
	o->left = blocks;
	o->unclaimed = blocks;
	*outlet = o;
	return 0;
}

struct vrng_sink *rngd_outlet_sink(struct rngd_outlet *outlet)
{
	return outlet->sink;
}

/* ---------------------------------------------------------------- main loop */

int rngd_outlet_fd(const struct rngd_outlet *outlet)
{
	return outlet->event_fd;
}

unsigned int rngd_outlet_take_events(struct rngd_outlet *outlet)
{
	unsigned int events;
	uint64_t count;

	if (read(outlet->event_fd, &count, sizeof(count)) < 0) {
		/* No event since the last read. */
	}
	pthread_mutex_lock(&outlet->lock);
	events = outlet->events;
	outlet->events = 0;
	pthread_mutex_unlock(&outlet->lock);
	return events;
}

enum rngd_outcome rngd_outlet_outcome(struct rngd_outlet *outlet,
				      struct vrng_error *error)
{
	enum rngd_outcome outcome;

	pthread_mutex_lock(&outlet->lock);
	outcome = outlet->outcome;
	*error = outlet->error;
	pthread_mutex_unlock(&outlet->lock);
	return outcome;
}

uint64_t rngd_outlet_ask(struct rngd_outlet *outlet, bool fork, size_t stale)
{
	uint64_t number;

	pthread_mutex_lock(&outlet->lock);
	number = ++outlet->asked;
	if (fork) {
		outlet->forks++;
		outlet->stale = stale;
	}
	pthread_mutex_unlock(&outlet->lock);
	return number;
}

/* ------------------------------------------------------------------ feeders */

/* With the lock held. */
static void tell(struct rngd_outlet *outlet, unsigned int event)
{
	const uint64_t one = 1;

	outlet->events |= event;
	if (write(outlet->event_fd, &one, sizeof(one)) < 0) {
		/* The counter is full: it is readable already. */
	}
}

static uint64_t look(struct rngd_outlet *outlet, const uint64_t *field)
{
	uint64_t value;

	pthread_mutex_lock(&outlet->lock);
	value = *field;
	pthread_mutex_unlock(&outlet->lock);
	return value;
}

uint64_t rngd_outlet_met(struct rngd_outlet *outlet)
{
	return look(outlet, &outlet->met);
}

bool rngd_outlet_is_credited(struct rngd_outlet *outlet)
{
	bool is_credited;

	pthread_mutex_lock(&outlet->lock);
	is_credited = outlet->was_credited;
	pthread_mutex_unlock(&outlet->lock);
	return is_credited;
}

uint64_t rngd_outlet_asked(struct rngd_outlet *outlet)
{
	return look(outlet, &outlet->asked);
}

uint64_t rngd_outlet_forks(struct rngd_outlet *outlet)
{
	return look(outlet, &outlet->forks);
}

size_t rngd_outlet_stale(struct rngd_outlet *outlet)
{
	size_t stale;

	pthread_mutex_lock(&outlet->lock);
	stale = outlet->stale;
	pthread_mutex_unlock(&outlet->lock);
	return stale;
}

/* How many of @n blocks are unclaimed; @claim: claim them. */
static unsigned int unclaimed(struct rngd_outlet *outlet, unsigned int n,
			      bool claim)
{
	pthread_mutex_lock(&outlet->lock);
	if (outlet->limited && outlet->unclaimed < n)
		n = (unsigned int)outlet->unclaimed;
	if (outlet->limited && claim)
		outlet->unclaimed -= n;
	pthread_mutex_unlock(&outlet->lock);
	return n;
}

unsigned int rngd_outlet_wanted(struct rngd_outlet *outlet, unsigned int n)
{
	return unclaimed(outlet, n, false);
}

unsigned int rngd_outlet_claim(struct rngd_outlet *outlet, unsigned int n)
{
	return unclaimed(outlet, n, true);
}

void rngd_outlet_unclaim(struct rngd_outlet *outlet, unsigned int n)
{
	pthread_mutex_lock(&outlet->lock);
	if (outlet->limited)
		outlet->unclaimed += n;
	pthread_mutex_unlock(&outlet->lock);
}

bool rngd_outlet_logs_level(struct rngd_outlet *outlet)
{
	return !rngd_outlet_is_credited(outlet) &&
	       vrng_sink_type(outlet->sink) == VRNG_SINK_KERNEL;
}

/* What the first block got is logged, and the first one that was credited. */
static void log_first(struct rngd_outlet *outlet, unsigned int bytes,
		      unsigned int bits, int before)
{
	const char *path = vrng_sink_path(outlet->sink);

	if (vrng_sink_type(outlet->sink) != VRNG_SINK_KERNEL)
		vrng_log(outlet->log, VRNG_LOG_INFO,
			 "%s: first good block of %u bytes written", path,
			 bytes);
	else if (bits)
		vrng_log(outlet->log, VRNG_LOG_INFO,
			 "%s: first good block of %u bytes credited with %u "
			 "bits; entropy_avail %d before, %d after",
			 path, bytes, bits, before,
			 vrng_sink_level(outlet->sink));
	else
		vrng_log(outlet->log, VRNG_LOG_INFO,
			 "%s: first good block of %u bytes mixed in without "
			 "credit",
			 path, bytes);
}

void rngd_outlet_end(struct rngd_outlet *outlet, enum rngd_outcome outcome,
		     const struct vrng_error *error)
{
	pthread_mutex_lock(&outlet->lock);
	if (outlet->outcome == RNGD_STOPPED) {
		outlet->outcome = outcome;
		if (error)
			outlet->error = *error;
		tell(outlet, RNGD_EVENT_ENDED);
	}
	pthread_mutex_unlock(&outlet->lock);
}

void rngd_outlet_fed(struct rngd_outlet *outlet, uint64_t asked,
		     unsigned int blocks, unsigned int bytes, unsigned int bits,
		     int before)
{
	const bool kernel = vrng_sink_type(outlet->sink) == VRNG_SINK_KERNEL;
	bool first, logs, done = false;

	pthread_mutex_lock(&outlet->lock);
	first = !outlet->was_fed;
	logs = first || (bits && !outlet->was_credited);
	outlet->was_fed = true;
	outlet->was_credited = outlet->was_credited || bits;
	if (first)
		tell(outlet, RNGD_EVENT_FIRST);
	if (asked > outlet->met && (bits || !kernel)) {
		outlet->met = asked;
		tell(outlet, RNGD_EVENT_FED);
	}
	if (outlet->limited) {
		outlet->left -= blocks;
		done = !outlet->left;
	}
	pthread_mutex_unlock(&outlet->lock);
	if (logs)
		log_first(outlet, bytes, bits, before);
	if (done)
		rngd_outlet_end(outlet, RNGD_DONE, NULL);
}

void rngd_outlet_free(struct rngd_outlet *outlet)
{
	if (!outlet)
		return;
	close(outlet->event_fd);
	pthread_mutex_destroy(&outlet->lock);
	free(outlet);
}
