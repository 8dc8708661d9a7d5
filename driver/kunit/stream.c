// SPDX-License-Identifier: GPL-2.0-only
/* A numbered stream, and a ledger of what was read of it; see stream.h. */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "stream.h"

/* Odd, and its inverse modulo 2^64. */
#define STREAM_SPREAD  0x9e3779b97f4a7c15ull
#define STREAM_COLLECT 0xf1de83e19937733dull

/* 128 MiB of stream; later blocks are not checked for repetition. */
#define LEDGER_BLOCKS BIT(24)

static u64 stream_encode(const struct stream *stream, u64 block)
{
	const u64 x = (block + stream->seed) * STREAM_SPREAD;

	return x ^ x >> 32;
}

static u64 stream_decode(const struct stream *stream, u64 code)
{
	return (code ^ code >> 32) * STREAM_COLLECT - stream->seed;
}

void stream_fill(struct stream *stream, u8 *dst, u32 len)
{
	u64 code;
	u32 n;

	for (; len; dst += n, len -= n) {
		n = min_t(u32, len, sizeof(code));
		code = stream_encode(stream, stream->next);
		memcpy(dst, &code, n);
		WRITE_ONCE(stream->next, stream->next + 1);
	}
}

bool stream_find(const struct stream *stream, const u8 *bytes, u64 *block)
{
	u64 code;

	memcpy(&code, bytes, sizeof(code));
	*block = stream_decode(stream, code);
	return *block < READ_ONCE(stream->next);
}

/*
 * Searches freed memory on purpose, byte by byte and without KASAN. Its new owner
 * may change it meanwhile, but will hardly write a block.
 */
__no_sanitize_address u32 stream_search(const struct stream *stream,
					const u8 *data, u32 len, u64 before)
{
	const u64 end = min(before, stream->next);
	u64 code = 0;
	u32 found = 0;
	u32 i;

	for (i = 0; i < len; i++) {
		code = code >> 8 | (u64)READ_ONCE(data[i]) << 56;
		if (i >= 7 && stream_decode(stream, code) < end)
			found++;
	}
	return found;
}

int ledger_init(struct ledger *ledger, const struct stream *stream)
{
	memset(ledger, 0, sizeof(*ledger));
	mutex_init(&ledger->lock);
	ledger->stream = stream;
	ledger->seen = kvcalloc(BITS_TO_LONGS(LEDGER_BLOCKS), sizeof(long),
				GFP_KERNEL);
	return ledger->seen ? 0 : -ENOMEM;
}

void ledger_free(struct ledger *ledger)
{
	kvfree(ledger->seen);
	ledger->seen = NULL;
}

static void ledger_note(struct ledger *ledger, u64 block, u64 first)
{
	/* rig_expect_serving() reads it without the lock. */
	WRITE_ONCE(ledger->blocks, ledger->blocks + 1);
	if (block < first)
		ledger->stale++;
	if (block < LEDGER_BLOCKS && __test_and_set_bit(block, ledger->seen))
		ledger->repeated++;
}

static u32 ledger_step(struct ledger *ledger, const u8 *bytes, u64 first)
{
	static const u8 poison[8] = { [0 ... 7] = STREAM_POISON };
	u64 block;

	if (stream_find(ledger->stream, bytes, &block)) {
		ledger_note(ledger, block, first);
		return 8;
	}
	if (!memcmp(bytes, poison, 8)) {
		ledger->poison++;
		return 8;
	}
	if (!memchr_inv(bytes, 0, 8)) {
		ledger->zeros++;
		return 8;
	}
	return 1;
}

void ledger_check(struct ledger *ledger, const u8 *data, u32 len, u64 first)
{
	u32 i;

	mutex_lock(&ledger->lock);
	for (i = 0; i + 8 <= len;)
		i += ledger_step(ledger, data + i, first);
	mutex_unlock(&ledger->lock);
}

void ledger_forbid_before(struct ledger *ledger, u64 first)
{
	mutex_lock(&ledger->lock);
	WRITE_ONCE(ledger->first, first);
	mutex_unlock(&ledger->lock);
}

void ledger_forbid_past(struct ledger *ledger)
{
	ledger_forbid_before(ledger, READ_ONCE(ledger->stream->next));
}
