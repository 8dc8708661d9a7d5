/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that an EGD server has at hand for all of its clients: a prefetch
 * ring that a thread refills from the source, and a rate limit on what leaves
 * it. Bytes go from the ring into sockets; there is no other copy.
 *
 * One thread, the server's. Times are vrng_now()'s, in ns.
 */
#ifndef DEVICE_EGD_SERVER_PREFETCH_H
#define DEVICE_EGD_SERVER_PREFETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "tests/device/entropy/refill.h"
#include "tests/device/entropy/rate_limit.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "vrng/error.h"

/* Bytes: size of the ring, and how many are kept while no client waits. */
#define EGD_PREFETCH_SIZE (256 * 1024)
#define EGD_PREFETCH_REST 4096

/*
 * Replies of up to so many bytes, the longest that EGD has, go out whole,
 * because some clients read a reply with one read(). This much of a rate limit
 * is kept back, because a reply may begin in one slice of a period and need the
 * next one. If the limit of a whole period is lower than this, replies go out
 * in pieces.
 */
#define EGD_PREFETCH_WHOLE 255

#define EGD_PREFETCH_NEVER UINT64_MAX

struct fork_signs;
struct vrng_log;

struct egd_prefetch_setup {
	struct shared_source *shared; /* not owned; NULL: use @process */
	struct source_process *process; /* not owned; started */
	uint64_t max_bytes; /* in each period; 0: no limit */
	uint64_t period_ns;
	const struct fork_signs *signs; /* not owned; NULL: none */
	struct vrng_log *log;
};

struct egd_prefetch {
	struct prefetch_ring ring;
	struct refill refill;
	struct rate_limit limit;
	const struct fork_signs *signs;
	uint64_t tag; /* of @signs, at the last look */
	size_t beyond; /* bytes that may leave on top of what @limit allows */
	bool in_pieces; /* @limit is too low for whole replies */
	int room; /* eventfd that @ring is made with */
};

/* The thread is not started yet. 0, or a negative errno with @error. */
int egd_prefetch_init(struct egd_prefetch *prefetch,
		      const struct egd_prefetch_setup *setup,
		      struct vrng_error *error);
void egd_prefetch_done(struct egd_prefetch *prefetch);

int egd_prefetch_start(struct egd_prefetch *prefetch, struct vrng_error *error);
void egd_prefetch_stop(struct egd_prefetch *prefetch);

/*
 * Have @level bytes at hand (at most EGD_PREFETCH_SIZE). The descriptor
 * @ring.data becomes readable as bytes come: call prefetch_hear() then.
 */
void egd_prefetch_want(struct egd_prefetch *prefetch, size_t level);

/* The first client is there: open the source, and want EGD_PREFETCH_REST. */
void egd_prefetch_begin(struct egd_prefetch *prefetch);

/* The last client has left: close the source, wipe the bytes at hand. */
void egd_prefetch_rest(struct egd_prefetch *prefetch);

/* Bytes that may leave now; 0 if fewer than @least are at hand. */
size_t egd_prefetch_at_hand(struct egd_prefetch *prefetch, size_t least,
			    uint64_t now);

/*
 * Drop what was read before a VM fork: call this before bytes are sent. True: there
 * was one since the last call.
 */
bool egd_prefetch_look(struct egd_prefetch *prefetch);

/* The first @max of those, in 0 to 2 pieces: how many. */
int egd_prefetch_front(const struct egd_prefetch *prefetch, size_t max,
		       struct iovec piece[2]);

/* The first @n have left: wipe them, and count them against the limit. */
void egd_prefetch_gave(struct egd_prefetch *prefetch, size_t n, uint64_t now);

/* Bytes that the source gives in @ns; 0 if there is a rate limit. */
size_t egd_prefetch_gets(const struct egd_prefetch *prefetch, uint64_t ns);

/*
 * When the rate limit lets more out. EGD_PREFETCH_NEVER: fewer than @least
 * bytes are at hand, or there is no limit.
 */
uint64_t egd_prefetch_again(const struct egd_prefetch *prefetch, size_t least,
			    uint64_t now);

#endif
