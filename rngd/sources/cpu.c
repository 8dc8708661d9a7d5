// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources "rdrand", "rdseed", "rndr" and "darn": see cpu.h. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#elif defined(__aarch64__) || defined(__powerpc64__)
#include <sys/auxv.h>
#endif

#include "rngd/sources/cpu.h"

/*
 * Words to compare before the first is used: some AMD CPUs return all ones, and
 * report success, after a suspend. By chance four are equal once in 2^192.
 */
#define TRIAL_WORDS 4

static const struct vrng_cpu *cpu_of(const struct vrng_source *src)
{
	return (const struct vrng_cpu *)((const char *)src->kind -
					 offsetof(struct vrng_cpu, kind));
}

/* The architecture that this program is for. */
#ifdef __x86_64__
#define THIS_ARCH VRNG_CPU_X86
#elif defined(__aarch64__)
#define THIS_ARCH VRNG_CPU_ARM64
#elif defined(__powerpc64__)
#define THIS_ARCH VRNG_CPU_POWER
#else
#define THIS_ARCH (-1)
#endif

static bool is_there(const struct vrng_cpu *cpu)
{
#ifdef __x86_64__
	unsigned int reg[4] = { 0 };

	if (cpu->arch != THIS_ARCH)
		return false;
	if (!__get_cpuid_count(cpu->leaf, cpu->subleaf, &reg[0], &reg[1],
			       &reg[2], &reg[3]))
		return false;
	return reg[cpu->reg] & 1u << cpu->bit;
#elif defined(__aarch64__) || defined(__powerpc64__)
	return cpu->arch == THIS_ARCH && getauxval(AT_HWCAP2) & 1ul << cpu->bit;
#else
	(void)cpu;
	return false;
#endif
}

/* -ENOTSUP if this CPU, or its hypervisor, does not offer the instruction. */
static int check(struct vrng_source *src, struct vrng_error *error)
{
	const struct vrng_cpu *cpu = cpu_of(src);

	if (is_there(cpu))
		return 0;
	return vrng_fail(error, ENOTSUP,
			 "%s: this CPU has no %s: %m; use another source, or "
			 "give the guest a CPU model that has it",
			 src->name, cpu->instruction);
}

static bool draw_word(const struct vrng_cpu *cpu, unsigned long *word)
{
	unsigned int i;

	for (i = 0; i < cpu->tries; i++) {
		if (cpu->draw(word))
			return true;
#ifdef __x86_64__
		__builtin_ia32_pause();
#endif
	}
	return false;
}

static ssize_t dry(const struct vrng_source *src, struct vrng_error *error)
{
	const struct vrng_cpu *cpu = cpu_of(src);

	if (!cpu->dry_is_failure)
		return -EAGAIN;
	return vrng_fail(error, EIO,
			 "%s: %s gave nothing in %u tries: %m; the CPU's "
			 "generator is broken: use another source",
			 src->name, cpu->instruction, cpu->tries);
}

int vrng_cpu_open(struct vrng_source *src, struct vrng_error *error)
{
	const struct vrng_cpu *cpu = cpu_of(src);
	unsigned long first = 0, word = 0;
	bool differ = false;
	int i, ret = check(src, error);

	if (ret)
		return ret;
	for (i = 0; i < TRIAL_WORDS; i++) {
		if (!draw_word(cpu, &word)) {
			ret = (int)dry(src, error);
			return ret == -EAGAIN ? 0 : ret;
		}
		if (!i)
			first = word;
		differ = differ || word != first;
	}
	explicit_bzero(&first, sizeof(first));
	explicit_bzero(&word, sizeof(word));
	if (differ)
		return 0;
	return vrng_fail(error, EIO,
			 "%s: %s gives the same word over and over: %m; update "
			 "the CPU's microcode or use another source",
			 src->name, cpu->instruction);
}

ssize_t vrng_cpu_read(struct vrng_source *src, void *buf, size_t len,
		      struct vrng_error *error)
{
	const struct vrng_cpu *cpu = cpu_of(src);
	unsigned char *to = buf;
	unsigned long word = 0;
	size_t done, n;

	if (len > VRNG_CPU_CHUNK)
		len = VRNG_CPU_CHUNK;
	for (done = 0; done < len; done += n) {
		if (!draw_word(cpu, &word))
			break;
		n = len - done < sizeof(word) ? len - done : sizeof(word);
		memcpy(to + done, &word, n);
	}
	explicit_bzero(&word, sizeof(word));
	return done ? (ssize_t)done : dry(src, error);
}

/* -------------------------------------------------------- the instructions */

