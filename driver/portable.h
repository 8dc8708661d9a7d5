/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types and functions that pool.c, buf.h and health.h use, the same in the
 * kernel and in userspace, where unit tests and fuzzers build them.
 */
#ifndef VRNG_PORTABLE_H
#define VRNG_PORTABLE_H

#ifdef __KERNEL__

#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

#else

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

/* glibc defines it; other C libraries need not. It only matters for speed. */
#ifndef __always_inline
#define __always_inline inline
#endif

static inline void memzero_explicit(void *data, size_t len)
{
	explicit_bzero(data, len);
}

#endif

#endif
