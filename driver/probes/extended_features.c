// SPDX-License-Identifier: GPL-2.0-only
/*
 * 6.17: more than 64 feature bits, e7d4c1c5a546. A transport that has
 * get_extended_features, as virtio-pci, has no get_features any more.
 */
#include <linux/virtio_config.h>

void probe(struct virtio_device *vdev, u64 *features);
void probe(struct virtio_device *vdev, u64 *features)
{
	virtio_get_features(vdev, features);
}
