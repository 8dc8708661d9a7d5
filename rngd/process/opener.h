/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process rngd-opener: it opens one file of a source, over and over, for the
 * process that may not. There is one for each such file, so that an open that never
 * returns (a hung file system or device) holds up neither credits nor other files.
 * It has the user that rngd was started by, usually root, and no capability.
 *
 * It opens only what the file was at the start:
 *
 *	a device	The type (character, block) and the number (st_rdev) must be the
 *			same. The inode may differ: devtmpfs makes a new one when a
 *			device comes back after it was unplugged. Another number
 *			counts only for a symbolic link that root alone can have
 *			made: udev's links name a device by its serial number,
 *			and it may come back under another name.
 *	another file	The type and the inode must be the same. A new inode counts only
 *			if root alone can have put it there: each directory of the path
 *			is root's, and neither group nor others may write to it.
 *	nothing		The first file of the path counts, on the same condition.
 *
 * A source "tty" takes character devices alone, and no source takes a directory.
 * The check comes before the open, on the same inode (O_PATH), because opening a
 * device may already have an effect.
 *
 * The messages, over a socket of type SOCK_SEQPACKET: one byte asks; the answer is a
 * struct rngd_answer with the descriptor.
 */
#ifndef RNGD_PROCESS_OPENER_H
#define RNGD_PROCESS_OPENER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "rngd/base/seccomp.h"

struct rngd_opener_file {
	char *path; /* from malloc(3) */
	int flags; /* of open(2), VRNG_OPEN_FLAGS among them */
	bool is_terminal; /* nothing but a character device */
	bool is_stdin; /* the process needs rngd's standard input */
};

/* What a path named when it was last accepted. */
struct rngd_identity {
	bool is_known;
	mode_t type; /* S_IFMT */
	dev_t device; /* st_rdev of a device, st_dev of another file */
	ino_t inode; /* 0 for a device */
};

/*
 * May the file @st at @path be opened? 0: yes, and *@identity is what it is now.
 * -ENOTTY, -EISDIR: never. -ESTALE: it has changed.
 */
int rngd_identity_accept(struct rngd_identity *identity,
			 const struct rngd_opener_file *file,
			 const struct stat *st);

/*
 * What the process does, from its fork on: note what the file is, give up all
 * privileges but its user, load @filter, built of rngd_sandbox_opener (NULL: none), then
 * answer requests from @sock until the other end is closed.
 */
_Noreturn void rngd_opener_main(const struct rngd_opener_file *file,
				struct vrng_seccomp_program *filter, int sock);

#endif
