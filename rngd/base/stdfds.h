/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors 0, 1 and 2. If a caller has closed one, the next file that is
 * opened would get its number, and with it messages or data that were not meant
 * for it.
 */
#ifndef RNGD_BASE_STDFDS_H
#define RNGD_BASE_STDFDS_H

#include <stdbool.h>

/*
 * Open a placeholder in place of each that is closed: reads and writes of it
 * fail with EBADF. Call it first in main(). 0, or a negative errno.
 */
int vrng_stdfds_hold(void);

/* Is @path a name for the standard input of whichever process opens it? */
bool vrng_stdfds_is_input(const char *path);

#endif
