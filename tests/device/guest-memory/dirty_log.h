/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dirty log of a guest that is being migrated (QEMU: "Vhost-user Protocol",
 * section "Migration"): a file with one bit for each page of guest memory, which
 * the front end shares. A bit is set after its page was written. The front end
 * clears a bit before it copies the page, so it either copies what was written,
 * or finds the bit set again.
 *
 * One thread sets bits; the front end clears them at any time.
 */
#ifndef DEVICE_GUEST_MEMORY_DIRTY_LOG_H
#define DEVICE_GUEST_MEMORY_DIRTY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/guest-memory/mapping.h"
#include "vrng/error.h"

#define DIRTY_LOG_PAGE 4096 /* bytes; the protocol's VHOST_LOG_PAGE */
/*
 * Bytes of a log, which is enough for 32 TiB of guest addresses. The limit is
 * ours: a front end must not use up the address space.
 */
#define DIRTY_LOG_MAX (1ULL << 30)

/* All zeros: no log. */
struct dirty_log {
	struct mapping mapping; /* valid if @pages > 0 */
	uint64_t pages; /* that have a bit; 0: no log */
	uint64_t offset; /* of the log in its file */
};

/*
 * Use the @size bytes at @offset of file @fd as the log. The caller keeps @fd.
 * Replaces an earlier log, unless it fails. Returns 0; -EINVAL if @size is 0 or
 * above DIRTY_LOG_MAX, or the range wraps; or what mapping_map() returns.
 */
int dirty_log_map(struct dirty_log *dirty, int fd, uint64_t offset,
		  uint64_t size, struct vrng_error *error);

/* Unmap the log, if there is one. */
void dirty_log_unmap(struct dirty_log *dirty);

/*
 * Mark the pages of the @len bytes at guest address @guest as written. The sum
 * must not wrap. Pages beyond the log are ignored: its front end does not track
 * them.
 */
void dirty_log_mark(const struct dirty_log *dirty, uint64_t guest, size_t len);

/* True once an access found that the log's file was truncated. */
bool dirty_log_torn(const struct dirty_log *dirty);

#endif
