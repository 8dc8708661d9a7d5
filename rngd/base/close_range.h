/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Closes many descriptors at once. close_range(2) has been in Linux since 5.9,
 * but not in every C library.
 */
#ifndef RNGD_BASE_CLOSE_RANGE_H
#define RNGD_BASE_CLOSE_RANGE_H

#include <stddef.h>

/* Close all but 0, 1, 2 and the @n of @keep. -1 among them stands for none. */
void vrng_close_all_but(const int *keep, size_t n);

/*
 * Close all from 3 on when a program is executed. Linux before 5.11 cannot, and
 * does nothing.
 */
void vrng_close_all_on_exec(void);

#endif
