// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a device's buffers. A device that is not the hwrng core's current
 * one has none. One that is begins with a buffer of VRNG_REQUEST_MIN bytes, as most
 * guests read little, and gets more when a reader has outgrown what it has.
 */
#include <linux/kmemleak.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "vrng.h"

/* Bytes of all buffers of a device that is read, and of one that is read a lot. */
#define VRNG_BUFS_BYTES	    65536u
#define VRNG_BUFS_BYTES_MAX 524288u

static void vrng_bufs_free(struct vrng_bufs *bufs)
{
	u32 i;

	for (i = 0; i < bufs->count; i++) {
		if (bufs->buf[i].state != VRNG_BUF_LOST)
			kfree_sensitive(bufs->buf[i].data);
	}
	kfree(bufs);
}

/* Readers go on with smaller buffers if there is no memory for these. */
static struct vrng_bufs *vrng_bufs_alloc(u32 count, u32 size)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	struct vrng_bufs *bufs;
	u32 i;

	bufs = kzalloc(struct_size(bufs, buf, count), gfp);
	if (!bufs)
		return NULL;
	bufs->count = count;
	for (i = 0; i < count; i++) {
		bufs->buf[i].data = kzalloc(size, gfp);
		if (!bufs->buf[i].data) {
			vrng_bufs_free(bufs);
			return NULL;
		}
	}
	return bufs;
}

/* Free the replaced sets, once the pool knows none of their buffers. */
void vrng_bufs_reap(struct vrng *vrng)
{
	struct vrng_bufs *old = NULL, *next;

	spin_lock_irq(&vrng->lock);
	if (!vrng->pool.strays)
		swap(old, vrng->old_bufs);
	spin_unlock_irq(&vrng->lock);
	for (; old; old = next) {
		next = old->next;
		vrng_bufs_free(old);
	}
}

/* Put @bufs, or nothing, in the place of the present set. */
static void vrng_bufs_replace(struct vrng *vrng, struct vrng_bufs *bufs,
			      u32 size)
{
	spin_lock_irq(&vrng->lock);
	if (vrng->bufs) {
		vrng->bufs->next = vrng->old_bufs;
		vrng->old_bufs = vrng->bufs;
	}
	vrng->bufs = bufs;
	vrng_pool_replace(&vrng->pool, bufs ? bufs->buf : NULL,
			  bufs ? bufs->count : 0, size);
	spin_unlock_irq(&vrng->lock);
	vrng_bufs_reap(vrng);
}

int vrng_bufs_begin(struct vrng *vrng)
{
	struct vrng_bufs *bufs = vrng_bufs_alloc(1, VRNG_REQUEST_MIN);

	if (!bufs)
		return -ENOMEM;
	vrng_bufs_replace(vrng, bufs, VRNG_REQUEST_MIN);
	return 0;
}

/* Bytes of each buffer, if all of them have @bytes. */
static u32 vrng_bufs_size(const struct vrng *vrng, u32 bytes)
{
	if (vrng->buffer_size)
		return vrng->buffer_size;
	return min_t(u32, rounddown_pow_of_two(bytes / vrng->depth),
		     VRNG_BUFFER_SIZE_MAX);
}

void vrng_bufs_grow(struct vrng *vrng)
{
	const struct vrng_pool *pool = &vrng->pool;
	struct vrng_bufs *bufs = NULL;
	u32 size;

	size = vrng_bufs_size(vrng, VRNG_BUFS_BYTES);
	if (pool->depth == vrng->depth && pool->buffer_size >= size)
		size = vrng_bufs_size(vrng, VRNG_BUFS_BYTES_MAX);
	if (pool->depth * pool->buffer_size < vrng->depth * size)
		bufs = vrng_bufs_alloc(vrng->depth, size);
	if (bufs) {
		vrng_bufs_replace(vrng, bufs, size);
		return;
	}
	spin_lock_irq(&vrng->lock);
	vrng->pool.outgrown = false;
	spin_unlock_irq(&vrng->lock);
}

static u32 vrng_bufs_lose_set(struct vrng_pool *pool, struct vrng_bufs *bufs)
{
	u32 lost = 0;
	u32 i;

	for (i = 0; i < bufs->count; i++) {
		if (bufs->buf[i].state != VRNG_BUF_POSTED)
			continue;
		vrng_pool_lose(pool, &bufs->buf[i]);
		kmemleak_ignore(bufs->buf[i].data);
		lost++;
	}
	return lost;
}

u32 vrng_bufs_lose(struct vrng *vrng)
{
	struct vrng_bufs *bufs;
	u32 lost = 0;

	lockdep_assert_held(&vrng->lock);
	if (vrng->bufs)
		lost += vrng_bufs_lose_set(&vrng->pool, vrng->bufs);
	for (bufs = vrng->old_bufs; bufs; bufs = bufs->next)
		lost += vrng_bufs_lose_set(&vrng->pool, bufs);
	return lost;
}

void vrng_bufs_end(struct vrng *vrng)
{
	vrng_bufs_replace(vrng, NULL, 0);
}
