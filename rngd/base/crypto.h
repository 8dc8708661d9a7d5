/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where libgcrypt is set up, and memory for secrets.
 *
 * Secure memory is one pool of VRNG_SECURE_POOL bytes, locked against
 * swapping where RLIMIT_MEMLOCK lets it be, and wiped when it is freed.
 */
#ifndef RNGD_BASE_CRYPTO_H
#define RNGD_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

/* Bytes in the pool: room for a few blocks, keys and cipher states. */
#define VRNG_SECURE_POOL 65536

/* The oldest libgcrypt that has all that is called here. */
#define VRNG_GCRYPT_MIN "1.8.0"

/*
 * Set libgcrypt up: version check, then the secure pool. Calling it again does
 * nothing, so whoever needs it calls it; the first call must come while there
 * is one thread. -ENOSYS where the library is too old.
 */
int vrng_crypto_init(struct vrng_error *error);

/* Is the pool locked in memory? If not, secrets may reach the swap device. */
bool vrng_crypto_memory_locked(void);

/* From the secure pool, zeroed; NULL when it is exhausted. */
void *vrng_secure_alloc(size_t size);

/* Wipes first. NULL is nothing. */
void vrng_secure_free(void *ptr);

#endif
