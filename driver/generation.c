// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds and maps the VM generation page; see generation.h.
 *
 * The in-tree drivers vmgenid and ptp_vmclock own the devices. A second mapping
 * of their memory does no harm, so this claims nothing.
 */
#include <linux/acpi.h>
#include <linux/device.h>
#include <linux/io.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/timex.h>
#include <linux/timekeeping.h>

#include "config.h"
#include "generation.h"

/* Bytes of vmgenid's number, and their alignment by its specification. */
#define VMGENID_SIZE  16u
#define VMGENID_ALIGN 8u

/*
 * The part of vmclock's page that we read. Kernels before 6.13 have no
 * include/uapi/linux/vmclock-abi.h, which describes all of it.
 */
struct vrng_vmclock {
	__le32 magic;
	__le32 size;
	__le64 other[2];
	__le64 flags;
	__le64 clock[9];
	__le64 counter; /* vm_generation_counter */
};

#define VMCLOCK_MAGIC_WORD  0x4b4c4356u
#define VMCLOCK_HAS_COUNTER BIT_ULL(8)

/* Physical memory of the firmware; size 0 if there is none. */
struct vrng_memory {
	u64 at;
	u64 size;
};

/* Shared with the host where the guest's memory is encrypted against it. */
#define VRNG_MAP_FLAGS (MEMREMAP_WB | MEMREMAP_DEC)

static void vrng_generation_use_none(struct vrng_generation *generation)
{
	generation->word[0] = &generation->seen[0];
	generation->word[1] = &generation->seen[1];
}

void vrng_generation_put(struct vrng_generation *generation)
{
	vrng_generation_use_none(generation);
	if (generation->map)
		memunmap(generation->map);
	generation->map = NULL;
}

static int vrng_generation_map_vmgenid(struct vrng_generation *generation,
				       const struct vrng_memory *memory)
{
	const u64 *id;

	if (memory->size < VMGENID_SIZE || memory->at % VMGENID_ALIGN)
		return -EINVAL;
	generation->map = memremap(memory->at, VMGENID_SIZE, VRNG_MAP_FLAGS);
	if (!generation->map)
		return -ENOMEM;
	id = generation->map;
	generation->word[0] = &id[0];
	generation->word[1] = &id[1];
	generation->sign = VRNG_SIGN_VMGENID;
	return 0;
}

/* Is this vmclock's page, with a counter of VM generations? */
static bool vrng_vmclock_counts(const struct vrng_vmclock *page, u64 size)
{
	return le32_to_cpu(page->magic) == VMCLOCK_MAGIC_WORD &&
	       le32_to_cpu(page->size) >= sizeof(*page) &&
	       le32_to_cpu(page->size) <= size &&
	       le64_to_cpu(page->flags) & VMCLOCK_HAS_COUNTER;
}

/* 0, too, if it has no counter: then it is no sign, and no error. */
static int vrng_generation_map_vmclock(struct vrng_generation *generation,
				       const struct vrng_memory *memory)
{
	const struct vrng_vmclock *page;

	if (memory->size < sizeof(*page) || memory->at % sizeof(u64))
		return -EINVAL;
	generation->map = memremap(memory->at, sizeof(*page), VRNG_MAP_FLAGS);
	if (!generation->map)
		return -ENOMEM;
	page = generation->map;
	if (!vrng_vmclock_counts(page, memory->size)) {
		vrng_generation_put(generation);
		return 0;
	}
	generation->word[0] = (__force const u64 *)&page->counter;
	generation->word[1] = generation->word[0];
	generation->sign = VRNG_SIGN_VMCLOCK;
	return 0;
}

#ifdef CONFIG_ACPI

static acpi_status vrng_acpi_take(acpi_handle handle, u32 level, void *context,
				  void **found)
{
	*found = handle;
	return AE_CTRL_TERMINATE;
}

/*
 * The handle of the device with this _HID or _CID, or NULL. The list of devices
 * is quick to search. Kernels before 5.18 cut a name to 8 characters there, and
 * then the firmware's name space is walked.
 */
