/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VM generation page: memory in which the hypervisor writes a new number when
 * the virtual machine was restored from a snapshot. vmgenid has 16 random bytes,
 * vmclock a counter of 8.
 *
 * The hypervisor writes before a processor of the clone runs. QEMU:
 * hw/acpi/vmgenid.c, vmgenid_post_load() calls vmgenid_update_guest(), and
 * migration/migration.c starts the machine after all devices were loaded.
 * Firecracker: src/vmm/src/devices/acpi/vmgenid.rs, VmGenId::restore(), and
 * vmclock.rs, VmClock::do_post_restore(); src/vmm/src/builder.rs resumes the
 * processors after both. So the bytes need not be read at once, and vmclock's
 * seq_count need not be looked at.
 */
#ifndef VRNG_GENERATION_H
#define VRNG_GENERATION_H

#include <linux/compiler.h>
#include <linux/types.h>

struct device;

/* What shows a VM fork. */
enum vrng_sign {
	VRNG_SIGN_NONE,
	VRNG_SIGN_NOTIFIER, /* the kernel's alone; it comes late */
	VRNG_SIGN_VMCLOCK,
	VRNG_SIGN_VMGENID,
};

#define VRNG_GENERATION_ID_SIZE 16u

struct vrng_generation {
	enum vrng_sign sign;
	const u64 *word[2]; /* in the page; without a page, in seen */
	u64 seen[2];
	void *map; /* NULL: no page */
	void *acpi; /* vmgenid's handle, or NULL */
	void (*notice)(struct vrng_generation *generation);
};

/*
 * Find and map the page. Logs a line if the firmware has one that cannot be
 * mapped. vrng_generation_put() undoes it.
 */
void vrng_generation_find(struct vrng_generation *generation,
			  struct device *dev);
void vrng_generation_put(struct vrng_generation *generation);

/*
 * Was the machine forked since vrng_generation_see()? Call this after a copy: a
 * processor is stopped between two instructions, so a copy that ended before the
 * fork is followed by a comparison with the new number, or by none.
 */
static __always_inline bool
vrng_generation_changed(const struct vrng_generation *generation)
{
	barrier(); /* the comparison stays behind the copy */
	return READ_ONCE(*generation->word[0]) != generation->seen[0] ||
	       READ_ONCE(*generation->word[1]) != generation->seen[1];
}

static inline void vrng_generation_see(struct vrng_generation *generation)
{
	generation->seen[0] = READ_ONCE(*generation->word[0]);
	generation->seen[1] = READ_ONCE(*generation->word[1]);
}

/* Does the kernel's notifier follow a change of the page? */
bool vrng_generation_is_notified(const struct vrng_generation *generation);

/*
 * Call @notice in process context when the firmware notifies of a change. For
 * kernels that have no notifier, and thus no driver for vmgenid.
 */
void vrng_generation_listen(struct vrng_generation *generation,
			    void (*notice)(struct vrng_generation *generation));

/* Waits for the last notice. */
void vrng_generation_unlisten(struct vrng_generation *generation);

/* Mix the page's number, which no sibling has, into @id. */
void vrng_generation_mix(const struct vrng_generation *generation,
			 u8 id[VRNG_GENERATION_ID_SIZE]);

/* The name of the sign in sysfs. */
const char *vrng_sign_name(enum vrng_sign sign);

#endif
