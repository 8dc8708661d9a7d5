/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A filter of system calls (seccomp), from lists of names, for any
 * architecture. What a call gets:
 *
 *	listed		It is done. Where an argument matters, only with the
 *			values that are allowed: see the members below.
 *	harmless	ENOSYS: what a C library may ask for without being told
 *			to. Such calls are in a list of seccomp.c. The rest of
 *			prctl() gets EINVAL, and questions whether a file is a
 *			terminal ENOTTY.
 *	newer		ENOSYS: calls that Linux 5.16 does not have.
 *	anything else	SIGSYS kills the process.
 *
 * Why two kinds of refusal: which harmless calls a C library makes changes with
 * its releases and is not our choice. It has to run on kernels that lack them,
 * and falls back. If they killed, an upgrade of the library would end us; and
 * an error gives an attacker nothing, because the call is not done. The rest
 * are calls that neither we nor the library make here: another program, another
 * process or its memory, a file or a socket that is not needed, memory that can
 * be executed. Whoever makes them has taken the process over, and is to have no
 * second try.
 *
 * Why the instructions are made here, and not by libseccomp, which gives us the
 * names: where socket calls are multiplexed (socketcall() of s390x and i386) it
 * drops rules on their arguments; and it has no way to speak of calls that are
 * newer than it is.
 *
 * Some arguments are out of a filter's sight, because the kernel reads them from
 * memory. The family given to socketcall(): see @libc_sockets. On s390x all of
 * mmap(), which is allowed as a whole there, with PROT_EXEC too. And paths: who
 * may open files may open all that its user may, the memory of that user's
 * processes (/proc/PID/mem) with them.
 */
#ifndef RNGD_BASE_SECCOMP_H
#define RNGD_BASE_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRNG_SECCOMP_LISTS 3
#define VRNG_SECCOMP_INSNS 2048

struct vrng_seccomp_set {
	const unsigned long *values;
	size_t count;
};

#define VRNG_SECCOMP_SET(array)                                              \
	{                                                                    \
		.values = (array), .count = sizeof(array) / sizeof(*(array)) \
	}

struct vrng_seccomp_rules {
	/*
	 * Names, each list ended by NULL. A name stands for all forms of its
	 * call: "fstat" for fstat64, "futex" for futex_time64, "sendto" for
	 * send. These are only allowed in part:
	 *
	 *	clone		makes threads, not processes
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
	 * it does so by socketcall(), and they may be of any family. Without
	 * this, and elsewhere, socketcall() makes none, and our own are made by
	 * vrng_socket() of socket.h.
	 */
	bool libc_sockets;
	bool code; /* memory may be executable: shared objects are loaded */
};

struct vrng_seccomp_program {
	size_t count;
	struct sock_filter insn[VRNG_SECCOMP_INSNS];
};

/*
 * Fill @program with the filter of @arch, a SCMP_ARCH_* of <seccomp.h>.
 * Requests of ioctl() and commands of fcntl() have the values of the
 * architecture this is compiled for. tgkill() reaches the process that calls
 * this. 0, or -E2BIG.
 */
int vrng_seccomp_build(struct vrng_seccomp_program *program,
		       const struct vrng_seccomp_rules *rules, uint32_t arch);

/*
 * Filter this thread and all that it makes, for good. PR_SET_NO_NEW_PRIVS is
 * set first. 0, or a negative errno: -EINVAL from a kernel without seccomp
 * filters.
 */
int vrng_seccomp_load(const struct vrng_seccomp_rules *rules);

#endif
