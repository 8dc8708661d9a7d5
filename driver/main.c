// SPDX-License-Identifier: GPL-2.0-only
/*
 * vrng: read-ahead driver for the virtio entropy device (VIRTIO 1.2, 5.4).
 *
 * The module's parameters, and what the virtio core calls: probe, remove,
 * freeze, restore, config_changed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/string.h>
#include <linux/virtio_ids.h>

#include "compat.h"
#include "quality.h"
#include "vrng.h"
#include <vrng/version.h>

static unsigned int depth = 16;
module_param(depth, uint, 0444);
MODULE_PARM_DESC(depth,
		 "buffers, 1 to 64, cut to the ring's size (default 16)");

static unsigned int buffer_size;
module_param(buffer_size, uint, 0444);
MODULE_PARM_DESC(buffer_size,
		 "bytes each, 64 to 65536; default 0: shares of 512 KiB");

static unsigned int quality; /* vrng_init() replaces 0 by what it stands for */
module_param(quality, uint, 0444);
MODULE_PARM_DESC(quality,
		 "entropy per 1024 bits, 1 to 1024; default 0: see vrng(4)");

static bool in_tree_names;
module_param(in_tree_names, bool, 0444);
MODULE_PARM_DESC(in_tree_names,
		 "names as virtio_rng.0, not virtio, 0 or 1 (default 0)");

static unsigned int max_age_ms = 90000;
module_param(max_age_ms, uint, 0444);
MODULE_PARM_DESC(max_age_ms,
		 "ms to keep unread bytes, 100 to 86400000 (default 90000)");

static bool health = true;
module_param(health, bool, 0444);
MODULE_PARM_DESC(health, "SP 800-90B health tests, 0 or 1 (default 1)");

static int vrng_check_range(const char *name, unsigned int value,
			    unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("%s=%u is out of range: %u to %u\n", name, value, min, max);
	return -EINVAL;
}

static int vrng_check_params(void)
{
	int err;

	err = vrng_check_range("depth", depth, 1, VRNG_DEPTH_MAX);
	if (!err && buffer_size)
		err = vrng_check_range("buffer_size", buffer_size,
				       VRNG_REQUEST_MIN, VRNG_BUFFER_SIZE_MAX);
	if (!err)
		err = vrng_check_range("quality", quality, 0,
				       VRNG_QUALITY_FULL);
	if (!err)
		err = vrng_check_range("max_age_ms", max_age_ms,
				       VRNG_STREAM_GAP_MS, 86400000);
	return err;
}

/*
 * The machine is suspended or hibernated, and resumes: possibly more than once, from
 * a copy of its image. Not every transport calls freeze and restore then: virtio-pci
 * does not for a device that keeps its state, older virtio-mmio and virtio_uml never.
 */
static int vrng_sleep_notify(struct notifier_block *nb, unsigned long action,
			     void *data)
{
	struct vrng *vrng = container_of(nb, struct vrng, sleep);

	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		vrng_recover_allow(vrng, false);
		vrng_discard_to_sleep(vrng);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		vrng_recover_allow(vrng, true);
		vrng_discard_and_wake(vrng);
		vrng_recover_check_later(vrng);
		break;
	}
	return NOTIFY_DONE;
}

/*
 * Stop and reset the device, and drop all bytes. The hwrng stays registered:
 * readers wait until the device is resumed.
 */
static int vrng_pause(struct virtio_device *vdev)
{
	vrng_recover_allow(vdev->priv, false);
	vrng_queue_stop(vdev->priv, VRNG_PAUSED);
	return 0;
}

static int vrng_start(struct virtio_device *vdev)
{
	int err;

	err = vrng_queue_find(vdev->priv);
	if (!err)
		vrng_queue_start(vdev->priv);
	return err;
}

static int __maybe_unused vrng_resume(struct virtio_device *vdev)
{
	int err;

	err = vrng_start(vdev);
	if (!err)
		vrng_recover_allow(vdev->priv, true);
	return err;
}

/* The bus has reset the device, or the recovery has. */
static int __maybe_unused vrng_reset_done(struct virtio_device *vdev)
{
	struct vrng *vrng = vdev->priv;
	int err;

	err = vrng_start(vdev);
	if (vrng->recovering)
		return err;
	vrng_recover_allow(vrng, true);
	if (err)
		vrng_recover_later(vrng);
	return err;
}