/* For the instructions of other architectures, which is_there() refuses. */
static inline bool draw_nothing(unsigned long *word)
{
	*word = 0;
	return false;
}

#ifdef __x86_64__
#define DRAW(instruction)                                     \
	static bool draw_##instruction(unsigned long *word)   \
	{                                                     \
		bool ok;                                      \
                                                              \
		__asm__ volatile(#instruction " %0"           \
				 : "=r"(*word), "=@ccc"(ok)); \
		return ok;                                    \
	}

DRAW(rdrand)
DRAW(rdseed)
#else
#define draw_rdrand draw_nothing
#define draw_rdseed draw_nothing
#endif

#ifdef __aarch64__
/* RNDRRS by its number, because assemblers know the name only for ARMv8.5. */
static bool draw_rndrrs(unsigned long *word)
{
	bool ok;

	__asm__ volatile("mrs %0, s3_3_c2_c4_1\n\tcset %w1, ne"
			 : "=r"(*word), "=r"(ok)
			 :
			 : "cc");
	return ok;
}
#else
#define draw_rndrrs draw_nothing
#endif

#ifdef __powerpc64__
/* DARN with L=1, 64 bits, conditioned: its code, as for RNDRRS. All ones: error. */
static bool draw_darn(unsigned long *word)
{
	register unsigned long r3 __asm__("r3");

	__asm__ volatile(".long 0x7c6105e6" : "=r"(r3));
	*word = r3;
	return r3 != ~0ul;
}
#else
#define draw_darn draw_nothing
#endif

/*
 * RDRAND returns at most 511 samples of 128 bits for each seed (Intel's "Digital
 * Random Number Generator Software Implementation Guide", 5.2.6), so 512
 * of them hold one seed of 128 bits at least: 128 bits in 8,192 bytes are 15.625
 * thousandths of a bit a byte, rounded down. The same is taken for other vendors.
 */
#define RDRAND_ENTROPY (128 * 1000 / 8192)

/*
 * "The random number generator provides a minimum of 0.5 bits of entropy per bit"
 * (Power ISA 3.0B, darn): 4 bits a byte.
 */
#define DARN_ENTROPY 4000

#define KIND(word, entropy)                                      \
	{                                                        \
		.name = (word), .usage = (word), .check = check, \
		.open = vrng_cpu_open, .read = vrng_cpu_read,    \
		.reseeded = (entropy),                           \
	}

/*
 * The CPU's deterministic generator, reseeded by its noise source.
 * CPUID.01H:ECX[30]. Ten tries, as in Intel's guide, 5.2.1: if all fail, the
 * generator has failed.
 */
const struct vrng_cpu vrng_cpu_rdrand = {
	.kind = KIND("rdrand", RDRAND_ENTROPY),
	.instruction = "RDRAND",
	.leaf = 1,
	.subleaf = 0,
	.reg = 2,
	.bit = 30,
	.draw = draw_rdrand,
	.tries = 10,
	.dry_is_failure = true,
};

/*
 * The CPU's noise source, conditioned. CPUID.07H:EBX[18]. It may be exhausted
 * by other users, which is no failure (5.3.1 of Intel's guide): a read tries a
 * bounded number of times, with pauses, and returns -EAGAIN.
 */
const struct vrng_cpu vrng_cpu_rdseed = {
	.kind = KIND("rdseed", 0),
	.instruction = "RDSEED",
	.leaf = 7,
	.subleaf = 0,
	.reg = 1,
	.bit = 18,
	.draw = draw_rdseed,
	.tries = 100,
	.dry_is_failure = false,
};

/*
 * The CPU's generator, reseeded from its noise source before each word: RNDRRS, not
 * RNDR, which is reseeded at a rate that each implementation chooses (Arm
 * Architecture Reference Manual, RNDR and RNDRRS). So a word of 64 bits holds a fresh
 * seed. HWCAP2_RNG. It fails if the noise source is slow, as RDSEED does.
 */
const struct vrng_cpu vrng_cpu_rndr = {
	.kind = KIND("rndr", 0),
	.instruction = "RNDRRS",
	.arch = VRNG_CPU_ARM64,
	.bit = 16,
	.draw = draw_rndrrs,
	.tries = 100,
	.dry_is_failure = false,
};

/*
 * The CPU's noise source, conditioned. PPC_FEATURE2_DARN. The Power ISA asks to try
 * several times, and then to use another generator.
 */
const struct vrng_cpu vrng_cpu_darn = {
	.kind = KIND("darn", DARN_ENTROPY),
	.instruction = "DARN",
	.arch = VRNG_CPU_POWER,
	.bit = 21,
	.draw = draw_darn,
	.tries = 10,
	.dry_is_failure = true,
};
