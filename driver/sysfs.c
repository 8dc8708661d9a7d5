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

enum vrng_number {
#define VRNG_COUNTER(name, value) VRNG_NUMBER(name)
#define VRNG_NUMBER(name)	  VRNG_NUMBER_##name,
#include "counters.h"
#undef VRNG_NUMBER
#undef VRNG_COUNTER
};

static ssize_t vrng_number_show(struct device *dev,
				struct device_attribute *attr, char *buf);

static struct device_attribute vrng_numbers[] = {
#define VRNG_COUNTER(name, value) VRNG_NUMBER(name)
#define VRNG_NUMBER(name)	  __ATTR(name, 0444, vrng_number_show, NULL),
#include "counters.h"
#undef VRNG_NUMBER
#undef VRNG_COUNTER
};

static u64 vrng_number(const struct vrng *vrng, enum vrng_number number)
{
	const u64 numbers[] = {
#define VRNG_COUNTER(name, value) VRNG_NUMBER(value),
#define VRNG_NUMBER(value)	  (value)
#include "counters.h"
#undef VRNG_NUMBER
#undef VRNG_COUNTER
	};

	return numbers[number];
}

/* One function for all: loading a module costs more for each function in it. */
static ssize_t vrng_number_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct vrng *vrng = dev_to_virtio(dev)->priv;
	u64 shown;

	spin_lock_irq(&vrng->lock);
	/* clone_generation, and what was dropped, are those of this moment. */
	vrng_discard_if_forked(vrng);
	shown = vrng_number(vrng, attr - vrng_numbers);
	spin_unlock_irq(&vrng->lock);
	return sysfs_emit(buf, "%llu\n", shown);
}

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

static struct attribute *vrng_attrs[] = {
#define VRNG_COUNTER(name, value) VRNG_NUMBER(VRNG_NUMBER_##name),
#define VRNG_NUMBER(number)	  (&vrng_numbers[number].attr)
#include "counters.h"
#undef VRNG_NUMBER
#undef VRNG_COUNTER
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
