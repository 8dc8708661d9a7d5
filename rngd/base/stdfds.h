/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors 0, 1 and 2, which a caller may have left closed: the next file
 * opened would then get messages, or data, that were never meant for it.
 */
#ifndef RNGD_BASE_STDFDS_H
#define RNGD_BASE_STDFDS_H

/*
 * First thing in main(): put a stand-in, on which reads and writes fail with
 * EBADF, where one of the three is closed. Negative errno if that fails.
 */
int vrng_stdfds_hold(void);

#endif
