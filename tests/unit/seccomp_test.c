// SPDX-License-Identifier: GPL-2.0-or-later
/* Which calls, with which arguments, each program may make. */
#include <asm/termbits.h>
#include <linux/net.h>
#include <linux/random.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/unit/seccomp_rig.h"

/* ---- threads and processes ---- */

static void clone_gets(enum who who, const struct arch *arch, uint64_t flags,
		       uint64_t other, uint32_t expected, const char *what)
{
	uint64_t args[6] = { other, other };

	args[arch->flags_at] = flags;
	gets(who, arch, arch->clone, args, expected, what);
}

/* The other argument, the stack, must not matter. */
static void threads_are_made_and_processes_are_not(void **state)
{
	const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES |
				CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	(void)state;
	for (EACH_ARCH(arch)) {
		clone_gets(DEVICE, arch, thread, 0x10000, ALLOW, "a thread");
		clone_gets(DEVICE, arch, thread, 0x20000, ALLOW, "a thread");
		clone_gets(DAEMON, arch, thread, 0x20000, ALLOW, "a thread");
		clone_gets(DEVICE, arch, SIGCHLD, 0x10000, KILL, "a process");
		clone_gets(DEVICE, arch, SIGCHLD, 0x20000, KILL, "a process");
		clone_gets(DAEMON, arch, SIGCHLD, 0x10000, KILL, "a process");
		clone_gets(DAEMON, arch, CLONE_VM | CLONE_VFORK | SIGCHLD,
			   0x10000, KILL, "vfork by clone()");
		clone_gets(HELPER, arch, thread, 0, KILL, "a thread");
	}
}

static void there_is_no_clone3(void **state)
{
	(void)state;
	for (EACH_ARCH(arch))
		for (enum who who = 0; who < WHO; who++)
			gets(who, arch, CLONE3, ARGS(0), LACKS, "clone3");
}

static void programs_and_memory_of_others_kill(void **state)
{
	(void)state;
	for (EACH_ARCH(arch))
		for (enum who who = 0; who < WHO; who++) {
			gets(who, arch, arch->execve, ARGS(0), KILL, "execve");
			gets(who, arch, arch->fork, ARGS(0),
			     who == READER ? ALLOW : KILL, "fork");
			gets(who, arch, arch->ptrace, ARGS(0), KILL, "ptrace");
		}
}

static void only_rngd_and_helpers_open_files(void **state)
{
	(void)state;
	for (EACH_ARCH(arch))
		for (enum who who = 0; who < WHO; who++)
			gets(who, arch, arch->openat, ARGS(0),
			     who <= OPENER || who >= READER ? ALLOW : KILL,
			     "openat");
}

/* Itself again, when it was killed, but not in other namespaces. */
static void a_reader_makes_processes_and_no_namespaces(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		clone_gets(READER, arch, SIGCHLD, 0, ALLOW, "a process");
		clone_gets(READER, arch, SIGCHLD, CLONE_NEWUSER, ALLOW,
			   "a process with a stack");
		clone_gets(READER, arch, CLONE_NEWUSER | SIGCHLD, 0, KILL,
			   "a user namespace");
		clone_gets(READER, arch, CLONE_NEWPID | SIGCHLD, 0, KILL,
			   "a PID namespace");
	}
}

/* ---- sockets ---- */

static void socket_gets(enum who who, const struct arch *arch, int family,
			uint32_t expected)
{
	char what[32];

	(void)snprintf(what, sizeof(what), "a socket of family %d", family);
	gets(who, arch, arch->socket, ARGS((uint64_t)family, SOCK_STREAM),
	     expected, what);
}