static acpi_handle vrng_acpi_find(const char *id)
{
	struct acpi_device *device;
	acpi_handle handle = NULL;
	void *found = NULL;

	if (strlen(id) < ACPI_ID_LEN) {
		device = acpi_dev_get_first_match_dev(id, NULL, -1);
		if (!device)
			return NULL;
		handle = device->handle;
		put_device(&device->dev);
		return handle;
	}
	acpi_get_devices(id, vrng_acpi_take, NULL, &found);
	return found;
}

/* ADDR returns the low and the high half of an address. */
static struct vrng_memory vrng_acpi_vmgenid_memory(acpi_handle handle)
{
	struct acpi_buffer answer = { ACPI_ALLOCATE_BUFFER, NULL };
	struct vrng_memory memory = { 0, 0 };
	const union acpi_object *package, *half;
	acpi_status status;

	status = acpi_evaluate_object_typed(handle, "ADDR", NULL, &answer,
					    ACPI_TYPE_PACKAGE);
	if (ACPI_FAILURE(status))
		return memory;
	package = answer.pointer;
	half = package->package.elements;
	if (package->package.count == 2 && half[0].type == ACPI_TYPE_INTEGER &&
	    half[1].type == ACPI_TYPE_INTEGER) {
		memory.at = (half[1].integer.value << 32) |
			    (half[0].integer.value & U32_MAX);
		memory.size = VMGENID_SIZE;
	}
	kfree(answer.pointer);
	return memory;
}

/* Note the first resource that is memory. */
static acpi_status vrng_acpi_take_memory(struct acpi_resource *resource,
					 void *context)
{
	struct vrng_memory *memory = context;
	struct resource_win window = {};

	if (!acpi_dev_resource_memory(resource, &window.res) &&
	    !acpi_dev_resource_address_space(resource, &window))
		return AE_OK;
	if (resource_type(&window.res) != IORESOURCE_MEM)
		return AE_OK;
	memory->at = window.res.start;
	memory->size = resource_size(&window.res);
	return AE_CTRL_TERMINATE;
}

static struct vrng_memory vrng_acpi_vmclock_memory(acpi_handle handle)
{
	struct vrng_memory memory = { 0, 0 };

	acpi_walk_resources(handle, METHOD_NAME__CRS, vrng_acpi_take_memory,
			    &memory);
	return memory;
}

/* 0 or a negative errno; -ENODEV if the firmware has no such device. */
static int vrng_acpi_find_vmgenid(struct vrng_generation *generation)
{
	acpi_handle handle = vrng_acpi_find("VM_GEN_COUNTER");
	struct vrng_memory memory;

	if (!handle)
		handle = vrng_acpi_find("VMGENCTR");
	if (!handle)
		return -ENODEV;
	generation->acpi = handle;
	memory = vrng_acpi_vmgenid_memory(handle);
	return vrng_generation_map_vmgenid(generation, &memory);
}

static int vrng_acpi_find_vmclock(struct vrng_generation *generation)
{
	acpi_handle handle = vrng_acpi_find("VMCLOCK");
	struct vrng_memory memory;

	if (!handle)
		handle = vrng_acpi_find("AMZNC10C");
	if (!handle)
		return -ENODEV;
	memory = vrng_acpi_vmclock_memory(handle);
	return vrng_generation_map_vmclock(generation, &memory);
}

static void vrng_acpi_notice(acpi_handle handle, u32 event, void *context)
{
	struct vrng_generation *generation = context;

	generation->notice(generation);
}

void vrng_generation_listen(struct vrng_generation *generation,
			    void (*notice)(struct vrng_generation *generation))
{
	acpi_status status;

	if (!generation->acpi)
		return;
	generation->notice = notice;
	status = acpi_install_notify_handler(generation->acpi,
					     ACPI_DEVICE_NOTIFY,
					     vrng_acpi_notice, generation);
	if (ACPI_FAILURE(status))
		generation->notice = NULL;
}

void vrng_generation_unlisten(struct vrng_generation *generation)
{
	if (generation->notice)
		acpi_remove_notify_handler(generation->acpi, ACPI_DEVICE_NOTIFY,
					   vrng_acpi_notice);
	generation->notice = NULL;
}

