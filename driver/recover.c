// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets a device that broke its queue or asks for a reset (VIRTIO 1.2, 2.1.2),
 * and sets it up again, in a work item. Readers wait meanwhile, for at most
 * VRNG_WAIT_MS. vrng_queue_fail() schedules the work.
 */
#include <linux/device.h>
#include <linux/sched.h>
#include <linux/virtio_config.h>

#include "compat.h"
#include "vrng.h"

/*
 * Give the transport its own feature bits back. Some transports, such as
 * virtio_uml, clear them in the negotiated set when they finalise features.
 */
static void vrng_recover_transport_features(struct virtio_device *vdev)
{
	const u64 offered = vrng_get_features(vdev);
	unsigned int bit;

	for (bit = VIRTIO_TRANSPORT_F_START; bit < VIRTIO_TRANSPORT_F_END;
	     bit++)
		if (offered & BIT_ULL(bit))
			__virtio_set_bit(vdev, bit);
}

/*
 * Why does a device that was started need a reset? NULL if it needs none. A bus may
 * have reset it, and on older kernels no driver is told. A device that is not there
 * any more reads as all ones: a reset would wait for it for ever, and it is about to
 * be removed.
 */
static const char *vrng_recover_reason(struct virtio_device *vdev)
{
	const u8 status = vdev->config->get_status(vdev);

	if (status == 0xff)
		return NULL;
	if (status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return "it asks for a reset";
	if (!(status & VIRTIO_CONFIG_S_DRIVER_OK))
		return "it has lost its state";
	return NULL;
}

/*
 * Read the status, and let the device fail if it needs a reset. starts tells
 * whether the device was reset and started meanwhile.
 */
static void vrng_recover_check(struct vrng *vrng)
{
	const char *reason = NULL;
	bool may_log;
	u64 starts;

	spin_lock_irq(&vrng->lock);
	starts = vrng->state == VRNG_LIVE ? vrng->starts : 0;
	spin_unlock_irq(&vrng->lock);
	if (starts)
		reason = vrng_recover_reason(vrng->vdev);
	if (!reason)
		return;

	spin_lock_irq(&vrng->lock);
	may_log = vrng->starts == starts && vrng_queue_fail(vrng) &&
		  vrng_report_may_log(vrng, VRNG_LOG_STATUS);
	spin_unlock_irq(&vrng->lock);
	if (may_log)
		dev_warn(&vrng->vdev->dev, "%s: the device is reset\n", reason);
}

static void vrng_recover_check_work(struct work_struct *work)
{
	vrng_recover_check(container_of(work, struct vrng, check));
}

void vrng_recover_check_later(struct vrng *vrng)
{
	unsigned long flags;

	spin_lock_irqsave(&vrng->lock, flags);
	if (!vrng->no_recovery)
		schedule_work(&vrng->check);
	spin_unlock_irqrestore(&vrng->lock, flags);
}

#ifdef HAVE_RESET_HOOKS
/* The virtio core resets the device, negotiates, and calls vrng_reset_done(). */
static int vrng_recover_start(struct vrng *vrng)
{
	int err;

	vrng->recovering = true;
	err = virtio_device_reset_done(vrng->vdev);
	vrng->recovering = false;
	return err;
}
#else
/* Repeat what the virtio core does before probe(): the reset has undone it. */
static int vrng_recover_negotiate(struct virtio_device *vdev)
{
	int err;

	virtio_add_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	virtio_add_status(vdev, VIRTIO_CONFIG_S_DRIVER);
	err = vdev->config->finalize_features(vdev);
	if (err || !virtio_has_feature(vdev, VIRTIO_F_VERSION_1))
		return err;

	virtio_add_status(vdev, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(vdev->config->get_status(vdev) & VIRTIO_CONFIG_S_FEATURES_OK))
		return -ENODEV;
	return 0;
}

static int vrng_recover_start(struct vrng *vrng)
{
	int err;

	err = vrng_recover_negotiate(vrng->vdev);
	if (err)
		return err;
	err = vrng_queue_find(vrng);
	if (!err)
		vrng_queue_start(vrng);
	return err;
}
#endif

/* 0 or a negative errno, and then the state stays VRNG_PAUSED. */
static int vrng_recover_device(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	vrng->device_resets++;
	spin_unlock_irq(&vrng->lock);
	vrng_queue_stop(vrng, VRNG_PAUSED);
	vrng_recover_transport_features(vrng->vdev);
	return vrng_recover_start(vrng);
}

static void vrng_recover_work(struct work_struct *work)
{
	struct vrng *vrng =
		container_of(to_delayed_work(work), struct vrng, recover);
	int err = vrng_recover_device(vrng);
	bool may_log;

	if (!err) {
		/* What the device asked for meanwhile went unnoticed. */
		vrng_recover_check(vrng);
		return;
	}
	spin_lock_irq(&vrng->lock);
	may_log = vrng_report_may_log(vrng, VRNG_LOG_SETUP);
	spin_unlock_irq(&vrng->lock);
	if (may_log)
		dev_err(&vrng->vdev->dev,
			"cannot be set up again: %d; will be tried\n", err);
	vrng_recover_later(vrng);
}

void vrng_recover_later(struct vrng *vrng)
{
	spin_lock_irq(&vrng->lock);
	vrng_queue_schedule_recovery(vrng);
	spin_unlock_irq(&vrng->lock);
}

void vrng_recover_allow(struct vrng *vrng, bool allow)
{
	spin_lock_irq(&vrng->lock);
	vrng->no_recovery = !allow;
	spin_unlock_irq(&vrng->lock);
	if (allow)
		return;
	cancel_work_sync(&vrng->check);
	cancel_delayed_work_sync(&vrng->recover);
}

void vrng_recover_init(struct vrng *vrng)
{
	INIT_DELAYED_WORK(&vrng->recover, vrng_recover_work);
	INIT_WORK(&vrng->check, vrng_recover_check_work);
	vrng->no_recovery = true;
}
