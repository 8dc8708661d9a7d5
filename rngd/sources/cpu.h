/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generator that some CPUs have as an instruction: how it is found, and how
 * its words become bytes. The two there are differ in the instruction and in the
 * patience that it takes.
 */
#ifndef RNGD_SOURCES_CPU_H
#define RNGD_SOURCES_CPU_H

#include "rngd/sources/kind.h"

/* The most given in one read: some ms of the slower instruction's time. */
#define VRNG_CPU_CHUNK 4096

/* @kind is what a source points to; the functions below find the rest by it. */
struct vrng_cpu {
	struct vrng_kind kind;
	const char *instruction; /* "RDRAND" */

	/* CPUID's leaf, subleaf, register (1: EBX, 2: ECX) and bit of it. */
	unsigned int leaf, subleaf, reg, bit;

	/* One try for a word; false: none at the moment. */
	bool (*draw)(unsigned long *word);
	unsigned int tries; /* before it is given up for now */
	bool dry_is_failure; /* or else it is asked again later */
};

extern const struct vrng_cpu vrng_cpu_rdrand;
extern const struct vrng_cpu vrng_cpu_rdseed;

/* -ENOTSUP where this CPU, or its hypervisor, does not have it. */
int vrng_cpu_check(struct vrng_source *src, struct vrng_error *error);

/* As check, and -EIO for a CPU whose words are all the same. */
int vrng_cpu_open(struct vrng_source *src, struct vrng_error *error);

/* As vrng_source_read(). */
ssize_t vrng_cpu_read(struct vrng_source *src, void *buf, size_t len,
		      struct vrng_error *error);

#endif
