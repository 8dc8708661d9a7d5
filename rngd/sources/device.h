/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of bytes a character device gives. */
#ifndef RNGD_SOURCES_DEVICE_H
#define RNGD_SOURCES_DEVICE_H

#include <sys/types.h>

#include "vrng/source.h"

/*
 * The origin of what the character device @number gives, by its number
 * (devices.txt) and its class in sysfs, which is below @root: "" but for tests.
 * VRNG_ORIGIN_STORED for memory, tapes and the like, VRNG_ORIGIN_KERNEL for the
 * kernel's generator, VRNG_ORIGIN_OTHER for /dev/zero and its like, and
 * VRNG_ORIGIN_OUTSIDE for all others.
 */
enum vrng_origin vrng_device_origin(dev_t number, const char *root);

#endif
