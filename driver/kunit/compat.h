/* SPDX-License-Identifier: GPL-2.0-only */
/* As ../compat.h, for what only the suites use. */
#ifndef VRNG_KUNIT_COMPAT_H
#define VRNG_KUNIT_COMPAT_H

#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/reboot.h>
#include <linux/virtio_config.h>

#include "../config.h"
#include "../vrng.h"

/* A timer that calls @function in a hard interrupt. */
static inline void
compat_hrtimer_init(struct hrtimer *timer,
		    enum hrtimer_restart (*function)(struct hrtimer *timer))
{
#ifdef HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	timer->function = function;
#endif
}

/* Tell the driver that the machine goes down. */
static inline void compat_go_down(struct vrng *vrng)
{
#ifdef HAVE_SHUTDOWN
	struct device *dev = &vrng->vdev->dev;

	dev->bus->shutdown(dev);
#else
	vrng->reboot.notifier_call(&vrng->reboot, SYS_RESTART, NULL);
#endif
}

/* Make the only queue of host.c's device. 0 or a negative errno. */
int host_find_vq(struct virtio_device *vdev, struct virtqueue **vq,
		 vq_callback_t *callback, const char *name);

/* What struct virtio_config_ops has as find_vqs. */
#ifdef HAVE_VIRTQUEUE_INFO
static inline int compat_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
				  struct virtqueue *vqs[],
				  struct virtqueue_info info[],
				  struct irq_affinity *desc)
{
	if (nvqs != 1)
		return -EINVAL;
	return host_find_vq(vdev, vqs, info->callback, info->name);
}
#else
static inline int compat_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
				  struct virtqueue *vqs[],
				  vq_callback_t *callbacks[],
				  const char *const names[], const bool *ctx,
				  struct irq_affinity *desc)
{
	if (nvqs != 1)
		return -EINVAL;
	return host_find_vq(vdev, vqs, callbacks[0], names[0]);
}
#endif

#endif
