// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>

#include "tests/device/guest-memory/dirty_log.h"

int dirty_log_map(struct dirty_log *d, int fd, uint64_t offset, uint64_t size,
		  struct vrng_error *error)
{
	struct mapping mapping;
	uint64_t end;
	int err;

	if (!size || size > DIRTY_LOG_MAX ||
	    __builtin_add_overflow(offset, size, &end) || end > INT64_MAX)
		return vrng_fail(error, EINVAL,
				 "log of 0x%" PRIx64 " bytes at 0x%" PRIx64
				 ": give 1 to 0x%llx",
				 size, offset, DIRTY_LOG_MAX);
	err = mapping_map(&mapping, "log", fd, offset, size, error);
	if (err)
		return err;
	dirty_log_unmap(d);
	d->mapping = mapping;
	d->pages = size * 8;
	d->offset = offset;
	return 0;
}

void dirty_log_unmap(struct dirty_log *d)
{
	if (d->pages)
		mapping_unmap(&d->mapping);
	d->pages = 0;
}

/*
 * A full barrier: the front end that sees the bit also sees what was written to
 * the page before.
 */
static void set_bit(const struct dirty_log *d, uint64_t byte, unsigned int bit)
{
	__atomic_fetch_or(&d->mapping.host[byte], (unsigned char)(1U << bit),
			  __ATOMIC_SEQ_CST);
}

/*
 * The protocol numbers the log's bits by bytes, QEMU by longs of the host's byte
 * order (vhost_log_chunk_t). On a big-endian host these are two different bits.
 * Set both there: a page whose bit is not seen is lost, while a page with a bit
 * too many is only copied needlessly.
 */
static void mark_page(const struct dirty_log *d, uint64_t page)
{
	uint64_t byte = page / 8;

	set_bit(d, byte, page % 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	byte ^= sizeof(long) - 1;
	if (byte < d->pages / 8)
		set_bit(d, byte, page % 8);
#endif
}

void dirty_log_mark(const struct dirty_log *d, uint64_t guest, size_t len)
{
	uint64_t page = guest / DIRTY_LOG_PAGE;
	uint64_t last;

	if (!len)
		return;
	last = (guest + len - 1) / DIRTY_LOG_PAGE;
	for (; page <= last && page < d->pages; page++)
		mark_page(d, page);
}

bool dirty_log_torn(const struct dirty_log *d)
{
	return d->pages && mapping_torn(&d->mapping);
}
