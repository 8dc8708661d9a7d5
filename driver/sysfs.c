// SPDX-License-Identifier: GPL-2.0-only
/* The vrng group on the virtio device: read-only, one value each. */
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

static ssize_t fork_notice_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	const struct vrng *vrng = dev_to_virtio(dev)->priv;

	return sysfs_emit(buf, "%s\n", vrng_sign_name(vrng->generation.sign));
}
static DEVICE_ATTR_RO(fork_notice);

/* An empty line after a fork, until it is drawn. */
static ssize_t clone_id_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct vrng *vrng = dev_to_virtio(dev)->priv;
	u8 id[VRNG_GENERATION_ID_SIZE];
	bool is_due;

	spin_lock_irq(&vrng->lock);
	is_due = vrng->id_is_due;
	memcpy(id, vrng->clone_id, sizeof(id));
	spin_unlock_irq(&vrng->lock);
	if (is_due)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%*phN\n", (int)sizeof(id), id);
}
static DEVICE_ATTR_RO(clone_id);

#define VRNG_COUNTER(name, value) VRNG_ELEMENT(&dev_attr_##name.attr)
#define VRNG_ELEMENT(attr)	  attr,
static struct attribute *vrng_attrs[] = {
#include "counters.h"
	&dev_attr_fork_notice.attr,
	&dev_attr_clone_id.attr,
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
