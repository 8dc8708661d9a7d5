// SPDX-License-Identifier: GPL-2.0-only
/* A virtio transport and a device that can lie; see host.h. */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#include "../compat.h"
#include "host.h"

/* Interrupts that a storm raises in one tick. */
#define HOST_GUST 512u

static struct host *to_host(struct virtio_device *vdev)
{
	return container_of(vdev, struct host, vdev);
}

u32 host_random(struct host *host, u32 below)
{
	return prandom_u32_state(&host->rnd) % below;
}

/* The device's side of the ring */

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

static bool host_answer_all(struct host *host)
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

/* The device's own time */

/* Answer what is to be answered. Returns how many interrupts are due. */
static u32 host_turn(struct host *host, bool *config)
{
	u32 due = 0;

	if (host->running) {
		due = min(host->storm, HOST_GUST);
		host->storm -= due;
		due += host_answer_all(host);
	}
	host->interrupts += due;
	*config = host->config;
	host->config = false;
	return due;
}

static enum hrtimer_restart host_tick(struct hrtimer *timer)
{
	struct host *host = container_of(timer, struct host, timer);
	bool config, again;
	u32 due;

	spin_lock(&host->lock);
	due = host_turn(host, &config);
	spin_unlock(&host->lock);

	if (config)
		virtio_config_changed(&host->vdev);
	while (due--)
		vring_interrupt(0, host->vq);

	/* A kick on another processor may have armed the timer meanwhile. */
	spin_lock(&host->lock);
	again = host->storm && host->running && !hrtimer_is_queued(timer);
	if (again)
		hrtimer_forward_now(timer, ns_to_ktime(100 * NSEC_PER_USEC));
	spin_unlock(&host->lock);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/* Arm the timer, after a random delay. */
static void host_wake(struct host *host)
{
	const u32 delay =
		host->delay_ns ? host_random(host, host->delay_ns) : 0;

	if (host->running && !hrtimer_is_queued(&host->timer))
		hrtimer_start(&host->timer, ns_to_ktime(delay),
			      HRTIMER_MODE_REL_HARD);
}

static bool host_notify(struct virtqueue *vq)
{
	struct host *host = to_host(vq->vdev);
	unsigned long flags;

	spin_lock_irqsave(&host->lock, flags);
	host->kicks++;
	if (!host->running)
		host->strays++;
	host_wake(host);
	spin_unlock_irqrestore(&host->lock, flags);
	return true;
}

/* The transport */

/* Count this thread's allocations in probe or restore from here ... */
static void host_begin_failing(struct host *host)
{
#ifdef CONFIG_FAULT_INJECTION
	host->failing = host->fail_nth;
	current->fail_nth = host->fail_nth;
	host->fail_nth = 0;
#endif
}

/* ... to here: what the driver core allocates itself must not fail. */
static void host_end_failing(struct host *host)
{
#ifdef CONFIG_FAULT_INJECTION
	if (!host->failing)
		return;
	host->failing = false;
	host->fail_left = current->fail_nth;
	current->fail_nth = 0;
#endif
}

/* The virtio core asks for the status right after probe(). */
static u8 host_get_status(struct virtio_device *vdev)
{
	struct host *host = to_host(vdev);

	if (READ_ONCE(host->status) & VIRTIO_CONFIG_S_DRIVER_OK)
		host_end_failing(host);
	return READ_ONCE(host->status);
}

static void host_set_status(struct virtio_device *vdev, u8 status)
{
	struct host *host = to_host(vdev);

	spin_lock_irq(&host->lock);
	host->status = status;
	host->running = host->vq && (status & VIRTIO_CONFIG_S_DRIVER_OK);
	spin_unlock_irq(&host->lock);
}

static void host_reset(struct virtio_device *vdev)
{
	struct host *host = to_host(vdev);

	spin_lock_irq(&host->lock);
	host->status = 0;
	host->running = false;
	host->holds = 0;
	host->avail = 0;
	host->used = 0;
	host->storm = 0;
	host->config = false;
	host->resets++;
	spin_unlock_irq(&host->lock);
	hrtimer_cancel(&host->timer);
}

static u64 host_get_features(struct virtio_device *vdev)
{
	return to_host(vdev)->features;
}

/* The last step before probe. */
static int host_finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	host_begin_failing(to_host(vdev));
	return 0;
}

static int host_find_vq(struct host *host, struct virtqueue **vq,
			vq_callback_t *callback, const char *name)
{
	if (host->find_error)
		return host->find_error;

	host->ring = alloc_pages_exact(vring_size(host->size, PAGE_SIZE),
				       GFP_KERNEL | __GFP_ZERO);
	if (!host->ring)
		return -ENOMEM;
	vring_init(&host->vring, host->size, host->ring, PAGE_SIZE);
	*vq = vring_new_virtqueue(0, host->size, PAGE_SIZE, &host->vdev, true,
				  false, host->ring, host_notify, callback,
				  name);
	if (!*vq) {
		free_pages_exact(host->ring, vring_size(host->size, PAGE_SIZE));
		return -ENOMEM;
	}
	host->vq = *vq;
	return 0;
}

