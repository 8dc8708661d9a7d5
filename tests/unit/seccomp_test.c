// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filters of all programs for all architectures, run by an interpreter, on
 * any machine.
 *
 * Numbers of calls are given here, and not looked up as the filters do.
 */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/random.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/seccomp.h"
#include "rngd/process/sandbox.h"
#include "tests/device/entropy/source_sandbox.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/vhost-user-rng/folder_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ALLOW	     SECCOMP_RET_ALLOW
#define KILL	     SECCOMP_RET_KILL_PROCESS
#define ERROR(error) (SECCOMP_RET_ERRNO | (error))
#define LACKS	     ERROR(ENOSYS)

#define NONE UINT32_MAX
#define X32  0x40000000U

/* The numbers of clone3() and of the first call of Linux 5.17. */
#define CLONE3 435U
#define NEWER  450U

/* ---- programs ---- */

enum who {
	DAEMON,
	REMOVING,
	OPENER,
	HELPER,
	DEVICE,
	FOLDER,
	DIALER,
	SERVER,
	LEAVING,
	READER, /* of a file, for the devices */
	WATCHER, /* of the folder of guests */
	WHO,
	PROGRAMS = WHO, /* of a source's choice: next to nothing kills them */
	ALL
};

static const char *const names[ALL] = {
	"rngd",
	"rngd that removes",
	"rngd's opener",
	"rngd's helper",
	"device",
	"device of a folder",
	"dialer",
	"egd-server",
	"device that hands over",
	"reader",
	"folder's process",
	"programs",
};

static struct vrng_seccomp_rules rules_of(enum who who)
{
	const struct sandbox box = {
		.connects = who == DIALER,
		.adds = who == FOLDER,
		.gathers = who == SERVER || who == DIALER,
		.hands_over = who == LEAVING,
	};

	switch (who) {
	case DAEMON:
		return rngd_sandbox_daemon;
	case REMOVING:
		return rngd_sandbox_daemon_removing;
	case OPENER:
		return rngd_sandbox_opener;
	case HELPER:
		return rngd_sandbox_helper;
	case READER:
		return source_sandbox_rules("file:/x");
	case WATCHER:
		return folder_sandbox_rules;
	case PROGRAMS:
		return source_sandbox_rules("exec:x");
	default:
		return sandbox_rules(&box);
	}
}

/* ---- architectures ---- */

struct arch {
	const char *name;
	uint32_t token;
	uint32_t first; /* added to the numbers below */
	/* Numbers of calls; NONE if the architecture has no such call. */
	uint32_t clone, execve, fork, ptrace, openat;
	uint32_t mmap, old_mmap, mprotect;
	uint32_t socket, socketcall, connect, sendmsg;
	uint32_t ioctl, prctl, prlimit64;
	unsigned int flags_at; /* index of the flags in clone()'s arguments */
};

static const struct arch archs[] = {
	{ "x86_64", SCMP_ARCH_X86_64, 0, 56, 59, 57, 101, 257, 9, NONE, 10, 41,
	  NONE, 42, 46, 16, 157, 302, 0 },
	{ "x32", SCMP_ARCH_X32, X32, 56, 520, 57, 521, 257, 9, NONE, 10, 41,
	  NONE, 42, 518, 514, 157, 302, 0 },
	{ "i386", SCMP_ARCH_X86, 0, 120, 11, 2, 26, 295, 192, 90, 125, 359, 102,
	  362, 370, 54, 172, 340, 0 },
	{ "armhf", SCMP_ARCH_ARM, 0, 120, 11, 2, 26, 322, 192, NONE, 125, 281,
	  NONE, 283, 296, 54, 172, 369, 0 },
	{ "arm64", SCMP_ARCH_AARCH64, 0, 220, 221, NONE, 117, 56, 222, NONE,
	  226, 198, NONE, 203, 211, 29, 167, 261, 0 },
	{ "riscv64", SCMP_ARCH_RISCV64, 0, 220, 221, NONE, 117, 56, 222, NONE,
	  226, 198, NONE, 203, 211, 29, 167, 261, 0 },
	{ "ppc64", SCMP_ARCH_PPC64, 0, 120, 11, 2, 26, 286, 90, NONE, 125, 326,
	  102, 328, 341, 54, 171, 325, 0 },
	{ "ppc64el", SCMP_ARCH_PPC64LE, 0, 120, 11, 2, 26, 286, 90, NONE, 125,
	  326, 102, 328, 341, 54, 171, 325, 0 },
	{ "s390x", SCMP_ARCH_S390X, 0, 120, 11, 2, 26, 288, NONE, 90, 125, 359,
	  102, 362, 370, 54, 172, 334, 1 },
	/* 31-bit programs: mmap2() takes a pointer, too */
	{ "s390", SCMP_ARCH_S390, 0, 120, 11, 2, 26, 288, NONE, 192, 125, 359,
	  102, 362, 370, 54, 172, 334, 1 },
	{ "mipsel", SCMP_ARCH_MIPSEL, 4000, 120, 11, 2, 26, 288, 90, NONE, 125,
	  183, 102, 170, 179, 54, 192, 338, 0 },
	{ "mips64el", SCMP_ARCH_MIPSEL64, 5000, 55, 57, 56, 99, 247, 9, NONE,
	  10, 40, NONE, 41, 45, 15, 153, 297, 0 },
};

