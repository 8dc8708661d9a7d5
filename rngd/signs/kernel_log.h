/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forks that the kernel writes in its log: since 5.18 its generator reseeds when the
 * hypervisor tells of one, by vmgenid or vmclock, and says so in one line. Lines of
 * programs do not count, because the kernel marks them with another facility.
 */
#ifndef RNGD_SIGNS_KERNEL_LOG_H
#define RNGD_SIGNS_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RNGD_KERNEL_LOG_PATH "/dev/kmsg"

/*
 * Open the log after its last line. A descriptor that polls readable when there are
 * more, or a negative errno: -EPERM without CAP_SYSLOG, where kernel.dmesg_restrict
 * is set.
 */
int rngd_kernel_log_open(const char *path);

/*
 * Take lines that are there, a bounded number at a time, and add to *@forks how many
 * of them show a fork. Lines that were overwritten unread are lost. False: the log
 * cannot be read any more.
 */
bool rngd_kernel_log_take(int fd, uint64_t *forks);

/*
 * Does the kernel write such a line at a fork: has it a device of vmgenid? @pattern
 * is for glob(3); NULL: where devices of that driver are in sysfs.
 */
bool rngd_kernel_log_tells(const char *pattern);

/* Does this record of @len bytes, as read(2) returns it, show a fork? */
bool rngd_kernel_log_is_fork(const char *record, size_t len);

#endif
