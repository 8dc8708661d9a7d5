// SPDX-License-Identifier: GPL-2.0-only
/* After 6.12: the core calls a driver when the machine goes down. */
#include <linux/virtio.h>

void probe(struct virtio_driver *driver, struct virtio_device *vdev);
void probe(struct virtio_driver *driver, struct virtio_device *vdev)
{
	driver->shutdown(vdev);
}
