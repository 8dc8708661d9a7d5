/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device whose ring answers a request when it starts. Its starts and stops must
 * alternate. For one target a program: each is a file of its own.
 */
#ifndef FUZZ_FAKE_RING_H
#define FUZZ_FAKE_RING_H

#include <stdbool.h>

#include "tests/device/vhost-user/vring.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/fuzz/fuzz.h"

static bool live;

static int ring_start(void *device, struct virtq *vq, int kick)
{
	struct virtq_request req;

	(void)device;
	FUZZ_MUST(!live && kick >= 0);
	live = true;
	if (virtq_peek(vq, &req) == 1)
		virtq_done(vq, &req, (uint32_t)req.bytes);
	virtq_publish(vq);
	return 0;
}

static void ring_stop(void *device)
{
	(void)device;
	FUZZ_MUST(live);
	live = false;
}

static const struct vring_ops ops = { ring_start, ring_stop };

#endif
