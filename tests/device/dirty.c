// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>

#include "tests/device/dirty.h"

int dirty_map(struct dirty *d, int fd, uint64_t offset, uint64_t size,
	      struct vrng_why *why)
{
	struct share share;
	uint64_t end;
	int err;

	if (!size || size > DIRTY_MAX ||
	    __builtin_add_overflow(offset, size, &end) || end > INT64_MAX)
		return vrng_why(why, EINVAL,
				"log of 0x%" PRIx64 " bytes at 0x%" PRIx64
				": give 1 to 0x%llx",
				size, offset, DIRTY_MAX);
	err = share_map(&share, "log", fd, offset, size, why);
	if (err)
		return err;
	dirty_unmap(d);
	d->share = share;
	d->pages = size * 8;
	return 0;
}

void dirty_unmap(struct dirty *d)
{
	if (d->pages)
		share_unmap(&d->share);
	d->pages = 0;
}

/* A full barrier on its way: what was written before is seen before the bit. */
void dirty_mark(const struct dirty *d, uint64_t guest, size_t len)
{
	uint64_t page = guest / DIRTY_PAGE;
	uint64_t last;

	if (!len)
		return;
	last = (guest + len - 1) / DIRTY_PAGE;
	for (; page <= last && page < d->pages; page++)
		__atomic_fetch_or(&d->share.host[page / 8],
				  (unsigned char)(1U << page % 8),
				  __ATOMIC_SEQ_CST);
}

bool dirty_torn(const struct dirty *d)
{
	return d->pages && share_torn(&d->share);
}
