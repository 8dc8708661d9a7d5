// SPDX-License-Identifier: GPL-2.0-only
/* After 6.12: a driver is told of a reset of the bus, before and after it. */
#include <linux/virtio.h>

int probe(struct virtio_driver *driver, struct virtio_device *vdev);
int probe(struct virtio_driver *driver, struct virtio_device *vdev)
{
	return driver->reset_prepare(vdev) ?: virtio_device_reset_done(vdev);
}
