/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system calls each of rngd's processes may make. */
#ifndef RNGD_PROCESS_SANDBOX_H
#define RNGD_PROCESS_SANDBOX_H

#include <stdbool.h>

#include "rngd/base/seccomp.h"

/* What a configuration needs of sockets: bits. */
#define RNGD_NEEDS_UNIX	   1U /* "unix:", "egd:unix:", and syslog(3) */
#define RNGD_NEEDS_NETWORK 2U /* "tcp:", "egd:tcp:": getaddrinfo(3), too */
#define RNGD_NEEDS_CRYPTO  4U /* "jitter": AF_ALG */
#define RNGD_NEEDS_ALL	   7U

/* What the source of this SPEC needs; 0 for one that means nothing. */
unsigned int rngd_sandbox_needs(const char *spec);

/*
 * The process that reads and tests: files, memory, threads, the ioctls of random
 * devices and terminals, and sockets of the families that @needs names. No new
 * programs, and no access to other processes. @removes: it may also remove files,
 * where there is no helper. Memory is executable only with RNGD_NEEDS_NETWORK, whose
 * lookups load shared objects.
 */
struct vrng_seccomp_rules rngd_sandbox_rules(unsigned int needs, bool removes);

/* The same with all needs. */
extern const struct vrng_seccomp_rules rngd_sandbox_daemon;

/* The same without a helper: it may also remove files. */
extern const struct vrng_seccomp_rules rngd_sandbox_daemon_removing;

/*
 * The helper: a socket, the kernel's log, RNDADDENTROPY, RNDRESEEDCRNG, unlink; it
 * opens nothing.
 */
extern const struct vrng_seccomp_rules rngd_sandbox_helper;

/* A process that opens a file: a socket, open, stat. */
extern const struct vrng_seccomp_rules rngd_sandbox_opener;

/*
 * Load @rules, and deny access to other processes' memory if the kernel has
 * Landlock. For good, before there are threads. 0 or a negative errno.
 */
int rngd_sandbox_enter(const struct vrng_seccomp_rules *rules);

/* The same with a filter that was built of @rules before the fork. */
int rngd_sandbox_enter_built(const struct vrng_seccomp_rules *rules,
			     struct vrng_seccomp_program *built);

#endif
