/* SPDX-License-Identifier: MIT */
/*
 * Copyright (c) 2026 the vrng authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this
 * software and associated documentation files (the "Software"), to deal in the
 * Software without restriction, including without limitation the rights to use, copy,
 * modify, merge, publish, distribute, sublicense, and/or sell copies of the Software,
 * and to permit persons to whom the Software is furnished to do so, subject to the
 * following conditions: The above copyright notice and this permission notice shall be
 * included in all copies or substantial portions of the Software. THE SOFTWARE IS
 * PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
 *
 * A reader of the generation of this virtual machine, for programs that keep random
 * state of their own: map the page, and compare the generation each time before the
 * state is used. Another value than before: the machine may be a clone, so the state
 * must be seeded anew. Offsets are those of vmclock's page, see linux/vmclock-abi.h.
 *
 *	int fd = open("/run/vrng/vmclock", O_RDONLY | O_CLOEXEC);
 *	const void *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
 *	uint64_t generation = vrng_generation(page);
 *
 * Needs C11 or GNU C, and a little-endian machine.
 */
#ifndef VRNG_GENERATION_H
#define VRNG_GENERATION_H

#include <stdint.h>

/* @page: a mapping of /run/vrng/vmclock or /dev/vmclock0, of one page. */
static inline uint64_t vrng_generation(const volatile void *page)
{
	const volatile uint8_t *p = (const volatile uint8_t *)page;
	const volatile uint32_t *seq = (const volatile uint32_t *)(p + 12);
	uint64_t generation;
	uint32_t before;

	do {
		before = *seq & ~1U; /* odd: it is being changed */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		generation = *(const volatile uint64_t *)(p + 104);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (*seq != before);
	return generation;
}

#endif