/*
 * The machine goes down: reset the device, which must not write to the memory of
 * a kernel that follows by kexec. Where the virtio core does not call drivers, it
 * may break all queues later; recovery is off by then.
 */
static void __maybe_unused vrng_shutdown(struct virtio_device *vdev)
{
	vrng_pause(vdev);
}

static int vrng_reboot_notify(struct notifier_block *nb, unsigned long action,
			      void *data)
{
	struct vrng *vrng = container_of(nb, struct vrng, reboot);

	vrng_shutdown(vrng->vdev);
	return NOTIFY_DONE;
}

static int vrng_probe(struct virtio_device *vdev)
{
	struct vrng *vrng;
	int err;

	vrng = kzalloc(sizeof(*vrng), GFP_KERNEL);
	if (!vrng)
		return -ENOMEM;
	vrng->vdev = vdev;
	vrng->max_age_ms = max_age_ms;
	vrng_queue_init(vrng);
	vrng_settle_init(vrng);
	vrng_recover_init(vrng);
	vdev->priv = vrng;

	err = vrng_queue_find(vrng);
	if (err)
		goto free;
	vrng->depth = min(depth, virtqueue_get_vring_size(vrng->vq));
	vrng->buffer_size = buffer_size;
	vrng_pool_init(&vrng->pool, NULL, 0, 0);
	vrng->pool.health_on = health;
	vrng_fork_begin(vrng);
	vrng->sleep.notifier_call = vrng_sleep_notify;
	register_pm_notifier(&vrng->sleep);
	vrng_queue_start(vrng);
	err = vrng_hwrng_register(vrng, quality, in_tree_names);
	if (err)
		goto unregister;
	vrng_recover_allow(vrng, true);
	vrng->reboot.notifier_call = vrng_reboot_notify;
	vrng_register_reboot(&vrng->reboot);
	return 0;

unregister:
	unregister_pm_notifier(&vrng->sleep);
	vrng_queue_stop(vrng, VRNG_GONE);
	vrng_fork_end(vrng);
	vrng_bufs_end(vrng);
free:
	vdev->priv = NULL;
	kfree(vrng);
	return err;
}

static void vrng_remove(struct virtio_device *vdev)
{
	struct vrng *vrng = vdev->priv;

	vrng_unregister_reboot(&vrng->reboot);
	unregister_pm_notifier(&vrng->sleep);
	vrng_recover_allow(vrng, false);
	/* End all waits: unregistering sleeps until the last reader is out. */
	vrng_queue_halt(vrng, VRNG_GONE);
	vrng_hwrng_unregister(vrng);
	vrng_queue_stop(vrng, VRNG_GONE);
	vrng_fork_end(vrng);
	vrng_bufs_end(vrng);
	vdev->priv = NULL;
	kfree(vrng);
}

/* The device has no configuration space: only its status can change. */
static void vrng_config_changed(struct virtio_device *vdev)
{
	vrng_recover_check_later(vdev->priv);
}

static const struct virtio_device_id vrng_ids[] = {
	{ VIRTIO_ID_RNG, VIRTIO_DEV_ANY_ID },
	{ 0 },
};
MODULE_DEVICE_TABLE(virtio, vrng_ids);

static struct virtio_driver vrng_driver = {
	.driver.name = KBUILD_MODNAME,
	.driver.owner = THIS_MODULE,
	.driver.dev_groups = vrng_sysfs_groups,
	.id_table = vrng_ids,
	.probe = vrng_probe,
	.remove = vrng_remove,
	.config_changed = vrng_config_changed,
#ifdef CONFIG_PM_SLEEP
	.freeze = vrng_pause,
	.restore = vrng_resume,
#endif
#ifdef HAVE_RESET_HOOKS
	.reset_prepare = vrng_pause,
	.reset_done = vrng_reset_done,
#endif
#ifdef HAVE_SHUTDOWN
	.shutdown = vrng_shutdown,
#endif
};

static int __init vrng_init(void)
{
	int err;

	err = vrng_check_params();
	if (err)
		return err;
	quality = vrng_quality(quality, vrng_memory_is_encrypted(), health);
	return register_virtio_driver(&vrng_driver);
}
module_init(vrng_init);

static void __exit vrng_exit(void)
{
	unregister_virtio_driver(&vrng_driver);
}
module_exit(vrng_exit);

MODULE_DESCRIPTION("Read-ahead driver for the virtio entropy device");
MODULE_VERSION(VRNG_VERSION);
MODULE_LICENSE("GPL");
