// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "drbg:seed=HEX": the AES-256-CTR keystream (SP 800-38A, 6.5) with the
 * seed as key and a counter block that starts at zero. Anybody who has the seed
 * can compute it. It is for tests, which compare it byte by byte.
 */
#include <errno.h>
#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/crypto.h"
#include "rngd/sources/hex.h"
#include "rngd/sources/kind.h"

#define SEED_BYTES 32

/* Bytes in one step: the zeros to encrypt stay in the first-level cache. */
#define CHUNK 16384

static const char *const drbg_keys[] = { "seed", NULL };

static int start_cipher(gcry_cipher_hd_t *cipher,
			const unsigned char seed[SEED_BYTES])
{
	gcry_error_t err;

	err = gcry_cipher_open(cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_CTR,
			       GCRY_CIPHER_SECURE);
	if (err)
		return -ENOMEM;
	err = gcry_cipher_setkey(*cipher, seed, SEED_BYTES);
	if (!err)
		err = gcry_cipher_setctr(*cipher, NULL, 0);
	if (!err)
		return 0;
	gcry_cipher_close(*cipher);
	*cipher = NULL;
	return -EIO;
}

/* Messages must not show the seed. */
static int hide_seed(struct vrng_source *src)
{
	char *name = strdup("drbg:seed=...");

	if (!name)
		return -ENOMEM;
	explicit_bzero(src->name, strlen(src->name));
	free(src->name);
	src->name = name;
	return 0;
}

static int drbg_parse(struct vrng_source *src, const struct vrng_spec *spec,
		      struct vrng_error *error)
{
	unsigned char seed[SEED_BYTES];
	gcry_cipher_hd_t cipher = NULL;
	const char *hex;
	int ret;

	ret = hide_seed(src);
	if (ret)
		return vrng_fail(error, -ret, "source \"drbg\": %m");
	hex = vrng_spec_value(spec, 0, "seed");
	if (!hex || vrng_hex(seed, SEED_BYTES, hex) != SEED_BYTES) {
		ret = vrng_fail(error, EINVAL,
				"source \"drbg\": the seed must be %d hex "
				"digits; write drbg:seed=HEX",
				2 * SEED_BYTES);
		goto out;
	}
	ret = vrng_crypto_init(error);
	if (ret)
		goto out;
	ret = start_cipher(&cipher, seed);
	if (ret)
		vrng_fail(error, -ret, "%s: cannot set AES-256 up: %m",
			  src->name);
	src->state = cipher;
out:
	explicit_bzero(seed, sizeof(seed));
	return ret;
}

static ssize_t drbg_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_error *error)
{
	static const unsigned char zeros[CHUNK];
	unsigned char *to = buf;
	size_t done, n;

	for (done = 0; done < len; done += n) {
		n = len - done < CHUNK ? len - done : CHUNK;
		if (gcry_cipher_encrypt(src->state, to + done, n, zeros, n))
			return vrng_fail(error, EIO, "%s: AES-256 failed",
					 src->name);
	}
	return (ssize_t)len;
}

static void drbg_free(struct vrng_source *src)
{
	gcry_cipher_close(src->state);
}

const struct vrng_kind vrng_kind_drbg = {
	.name = "drbg",
	.usage = "drbg:seed=HEX",
	.keys = drbg_keys,
	.deterministic = true,
	.parse = drbg_parse,
	.read = drbg_read,
	.free = drbg_free,
};
