/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket(2) by a system call of its own. The C libraries of s390x and i386 may
 * make it by way of socketcall(), whose arguments lie in memory: a filter of
 * system calls (seccomp.h) cannot see the family there.
 */
#ifndef RNGD_BASE_SOCKET_H
#define RNGD_BASE_SOCKET_H

/* As socket(2): a descriptor, or -1 and errno. */
int vrng_socket(int family, int type, int protocol);

#endif
