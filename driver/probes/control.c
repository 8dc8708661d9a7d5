// SPDX-License-Identifier: GPL-2.0-only
/* Must compile on every kernel: if not, it is the compiler call that fails. */
#include <linux/module.h>
#include <linux/virtio.h>

void probe(struct virtio_device *vdev);
void probe(struct virtio_device *vdev)
{
	vdev->priv = NULL;
}
