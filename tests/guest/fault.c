// SPDX-License-Identifier: GPL-2.0
/*
 * Makes, on purpose, the faults that the checks of the test kernel find, so that
 * harness.t can show that each check works. No other test loads it.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *kind = "none";
module_param(kind, charp, 0);

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static void *lost;

static void write_past_end(void)
{
	char *bytes = kmalloc(10, GFP_KERNEL);

	if (bytes)
		((volatile char *)bytes)[12] = 1;
	kfree(bytes);
}

static void sleep_in_atomic(void)
{
	spin_lock(&first);
	msleep(1);
	spin_unlock(&first);
}

static void lock_in_both_orders(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static void leak(void)
{
	lost = kmalloc(77, GFP_KERNEL);
	lost = NULL;
}

static int __init fault_init(void)
{
	WARN_ON(!strcmp(kind, "warn"));
	if (!strcmp(kind, "kasan"))
		write_past_end();
	if (!strcmp(kind, "atomic"))
		sleep_in_atomic();
	if (!strcmp(kind, "lockdep"))
		lock_in_both_orders();
	if (!strcmp(kind, "leak"))
		leak();
	return 0;
}

static void __exit fault_exit(void)
{
}

module_init(fault_init);
module_exit(fault_exit);
MODULE_DESCRIPTION("Faults for the checks of the vrng test kernel to find");
MODULE_LICENSE("GPL");
