/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditioning of raw noise with a vetted component of SP 800-90B, 3.1.5.1.1:
 * HMAC-SHA-256, and the entropy its output may be credited with, 3.1.5.1.2.
 *
 * A block of raw samples is cut into as many equal pieces as have the entropy
 * of a full output and 64 bits more (h_in >= n_out + 64); each becomes 256 bits.
 * A block that has not even that becomes one output.
 */
#ifndef RNGD_CHECKS_CONDITIONER_H
#define RNGD_CHECKS_CONDITIONER_H

#include <stddef.h>
#include <stdint.h>

#include "vrng/error.h"

#define VRNG_CONDITIONER_OUT 32 /* bytes: n_out / 8 */

struct vrng_conditioner;

/*
 * With a key of the kernel's generator, which is credited with nothing.
 * vrng_crypto_init() has been called.
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
 * outputs, the rest is wiped. @entropy is what a byte holds, in thousandths of a
 * bit. Returns how many bytes there are now, and *@bits of entropy in them;
 * negative errno when libgcrypt fails.
 */
int vrng_conditioner_run(struct vrng_conditioner *conditioner, uint8_t *buf,
			 size_t len, unsigned int entropy, unsigned int *bits);

/* NULL is nothing. */
void vrng_conditioner_free(struct vrng_conditioner *conditioner);

#endif
