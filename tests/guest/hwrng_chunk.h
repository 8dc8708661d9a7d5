/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that the hwrng core requests of a driver at once, and may hold:
 * SMP_CACHE_BYTES of the kernel (hw_random/core.c, rng_buffer_size). The kernel
 * does not export this number to programs.
 */
#ifndef GUEST_HWRNG_CHUNK_H
#define GUEST_HWRNG_CHUNK_H

#define HWRNG_CHUNK_MAX 256u /* the largest of all architectures */

#if defined(__s390x__)
#define HWRNG_CHUNK 256u
#elif defined(__powerpc64__)
#define HWRNG_CHUNK 128u
#else
#define HWRNG_CHUNK 64u
#endif

#endif
