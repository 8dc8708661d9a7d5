// SPDX-License-Identifier: GPL-2.0-only
/* The device's side of the ring: see host_ring.h. */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/virtio_config.h>

#include "host_ring.h"

u32 host_random(struct host *host, u32 below)
{
	return prandom_u32_state(&host->rnd) % below;
}

static void host_remember(struct host *host, u8 *data, u32 size)
{
	u32 i;

	for (i = 0; i < host->seens; i++) {
		if (host->seen[i] != data)
			continue;
		host->seen_size[i] = max(host->seen_size[i], size);
		return;
	}
	if (host->seens == HOST_QUEUE_MAX)
		return;
	host->seen[host->seens] = data;
	host->seen_size[host->seens++] = size;
}

/* False unless @id is one writable descriptor, as the driver promises. */
static bool host_look_up(struct host *host, u32 id, struct host_answer *answer)
{
	const struct vring_desc *desc;

	if (id >= host->size)
		return false;
	desc = &host->vring.desc[id];
	if (virtio16_to_cpu(&host->vdev, desc->flags) != VRING_DESC_F_WRITE)
		return false;
	answer->id = id;
	answer->asked = virtio32_to_cpu(&host->vdev, desc->len);
	answer->data = phys_to_virt(virtio64_to_cpu(&host->vdev, desc->addr));
	answer->fill = answer->asked;
	answer->used = answer->asked;
	answer->stuck = -1;
	answer->spare = 0;
	answer->hold = false;
	return true;
}

/* The next descriptor that the driver has made available. False if none. */
static bool host_next(struct host *host, u16 *id)
{
	const struct vring_avail *avail = host->vring.avail;
	const u16 end = virtio16_to_cpu(&host->vdev, READ_ONCE(avail->idx));
	const u16 at = host->avail & (host->size - 1);

	if (host->avail == end)
		return false;
	virt_rmb(); /* the entry after the index that covers it */
	*id = virtio16_to_cpu(&host->vdev, avail->ring[at]);
	host->avail++;
	return true;
}

static void host_fetch(struct host *host)
{
	struct host_answer answer;
	u16 id;

	while (host_next(host, &id)) {
		if (host->holds == host->size ||
		    !host_look_up(host, id, &answer)) {
			host->strays++;
			continue;
		}
		host_remember(host, answer.data, answer.asked);
		host->held[host->holds++] = id;
	}
}

static void host_write_stuck(struct host *host,
			     const struct host_answer *answer)
{
	u32 i;

	memset(answer->data, answer->stuck, answer->fill);
	for (i = 0; answer->spare && i < answer->fill; i += answer->spare)
		answer->data[i] = host_random(host, 256);
}

static void host_write(struct host *host, const struct host_answer *answer)
{
	const u32 told = min(answer->used, answer->fill);

	if (answer->stuck >= 0) {
		host_write_stuck(host, answer);
		return;
	}
	stream_fill(&host->stream, answer->data, told);
	memset(answer->data + told, STREAM_POISON, answer->fill - told);
}

static void host_complete(struct host *host, u32 id, u32 used)
{
	struct vring_used *ring = host->vring.used;
	struct vring_used_elem *elem;

	elem = &ring->ring[host->used & (host->size - 1)];
	elem->id = cpu_to_virtio32(&host->vdev, id);
	elem->len = cpu_to_virtio32(&host->vdev, used);
	virt_wmb(); /* the index after the entry that it covers */
	host->used++;
	WRITE_ONCE(ring->idx, cpu_to_virtio16(&host->vdev, host->used));
	host->answers++;
}

/* The index of @id among the held descriptors, or @otherwise. */
static u32 host_find_held(const struct host *host, u32 id, u32 otherwise)
{
	u32 at;

	for (at = 0; at < host->holds; at++) {
		if (host->held[at] == id)
			return at;
	}
	return otherwise;
}

/*
 * A plan may claim another descriptor. If that one is held, it is answered
 * instead. This host lies, but never writes to a buffer that the driver owns.
 */
static bool host_answer_one(struct host *host)
{
	u32 at = host->shuffle ? host_random(host, host->holds) : 0;
	struct host_answer answer;

	if (!host_look_up(host, host->held[at], &answer)) {
		host->strays++;
		return false;
	}
	if (host->plan)
		host->plan(host, &answer);
	if (answer.hold)
		return false;

	at = host_find_held(host, answer.id, at);
	host->last = host->held[at];
	host->holds--;
	memmove(host->held + at, host->held + at + 1,
		(host->holds - at) * sizeof(host->held[0]));
	host_write(host, &answer);
	host_complete(host, answer.id, answer.used);
	return true;
}

/* Has the driver asked for an interrupt since used index @before? */
static bool host_is_asked(struct host *host, u16 before)
{
	const struct vring *vring = &host->vring;
	u16 event, flags;

	virt_mb(); /* write the used index, then read the event index */
	event = virtio16_to_cpu(&host->vdev, vring_used_event(vring));
	flags = virtio16_to_cpu(&host->vdev, READ_ONCE(vring->avail->flags));
	if (virtio_has_feature(&host->vdev, VIRTIO_RING_F_EVENT_IDX))
		return vring_need_event(event, host->used, before);
	return !(flags & VRING_AVAIL_F_NO_INTERRUPT);
}

bool host_answer_all(struct host *host)
{
	const u16 before = host->used;

	do {
		host_fetch(host);
		vring_avail_event(&host->vring) =
			cpu_to_virtio16(&host->vdev, host->avail);
		virt_mb(); /* write avail_event, then read the avail index */
	} while (host->holds && host_answer_one(host));
	return host->used != before && host_is_asked(host, before) &&
	       !host->mute;
}

u32 host_search_before(struct host *host, u64 block)
{
	u32 found = 0;
	u32 i;

	for (i = 0; i < host->seens; i++)
		found += stream_search(&host->stream, host->seen[i],
				       host->seen_size[i], block);
	return found;
}

u32 host_search(struct host *host)
{
	return host_search_before(host, U64_MAX);
}
