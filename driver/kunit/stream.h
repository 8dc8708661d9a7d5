/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream whose bytes say where in it they come from, however they are cut
 * up on their way: each eight of them are a block's number, spread by a
 * bijection. A ledger notes which blocks a reader has seen, so that a byte
 * handed out twice, or one that the host never announced, is found.
 */
#ifndef VRNG_KUNIT_STREAM_H
#define VRNG_KUNIT_STREAM_H

#include <linux/mutex.h>
#include <linux/types.h>

/* What a host writes beyond the length that it announces. */
#define STREAM_POISON 0xa5

struct stream {
	u64 seed;
	u64 next; /* number of the next block */
};

/* Fill @dst; whatever is left of the last block is skipped. */
void stream_fill(struct stream *stream, u8 *dst, u32 len);

/* Which block are these eight bytes? False if they are none so far. */
bool stream_find(const struct stream *stream, const u8 *bytes, u64 *block);

/* Blocks before @before anywhere in @len bytes at @data, freed or not. */
u32 stream_search(const struct stream *stream, const u8 *data, u32 len,
		  u64 before);

struct ledger {
	const struct stream *stream;
	struct mutex lock; /* for all of this: */
	unsigned long *seen; /* a bit a block */
	u64 first; /* blocks before this one are not to be seen */
	u64 blocks; /* seen */
	u64 repeated; /* seen before */
	u64 stale; /* before first */
	u64 poison; /* eight bytes of STREAM_POISON */
	u64 zeros; /* eight bytes of nothing */
};

int ledger_init(struct ledger *ledger, const struct stream *stream);
void ledger_free(struct ledger *ledger);

/* A reader got these by a read before which ledger->first was @first. */
void ledger_check(struct ledger *ledger, const u8 *data, u32 len, u64 first);

/* Reads that begin from now on may return no block before @first. */
void ledger_forbid_before(struct ledger *ledger, u64 first);

/* From now on only blocks that the host has yet to write may be seen. */
void ledger_forbid_past(struct ledger *ledger);

#endif
