// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/audit.h>
#include <seccomp.h>

#include "rngd/base/seccomp_arch.h"

/*
 * The first call of Linux 5.17. By then all architectures number calls alike.
 */
#define NEWER 450

/* x32 has calls of its own from 512 on; 547 is the last. */
#define X32_END (VRNG_SECCOMP_X32 + 548)

bool vrng_seccomp_is_s390(uint32_t arch)
{
	return arch == SCMP_ARCH_S390 || arch == SCMP_ARCH_S390X;
}

bool vrng_seccomp_has_mmap2_beside_pointers(uint32_t arch)
{
	switch (arch) {
	case SCMP_ARCH_X86:
#ifdef SCMP_ARCH_M68K
	case SCMP_ARCH_M68K:
#endif
		return true;
	default:
		return false;
	}
}

bool vrng_seccomp_libc_multiplexes(uint32_t arch)
{
	switch (arch) {
	case SCMP_ARCH_X86:
	case SCMP_ARCH_S390:
	case SCMP_ARCH_S390X:
#ifdef SCMP_ARCH_M68K
	case SCMP_ARCH_M68K:
#endif
		return true;
	default:
		return false;
	}
}

uint32_t vrng_seccomp_first_number(uint32_t arch)
{
	switch (arch) {
	case SCMP_ARCH_X32:
		return VRNG_SECCOMP_X32;
	case SCMP_ARCH_MIPS:
	case SCMP_ARCH_MIPSEL:
		return 4000;
	case SCMP_ARCH_MIPS64:
	case SCMP_ARCH_MIPSEL64:
		return 5000;
	case SCMP_ARCH_MIPS64N32:
	case SCMP_ARCH_MIPSEL64N32:
		return 6000;
	default:
		return 0;
	}
}

uint32_t vrng_seccomp_end_of_numbers(uint32_t arch)
{
	return arch == SCMP_ARCH_X32 ? X32_END :
				       vrng_seccomp_first_number(arch) + NEWER;
}

/* To the kernel x32 is x86_64 with other numbers. */
uint32_t vrng_seccomp_audit_arch(uint32_t arch)
{
	return arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch;
}