static void sockets_are_of_known_families(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		socket_gets(DIALER, arch, AF_UNIX, ALLOW);
		socket_gets(DIALER, arch, AF_INET, KILL);
		socket_gets(DIALER, arch, AF_NETLINK, KILL);
		socket_gets(DEVICE, arch, AF_UNIX, KILL);
		socket_gets(LEAVING, arch, AF_UNIX, KILL);
		socket_gets(SERVER, arch, AF_INET, KILL);
		socket_gets(HELPER, arch, AF_UNIX, KILL);
		socket_gets(DAEMON, arch, AF_UNIX, ALLOW);
		socket_gets(DAEMON, arch, AF_INET, ALLOW);
		socket_gets(DAEMON, arch, AF_INET6, ALLOW);
		socket_gets(DAEMON, arch, AF_NETLINK, ALLOW);
		socket_gets(DAEMON, arch, AF_ALG, ALLOW);
		socket_gets(DAEMON, arch, AF_PACKET, KILL);
		socket_gets(DAEMON, arch, AF_VSOCK, KILL);
	}
}

static void subcall_gets(enum who who, const struct arch *arch,
			 uint32_t subcall, uint32_t expected)
{
	char what[32];

	(void)snprintf(what, sizeof(what), "socketcall %u", subcall);
	gets(who, arch, arch->socketcall, ARGS(subcall, 0x1000), expected,
	     what);
}

/*
 * The family is in memory. Only what looks up names may make sockets this way, and
 * only where its C library has no other way.
 */
static void socketcall_makes_sockets_for_name_services_only(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		const bool is_needed = arch->token == SCMP_ARCH_X86 ||
				       arch->token == SCMP_ARCH_S390 ||
				       arch->token == SCMP_ARCH_S390X;

		for (enum who who = 0; who < WHO; who++) {
			const bool looks_up = who <= REMOVING || who == WATCHER;

			subcall_gets(who, arch, SYS_SOCKET,
				     is_needed && looks_up ? ALLOW : KILL);
		}
	}
}

static void socketcall_does_what_the_calls_do(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		for (enum who who = 0; who < WHO; who++) {
			subcall_gets(who, arch, SYS_RECV, ALLOW);
			subcall_gets(who, arch, SYS_SEND, ALLOW);
			subcall_gets(who, arch, SYS_RECVMSG, ALLOW);
			subcall_gets(who, arch, SYS_SOCKETPAIR,
				     who == LEAVING ? ALLOW : KILL);
			subcall_gets(who, arch, 0, KILL);
			subcall_gets(who, arch, 21, KILL);
		}
		subcall_gets(DEVICE, arch, SYS_ACCEPT4, ALLOW);
		subcall_gets(DEVICE, arch, SYS_SHUTDOWN, ALLOW);
		subcall_gets(DEVICE, arch, SYS_CONNECT, KILL);
		subcall_gets(DIALER, arch, SYS_CONNECT, ALLOW);
		subcall_gets(DEVICE, arch, SYS_SENDMSG, KILL);
		subcall_gets(SERVER, arch, SYS_SENDMSG, ALLOW);
		subcall_gets(HELPER, arch, SYS_SENDMSG, ALLOW);
		subcall_gets(HELPER, arch, SYS_CONNECT, KILL);
		subcall_gets(DAEMON, arch, SYS_BIND, ALLOW);
		subcall_gets(DAEMON, arch, SYS_LISTEN, KILL);
	}
}

static void each_program_has_its_own_calls(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		gets(DEVICE, arch, arch->connect, ARGS(0), KILL, "connect");
		gets(DIALER, arch, arch->connect, ARGS(0), ALLOW, "connect");
		gets(DEVICE, arch, arch->sendmsg, ARGS(0), KILL, "sendmsg");
		gets(SERVER, arch, arch->sendmsg, ARGS(0), ALLOW, "sendmsg");
		gets(LEAVING, arch, arch->sendmsg, ARGS(0), ALLOW, "sendmsg");
		gets(LEAVING, arch, arch->connect, ARGS(0), KILL, "connect");
	}
}

/* ---- memory ---- */

