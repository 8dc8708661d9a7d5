// SPDX-License-Identifier: GPL-2.0-or-later
/* Conditioning of raw noise: see conditioner.h. */
#include <errno.h>
#include <gcrypt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "rngd/checks/conditioner.h"

#define OUT_BITS (8.0 * VRNG_CONDITIONER_OUT)

/*
 * SP 800-90B, 3.1.5.1.2 and SP 800-90C: the input of an output of full entropy
 * holds so much more than the output.
 */
#define EXTRA_BITS 64.0

struct vrng_conditioner {
	gcry_mac_hd_t mac;
};

static int set_key(gcry_mac_hd_t mac)
{
	uint8_t key[VRNG_CONDITIONER_OUT];
	ssize_t got = getrandom(key, sizeof(key), GRND_NONBLOCK);
	int ret = 0;

	/*
	 * The kernel's generator may not be ready yet. SP 800-90B, 3.1.5.1.1
	 * allows a key that is known, so zeros serve as well.
	 */
	if (got != (ssize_t)sizeof(key))
		memset(key, 0, sizeof(key));
	if (gcry_mac_setkey(mac, key, sizeof(key)))
		ret = -EIO;
	explicit_bzero(key, sizeof(key));
	return ret;
}

int vrng_conditioner_make(struct vrng_conditioner **conditioner,
			  struct vrng_error *error)
{
	struct vrng_conditioner *made = calloc(1, sizeof(*made));

	*conditioner = NULL;
	if (!made)
		return vrng_fail(error, ENOMEM, "conditioner: %m");
	if (gcry_mac_open(&made->mac, GCRY_MAC_HMAC_SHA256,
			  GCRY_MAC_FLAG_SECURE, NULL) ||
	    set_key(made->mac)) {
		vrng_conditioner_free(made);
		return vrng_fail(error, EIO,
				 "libgcrypt: HMAC-SHA-256 cannot be set up; "
				 "check its installation");
	}
	*conditioner = made;
	return 0;
}

/*
 * The names are the standard's. p_low_n is 2^(n_in - n) P_low, computed as one
 * term because P_low alone would underflow for a large n_in.
 */
double vrng_conditioner_entropy(double n_in, double h_in)
{
	const double n = n_in < OUT_BITS ? n_in : OUT_BITS;
	const double p_high = exp2(-h_in);
	const double p_low_n = exp2(-n) * (1 - p_high) / (1 - exp2(-n_in));
	const double psi = p_low_n + p_high;
	const double omega =
		p_low_n * (1 + sqrt(2 * n * log(2) * exp2(-(n_in - n))));
	double h_out = -log2(psi > omega ? psi : omega);

	if (h_out > h_in)
		h_out = h_in;
	return h_out < OUT_BITS ? h_out : OUT_BITS;
}

static int hash(gcry_mac_hd_t mac, const uint8_t *in, size_t len, uint8_t *out)
{
	size_t size = VRNG_CONDITIONER_OUT;

	if (gcry_mac_reset(mac) || gcry_mac_write(mac, in, len) ||
	    gcry_mac_read(mac, out, &size) || size != VRNG_CONDITIONER_OUT)
		return -EIO;
	return 0;
}

/* In place: output i is no longer than piece i, and written after its use. */
int vrng_conditioner_run(struct vrng_conditioner *conditioner, uint8_t *buf,
			 size_t len, unsigned int entropy, unsigned int *bits)
{
	const double h_byte = entropy / 1000.0;
	size_t pieces =
		(size_t)((double)len * h_byte / (OUT_BITS + EXTRA_BITS));
	size_t piece, i;

	*bits = 0;
	if (len < VRNG_CONDITIONER_OUT)
		return -EINVAL;
	if (!pieces)
		pieces = 1;
	piece = len / pieces;
	for (i = 0; i < pieces; i++)
		if (hash(conditioner->mac, buf + i * piece, piece,
			 buf + i * VRNG_CONDITIONER_OUT))
			return -EIO;

	*bits = (unsigned int)((double)pieces *
			       vrng_conditioner_entropy(8.0 * (double)piece,
							h_byte *
								(double)piece));
	explicit_bzero(buf + pieces * VRNG_CONDITIONER_OUT,
		       len - pieces * VRNG_CONDITIONER_OUT);
	return (int)(pieces * VRNG_CONDITIONER_OUT);
}

void vrng_conditioner_free(struct vrng_conditioner *conditioner)
{
	if (!conditioner)
		return;
	if (conditioner->mac)
		gcry_mac_close(conditioner->mac);
	free(conditioner);
}
