/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket(2) by its own system call. The C libraries of s390x and i386 may use
 * socketcall(2), whose arguments lie in memory, where a filter of system calls
 * (seccomp.h) cannot see the family.
 */
#ifndef RNGD_BASE_SOCKET_H
#define RNGD_BASE_SOCKET_H

/* As socket(2): a descriptor, or -1 and errno. */
int vrng_socket(int family, int type, int protocol);

#endif