/* ---- the interpreter ---- */

struct call {
	uint32_t arch; /* AUDIT_ARCH_* */
	uint32_t nr;
	uint64_t args[6];
};

/* The word at @offset of the kernel's struct seccomp_data. */
static uint32_t word_at(const struct call *call, uint32_t offset)
{
	const uint32_t base = offsetof(struct seccomp_data, args);
	bool high;

	if (offset == offsetof(struct seccomp_data, nr))
		return call->nr;
	if (offset == offsetof(struct seccomp_data, arch))
		return call->arch;
	assert_true(offset >= base && offset < sizeof(struct seccomp_data));
	assert_int_equal(offset % 4, 0);
	high = !!(offset % 8) == !!(call->arch & __AUDIT_ARCH_LE);
	return (uint32_t)(call->args[(offset - base) / 8] >> (high ? 32 : 0));
}

static uint32_t interpret(const struct vrng_seccomp_program *program,
			  const struct call *call)
{
	const struct sock_filter *insn;
	uint32_t a = 0;
	size_t at = 0;

	for (;;) {
		assert_true(at < program->count);
		insn = &program->insn[at++];
		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = word_at(call, insn->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == insn->k ? insn->jt : insn->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= insn->k ? insn->jt : insn->jf;
			break;
		case BPF_RET | BPF_K:
			return insn->k;
		default:
			fail_msg("instruction %zu: code %#x", at - 1,
				 insn->code);
		}
	}
}

/* Each filter is built once. */
static const struct vrng_seccomp_program *program_of(enum who who,
						     uint32_t token)
{
	static struct {
		uint32_t token;
		struct vrng_seccomp_program program;
	} built[ALL][32];
	const struct vrng_seccomp_rules rules = rules_of(who);
	size_t i = 0;

	while (built[who][i].token && built[who][i].token != token)
		assert_true(++i < COUNT(built[who]));
	if (!built[who][i].token)
		assert_int_equal(vrng_seccomp_build(&built[who][i].program,
						    &rules, token),
				 0);
	built[who][i].token = token;
	return &built[who][i].program;
}

static uint32_t audit_arch(uint32_t token)
{
	return token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
}

static uint32_t answer(enum who who, uint32_t token, uint32_t nr,
		       const uint64_t args[6])
{
	struct call call = { .arch = audit_arch(token), .nr = nr };

	memcpy(call.args, args, sizeof(call.args));
	return interpret(program_of(who, token), &call);
}

/* Number NONE: @arch has no such call, and nothing is checked. */
static void gets(enum who who, const struct arch *arch, uint32_t nr,
		 const uint64_t args[6], uint32_t expected, const char *what)
{
	uint32_t got;

	if (nr == NONE)
		return;
	got = answer(who, arch->token, arch->first + nr, args);
	if (got != expected)
		fail_msg("%s, %s: %s gets %#x, not %#x", names[who], arch->name,
			 what, got, expected);
}

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })

#define EACH_ARCH(arch)                  \
	const struct arch *arch = archs; \
	arch < archs + COUNT(archs);     \
	arch++

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

/* ---- numbers ---- */

static void newer_calls_get_enosys(void **state)
{
	static const uint32_t newer[] = { NEWER, 462, 600, 0xf0005,
					  0x3fffffff };

	(void)state;
	for (EACH_ARCH(arch))
		for (enum who who = 0; who < WHO; who++)
			for (size_t i = arch->first == X32 ? 2 : 0;
			     i < COUNT(newer); i++)
				gets(who, arch, newer[i], ARGS(0), LACKS,
				     "a newer call");
}

