/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How architectures differ in their system calls, as far as a filter has to
 * know. @arch is a SCMP_ARCH_* of <seccomp.h>.
 */
#ifndef RNGD_BASE_SECCOMP_ARCH_H
#define RNGD_BASE_SECCOMP_ARCH_H

#include <stdbool.h>
#include <stdint.h>

/* The x32 ABI of x86_64 kernels numbers its calls from here on. */
#define VRNG_SECCOMP_X32 0x40000000

/*
 * s390 and s390x: the flags of clone() are its second argument, the stack is
 * the first. All forms of mmap() take a pointer to the arguments.
 */
bool vrng_seccomp_is_s390(uint32_t arch);

/* mmap() takes a pointer to its arguments, mmap2() takes the arguments. */
bool vrng_seccomp_has_mmap2_beside_pointers(uint32_t arch);

/* C libraries make sockets by socketcall(), for kernels before 4.3. */
bool vrng_seccomp_libc_multiplexes(uint32_t arch);

/* The calls' numbers: the first, and the one after the last of Linux 5.16. */
uint32_t vrng_seccomp_first_number(uint32_t arch);
uint32_t vrng_seccomp_end_of_numbers(uint32_t arch);

/* The AUDIT_ARCH_* that the kernel gives to a filter. */
uint32_t vrng_seccomp_audit_arch(uint32_t arch);

#endif
