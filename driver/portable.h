/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pure files of this room need from their surroundings, the same in
 * the kernel and in userspace, where the unit tests and fuzzers build them.
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

/* The C library of GNU has it, others need not. It is for speed alone. */
#ifndef __always_inline
#define __always_inline inline
#endif

#define WRITE_ONCE(to, value) __atomic_store_n(&(to), (value), __ATOMIC_RELAXED)

static inline void memzero_explicit(void *data, size_t len)
{
	explicit_bzero(data, len);
}

#endif

#endif
