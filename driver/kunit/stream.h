/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream of blocks of eight bytes. Each is its own number, spread by a
 * bijection, so that it is found however the stream is cut up. A ledger notes
 * the blocks that a reader has seen: it finds bytes that were handed out twice,
 * too old, or never announced by the host.
 */
#ifndef VRNG_KUNIT_STREAM_H
#define VRNG_KUNIT_STREAM_H

#include <linux/mutex.h>
#include <linux/types.h>

/* The byte that a host writes beyond the length that it announces. */
#define STREAM_POISON 0xa5

struct stream {
	u64 seed;
	u64 next; /* number of the next block */
};

/* Fill @dst. The rest of the last block is skipped. */
void stream_fill(struct stream *stream, u8 *dst, u32 len);

/* Number of the block of these eight bytes. False if none was sent yet. */
bool stream_find(const struct stream *stream, const u8 *bytes, u64 *block);

/* Number of blocks before @before in @len bytes at @data, freed or not. */
u32 stream_search(const struct stream *stream, const u8 *data, u32 len,
		  u64 before);

struct ledger {
	const struct stream *stream;
	struct mutex lock; /* guards all that follows */
	unsigned long *seen; /* a bit a block */
	u64 first; /* no block before this one may be seen */
	u64 blocks; /* seen */
	u64 repeated; /* seen before */
	u64 stale; /* before first */
	u64 poison; /* eight bytes of STREAM_POISON */
	u64 zeros; /* eight bytes of nothing */
};

int ledger_init(struct ledger *ledger, const struct stream *stream);
void ledger_free(struct ledger *ledger);

/* Note what a read returned; @first is ledger->first as it was before. */
void ledger_check(struct ledger *ledger, const u8 *data, u32 len, u64 first);

/* Reads that begin from now on may return no block before @first. */
void ledger_forbid_before(struct ledger *ledger, u64 first);

/* From now on only blocks that the host has yet to write may be seen. */
void ledger_forbid_past(struct ledger *ledger);

#endif
