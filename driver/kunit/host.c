// SPDX-License-Identifier: GPL-2.0-only
/* A virtio transport and a device that can lie; see host.h. */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#include "compat.h"
#include "host.h"
#include "host_ring.h"

/* Interrupts that a storm raises in one tick. */
#define HOST_GUST 512u

static struct host *to_host(struct virtio_device *vdev)
{
	return container_of(vdev, struct host, vdev);
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
	const u32 random =
		host->delay_ns ? host_random(host, host->delay_ns) : 0;
	const u64 delay = (u64)host->latency_ns + random;

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

	if (host->ready && status & VIRTIO_CONFIG_S_DRIVER_OK)
		host->ready(host);
	spin_lock_irq(&host->lock);
	host->status = status;
	host->running = host->vq && (status & VIRTIO_CONFIG_S_DRIVER_OK);
	spin_unlock_irq(&host->lock);
}

void host_lose_power(struct host *host)
{
	spin_lock_irq(&host->lock);
	host->status = 0;
	host->running = false;
	host->holds = 0;
	host->avail = 0;
	host->used = 0;
	host->storm = 0;
	host->config = false;
	spin_unlock_irq(&host->lock);
	hrtimer_cancel(&host->timer);
}

static void host_reset(struct virtio_device *vdev)
{
	struct host *host = to_host(vdev);

	host_lose_power(host);
	spin_lock_irq(&host->lock);
	host->resets++;
	spin_unlock_irq(&host->lock);
}

/* As virtio-pci: one of these two, and never both. */
#ifdef HAVE_EXTENDED_FEATURES
static void host_get_extended_features(struct virtio_device *vdev,
				       u64 *features)
{
	virtio_features_from_u64(features, to_host(vdev)->features);
}
#else
static u64 host_get_features(struct virtio_device *vdev)
{
	return to_host(vdev)->features;
}
#endif

/* The last step before probe. */
static int host_finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	host_begin_failing(to_host(vdev));
	return 0;
}

int host_find_vq(struct virtio_device *vdev, struct virtqueue **vq,
		 vq_callback_t *callback, const char *name)
{
	struct host *host = to_host(vdev);

	if (host->find_error) {
		WRITE_ONCE(host->find_errors, host->find_errors + 1);
		return host->find_error;
	}

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
	if (host->find_needs) {
		host->find_needs--;
		host_need_reset_quietly(host);
		virtio_config_changed(vdev);
		msleep(20); /* what the driver does about it comes too early */
	}
	return 0;
}

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
	.find_vqs = compat_find_vqs,
	.del_vqs = host_del_vqs,
#ifdef HAVE_EXTENDED_FEATURES
	.get_extended_features = host_get_extended_features,
#else
	.get_features = host_get_features,
#endif
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
	compat_hrtimer_init(&host->timer, host_tick);
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
	/* The memory of an earlier driver may be a reader's now. */
	host->seens = 0;
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

void host_need_reset_quietly(struct host *host)
{
	spin_lock_irq(&host->lock);
	host->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	spin_unlock_irq(&host->lock);
}
