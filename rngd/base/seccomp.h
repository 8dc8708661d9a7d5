/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters of system calls (seccomp), from lists of names, for any architecture.
 * What a call gets:
 *
 *	listed		It is done. If its arguments matter, only with the
 *			values that are allowed: see the members below.
 *	harmless	ENOSYS: calls that a C library makes on its own; they
 *			are in seccomp_calls.c. The rest of prctl() gets EINVAL,
 *			and questions whether a file is a terminal get ENOTTY.
 *	newer		ENOSYS: calls that Linux 5.16 does not have.
 *	anything else	SIGSYS kills the process.
 *
 * A process that runs programs of others' choice (@programs) has a filter the other way
 * round, which they inherit: a list in seccomp_calls.c gets EPERM, and all else is done.
 *
 * Harmless calls get an error because which of them a C library makes changes
 * with its releases. It runs on kernels that lack them, and falls back. If they
 * killed, an upgrade of the library could end the program. An error gives
 * nothing to an attacker, because the call is not done. The remaining calls are
 * made neither by these programs nor by the library: they run programs, reach
 * other processes, or open files and sockets that are not needed. A process
 * that makes one has been taken over, and must not get a second try.
 *
 * libseccomp gives the names, but not the instructions: where socket calls are
 * multiplexed (socketcall() of s390x and i386) it drops rules on their
 * arguments, and it has no rules for calls that are newer than itself.
 *
 * A filter does not see arguments that lie in memory: the family of a
 * socketcall() (see @libc_sockets); all arguments of mmap() on s390x, where
 * mmap() is allowed as a whole, PROT_EXEC included; and paths. A process that
 * may open files may open all files of its user, also /proc/PID/mem of that
 * user's other processes: landlock.h prevents that.
 */
#ifndef RNGD_BASE_SECCOMP_H
#define RNGD_BASE_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/base/array.h"

#define VRNG_SECCOMP_LISTS 6
#define VRNG_SECCOMP_INSNS 2048

struct vrng_seccomp_set {
	const unsigned long *values;
	size_t count;
};

#define VRNG_SECCOMP_SET(array)                                \
	{                                                      \
		.values = (array), .count = VRNG_LENGTH(array) \
	}

struct vrng_seccomp_rules {
	/*
	 * Lists of names, each ended by NULL. A name stands for all forms of
	 * its call: "fstat" for fstat64, "futex" for futex_time64, "sendto" for
	 * send. These calls are allowed in part only:
	 *
	 *	clone		makes threads, and processes only with @forks; no
	 *			namespaces
	 *	fcntl		not F_SETOWN, F_SETOWN_EX, F_SETSIG: they kill
	 *	mmap, mprotect	not with PROT_EXEC, unless @code
	 *	prctl		PR_SET_NAME
	 *	prlimit64	tells our own limits, sets none
	 *	tgkill		signals to threads of this process
	 */
	const char *const *calls[VRNG_SECCOMP_LISTS];
	struct vrng_seccomp_set ioctls; /* requests; others kill */
	struct vrng_seccomp_set families; /* of socket(); others kill */
	/*
	 * The C library makes sockets, too (getaddrinfo()). On i386 and s390x
	 * it uses socketcall(), and then they may be of any family. Without
	 * this, and on other architectures, socketcall() makes no socket. Our
	 * own code uses vrng_socket() of socket.h.
	 */
	bool libc_sockets;
	bool code; /* memory may be executable: shared objects are loaded */
	bool forks; /* clone() may make processes; the lists say if fork() may */
	bool programs; /* see above; the other members count for nothing */
};

struct vrng_seccomp_program {
	size_t count;
	struct sock_filter insn[VRNG_SECCOMP_INSNS];
};

/*
 * Fill @program with the filter of @arch, a SCMP_ARCH_* of <seccomp.h>.
 * Requests of ioctl() and commands of fcntl() have the values of the
 * architecture that this is compiled for. tgkill() is allowed to the calling
 * process. 0, or -E2BIG.
 */
int vrng_seccomp_build(struct vrng_seccomp_program *program,
		       const struct vrng_seccomp_rules *rules, uint32_t arch);

/*
 * Filter this thread and all that it makes, for good; sets PR_SET_NO_NEW_PRIVS.
 * 0, or a negative errno: -EINVAL if the kernel has no seccomp filters.
 */
int vrng_seccomp_load(const struct vrng_seccomp_rules *rules);

/*
 * The same in two steps: a process that forks others builds their filters once, and
 * they need not touch libseccomp's memory. vrng_seccomp_build() for this architecture.
 */
int vrng_seccomp_build_native(struct vrng_seccomp_program *program,
			      const struct vrng_seccomp_rules *rules);
int vrng_seccomp_load_built(struct vrng_seccomp_program *program);

#endif
