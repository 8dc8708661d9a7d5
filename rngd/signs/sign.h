/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the signs of VM forks show a fork that is known already. There are four
 * kinds: the driver's clone_generation, the counter in vmclock's page, the kernel's
 * line in its log, and the report of an agent. Each device with a clone_generation is
 * a sign of its own.
 *
 * A sign shows a fork once. Therefore:
 *
 *	The first sign of a fork opens a window of RNGD_SIGN_WINDOW ms. The n-th event
 *	of any sign within the window is the n-th fork of the window. It is new if no
 *	other sign has had n events so far. A new fork extends the window.
 *
 * So two forks within the window count twice, as soon as one sign shows both. An error
 * is to the safe side: a sign that comes after the window counts a fork twice.
 *
 * An agent may report before the snapshot is made. Its report alone never hides an
 * event of another sign: that is RNGD_FORK_CONFIRMED, and all that was read since the
 * report is void.
 */
#ifndef RNGD_SIGNS_SIGN_H
#define RNGD_SIGNS_SIGN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Longer than the time between the first sign of a fork and the last one: eight
 * clones that resume together on two cores under TCG need up to 1 s.
 */
#define RNGD_SIGN_WINDOW 5000 /* ms */

enum rngd_sign_kind {
	RNGD_SIGN_DRIVER,
	RNGD_SIGN_VMCLOCK,
	RNGD_SIGN_LOG,
	RNGD_SIGN_AGENT,
	RNGD_SIGN_PAST /* an earlier rngd has not done all: past.h */
};

/* One sign. All zero at the start. */
struct rngd_sign {
	uint64_t window; /* the number of the window of @events */
	uint32_t events;
};

/* All signs together. All zero at the start. */
struct rngd_sign_window {
	uint64_t number; /* 0: there was none so far */
	uint64_t at; /* ms, of the last new fork */
	uint32_t forks;
	bool is_reported; /* the last fork, by an agent and by no other sign */
};

enum rngd_fork {
	RNGD_FORK_NEW,
	RNGD_FORK_CONFIRMED, /* was reported by an agent before */
	RNGD_FORK_KNOWN
};

/* An event of @sign, at @now_ms of vrng_now_ms(). */
enum rngd_fork rngd_sign_see(struct rngd_sign_window *window,
			     struct rngd_sign *sign, enum rngd_sign_kind kind,
			     uint64_t now_ms);

/* The name of @kind: clone_generation, vmclock, kernel-log, agent or past. */
const char *rngd_sign_name(enum rngd_sign_kind kind);

#endif
