/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What neighbours have in common when all suffixes of a string are sorted, by windows:
 * the first characters of each suffix in 64 bits. That is some times faster than a
 * suffix array, and works for strings in which no tuple repeats that fills a window.
 */
#ifndef RNGD_TESTER_ESTIMATE_WINDOWS_H
#define RNGD_TESTER_ESTIMATE_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

/* The longest string, so that memory is bounded: 16 bytes for each character. */
#define VRNG_WINDOWS_MAX ((size_t)1 << 24)

/*
 * Make the array *@common of @len numbers, which the caller frees: [i] is how many
 * characters suffix i of @s, in their order, has in common with the one before it;
 * [0] is 0. Returns 0; -ERANGE if windows do not tell all suffixes apart, or the
 * string is too long; or -ENOMEM. *@common is NULL then.
 */
int vrng_windows_compare(const uint8_t *s, size_t len, int32_t **common);

#endif
