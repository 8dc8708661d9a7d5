// SPDX-License-Identifier: GPL-2.0-only
/*
 * An hwrng that only copies. The rate of /dev/hwrng with it is the upper limit
 * that the core's calls of 64 bytes allow on this machine.
 */
#include <linux/hw_random.h>
#include <linux/module.h>

static u8 null_bytes[4096];

static int null_read(struct hwrng *rng, void *data, size_t max, bool wait)
{
	const size_t len = min(max, sizeof(null_bytes));

	memcpy(data, null_bytes, len);
	return len;
}

static struct hwrng null_hwrng = {
	.name = "null",
	.read = null_read,
	.quality = 1, /* the core prefers any other hwrng */
};

static int __init null_init(void)
{
	return hwrng_register(&null_hwrng);
}
module_init(null_init);

static void __exit null_exit(void)
{
	hwrng_unregister(&null_hwrng);
}
module_exit(null_exit);

MODULE_DESCRIPTION("A hardware random number generator that only copies");
MODULE_LICENSE("GPL");
