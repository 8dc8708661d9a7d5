/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver tells the hwrng core of its bytes: bits of entropy per 1,024
 * bits. The core's thread credits the kernel's pool accordingly, and the core
 * chooses the device that claims most.
 */
#ifndef VRNG_QUALITY_H
#define VRNG_QUALITY_H

#include "portable.h"

/*
 * What the core calls full. Not 0, by which newer cores mean full, too, but older
 * ones none.
 */
#define VRNG_QUALITY_FULL 1024u

/* A stream that no test looks at may be stuck. */
#define VRNG_QUALITY_UNTESTED 512u

/* The host must not know what the guest's keys are made of: as good as nothing. */
#define VRNG_QUALITY_UNTRUSTED 1u

/*
 * @asked: what the administrator wants, or 0. @encrypted: the guest's memory is
 * encrypted against its host. @health: the health tests run.
 */
static inline unsigned int vrng_quality(unsigned int asked, bool encrypted,
					bool health)
{
	if (asked)
		return asked;
	if (encrypted)
		return VRNG_QUALITY_UNTRUSTED;
	return health ? VRNG_QUALITY_FULL : VRNG_QUALITY_UNTESTED;
}

#endif
