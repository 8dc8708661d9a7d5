/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of a guest that is being migrated ("Vhost-user Protocol", section
 * Migration): a bit for each page of its memory, in a file that the front end
 * shares. It is set after the page was written, so that whoever clears it and
 * then copies the page has what was written; or finds the bit set again.
 *
 * One thread sets; the front end clears at any moment.
 */
#ifndef DEVICE_GUEST_MEMORY_DIRTY_LOG_H
#define DEVICE_GUEST_MEMORY_DIRTY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/guest-memory/mapping.h"
#include "vrng/error.h"

#define DIRTY_LOG_PAGE 4096 /* bytes; VHOST_LOG_PAGE of the protocol */
#define DIRTY_LOG_MAX  (1ULL << 30) /* bytes of a log: for 32 TiB of addresses */

struct dirty_log {
	struct mapping mapping;
	uint64_t pages; /* there is a bit for; 0: no log */
};

/*
 * Take @size bytes from @offset of @fd, which stays the caller's, for the log.
 * One that was there before is let go of, unless this fails: -EINVAL for a size
 * that is 0, too large, wraps or is beyond the file's end.
 */
int dirty_log_map(struct dirty_log *dirty, int fd, uint64_t offset,
		  uint64_t size, struct vrng_error *error);
void dirty_log_unmap(struct dirty_log *dirty);

/*
 * @len bytes at guest address @guest were written; the sum must not wrap. Pages
 * that the log has no bit for are not its front end's concern.
 */
void dirty_log_mark(const struct dirty_log *dirty, uint64_t guest, size_t len);

/* Was the log's file truncated? */
bool dirty_log_torn(const struct dirty_log *dirty);

#endif
