// SPDX-License-Identifier: GPL-2.0-only
/* The vrng group on the virtio device: one read-only number each. */
#include <linux/device.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>

#include "vrng.h"

/* All that is shown, of one moment. */
struct snapshot {
	u64 bytes_received;
	u64 bytes_read;
	u64 bytes_discarded;
	u64 requests;
	u64 kicks;
	u64 interrupts;
	u64 readahead;
	u64 health_failures;
	u64 device_errors;
	u64 clone_generation;
};

static void snapshot_take(struct vrng *vrng, struct snapshot *shot)
{
	const struct vrng_pool *pool = &vrng->pool;

	spin_lock_irq(&vrng->lock);
	shot->bytes_received = pool->stats.received;
	shot->bytes_read = pool->stats.read;
	if (vrng->open)
		shot->bytes_read += vrng->open->pos;
	shot->bytes_discarded = pool->stats.discarded;
	shot->requests = pool->stats.requests;
	shot->kicks = vrng->kicks;
	shot->interrupts = vrng->interrupts;
	shot->readahead = pool->window;
	shot->health_failures = pool->health.episodes;
	shot->device_errors = vrng->device_errors;
	shot->clone_generation = pool->generation;
	spin_unlock_irq(&vrng->lock);
}

struct counter {
	struct device_attribute attr;
	size_t offset; /* in struct snapshot */
};

static ssize_t counter_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	const struct counter *counter;
	struct snapshot shot;
	u64 value;

	counter = container_of(attr, struct counter, attr);
	snapshot_take(dev_to_virtio(dev)->priv, &shot);
	memcpy(&value, (const char *)&shot + counter->offset, sizeof(value));
	return sysfs_emit(buf, "%llu\n", value);
}

#define COUNTER(name)                                   \
	static struct counter name##_counter = {        \
		__ATTR(name, 0444, counter_show, NULL), \
		offsetof(struct snapshot, name),        \
	}

COUNTER(bytes_received);
COUNTER(bytes_read);
COUNTER(bytes_discarded);
COUNTER(requests);
COUNTER(kicks);
COUNTER(interrupts);
COUNTER(readahead);
COUNTER(health_failures);
COUNTER(device_errors);
COUNTER(clone_generation);

static struct attribute *sysfs_attrs[] = {
	&bytes_received_counter.attr.attr,
	&bytes_read_counter.attr.attr,
	&bytes_discarded_counter.attr.attr,
	&requests_counter.attr.attr,
	&kicks_counter.attr.attr,
	&interrupts_counter.attr.attr,
	&readahead_counter.attr.attr,
	&health_failures_counter.attr.attr,
	&device_errors_counter.attr.attr,
	&clone_generation_counter.attr.attr,
	NULL,
};

static const struct attribute_group sysfs_group = {
	.name = "vrng",
	.attrs = sysfs_attrs,
};

const struct attribute_group *vrng_sysfs_groups[] = {
	&sysfs_group,
	NULL,
};