#ifdef HAVE_VIRTQUEUE_INFO
static int host_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
			 struct virtqueue *vqs[], struct virtqueue_info info[],
			 struct irq_affinity *desc)
{
	if (nvqs != 1)
		return -EINVAL;
	return host_find_vq(to_host(vdev), vqs, info->callback, info->name);
}
#else
static int host_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
			 struct virtqueue *vqs[], vq_callback_t *callbacks[],
			 const char *const names[], const bool *ctx,
			 struct irq_affinity *desc)
{
	if (nvqs != 1)
		return -EINVAL;
	return host_find_vq(to_host(vdev), vqs, callbacks[0], names[0]);
}
#endif

static void host_del_vqs(struct virtio_device *vdev)
{
	struct host *host = to_host(vdev);

	spin_lock_irq(&host->lock);
	/* A driver that frees a ring in use by the device is a stray. */
	if (host->running)
		host->strays++;
	host->running = false;
	spin_unlock_irq(&host->lock);
	hrtimer_cancel(&host->timer);
	if (!host->vq)
		return;
	vring_del_virtqueue(host->vq);
	host->vq = NULL;
	free_pages_exact(host->ring, vring_size(host->size, PAGE_SIZE));
}

static const char *host_bus_name(struct virtio_device *vdev)
{
	return "vrng-kunit";
}

static const struct virtio_config_ops host_ops = {
	.get_status = host_get_status,
	.set_status = host_set_status,
	.reset = host_reset,
	.find_vqs = host_find_vqs,
	.del_vqs = host_del_vqs,
	.get_features = host_get_features,
	.finalize_features = host_finalize_features,
	.bus_name = host_bus_name,
};

/* What a test does */

static void host_release(struct device *dev)
{
	complete(&to_host(dev_to_virtio(dev))->released);
}

int host_init(struct host *host, u64 seed)
{
	static atomic_t hosts;
	char name[24];

	spin_lock_init(&host->lock);
	init_completion(&host->released);
	prandom_seed_state(&host->rnd, seed);
	host->stream.seed = seed;
	host->size = 8;
	host->features = BIT_ULL(VIRTIO_F_VERSION_1);
#ifdef HAVE_HRTIMER_SETUP
	hrtimer_setup(&host->timer, host_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
#else
	hrtimer_init(&host->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	host->timer.function = host_tick;
#endif
	/* No owner: the module is not in sysfs yet while its suites run. */
	snprintf(name, sizeof(name), "vrng-kunit.%d",
		 atomic_inc_return(&hosts));
	host->parent = __root_device_register(name, NULL);
	return PTR_ERR_OR_ZERO(host->parent);
}

int host_add(struct host *host)
{
	int err;

	memset(&host->vdev, 0, sizeof(host->vdev));
	host->vdev.dev.parent = host->parent;
	host->vdev.dev.release = host_release;
	host->vdev.id.device = VIRTIO_ID_RNG;
	host->vdev.config = &host_ops;
	reinit_completion(&host->released);
	err = register_virtio_device(&host->vdev);
	host_end_failing(host);
	if (err) {
		put_device(&host->vdev.dev);
		wait_for_completion(&host->released);
	}
	host->present = !err;
	return err;
}

int host_restore(struct host *host)
{
	int err = -EOPNOTSUPP;

#ifdef CONFIG_PM_SLEEP
	err = virtio_device_restore(&host->vdev);
#endif
	host_end_failing(host);
	return err;
}

void host_remove(struct host *host)
{
	if (!host->present)
		return;
	host->present = false;
	unregister_virtio_device(&host->vdev);
	wait_for_completion(&host->released);
}

void host_exit(struct host *host)
{
	host_remove(host);
	if (!IS_ERR_OR_NULL(host->parent))
		root_device_unregister(host->parent);
}

void host_set_plan(struct host *host, host_plan *plan)
{
	spin_lock_irq(&host->lock);
	host->plan = plan;
	host_wake(host);
	spin_unlock_irq(&host->lock);
}

void host_poke(struct host *host)
{
	spin_lock_irq(&host->lock);
	host_wake(host);
	spin_unlock_irq(&host->lock);
}

void host_storm(struct host *host, u32 count)
{
	spin_lock_irq(&host->lock);
	host->storm = count;
	host_wake(host);
	spin_unlock_irq(&host->lock);
}

void host_need_reset(struct host *host)
{
	spin_lock_irq(&host->lock);
	host->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	host->config = true;
	host_wake(host);
	spin_unlock_irq(&host->lock);
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
