/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditioning of raw noise with HMAC-SHA-256, a vetted component of SP
 * 800-90B, 3.1.5.1.1, and the entropy that its output may be credited with,
 * 3.1.5.1.2.
 *
 * A block of raw samples is cut into equal pieces, as many as hold 64 bits more
 * entropy than a full output each (h_in >= n_out + 64). Each piece becomes 256
 * bits. A block with less entropy than that becomes one output.
 *
 * A conditioner is used by one thread at a time.
 */
#ifndef RNGD_CHECKS_CONDITIONER_H
#define RNGD_CHECKS_CONDITIONER_H

#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

#define VRNG_CONDITIONER_OUT 32 /* bytes: n_out / 8 */

struct vrng_conditioner;

/*
 * Make a conditioner with a key from the kernel's generator; the key counts as
 * no entropy. vrng_crypto_init() must have been called. The caller frees
 * *@conditioner.
 *
 * Returns 0, or -ENOMEM or -EIO with @error set and *@conditioner NULL.
 */
int vrng_conditioner_make(struct vrng_conditioner **conditioner,
			  struct vrng_error *error);

/*
 * The entropy of one output, in bits: h_out of 3.1.5.1.2 for an input of @n_in
 * bits that hold @h_in, with n_out = nw = 256. Never above @h_in or 256.
 */
double vrng_conditioner_entropy(double n_in, double h_in);

/*
 * Condition the @len raw bytes at @buf in place: they are overwritten with the
 * outputs, and the rest is wiped. @len is at least VRNG_CONDITIONER_OUT.
 * @entropy is the entropy of a raw byte in thousandths of a bit, 1 to 8,000.
 *
 * Returns the number of output bytes and sets *@bits to their entropy in bits;
 * -EINVAL if @len is too small, -EIO if libgcrypt fails.
 */
int vrng_conditioner_run(struct vrng_conditioner *conditioner, uint8_t *buf,
			 size_t len, unsigned int entropy, unsigned int *bits);

/* @conditioner may be NULL. */
void vrng_conditioner_free(struct vrng_conditioner *conditioner);

#endif