static void memory_gets(enum who who, const struct arch *arch, uint32_t nr,
			uint64_t prot, uint32_t expected)
{
	gets(who, arch, nr, ARGS(0, 4096, prot, 0x22, 0xffffffff), expected,
	     nr == arch->mprotect ? "mprotect" : "mmap");
}

static void only_rngd_makes_memory_executable(void **state)
{
	const uint64_t data = PROT_READ | PROT_WRITE;

	(void)state;
	for (EACH_ARCH(arch)) {
		const uint32_t nr[] = { arch->mmap, arch->mprotect };

		for (size_t i = 0; i < COUNT(nr); i++) {
			memory_gets(DEVICE, arch, nr[i], data, ALLOW);
			memory_gets(DEVICE, arch, nr[i], PROT_EXEC, KILL);
			memory_gets(DEVICE, arch, nr[i], data | PROT_EXEC,
				    KILL);
			memory_gets(DAEMON, arch, nr[i], PROT_EXEC, ALLOW);
			memory_gets(HELPER, arch, nr[i], data, KILL);
		}
	}
}

/* On i386, s390 and s390x the one argument is a pointer. */
static void mmap_by_pointer_is_handled_apart(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		const bool has_no_other = arch->mmap == NONE;

		for (uint64_t third = 0; third < 8; third++)
			gets(DEVICE, arch, arch->old_mmap,
			     ARGS(0x1000, 0, third),
			     has_no_other ? ALLOW : KILL, "mmap by pointer");
	}
}

/* ---- ioctl, prctl, prlimit64 ---- */

static void ioctl_gets(enum who who, const struct arch *arch,
		       unsigned long request, uint32_t expected)
{
	char what[32];

	(void)snprintf(what, sizeof(what), "ioctl %#lx", request);
	gets(who, arch, arch->ioctl, ARGS(3, request), expected, what);
}

static void each_program_has_its_own_ioctls(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		ioctl_gets(HELPER, arch, RNDADDENTROPY, ALLOW);
		ioctl_gets(HELPER, arch, RNDRESEEDCRNG, ALLOW);
		ioctl_gets(HELPER, arch, RNDCLEARPOOL, KILL);
		ioctl_gets(HELPER, arch, TCGETS, ERROR(ENOTTY));
		ioctl_gets(OPENER, arch, RNDADDENTROPY, KILL);
		ioctl_gets(DAEMON, arch, RNDGETENTCNT, ALLOW);
		ioctl_gets(DAEMON, arch, RNDADDENTROPY, KILL);
		ioctl_gets(DAEMON, arch, TCGETS, ALLOW);
		ioctl_gets(DAEMON, arch, TIOCGWINSZ, ERROR(ENOTTY));
		ioctl_gets(DEVICE, arch, TIOCGWINSZ, ERROR(ENOTTY));
		ioctl_gets(DEVICE, arch, TCGETS, ERROR(ENOTTY));
		for (enum who who = 0; who < WHO; who++)
			ioctl_gets(who, arch, TIOCSTI, KILL);
	}
}

static void prctl_only_names_threads_in_rngd(void **state)
{
	const uint64_t set_vma = 0x53564d41;

	(void)state;
	for (EACH_ARCH(arch)) {
		gets(DAEMON, arch, arch->prctl, ARGS(PR_SET_NAME), ALLOW,
		     "a thread's name");
		gets(DEVICE, arch, arch->prctl, ARGS(PR_SET_NAME),
		     ERROR(EINVAL), "a thread's name");
		for (enum who who = 0; who < WHO; who++) {
			gets(who, arch, arch->prctl, ARGS(set_vma),
			     ERROR(EINVAL), "the name of memory");
			gets(who, arch, arch->prctl, ARGS(PR_SET_DUMPABLE, 1),
			     ERROR(EINVAL), "PR_SET_DUMPABLE");
		}
	}
}

