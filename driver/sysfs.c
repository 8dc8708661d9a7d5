// SPDX-License-Identifier: GPL-2.0-only
/* The vrng group on the virtio device: one read-only number each. */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "vrng.h"

static u64 vrng_bytes_read(const struct vrng *vrng)
{
	const u64 open = vrng->open ? vrng->open->pos : 0;

	return vrng->pool.stats.read + open;
}

/* Define an attribute, and the function that shows it. */
#define VRNG_COUNTER(name, value)                                             \
	static ssize_t name##_show(struct device *dev,                        \
				   struct device_attribute *attr, char *buf); \
	static DEVICE_ATTR_RO(name);                                          \
	static ssize_t name##_show(struct device *dev,                        \
				   struct device_attribute *attr, char *buf)  \
	{                                                                     \
		struct vrng *vrng = dev_to_virtio(dev)->priv;                 \
		u64 shown;                                                    \
		spin_lock_irq(&vrng->lock);                                   \
		shown = (value);                                              \
		spin_unlock_irq(&vrng->lock);                                 \
		return sysfs_emit(buf, "%llu\n", shown);                      \
	}
#include "counters.h"
#undef VRNG_COUNTER

#define VRNG_COUNTER(name, value) VRNG_ELEMENT(&dev_attr_##name.attr)
#define VRNG_ELEMENT(attr)	  attr,
static struct attribute *vrng_attrs[] = {
#include "counters.h"
	NULL,
};

static const struct attribute_group vrng_attr_group = {
	.name = "vrng",
	.attrs = vrng_attrs,
};

const struct attribute_group *vrng_sysfs_groups[] = {
	&vrng_attr_group,
	NULL,
};
