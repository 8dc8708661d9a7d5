/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random number generator that is an instruction of the CPU. They differ in how
 * they are detected, in how often one may fail in a row, and in their claims.
 */
#ifndef RNGD_SOURCES_CPU_H
#define RNGD_SOURCES_CPU_H

#include "rngd/sources/kind.h"

/* Bytes in one read: RDSEED takes some ms for them. */
#define VRNG_CPU_CHUNK 4096

enum vrng_cpu_arch {
	VRNG_CPU_X86,
	VRNG_CPU_ARM64,
	VRNG_CPU_POWER
};

/* A source points to @kind; the functions below find the rest from there. */
struct vrng_cpu {
	struct vrng_kind kind;
	const char *instruction; /* "RDRAND" */
	enum vrng_cpu_arch arch;

	/* Detection. x86: a bit of CPUID. Others: a bit of AT_HWCAP2. */
	unsigned int leaf, subleaf, reg; /* reg 1: EBX, 2: ECX */
	unsigned int bit;

	/* One try for a word. False: there is none at the moment. */
	bool (*draw)(unsigned long *word);
	unsigned int tries; /* for one word */
	bool dry_is_failure; /* if all tries fail: -EIO, else -EAGAIN */
};

extern const struct vrng_cpu vrng_cpu_rdrand;
extern const struct vrng_cpu vrng_cpu_rdseed;
extern const struct vrng_cpu vrng_cpu_rndr;
extern const struct vrng_cpu vrng_cpu_darn;

/* Also -EIO for a CPU that returns the same word over and over. */
int vrng_cpu_open(struct vrng_source *src, struct vrng_error *error);

/* As vrng_source_read(). */
ssize_t vrng_cpu_read(struct vrng_source *src, void *buf, size_t len,
		      struct vrng_error *error);

#endif