static void limits_are_read_and_not_set(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		const uint32_t nr = arch->prlimit64;

		gets(DAEMON, arch, nr, ARGS(0, 4, 0, 0x1000), ALLOW, "limit");
		gets(DEVICE, arch, nr, ARGS(0, 4, 0, 0x1000), LACKS, "limit");
		for (enum who who = 0; who < WHO; who++) {
			gets(who, arch, nr, ARGS(0, 4, 0x1000), KILL,
			     "setting a limit");
			gets(who, arch, nr, ARGS(0, 4, 0x100000000), KILL,
			     "setting a limit");
			gets(who, arch, nr, ARGS(7, 4, 0, 0x1000), KILL,
			     "another's limit");
		}
	}
}

/* ---- programs of a source's choice ---- */

static void programs_are_kept_from_what_reaches_beyond_them(void **state)
{
	const uint32_t denied = ERROR(EPERM);

	(void)state;
	for (EACH_ARCH(arch)) {
		const enum who who = PROGRAMS;

		gets(who, arch, arch->ptrace, ARGS(0), denied, "ptrace");
		clone_gets(who, arch, CLONE_NEWUSER | SIGCHLD, 0, denied,
			   "a user namespace");
		clone_gets(who, arch, CLONE_NEWNS, 0, denied, "a namespace");
		ioctl_gets(who, arch, TIOCSTI, denied);
		ioctl_gets(who, arch, TIOCLINUX, denied);
		gets(who, arch, CLONE3, ARGS(0), LACKS, "clone3");
		if (arch->first != X32)
			gets(who, arch, NEWER, ARGS(0), LACKS, "a newer call");
	}
}

static void programs_do_all_else(void **state)
{
	(void)state;
	for (EACH_ARCH(arch)) {
		const enum who who = PROGRAMS;

		gets(who, arch, arch->execve, ARGS(0), ALLOW, "execve");
		gets(who, arch, arch->fork, ARGS(0), ALLOW, "fork");
		clone_gets(who, arch, SIGCHLD, 0, ALLOW, "a process");
		clone_gets(who, arch, CLONE_VM | CLONE_VFORK | SIGCHLD, 0,
			   ALLOW, "vfork by clone()");
		gets(who, arch, arch->openat, ARGS(0), ALLOW, "openat");
		memory_gets(who, arch, arch->mmap, PROT_EXEC, ALLOW);
		memory_gets(who, arch, arch->mprotect, PROT_EXEC, ALLOW);
		socket_gets(who, arch, AF_VSOCK, ALLOW);
		subcall_gets(who, arch, SYS_SOCKET, ALLOW);
		ioctl_gets(who, arch, TCGETS, ALLOW);
		gets(who, arch, arch->prctl, ARGS(PR_SET_DUMPABLE), ALLOW,
		     "prctl");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_made_and_processes_are_not),
		cmocka_unit_test(there_is_no_clone3),
		cmocka_unit_test(a_reader_makes_processes_and_no_namespaces),
		cmocka_unit_test(
			programs_are_kept_from_what_reaches_beyond_them),
		cmocka_unit_test(programs_do_all_else),
		cmocka_unit_test(programs_and_memory_of_others_kill),
		cmocka_unit_test(only_rngd_and_helpers_open_files),
		cmocka_unit_test(sockets_are_of_known_families),
		cmocka_unit_test(
			socketcall_makes_sockets_for_name_services_only),
		cmocka_unit_test(socketcall_does_what_the_calls_do),
		cmocka_unit_test(each_program_has_its_own_calls),
		cmocka_unit_test(only_rngd_makes_memory_executable),
		cmocka_unit_test(mmap_by_pointer_is_handled_apart),
		cmocka_unit_test(each_program_has_its_own_ioctls),
		cmocka_unit_test(prctl_only_names_threads_in_rngd),
		cmocka_unit_test(limits_are_read_and_not_set),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("seccomp", tests, NULL, NULL);
}
