/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters of all programs for all architectures, run by an interpreter, on
 * any machine.
 *
 * Numbers of calls are given here, and not looked up as the filters do.
 */
#ifndef SECCOMP_RIG_H
#define SECCOMP_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

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

static inline struct vrng_seccomp_rules rules_of(enum who who)
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
static inline uint32_t word_at(const struct call *call, uint32_t offset)
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

static inline uint32_t interpret(const struct vrng_seccomp_program *program,
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
static inline const struct vrng_seccomp_program *program_of(enum who who,
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

static inline uint32_t audit_arch(uint32_t token)
{
	return token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
}

static inline uint32_t answer(enum who who, uint32_t token, uint32_t nr,
			      const uint64_t args[6])
{
	struct call call = { .arch = audit_arch(token), .nr = nr };

	memcpy(call.args, args, sizeof(call.args));
	return interpret(program_of(who, token), &call);
}

/* Number NONE: @arch has no such call, and nothing is checked. */
static inline void gets(enum who who, const struct arch *arch, uint32_t nr,
			const uint64_t args[6], uint32_t expected,
			const char *what)
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

#endif
