// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "rdrand": the CPU's deterministic generator, reseeded by its noise
 * source. CPUID.01H:ECX[30]. Ten tries, as Intel's "Digital Random Number
 * Generator Software Implementation Guide" has it (5.2.1): if those fail, the
 * generator has.
 */
#include "rngd/sources/cpu.h"

#ifdef __x86_64__
static bool draw(unsigned long *word)
{
	bool ok;

	__asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(ok));
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
	.instruction = "RDRAND",
	.leaf = 1,
	.subleaf = 0,
	.reg = 2,
	.bit = 30,
	.draw = draw,
	.tries = 10,
	.dry_is_failure = true,
};

static int rdrand_check(struct vrng_source *src, struct vrng_why *why)
{
	return vrng_cpu_check(&cpu, src, why);
}

static int rdrand_open(struct vrng_source *src, struct vrng_why *why)
{
	return vrng_cpu_open(&cpu, src, why);
}

static ssize_t rdrand_read(struct vrng_source *src, void *buf, size_t len,
			   struct vrng_why *why)
{
	return vrng_cpu_read(&cpu, src, buf, len, why);
}

const struct vrng_kind vrng_kind_rdrand = {
	.name = "rdrand",
	.usage = "rdrand",
	.check = rdrand_check,
	.open = rdrand_open,
	.read = rdrand_read,
};
