/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One name for what kernels call differently. probes/run writes config.h: for
 * each HAVE_ macro it compiles a snippet against the kernel. Versions do not
 * matter, as distributions backport.
 */
#ifndef VRNG_COMPAT_H
#define VRNG_COMPAT_H

#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "config.h"

#ifdef HAVE_CC_PLATFORM
#include <linux/cc_platform.h>
#endif

/* Is the guest's memory encrypted against its host? Older kernels do not say. */
static inline bool vrng_memory_is_encrypted(void)
{
#ifdef HAVE_CC_PLATFORM
	return cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
#else
	return false;
#endif
}

static inline void vrng_reset_device(struct virtio_device *vdev)
{
#ifdef HAVE_VIRTIO_RESET_DEVICE
	virtio_reset_device(vdev);
#else
	vdev->config->reset(vdev);
#endif
}

/* The first 64 feature bits that the device offers. */
static inline u64 vrng_get_features(struct virtio_device *vdev)
{
#ifdef HAVE_EXTENDED_FEATURES
	u64 features[ARRAY_SIZE(vdev->features_array)];

	virtio_get_features(vdev, features);
	return features[0];
#else
	return vdev->config->get_features(vdev);
#endif
}

/*
 * Before the virtio core called drivers when the machine goes down, only a
 * notifier told them.
 */
static inline void vrng_register_reboot(struct notifier_block *nb)
{
#ifndef HAVE_SHUTDOWN
	register_reboot_notifier(nb);
#endif
}

static inline void vrng_unregister_reboot(struct notifier_block *nb)
{
#ifndef HAVE_SHUTDOWN
	unregister_reboot_notifier(nb);
#endif
}

#endif
