/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generation page: a file in the layout of vmclock (vmclock_page.h), which any
 * program may map, and whose generation changes after a VM fork. It has no clock. See
 * include/vrng/generation.h for a reader.
 *
 * The generation changes as soon as rngd notices a fork, before anything else is done,
 * and once more when fresh entropy was credited, so that a program which took bytes
 * from the kernel between the two takes other ones. Each value is 64 bits of a hash
 * over
 *
 *	the last value	so that it changes
 *	clone_id	of the driver; siblings have different ones, once it is drawn
 *	getrandom(2)	differs in siblings once the kernel has reseeded: at once with
 *			vmgenid and Linux 5.18 or later, and otherwise at the second
 *			change
 *	an instruction	RDSEED, RDRAND, RNDRRS or DARN, if the processor has one: it
 *			differs in siblings always
 *	clocks		real time and the processor's, in ns
 *
 * So the first value differs by the kernel or the instruction; without both, by
 * clocks alone, which is likely, and not certain. The second differs always.
 *
 * The file stays when rngd ends, because programs have it mapped, and the next rngd
 * goes on with it. It is written by pwrite(2): there is no mapping here that a
 * truncated file could break.
 */
#ifndef RNGD_FORK_PAGE_H
#define RNGD_FORK_PAGE_H

#include <stdint.h>

#include "vrng/error.h"

#define RNGD_PAGE_SIZE 4096

struct vrng_source;

struct rngd_page {
	int fd; /* -1: there is no page; locked as long as it is open */
	uint64_t generation;
	uint32_t sequence;
	struct vrng_source *cpu; /* NULL: no instruction */
};

/*
 * Make or take over the file at @path, readable for all; its folder is made, too, if
 * that is all that is missing. vrng_crypto_init() was called. -EBUSY: another process
 * maintains it. -EPERM: it is not a file that we alone may write. Another negative
 * errno.
 */
int rngd_page_open(struct rngd_page *page, const char *path,
		   struct vrng_error *error);

/* Change the generation. @clone_id: of the driver, or "". */
void rngd_page_change(struct rngd_page *page, const char *clone_id);

void rngd_page_close(struct rngd_page *page);

#endif
