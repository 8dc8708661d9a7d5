// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "tests/device/supply.h"
#include "vrng/source.h"

int supply_init(struct supply *s, const char *spec, struct vrng_why *why)
{
	*s = (struct supply){ .lock = PTHREAD_MUTEX_INITIALIZER };
	return vrng_source_parse(&s->source, spec, why);
}

void supply_done(struct supply *s)
{
	vrng_source_free(s->source);
	s->source = NULL;
}

const char *supply_name(const struct supply *s)
{
	return vrng_source_name(s->source);
}

static int make_open(struct supply *s, struct vrng_why *why)
{
	int err = s->is_open ? 0 : vrng_source_open(s->source, why);

	if (!err)
		s->is_open = true;
	return err;
}

static void make_closed(struct supply *s)
{
	if (s->is_open)
		vrng_source_close(s->source);
	s->is_open = false;
}

int supply_use(struct supply *s, struct vrng_why *why)
{
	int err;

	pthread_mutex_lock(&s->lock);
	s->users++;
	err = make_open(s, why);
	pthread_mutex_unlock(&s->lock);
	return err;
}

void supply_leave(struct supply *s)
{
	pthread_mutex_lock(&s->lock);
	if (!--s->users)
		make_closed(s);
	pthread_mutex_unlock(&s->lock);
}

ssize_t supply_read(struct supply *s, void *buf, size_t len,
		    struct vrng_why *why)
{
	ssize_t n;

	pthread_mutex_lock(&s->lock);
	n = make_open(s, why);
	if (!n) {
		n = vrng_source_read(s->source, buf, len, why);
		if (n < 0 && n != -EAGAIN)
			make_closed(s);
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}

int supply_fd(struct supply *s)
{
	int fd;

	pthread_mutex_lock(&s->lock);
	fd = s->is_open ? vrng_source_fd(s->source) : -1;
	pthread_mutex_unlock(&s->lock);
	return fd;
}
