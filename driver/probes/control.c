// SPDX-License-Identifier: GPL-2.0-only
/* Must compile on every kernel: if it does not, the compiler call fails. */
#include <linux/module.h>
#include <linux/virtio.h>

void probe(struct virtio_device *vdev);
void probe(struct virtio_device *vdev)
{
	vdev->priv = NULL;
}
