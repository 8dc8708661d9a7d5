/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One buffer of the read-ahead pool. The functions are inline because most calls
 * of the hwrng core come down to vrng_buf_read().
 */
#ifndef VRNG_BUF_H
#define VRNG_BUF_H

#include "portable.h"

enum vrng_buf_state {
	VRNG_BUF_IDLE,
	VRNG_BUF_POSTED,
	VRNG_BUF_READY,
	VRNG_BUF_OPEN,
	VRNG_BUF_DOOMED,
	VRNG_BUF_LOST, /* the device may write to it: never used or freed again */
};

struct vrng_buf {
	struct vrng_buf *next; /* in the idle or the ready list */
	u8 *data; /* size bytes; the pool's owner allocates them */
	u32 size;
	u32 asked; /* bytes requested of the device */
	u32 len; /* bytes that arrived, at most asked */
	u32 pos; /* bytes handed out: data[0, pos) is zero again */
	u32 generation; /* the pool's when posted */
	u64 since_ms; /* its bytes count as new then: when posted, if not later */
	enum vrng_buf_state state;
};

static inline u32 vrng_buf_unread(const struct vrng_buf *buf)
{
	return buf->len - buf->pos;
}

static inline bool vrng_buf_is_older(const struct vrng_buf *buf, u64 now_ms,
				     u64 max_age_ms)
{
	return now_ms - buf->since_ms > max_age_ms;
}

/* Copy and wipe one word; constant lengths, so no calls. */
static __always_inline void vrng_buf_move_word(u8 *dst, u8 *src)
{
	u64 word;

	memcpy(&word, src, sizeof(word));
	memset(src, 0, sizeof(word));
	memcpy(dst, &word, sizeof(word));
}

static __always_inline void vrng_buf_move_line(u8 *dst, u8 *src)
{
	vrng_buf_move_word(dst, src);
	vrng_buf_move_word(dst + 8, src + 8);
	vrng_buf_move_word(dst + 16, src + 16);
	vrng_buf_move_word(dst + 24, src + 24);
	vrng_buf_move_word(dst + 32, src + 32);
	vrng_buf_move_word(dst + 40, src + 40);
	vrng_buf_move_word(dst + 48, src + 48);
	vrng_buf_move_word(dst + 56, src + 56);
}

/*
 * Copy and wipe in one pass, by words. The core asks for 64 bytes a call, and
 * two string operations cost more than these words for so few.
 */
static __always_inline void vrng_buf_move(u8 *dst, u8 *src, size_t len)
{
	if (len == 64) {
		vrng_buf_move_line(dst, src);
		return;
	}
	for (; len >= 64; len -= 64) {
		vrng_buf_move_line(dst, src);
		src += 64;
		dst += 64;
	}
	for (; len >= 8; len -= 8) {
		vrng_buf_move_word(dst, src);
		src += 8;
		dst += 8;
	}
	if (!len)
		return;
	memcpy(dst, src, len);
	memzero_explicit(src, len);
}

/* Move up to @len unread bytes of @buf to @dst, and wipe them. Returns how many. */
static __always_inline u32 vrng_buf_read(struct vrng_buf *buf, void *dst,
					 size_t len)
{
	const u32 unread = vrng_buf_unread(buf);

	if (len > unread)
		len = unread;
	vrng_buf_move(dst, buf->data + buf->pos, len);
	buf->pos += (u32)len;
	return (u32)len;
}

/* Wipe all but the first @keep unread bytes. Returns how many were wiped. */
static inline u32 vrng_buf_cut(struct vrng_buf *buf, u32 keep)
{
	const u32 unread = vrng_buf_unread(buf);

	if (unread <= keep)
		return 0;
	memzero_explicit(buf->data + buf->pos + keep, unread - keep);
	buf->len = buf->pos + keep;
	return unread - keep;
}

#endif
