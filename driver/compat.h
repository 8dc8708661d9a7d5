/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One name for what kernels call differently. probes/run writes config.h: for
 * each HAVE_ macro it compiles a snippet against the kernel. Versions do not
 * matter, as distributions backport.
 */
#ifndef VRNG_COMPAT_H
#define VRNG_COMPAT_H

#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "config.h"

static inline void vrng_reset_device(struct virtio_device *vdev)
{
#ifdef HAVE_VIRTIO_RESET_DEVICE
	virtio_reset_device(vdev);
#else
	vdev->config->reset(vdev);
#endif
}

#endif
