/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets libgcrypt up, and allocates from its memory for secrets: one pool of
 * VRNG_SECURE_POOL bytes, locked against swapping as far as RLIMIT_MEMLOCK
 * allows, and wiped when freed.
 */
#ifndef RNGD_BASE_CRYPTO_H
#define RNGD_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "vrng/error.h"

/* In bytes: room for a few blocks, keys and cipher states. */
#define VRNG_SECURE_POOL 65536

/* The oldest libgcrypt that has all functions that vrng calls. */
#define VRNG_GCRYPT_MIN "1.8.0"

/*
 * Set libgcrypt up: check its version, make the pool. Every user of libgcrypt
 * calls this; further calls do nothing. The first call must come while there is
 * one thread. 0, or -ENOSYS if the library is too old.
 */
int vrng_crypto_init(struct vrng_error *error);

/* Is the pool locked? If not, secrets may reach the swap device. */
bool vrng_crypto_memory_locked(void);

/* @size zero bytes of the pool, or NULL if it is exhausted. */
void *vrng_secure_alloc(size_t size);

/* Wipes first. A NULL @ptr is allowed. */
void vrng_secure_free(void *ptr);

#endif
