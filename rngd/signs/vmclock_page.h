/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of vmclock, as include/uapi/linux/vmclock-abi.h of Linux 7.0 and the
 * VMClock specification of the UAPI Group describe it. Numbers are little endian.
 */
#ifndef RNGD_SIGNS_VMCLOCK_PAGE_H
#define RNGD_SIGNS_VMCLOCK_PAGE_H

#include <stddef.h>
#include <stdint.h>

#define RNGD_VMCLOCK_MAGIC   0x4b4c4356U /* "VCLK" */
#define RNGD_VMCLOCK_VERSION 1

/* Flags. */
#define RNGD_VMCLOCK_COUNTS_GENERATIONS (1ULL << 8)
#define RNGD_VMCLOCK_NOTIFIES		(1ULL << 9)

struct rngd_vmclock_page {
	uint32_t magic;
	uint32_t size; /* bytes of the mapping */
	uint16_t version;
	uint8_t counter_id;
	uint8_t time_type;
	uint32_t sequence; /* odd while the rest is changed */
	uint64_t disruption_marker;
	uint64_t flags;
	uint8_t pad[2];
	uint8_t clock_status;
	uint8_t clock[69]; /* time; not used here */
	uint64_t generation;
};

_Static_assert(offsetof(struct rngd_vmclock_page, flags) == 24, "flags");
_Static_assert(offsetof(struct rngd_vmclock_page, generation) == 104,
	       "generation");

#endif
