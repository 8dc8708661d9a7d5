// SPDX-License-Identifier: GPL-2.0-only
/* The vrng group on the virtio device: one read-only number each. */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "vrng.h"

static struct vrng *sysfs_vrng(struct device *dev)
{
	return dev_to_virtio(dev)->priv;
}

/* A consistent view of the pool, the open buffer included. */
static void sysfs_stats(struct device *dev, struct vrng_pool *pool)
{
	struct vrng *vrng = sysfs_vrng(dev);

	spin_lock(&vrng->read_lock);
	spin_lock_irq(&vrng->vq_lock);
	*pool = vrng->pool;
	if (vrng->open)
		pool->stats.read += vrng->open->pos;
	spin_unlock_irq(&vrng->vq_lock);
	spin_unlock(&vrng->read_lock);
}

#define SYSFS_POOL(_name, _field)                                             \
	static ssize_t _name##_show(struct device *dev,                       \
				    struct device_attribute *attr, char *buf) \
	{                                                                     \
		struct vrng_pool pool;                                        \
                                                                              \
		sysfs_stats(dev, &pool);                                      \
		return sysfs_emit(buf, "%llu\n", (u64)pool._field);           \
	}                                                                     \
	static DEVICE_ATTR_RO(_name)

#define SYSFS_COUNTER(_name)                                                  \
	static ssize_t _name##_show(struct device *dev,                       \
				    struct device_attribute *attr, char *buf) \
	{                                                                     \
		struct vrng *vrng = sysfs_vrng(dev);                          \
		u64 value;                                                    \
                                                                              \
		spin_lock_irq(&vrng->vq_lock);                                \
		value = vrng->_name;                                          \
		spin_unlock_irq(&vrng->vq_lock);                              \
		return sysfs_emit(buf, "%llu\n", value);                      \
	}                                                                     \
	static DEVICE_ATTR_RO(_name)

SYSFS_POOL(bytes_received, stats.received);
SYSFS_POOL(bytes_read, stats.read);
SYSFS_POOL(bytes_discarded, stats.discarded);
SYSFS_POOL(requests, stats.requests);
SYSFS_POOL(readahead, window);
SYSFS_POOL(clone_generation, generation);
SYSFS_COUNTER(interrupts);
SYSFS_COUNTER(kicks);
SYSFS_COUNTER(device_errors);

static struct attribute *sysfs_attrs[] = {
	&dev_attr_bytes_received.attr,
	&dev_attr_bytes_read.attr,
	&dev_attr_bytes_discarded.attr,
	&dev_attr_requests.attr,
	&dev_attr_kicks.attr,
	&dev_attr_interrupts.attr,
	&dev_attr_readahead.attr,
	&dev_attr_device_errors.attr,
	&dev_attr_clone_generation.attr,
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
