/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells when the kernel's list of virtio devices or vmclocks may have changed: a device
 * came or went, or a driver was bound to it or unbound. The kernel broadcasts that as uevents
 * (netlink(7), NETLINK_KOBJECT_UEVENT), which any process may receive.
 */
#ifndef RNGD_SIGNS_UEVENT_H
#define RNGD_SIGNS_UEVENT_H

#include <stdbool.h>

/* A descriptor that polls readable, or a negative errno. */
int rngd_uevent_open(void);

/* Take all that are there. True: look for devices again. Never waits. */
bool rngd_uevent_take(int fd);

#endif
