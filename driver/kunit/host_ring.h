/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device's side of the ring: takes what the driver has made available, asks
 * the plan, and writes buffers and the used ring.
 */
#ifndef VRNG_KUNIT_HOST_RING_H
#define VRNG_KUNIT_HOST_RING_H

#include "host.h"

/*
 * Answer what the plan does not hold. Returns whether an interrupt is due. Caller
 * holds the host's lock.
 */
bool host_answer_all(struct host *host);

#endif
