// SPDX-License-Identifier: GPL-2.0-only
/* 5.17: resetting a virtio device became a function, d9679d0013a6. */
#include <linux/virtio.h>

void probe(struct virtio_device *vdev);
void probe(struct virtio_device *vdev)
{
	virtio_reset_device(vdev);
}
