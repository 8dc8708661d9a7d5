/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What egd-server's tests serve: the bytes of a DRBG, so that each is known. */
#ifndef VRNG_UNIT_EGD_STREAM_H
#define VRNG_UNIT_EGD_STREAM_H

#include "tests/unit/egd_rig.h"
#include "tests/unit/source_rig.h"

#define DRBG         \
	"drbg:seed=" \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

enum {
	STREAM = 400000
};

static uint8_t stream[STREAM]; /* what the DRBG gives */

static inline int prepare(void **state)
{
	struct vrng_source *src = rig_open(DRBG);

	rig_read_all(src, stream, STREAM);
	vrng_source_free(src);
	return make_folder(state);
}

#endif