#else

void vrng_generation_listen(struct vrng_generation *generation,
			    void (*notice)(struct vrng_generation *generation))
{
}

void vrng_generation_unlisten(struct vrng_generation *generation)
{
}

static int vrng_acpi_find_vmgenid(struct vrng_generation *generation)
{
	return -ENODEV;
}

static int vrng_acpi_find_vmclock(struct vrng_generation *generation)
{
	return -ENODEV;
}

#endif

/* Find a node of the device tree and its first memory. False if there is none. */
static bool vrng_of_find(const char *compatible, struct vrng_memory *memory)
{
	struct resource resource;
	struct device_node *node;

	node = of_find_compatible_node(NULL, NULL, compatible);
	if (!node)
		return false;
	memory->size = 0;
	if (!of_address_to_resource(node, 0, &resource)) {
		memory->at = resource.start;
		memory->size = resource_size(&resource);
	}
	of_node_put(node);
	return true;
}

static int vrng_of_find_vmgenid(struct vrng_generation *generation)
{
	struct vrng_memory memory;

	if (!vrng_of_find("microsoft,vmgenid", &memory))
		return -ENODEV;
	return vrng_generation_map_vmgenid(generation, &memory);
}

static int vrng_of_find_vmclock(struct vrng_generation *generation)
{
	struct vrng_memory memory;

	if (!vrng_of_find("amazon,vmclock", &memory))
		return -ENODEV;
	return vrng_generation_map_vmclock(generation, &memory);
}

bool vrng_generation_is_notified(const struct vrng_generation *generation)
{
#ifdef HAVE_VMFORK
	return generation->sign == VRNG_SIGN_VMGENID ||
	       generation->sign == VRNG_SIGN_NOTIFIER;
#else
	return false;
#endif
}

/* The firmware has vmgenid, but its memory cannot be mapped. */
static void vrng_generation_do_without(struct vrng_generation *generation,
				       struct device *dev, int err)
{
	const char *result = "forks are not noticed";

#ifdef HAVE_VMFORK
	generation->sign = VRNG_SIGN_NOTIFIER;
	result = "forks are noticed late, by the kernel's notifier";
#endif
	dev_warn(dev, "VM generation ID cannot be mapped: %d; %s\n", err,
		 result);
}

void vrng_generation_find(struct vrng_generation *generation,
			  struct device *dev)
{
	int err;

	vrng_generation_use_none(generation);
	err = vrng_acpi_find_vmgenid(generation);
	if (err == -ENODEV)
		err = vrng_of_find_vmgenid(generation);
	if (err && err != -ENODEV)
		vrng_generation_do_without(generation, dev, err);
	if (err) {
		err = vrng_acpi_find_vmclock(generation);
		if (err == -ENODEV)
			err = vrng_of_find_vmclock(generation);
		if (err && err != -ENODEV)
			dev_warn(dev, "vmclock cannot be mapped: %d\n", err);
	}
	vrng_generation_see(generation);
}

/*
 * Siblings have different numbers by vmgenid. By vmclock they may have the same,
 * as some hypervisors count; then the time has to tell them apart.
 */
void vrng_generation_mix(const struct vrng_generation *generation,
			 u8 id[VRNG_GENERATION_ID_SIZE])
{
	u64 word[2];

	memcpy(word, id, sizeof(word));
	word[0] ^= READ_ONCE(*generation->word[0]);
	if (generation->sign == VRNG_SIGN_VMGENID)
		word[1] ^= READ_ONCE(*generation->word[1]);
	else
		word[1] ^=
			ktime_get_real_ns() ^ ((u64)random_get_entropy() << 32);
	memcpy(id, word, sizeof(word));
}

const char *vrng_sign_name(enum vrng_sign sign)
{
	static const char *const names[] = {
		[VRNG_SIGN_NONE] = "none",
		[VRNG_SIGN_NOTIFIER] = "notifier",
		[VRNG_SIGN_VMCLOCK] = "vmclock",
		[VRNG_SIGN_VMGENID] = "vmgenid",
	};

	return names[sign];
}
