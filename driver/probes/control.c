// SPDX-License-Identifier: GPL-2.0-only
/* Compiles on every kernel. If it does not, the build itself does not work. */
#include <linux/module.h>
#include <linux/virtio.h>

void probe(struct virtio_device *vdev);
void probe(struct virtio_device *vdev)
{
	vdev->priv = NULL;
}
