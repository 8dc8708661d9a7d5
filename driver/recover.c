// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that broke its queue or asks for it (VIRTIO 1.2, 2.1.2) is reset
 * and set up anew, from a work item. Readers wait meanwhile, within their
 * bound. A device that breaks again before it has delivered anything is given
 * ever more time.
 */
#include <linux/device.h>
#include <linux/sched.h>
#include <linux/virtio_config.h>

#include "compat.h"
#include "vrng.h"

#define VRNG_RECOVER_MS_MAX 10000u

/* vq_lock held: 0, then 10 ms, doubled with each try in vain. */
static unsigned long vrng_recover_delay(struct vrng *vrng)
{
	u32 ms = vrng->recover_ms;

	if (vrng->recover_received != vrng->pool.stats.received)
		ms = 0;
	vrng->recover_received = vrng->pool.stats.received;
	vrng->recover_ms = min(ms ? 2 * ms : 10, VRNG_RECOVER_MS_MAX);
	return msecs_to_jiffies(ms);
}

void vrng_recover(struct vrng *vrng, const char *why)
{
	struct device *dev = &vrng->vdev->dev;

	if (vrng->state != VRNG_LIVE || vrng->no_recovery)
		return;
	vrng->device_errors++;
	dev_warn_ratelimited(dev, "%s: the device is reset\n", why);
	vrng->state = VRNG_PAUSED;
	schedule_delayed_work(&vrng->recover, vrng_recover_delay(vrng));
}

/*
 * A transport may have taken bits of its own out of the features when it was
 * asked to finalise them (virtio_uml does), and wants them back to do it again.
 */
static void vrng_recover_transport_features(struct virtio_device *vdev)
{
	const u64 offered = vdev->config->get_features(vdev);
	unsigned int bit;

	for (bit = VIRTIO_TRANSPORT_F_START; bit < VIRTIO_TRANSPORT_F_END;
	     bit++)
		if (offered & BIT_ULL(bit))
			__virtio_set_bit(vdev, bit);
}

/* What the virtio core does before probe(), which a reset has undone. */
static int vrng_recover_negotiate(struct virtio_device *vdev)
{
	int err;

	virtio_add_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	virtio_add_status(vdev, VIRTIO_CONFIG_S_DRIVER);
	vrng_recover_transport_features(vdev);
	err = vdev->config->finalize_features(vdev);
	if (err || !virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		return err;

	virtio_add_status(vdev, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_FEATURES_OK))
		return -ENODEV;
	return 0;
}

/* Set up anew; the state stays VRNG_PAUSED where that fails. */
static int vrng_recover_device(struct vrng *vrng)
{
	int err;

	vrng_queue_stop(vrng, VRNG_PAUSED);
	err = vrng_recover_negotiate(vrng->vdev);
	if (err)
		return err;
	err = vrng_queue_find(vrng);
	if (err)
		return err;
	vrng_queue_start(vrng);
	return 0;
}

static void vrng_recover_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, recover);
	int err = vrng_recover_device(vrng);

	if (!err)
		return;
	dev_err_ratelimited(&vrng->vdev->dev,
			    "cannot be set up again: %d; will be tried\n", err);
	spin_lock_irq(&vrng->vq_lock);
	if (!vrng->no_recovery)
		schedule_delayed_work(&vrng->recover, vrng_recover_delay(vrng));
	spin_unlock_irq(&vrng->vq_lock);
}

void vrng_recover_allow(struct vrng *vrng, bool allow)
{
	spin_lock_irq(&vrng->vq_lock);
	vrng->no_recovery = !allow;
	spin_unlock_irq(&vrng->vq_lock);
	if (!allow)
		cancel_delayed_work_sync(&vrng->recover);
}

void vrng_recover_init(struct vrng *vrng)
{
	INIT_DELAYED_WORK(&vrng->recover, vrng_recover_work);
	vrng->no_recovery = true;
}
