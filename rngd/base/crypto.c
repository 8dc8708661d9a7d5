// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gcrypt.h>

#include "rngd/base/crypto.h"

static bool memory_locked;

/*
 * libgcrypt demands this order: gcry_check_version() before all else, the pool
 * before anything is allocated from it. Its warning about unlocked memory goes
 * to stderr, so it is turned off: the program asks vrng_crypto_memory_locked().
 */
int vrng_crypto_init(struct vrng_error *error)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return 0;

	if (!gcry_check_version(VRNG_GCRYPT_MIN))
		return vrng_fail(error, ENOSYS,
				 "libgcrypt: version %s is too old; install "
				 "%s or newer",
				 gcry_check_version(NULL), VRNG_GCRYPT_MIN);

	gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
	memory_locked = !gcry_control(GCRYCTL_INIT_SECMEM, VRNG_SECURE_POOL, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return 0;
}

bool vrng_crypto_memory_locked(void)
{
	return memory_locked;
}

void *vrng_secure_alloc(size_t size)
{
	return gcry_calloc_secure(1, size);
}

void vrng_secure_free(void *ptr)
{
	gcry_free(ptr);
}