/* The calls of i386 in a program of x86_64, or those of x32. */
static void other_architectures_kill(void **state)
{
	struct call call = { .nr = 1 };

	(void)state;
	for (EACH_ARCH(arch)) {
		call.arch = audit_arch(arch->token) ^ 1;
		for (enum who who = 0; who < WHO; who++)
			assert_int_equal(interpret(program_of(who, arch->token),
						   &call),
					 KILL);
	}
	assert_int_equal(answer(DAEMON, SCMP_ARCH_X86_64, X32, ARGS(0)), KILL);
	assert_int_equal(answer(DAEMON, SCMP_ARCH_X86_64, NONE, ARGS(0)), KILL);
	assert_int_equal(answer(DAEMON, SCMP_ARCH_X32, 0, ARGS(0)), KILL);
	assert_int_equal(answer(DAEMON, SCMP_ARCH_X32, X32, ARGS(0)), ALLOW);
}

struct number {
	uint32_t token;
	uint32_t nr;
	const char *name;
};

/* Which calls C libraries use for stat(), poll() etc. differs. */
static const struct number of_all[] = {
	{ SCMP_ARCH_X86, 119, "sigreturn" },
	{ SCMP_ARCH_X86, 383, "statx" },
	{ SCMP_ARCH_X86, 300, "fstatat64" },
	{ SCMP_ARCH_X86, 372, "recvmsg" },
	{ SCMP_ARCH_ARM, 119, "sigreturn" },
	{ SCMP_ARCH_ARM, 291, "recv" },
	{ SCMP_ARCH_ARM, 289, "send" },
	{ SCMP_ARCH_ARM, 397, "statx" },
	{ SCMP_ARCH_ARM, 327, "fstatat64" },
	{ SCMP_ARCH_PPC64LE, 336, "recv" },
	{ SCMP_ARCH_PPC64LE, 334, "send" },
	{ SCMP_ARCH_S390X, 119, "sigreturn" },
	{ SCMP_ARCH_S390X, 293, "newfstatat" },
	{ SCMP_ARCH_AARCH64, 79, "newfstatat" },
};

static const struct number of_threads[] = {
	{ SCMP_ARCH_X86, 221, "fcntl64" },
	{ SCMP_ARCH_X86, 197, "fstat64" },
	{ SCMP_ARCH_X86, 403, "clock_gettime64" },
	{ SCMP_ARCH_X86, 422, "futex_time64" },
	{ SCMP_ARCH_X86, 414, "ppoll_time64" },
	{ SCMP_ARCH_X86, 411, "timerfd_settime64" },
	{ SCMP_ARCH_ARM, 221, "fcntl64" },
	{ SCMP_ARCH_ARM, 197, "fstat64" },
	{ SCMP_ARCH_ARM, 403, "clock_gettime64" },
	{ SCMP_ARCH_ARM, 422, "futex_time64" },
	{ SCMP_ARCH_ARM, 414, "ppoll_time64" },
	{ SCMP_ARCH_ARM, 411, "timerfd_settime64" },
	{ SCMP_ARCH_X86_64, 204, "sched_getaffinity" },
	{ SCMP_ARCH_S390X, 240, "sched_getaffinity" },
};

static const struct number of_rngd[] = {
	{ SCMP_ARCH_X86, 195, "stat64" },
	{ SCMP_ARCH_X86, 196, "lstat64" },
	{ SCMP_ARCH_X86, 268, "statfs64" },
	{ SCMP_ARCH_X86, 269, "fstatfs64" },
	{ SCMP_ARCH_X86, 199, "getuid32" },
	{ SCMP_ARCH_X86, 200, "getgid32" },
	{ SCMP_ARCH_X86, 201, "geteuid32" },
	{ SCMP_ARCH_X86, 202, "getegid32" },
	{ SCMP_ARCH_X86, 140, "_llseek" },
	{ SCMP_ARCH_X86, 142, "_newselect" },
	{ SCMP_ARCH_X86, 191, "ugetrlimit" },
	{ SCMP_ARCH_X86, 406, "clock_getres_time64" },
	{ SCMP_ARCH_X86, 407, "clock_nanosleep_time64" },
	{ SCMP_ARCH_X86, 413, "pselect6_time64" },
	{ SCMP_ARCH_X86, 417, "recvmmsg_time64" },
	{ SCMP_ARCH_X86, 90, "mmap by pointer" },
	{ SCMP_ARCH_ARM, 266, "statfs64" },
	{ SCMP_ARCH_ARM, 285, "accept" },
	{ SCMP_ARCH_PPC64LE, 330, "accept" },
	{ SCMP_ARCH_S390X, 142, "select" },
	{ SCMP_ARCH_S390X, 90, "mmap" },
};

