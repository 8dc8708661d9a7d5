/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of system calls: forms of one call, harmless calls, socketcall(). */
#ifndef RNGD_BASE_SECCOMP_CALLS_H
#define RNGD_BASE_SECCOMP_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "rngd/base/seccomp.h"

/* The name that rules use for @name, which may be another form of the call. */
const char *vrng_seccomp_call_of(const char *name);

/* Does a C library make this call on its own? It gets ENOSYS: see seccomp.h. */
bool vrng_seccomp_is_harmless(const char *name);

/* Does @name get EPERM in programs of others' choice? See seccomp.h, @programs. */
bool vrng_seccomp_is_beyond_programs(const char *name);

/* Requests of ioctl() by which stdio asks whether a stream is a terminal. */
extern const struct vrng_seccomp_set vrng_seccomp_terminal_queries;

/* A subcall of socketcall(), and the call that it stands for. */
struct vrng_seccomp_subcall {
	uint32_t number; /* SYS_* of <linux/net.h> */
	const char *name;
};

/* All but socket(). Ends with a NULL name. */
extern const struct vrng_seccomp_subcall vrng_seccomp_subcalls[];

#endif
