// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/device/vhost-user-rng/stats.h"

static uint64_t look(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

struct stats stats_look(const struct stats *s)
{
	return (struct stats){ .guests = look(&s->guests),
			       .requests = look(&s->requests),
			       .bytes = look(&s->bytes),
			       .kicks = look(&s->kicks),
			       .signals = look(&s->signals),
			       .malformed = look(&s->malformed) };
}