static void all_are_allowed(const struct number *numbers, size_t n,
			    enum who who)
{
	uint32_t got;

	for (size_t i = 0; i < n; i++) {
		got = answer(who, numbers[i].token, numbers[i].nr, ARGS(0));
		if (got != ALLOW)
			fail_msg("%s, %#x: %s gets %#x", names[who],
				 numbers[i].token, numbers[i].name, got);
	}
}

static void a_call_is_allowed_in_all_its_forms(void **state)
{
	(void)state;
	for (enum who who = 0; who < WHO; who++) {
		all_are_allowed(of_all, COUNT(of_all), who);
		if (who != HELPER && who != OPENER && who != WATCHER)
			all_are_allowed(of_threads, COUNT(of_threads), who);
	}
	all_are_allowed(of_rngd, COUNT(of_rngd), DAEMON);
}

/* All architectures of libseccomp. */
static const uint32_t known[] = {
	SCMP_ARCH_X86,	       SCMP_ARCH_X86_64,      SCMP_ARCH_X32,
	SCMP_ARCH_ARM,	       SCMP_ARCH_AARCH64,     SCMP_ARCH_MIPS,
	SCMP_ARCH_MIPSEL,      SCMP_ARCH_MIPS64,      SCMP_ARCH_MIPSEL64,
	SCMP_ARCH_MIPS64N32,   SCMP_ARCH_MIPSEL64N32, SCMP_ARCH_PARISC,
	SCMP_ARCH_PPC,	       SCMP_ARCH_PPC64,	      SCMP_ARCH_PPC64LE,
	SCMP_ARCH_S390,	       SCMP_ARCH_S390X,	      SCMP_ARCH_RISCV64,
#ifdef SCMP_ARCH_LOONGARCH64
	SCMP_ARCH_LOONGARCH64,
#endif
#ifdef SCMP_ARCH_M68K
	SCMP_ARCH_M68K,
#endif
#ifdef SCMP_ARCH_SH
	SCMP_ARCH_SH,	       SCMP_ARCH_SHEB,
#endif
};

static const char *const never[] = {
	"add_key",
	"bpf",
	"capset",
	"chroot",
	"delete_module",
	"execve",
	"execveat",
	"fanotify_init",
	"fchmodat",
	"finit_module",
	"fork",
	"fsopen",
	"init_module",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"ioperm",
	"iopl",
	"ipc",
	"kcmp",
	"kexec_load",
	"keyctl",
	"kill",
	"linkat",
	"memfd_create",
	"migrate_pages",
	"mknodat",
	"modify_ldt",
	"mount",
	"move_mount",
	"move_pages",
	"mq_notify",
	"name_to_handle_at",
	"open_by_handle_at",
	"open_tree",
	"openat2",
	"perf_event_open",
	"personality",
	"pidfd_getfd",
	"pidfd_send_signal",
	"pivot_root",
	"pkey_mprotect",
	"process_madvise",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"quotactl",
	"reboot",
	"remap_file_pages",
	"renameat",
	"renameat2",
	"rt_sigqueueinfo",
	"rt_tgsigqueueinfo",
	"seccomp",
	"setgroups",
	"setns",
	"setresgid",
	"setresuid",
	"setrlimit",
	"setuid",
	"shmat",
	"splice",
	"swapon",
	"symlinkat",
	"syscall",
	"timer_create",
	"tkill",
	"truncate",
	"unshare",
	"uselib",
	"userfaultfd",
	"vfork",
	"vm86",
	"vmsplice",
};

static bool has(uint32_t token, const char *name, uint32_t *nr)
{
	const int number = seccomp_syscall_resolve_name_arch(token, name);

	*nr = (uint32_t)number;
	return number >= 0;
}

/* What one process needs, and no other has. */
static bool needs(enum who who, const char *name)
{
	return (who == READER && !strcmp(name, "fork")) ||
	       (who == WATCHER && !strcmp(name, "fchmodat"));
}

/* How many architectures have the call @name, which must kill on each. */
static size_t kills_everywhere(const char *name)
{
	size_t found = 0;
	uint32_t nr;

	for (size_t i = 0; i < COUNT(known); i++) {
		if (!has(known[i], name, &nr))
			continue;
		found++;
		for (enum who who = 0; who < WHO; who++)
			if (!needs(who, name) &&
			    answer(who, known[i], nr, ARGS(0)) != KILL)
				fail_msg("%s, %#x: %s does not kill",
					 names[who], known[i], name);
	}
	return found;
}

