/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that the service manager keeps for the next process of this service
 * (sd_notify(3): FDSTORE; FileDescriptorStoreMax= of systemd.service(5)). The next
 * process gets them as it gets sockets: activation.h.
 */
#ifndef RNGD_BASE_FD_STORE_H
#define RNGD_BASE_FD_STORE_H

#include "rngd/base/notify.h"

#define VRNG_FD_STORE_MS 1000 /* bound of a wait for the manager */

/*
 * Have a copy of @fd kept under @name. 0, or a negative errno: -ENOTCONN without a
 * manager. That the manager refuses it is not told.
 */
int vrng_fd_store_put(const struct vrng_notify *notify, const char *name,
		      int fd);

/* Have all that is kept under @name dropped. */
void vrng_fd_store_drop(const struct vrng_notify *notify, const char *name);

/*
 * Wait until the manager has taken all that was put, or VRNG_FD_STORE_MS: it may not
 * know any more whose they are when this process has ended. 0 or a negative errno.
 */
int vrng_fd_store_flush(const struct vrng_notify *notify);

#endif
