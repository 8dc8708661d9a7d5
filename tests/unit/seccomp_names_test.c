// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls by their numbers and names, on all architectures that libseccomp knows. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/seccomp_rig.h"

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
		cmocka_unit_test(newer_calls_get_enosys),
		cmocka_unit_test(other_architectures_kill),
		cmocka_unit_test(a_call_is_allowed_in_all_its_forms),
		cmocka_unit_test(calls_of_an_attacker_kill),
		cmocka_unit_test(signals_do_not_leave_the_process),
		cmocka_unit_test(each_listed_name_is_a_call),
		cmocka_unit_test(calls_of_c_libraries_do_not_kill),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("seccomp_names", tests, NULL, NULL);
}
