// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "tests/device/runtime/log.h"
#include "tests/device/entropy/source.h"

#define NS_PER_MS 1000000

static const struct {
	const char *name;
	enum supply_kind kind;
} computing[] = {
	{ "getrandom", SUPPLY_OWN },
	{ "rdrand", SUPPLY_OWN },
	{ "rdseed", SUPPLY_OWN },
	{ "drbg", SUPPLY_SHARED },
};

static void tell(void *opaque, enum vrng_keeper_state state, const char *text)
{
	const struct supply *s = opaque;

	(void)state;
	say(s->say, "source %s", text);
}

int supply_init(struct supply *s, const char *spec, const char *consequence,
		const struct say *to, struct vrng_why *why)
{
	struct vrng_keeper_setup setup = {
		.consequence = consequence,
		.tell = tell,
		.opaque = s,
	};
	int err;

	*s = (struct supply){ .lock = PTHREAD_MUTEX_INITIALIZER, .say = to };
	err = vrng_source_parse(&s->source, spec, why);
	if (err)
		return err;
	setup.source = s->source;
	vrng_keeper_init(&s->keeper, &setup);
	return 0;
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

enum supply_kind supply_kind(const struct supply *s)
{
	const char *name = supply_name(s);
	size_t len = strcspn(name, ":,");

	for (size_t i = 0; i < sizeof(computing) / sizeof(computing[0]); i++)
		if (strlen(computing[i].name) == len &&
		    !strncmp(computing[i].name, name, len))
			return computing[i].kind;
	return SUPPLY_FETCHED;
}

void supply_use(struct supply *s)
{
	pthread_mutex_lock(&s->lock);
	s->users++;
	pthread_mutex_unlock(&s->lock);
}

void supply_leave(struct supply *s)
{
	pthread_mutex_lock(&s->lock);
	if (!--s->users)
		vrng_keeper_close(&s->keeper);
	pthread_mutex_unlock(&s->lock);
}

static void wait_for(const struct supply *s, struct supply_wait *wait)
{
	uint64_t due = vrng_keeper_due(&s->keeper);

	wait->fd = vrng_keeper_fd(&s->keeper);
	wait->when = due == VRNG_KEEPER_NEVER ? 0 : due * NS_PER_MS;
}

ssize_t supply_read(struct supply *s, void *buf, size_t len, uint64_t now,
		    struct supply_wait *wait)
{
	ssize_t n;

	pthread_mutex_lock(&s->lock);
	n = vrng_keeper_read(&s->keeper, buf, len, now / NS_PER_MS);
	if (n < 0)
		wait_for(s, wait);
	pthread_mutex_unlock(&s->lock);
	return n;
}

void supply_rest(struct supply *s)
{
	pthread_mutex_lock(&s->lock);
	vrng_keeper_rest(&s->keeper);
	pthread_mutex_unlock(&s->lock);
}
