/* SPDX-License-Identifier: GPL-2.0-only */
/* As ../compat.h, for what only the suites use. */
#ifndef VRNG_KUNIT_COMPAT_H
#define VRNG_KUNIT_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/virtio_config.h>

#include "../config.h"

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

/*
 * Define find_vqs of a transport whose device has one queue:
 * find_vq(vdev, &vq, callback, name) returns 0 or a negative errno.
 */
#ifdef HAVE_VIRTQUEUE_INFO
#define COMPAT_FIND_VQS(find_vqs, find_vq)                                 \
	static int find_vqs(struct virtio_device *vdev, unsigned int nvqs, \
			    struct virtqueue *vqs[],                       \
			    struct virtqueue_info info[],                  \
			    struct irq_affinity *desc)                     \
	{                                                                  \
		if (nvqs != 1)                                             \
			return -EINVAL;                                    \
		return find_vq(vdev, vqs, info->callback, info->name);     \
	}
#else
#define COMPAT_FIND_VQS(find_vqs, find_vq)                                 \
	static int find_vqs(struct virtio_device *vdev, unsigned int nvqs, \
			    struct virtqueue *vqs[],                       \
			    vq_callback_t *callbacks[],                    \
			    const char *const names[], const bool *ctx,    \
			    struct irq_affinity *desc)                     \
	{                                                                  \
		if (nvqs != 1)                                             \
			return -EINVAL;                                    \
		return find_vq(vdev, vqs, callbacks[0], names[0]);         \
	}
#endif

#endif
