// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/device/egd-server/prefetch.h"
#include "tests/device/runtime/fork_signs.h"

static void limit_start(struct egd_prefetch *prefetch, uint64_t max,
			uint64_t period_ns)
{
	prefetch->in_pieces = max && max < EGD_PREFETCH_WHOLE;
	prefetch->beyond =
		max && !prefetch->in_pieces ? EGD_PREFETCH_WHOLE - 1 : 0;
	rate_limit_init(&prefetch->limit, max - prefetch->beyond, period_ns);
}

int egd_prefetch_init(struct egd_prefetch *prefetch,
		      const struct egd_prefetch_setup *setup,
		      struct vrng_error *error)
{
	int err;

	*prefetch = (struct egd_prefetch){
		.refill = { .shared = setup->shared,
			    .process = setup->process,
			    .signs = setup->signs },
		.signs = setup->signs,
		.tag = fork_signs_now(setup->signs),
	};
	prefetch->refill.prefetch = &prefetch->ring;
	limit_start(prefetch, setup->max_bytes, setup->period_ns);
	prefetch->room = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (prefetch->room < 0)
		return vrng_fail(error, errno, "prefetch: %m");
	err = prefetch_init(&prefetch->ring, EGD_PREFETCH_SIZE, prefetch->room,
			    setup->log);
	return err ? vrng_fail(error, -err, "prefetch: %m") : 0;
}

void egd_prefetch_done(struct egd_prefetch *prefetch)
{
	prefetch_done(&prefetch->ring);
	if (prefetch->room >= 0)
		close(prefetch->room);
	prefetch->room = -1;
}

int egd_prefetch_start(struct egd_prefetch *prefetch, struct vrng_error *error)
{
	return refill_start(&prefetch->refill, error);
}

void egd_prefetch_stop(struct egd_prefetch *prefetch)
{
	refill_stop(&prefetch->refill);
}

/* Of a rate limit, a reply may need what was kept back, too. */
void egd_prefetch_want(struct egd_prefetch *prefetch, size_t level)
{
	const uint64_t most = prefetch->limit.max + prefetch->beyond;

	if (prefetch->limit.max && level > most)
		level = (size_t)most;
	prefetch_want(&prefetch->ring, level);
}

void egd_prefetch_begin(struct egd_prefetch *prefetch)
{
	prefetch_hear(&prefetch->ring);
	egd_prefetch_want(prefetch, EGD_PREFETCH_REST);
}

/* Bytes that arrive after this go to the next client: none has seen them. */
void egd_prefetch_rest(struct egd_prefetch *prefetch)
{
	egd_prefetch_want(prefetch, 0);
	prefetch_drop(&prefetch->ring, prefetch_level(&prefetch->ring));
}

size_t egd_prefetch_at_hand(struct egd_prefetch *prefetch, size_t least,
			    uint64_t now)
{
	const size_t level = prefetch_level(&prefetch->ring);
	size_t allowed;

	if (!level || level < least)
		return 0;
	allowed = rate_limit_allow(&prefetch->limit, now, level);
	if (!allowed || level - allowed <= prefetch->beyond)
		return allowed ? level : 0;
	return allowed + prefetch->beyond;
}

bool egd_prefetch_look(struct egd_prefetch *prefetch)
{
	const uint64_t tag = fork_signs_now(prefetch->signs);
	const bool is_new = tag != prefetch->tag;

	(void)prefetch_forget(&prefetch->ring, tag);
	prefetch->tag = tag;
	return is_new;
}

int egd_prefetch_front(const struct egd_prefetch *prefetch, size_t max,
		       struct iovec piece[2])
{
	return prefetch_front(&prefetch->ring, piece, max);
}

void egd_prefetch_gave(struct egd_prefetch *prefetch, size_t n, uint64_t now)
{
	rate_limit_take(&prefetch->limit, now, n);
	prefetch_drop(&prefetch->ring, n);
}

size_t egd_prefetch_gets(const struct egd_prefetch *prefetch, uint64_t ns)
{
	return prefetch->limit.max ? 0 : refill_gives(&prefetch->refill, ns);
}

uint64_t egd_prefetch_again(const struct egd_prefetch *prefetch, size_t least,
			    uint64_t now)
{
	const size_t level = prefetch_level(&prefetch->ring);

	if (!prefetch->limit.max || !level || level < least)
		return EGD_PREFETCH_NEVER;
	return rate_limit_when(&prefetch->limit) > now ?
		       rate_limit_when(&prefetch->limit) :
		       now;
}
