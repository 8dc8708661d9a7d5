/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signs that this machine was cloned from a snapshot, while we held bytes: the clone
 * holds them, too. Each vrng device of this machine has two, clone_generation and
 * clone_id; see vrng(4). Where rngd notices forks, its generation page is one; see
 * rngd(8), --fork-page. On a machine without them nothing is read.
 *
 * fork_signs_now() is a number that changes with each sign. Who reads bytes from a
 * source notes the number before, and who gives bytes away compares it: if it is
 * another one, the bytes are void. The number may change more than once for a fork,
 * and it changes when a sign is added.
 *
 * A sign may come later: the module is loaded, or rngd is started. The file helper looks
 * for such signs, because a process in the sandbox opens no file, and its owner adds
 * them. A process that was forked meanwhile, and may open files, follows.
 *
 * Any thread may call fork_signs_now() and fork_signs_settled(), which do not wait;
 * one thread of each process calls the other functions. NULL stands for no signs.
 */
#ifndef DEVICE_RUNTIME_FORK_SIGNS_H
#define DEVICE_RUNTIME_FORK_SIGNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FORK_SIGNS_PAGE "/run/vrng/vmclock"
/* If the signs have not settled, look again after so many ns. */
#define FORK_SIGNS_SETTLE_NS 5000000
/* Further signs are not watched. Each device that is bound anew has two more. */
#define FORK_SIGNS_MAX 64

enum fork_sign_kind {
	FORK_SIGN_PAGE,
	FORK_SIGN_COUNT, /* clone_generation */
	FORK_SIGN_ID /* clone_id */
};

struct fork_sign {
	enum fork_sign_kind kind;
	int fd;
	dev_t device; /* st_dev */
	ino_t inode;
};

struct fork_signs {
	/* to be filled in; NULL: the defaults */
	const char *page_path; /* "none": no page */
	const char *counts; /* glob(3) */
	const char *ids; /* glob(3) */

	/* its own */
	struct fork_sign sign[FORK_SIGNS_MAX];
	unsigned int n; /* grows only */
	unsigned int
		*added; /* in memory of all processes: signs that came later */
	unsigned int followed; /* of them */
};

/* Open those that there are. */
void fork_signs_open(struct fork_signs *signs);

/* The same in a process that was forked, where the descriptors were closed. */
void fork_signs_reopen(struct fork_signs *signs);

void fork_signs_close(struct fork_signs *signs);

/*
 * Open a sign that has come since, and append it. NULL: there is none, or no place.
 * Call it until then.
 */
const struct fork_sign *fork_signs_find(struct fork_signs *signs);

/* Append a sign, which another process has found. Its descriptor is ours from here on. */
void fork_signs_add(struct fork_signs *signs, const struct fork_sign *sign);

/* Open the signs that another process has added since. */
void fork_signs_follow(struct fork_signs *signs);

/* What the file is called, or "page". */
const char *fork_sign_name(enum fork_sign_kind kind);

/* How many there are, without clone_id. */
unsigned int fork_signs_count(const struct fork_signs *signs);

uint64_t fork_signs_now(const struct fork_signs *signs);

/*
 * False: a fork was noticed, and the kernel may not have reseeded its generator yet,
 * so that a sibling may get the same bytes from it. The driver bounds that to 1 s.
 * Call this after fork_signs_now(), which makes the driver look.
 */
bool fork_signs_settled(const struct fork_signs *signs);

#endif
