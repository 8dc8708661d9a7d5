// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>

#include "tests/device/guest-memory/dirty_log.h"

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
static void set_bit(const struct dirty *d, uint64_t byte, unsigned int bit)
{
	__atomic_fetch_or(&d->share.host[byte], (unsigned char)(1U << bit),
			  __ATOMIC_SEQ_CST);
}

/*
 * The protocol counts the log in bytes, QEMU in longs of its own byte order
 * (vhost_log_chunk_t). On a big-endian host these are two different bits, and
 * a page whose bit is not seen is lost on the way, while one too many is only
 * copied in vain: there both are set.
 */
static void mark_page(const struct dirty *d, uint64_t page)
{
	uint64_t byte = page / 8;

	set_bit(d, byte, page % 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	byte ^= sizeof(long) - 1;
	if (byte < d->pages / 8)
		set_bit(d, byte, page % 8);
#endif
}

void dirty_mark(const struct dirty *d, uint64_t guest, size_t len)
{
	uint64_t page = guest / DIRTY_PAGE;
	uint64_t last;

	if (!len)
		return;
	last = (guest + len - 1) / DIRTY_PAGE;
	for (; page <= last && page < d->pages; page++)
		mark_page(d, page);
}

bool dirty_torn(const struct dirty *d)
{
	return d->pages && share_torn(&d->share);
}
