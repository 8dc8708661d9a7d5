/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that outlives this rngd, and that the next one goes on with. */
#ifndef RNGD_FORK_STATE_FILE_H
#define RNGD_FORK_STATE_FILE_H

#include <sys/types.h>

/*
 * Make or open the file at @path, and lock it as long as it is open; its folder is made,
 * too, if that is all that is missing. Returns the descriptor. -EBUSY: another process
 * has locked it. -EPERM: it is a link, or not a file that we alone may write. Another
 * negative errno.
 */
int rngd_state_file_open(const char *path, mode_t mode);

#endif
