/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed layout of a virtqueue: virtio 1.2, section 2.8. */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_PACKED_H
#define DEVICE_VIRTQUEUE_VIRTQ_PACKED_H

#include "tests/device/virtqueue/virtq_ring.h"

extern const struct virtq_ops virtq_packed_ops;

#endif
