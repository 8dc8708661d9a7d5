/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Split layout of a virtqueue: virtio 1.2, section 2.7. */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_SPLIT_H
#define DEVICE_VIRTQUEUE_VIRTQ_SPLIT_H

#include "tests/device/virtqueue/virtq_ring.h"

extern const struct virtq_ops virtq_split_ops;

#endif
