/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signs that this machine was cloned from a snapshot, while we held bytes: the clone
 * holds them, too. Each vrng device of this machine has two, clone_generation and
 * clone_id; see vrng(4). Where rngd notices forks, its generation page is one; see
 * rngd(8), --fork-page. On a machine without them nothing is read.
 *
 * fork_signs_now() is a number that changes with each sign. Who reads bytes from a
 * source notes the number before, and who gives bytes away compares it: if it is
 * another one, the bytes are void. The number may change more than once for a fork.
 *
 * All signs are opened at the start. Any thread may call the other functions, which
 * do not wait. NULL stands for no signs.
 */
#ifndef DEVICE_RUNTIME_FORK_SIGNS_H
#define DEVICE_RUNTIME_FORK_SIGNS_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/signs/vmfork.h"

#define FORK_SIGNS_PAGE "/run/vrng/vmclock"
/* If the signs have not settled, look again after so many ns. */
#define FORK_SIGNS_SETTLE_NS 5000000

struct fork_signs {
	/* to be filled in; NULL: the defaults */
	const char *page_path; /* "none": no page */
	const char *counts; /* glob(3) */
	const char *ids; /* glob(3) */

	/* its own */
	struct rngd_vmfork vmfork;
	int page; /* descriptor, or -1 */
	int id[RNGD_VMFORK_DEVICES]; /* descriptors of clone_id */
	unsigned int n_ids;
};

/* Open those that there are. */
void fork_signs_open(struct fork_signs *signs);
void fork_signs_close(struct fork_signs *signs);

/* How many there are. */
unsigned int fork_signs_count(const struct fork_signs *signs);

uint64_t fork_signs_now(const struct fork_signs *signs);

/*
 * False: a fork was noticed, and the kernel may not have reseeded its generator yet,
 * so that a sibling may get the same bytes from it. The driver bounds that to 1 s.
 * Call this after fork_signs_now(), which makes the driver look.
 */
bool fork_signs_settled(const struct fork_signs *signs);

#endif