static void calls_of_an_attacker_kill(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(never); i++)
		if (!kills_everywhere(never[i]))
			fail_msg("%s is no call", never[i]);
}

/* Checked where a program may make the call; elsewhere it kills anyway. */
static void may_only_be(const char *name, const uint64_t args[6], uint32_t then)
{
	uint32_t nr, got;

	for (size_t i = 0; i < COUNT(known); i++)
		for (enum who who = 0; who < WHO; who++) {
			if (!has(known[i], name, &nr))
				continue;
			got = answer(who, known[i], nr, args);
			if (got != then && got != KILL)
				fail_msg("%s, %#x: %s gets %#x", names[who],
					 known[i], name, got);
			if (who == DAEMON)
				assert_int_equal(got, then);
		}
}

/* kill() and others like it: calls_of_an_attacker_kill. */
static void signals_do_not_leave_the_process(void **state)
{
	const uint64_t self = (uint64_t)getpid();

	(void)state;
	may_only_be("tgkill", ARGS(self, 7, SIGUSR2), ALLOW);
	may_only_be("tgkill", ARGS(self + 1, 7, SIGUSR2), KILL);
	may_only_be("tgkill", ARGS(7, self, SIGUSR2), KILL);
	may_only_be("fcntl", ARGS(3, F_GETFL), ALLOW);
	may_only_be("fcntl", ARGS(3, F_SETFL, O_NONBLOCK), ALLOW);
	for (const char *const *name =
		     (const char *const[]){ "fcntl", "fcntl64", NULL };
	     *name; name++) {
		may_only_be(*name, ARGS(3, F_SETOWN, 7), KILL);
		may_only_be(*name, ARGS(3, F_SETOWN_EX, 0x1000), KILL);
		may_only_be(*name, ARGS(3, F_SETSIG, SIGKILL), KILL);
	}
}

static bool is_allowed_in_part(const char *name)
{
	return !strcmp(name, "clone") || !strcmp(name, "prctl") ||
	       !strcmp(name, "tgkill");
}

/* A misspelled name, or that of a form of a call, would have no effect. */
static void each_listed_name_is_a_call(void **state)
{
	uint32_t nr;

	(void)state;
	for (enum who who = 0; who < WHO; who++) {
		const struct vrng_seccomp_rules rules = rules_of(who);

		for (size_t i = 0; i < VRNG_SECCOMP_LISTS; i++)
			for (const char *const *name = rules.calls[i];
			     name && *name; name++) {
				if (!has(SCMP_ARCH_X86_64, *name, &nr))
					fail_msg("%s is no call", *name);
				if (answer(who, SCMP_ARCH_X86_64, nr,
					   ARGS(0)) != ALLOW &&
				    !is_allowed_in_part(*name))
					fail_msg("%s has no effect", *name);
			}
	}
}

/* Calls that C libraries may make, whether they are done or refused. */
static const char *const asked_for[] = {
	"clock_getres",
	"clone3",
	"close_range",
	"futex_waitv",
	"getcpu",
	"getpgid",
	"getrandom",
	"getrusage",
	"gettid",
	"madvise",
	"membarrier",
	"mincore",
	"rseq",
	"sched_yield",
	"set_robust_list",
	"set_tid_address",
	"sigaltstack",
	"statx",
	"sysinfo",
	"uname",
	"sched_getaffinity",
	"sched_getparam",
};

static void all_asked_for_is_survived(enum who who, uint32_t token)
{
	unsigned int found = 0;
	uint32_t nr, got;

	for (size_t i = 0; i < COUNT(asked_for); i++) {
		if (!has(token, asked_for[i], &nr))
			continue;
		found++;
		got = answer(who, token, nr, ARGS(0));
		if (got != ALLOW && got != LACKS)
			fail_msg("%s, %#x: %s gets %#x", names[who], token,
				 asked_for[i], got);
	}
	assert_true(found >= COUNT(asked_for) - 3);
}

static void calls_of_c_libraries_do_not_kill(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		for (enum who who = 0; who < WHO; who++)
			all_asked_for_is_survived(who, known[i]);
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
		cmocka_unit_test(newer_calls_get_enosys),
		cmocka_unit_test(other_architectures_kill),
		cmocka_unit_test(a_call_is_allowed_in_all_its_forms),
		cmocka_unit_test(calls_of_an_attacker_kill),
		cmocka_unit_test(signals_do_not_leave_the_process),
		cmocka_unit_test(each_listed_name_is_a_call),
		cmocka_unit_test(calls_of_c_libraries_do_not_kill),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("seccomp", tests, NULL, NULL);
}
