/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a clone sees that it is one: the host gives each guest fw_cfg's file
 * opt/vrng/fork, with 0 for an origin and 1 for a clone. A snapshot does not have
 * it. fw_cfg is read by I/O ports, so this needs root and an x86 machine.
 */
#ifndef GUEST_FORK_MARKER_H
#define GUEST_FORK_MARKER_H

#include <stdbool.h>

/* The key of the file, for fork_marker_is_set(). Exits if there is none. */
unsigned int fork_marker_find(const char *program);

/* One thread at a time. */
bool fork_marker_is_set(unsigned int key);

#endif
