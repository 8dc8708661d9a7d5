// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "rdseed": the CPU's noise source, conditioned. CPUID.07H:EBX[18].
 * Others may have emptied it: that is no failure (5.3.1 of Intel's guide). It
 * is asked a bounded number of times, with pauses, and then again later.
 */
#include "rngd/sources/cpu.h"

#ifdef __x86_64__
static bool draw(unsigned long *word)
{
	bool ok;

	__asm__ volatile("rdseed %0" : "=r"(*word), "=@ccc"(ok));
	return ok;
}
#else
static bool draw(unsigned long *word)
{
	*word = 0;
	return false;
}
#endif

static const struct vrng_cpu cpu = {
	.instruction = "RDSEED",
	.leaf = 7,
	.subleaf = 0,
	.reg = 1,
	.bit = 18,
	.draw = draw,
	.tries = 100,
	.dry_is_failure = false,
};

static int rdseed_check(struct vrng_source *src, struct vrng_why *why)
{
	return vrng_cpu_check(&cpu, src, why);
}

static int rdseed_open(struct vrng_source *src, struct vrng_why *why)
{
	return vrng_cpu_open(&cpu, src, why);
}

static ssize_t rdseed_read(struct vrng_source *src, void *buf, size_t len,
			   struct vrng_why *why)
{
	return vrng_cpu_read(&cpu, src, buf, len, why);
}

const struct vrng_kind vrng_kind_rdseed = {
	.name = "rdseed",
	.usage = "rdseed",
	.check = rdseed_check,
	.open = rdseed_open,
	.read = rdseed_read,
};
