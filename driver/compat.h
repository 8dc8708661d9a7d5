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

#ifdef HAVE_VMFORK
#include <linux/random.h>

static inline void vrng_register_vmfork(struct notifier_block *nb)
{
	register_random_vmfork_notifier(nb);
}

static inline void vrng_unregister_vmfork(struct notifier_block *nb)
{
	unregister_random_vmfork_notifier(nb);
}
#else
/* No notifier: only max_age_ms bounds the age of bytes that clones share. */
static inline void vrng_register_vmfork(struct notifier_block *nb)
{
}

static inline void vrng_unregister_vmfork(struct notifier_block *nb)
{
}
#endif

#endif
