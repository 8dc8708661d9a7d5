// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sandboxes allow, and what ends the process, each in a child on this
 * kernel. seccomp_test.c tests the filters of other architectures.
 */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
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
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/landlock.h"
#include "rngd/base/seccomp.h"
#include "rngd/base/socket.h"
#include "rngd/process/sandbox.h"
#include "rngd/base/sandbox.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/runtime/stats_file.h"
#include "tests/unit/machine.h"

#define PAGE 4096
#define FDS  100
#define DATA (32UL << 20)

/* The size of a guest's memory: as large as addresses allow. */
#if SIZE_MAX > UINT32_MAX
#define GUEST (1UL << 40)
#else
#define GUEST (1UL << 30)
#endif

static const struct sandbox plain = { .fds = FDS, .data = DATA };
static const struct sandbox connects = { .fds = FDS,
					 .data = DATA,
					 .connects = true };
static const struct sandbox replaces = { .fds = FDS,
					 .data = DATA,
					 .replaces_files = true };
static const struct sandbox gathers = { .fds = FDS,
					.data = DATA,
					.gathers = true };

/* One of the two is set. */
struct confinement {
	const struct sandbox *box;
	const struct vrng_seccomp_rules *rules;
};

static int confine(const struct confinement *confinement)
{
	if (confinement->box)
		return sandbox_enter(confinement->box, NULL);
	return rngd_sandbox_enter(confinement->rules);
}

/* The status of a child that does @what in a sandbox. */
static int status_in(const struct confinement *confinement, void (*what)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		alarm(20);
		if (confine(confinement))
			_exit(99);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static int status_of(void (*what)(void), const struct sandbox *box)
{
	return status_in(&(const struct confinement){ .box = box }, what);
}

static int status_of_rngd(void (*what)(void),
			  const struct vrng_seccomp_rules *rules)
{
	return status_in(&(const struct confinement){ .rules = rules }, what);
}

static void exited(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void assert_allowed(void (*what)(void))
{
	exited(status_of(what, &plain));
}

static void assert_ends(void (*what)(void))
{
	killed(status_of(what, &plain));
}

static void must(bool is_so)
{
	if (!is_so)
		_exit(1);
}

/* ---- what a device needs ---- */

/* clang removes an allocation that is not used. */
static void *allocate(size_t size)
{
	void *volatile p = malloc(size);

	return p;
}

/* From glibc 2.41 on getrandom() allocates memory in each thread. */
static void *in_thread(void *opaque)
{
	unsigned char bytes[16];

	must(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
	free(allocate(100000));
	return opaque;
}

static void live(void)
{
	const struct iovec nothing = { 0 };
	unsigned char byte;
	pthread_t thread;
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED && !munmap(p, PAGE));
	must(getrandom(&byte, 1, 0) == 1);
	must(!writev(STDERR_FILENO, &nothing, 1)); /* musl's stdio does it */
	must(!pthread_create(&thread, NULL, in_thread, NULL));
	must(!pthread_join(thread, NULL));
	p = allocate(1 << 20);
	must(p);
	free(p);
}

/* ---- what ends a device ---- */

static void open_file(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	must(fd >= 0);
	must(!fcntl(fd, F_SETFD, FD_CLOEXEC)); /* musl's open() does it */
}

static long raw_clone(unsigned long flags, unsigned long stack)
{
#ifdef __s390__
	return syscall(SYS_clone, stack, flags, 0, 0, 0);
#else
	return syscall(SYS_clone, flags, stack, 0, 0, 0);
#endif
}

static void make_process(void)
{
	raw_clone(SIGCHLD, 0);
}

/* If the address is taken for flags, its bits mean a thread. */
static void make_process_with_stack(void)
{
	raw_clone(SIGCHLD, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD);
}

static void fork_process(void)
{
	(void)fork();
}

/* A thread and a process alike. */
static void find_no_clone3(void)
{
	uint64_t args[8] = { 0 };

	args[4] = SIGCHLD;
	must(syscall(SYS_clone3, args, sizeof(args)) == -1 && errno == ENOSYS);
	args[0] = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
	args[4] = 0;
	must(syscall(SYS_clone3, args, sizeof(args)) == -1 && errno == ENOSYS);
}

static void run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void connect_unix(void)
{
	must(vrng_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
}

static void connect_inet(void)
{
	must(vrng_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
}

static void connect_host(void)
{
	(void)vrng_socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* By socketcall(2) where the C library does so: on s390x and i386. */
static void connect_inet_by_library(void)
{
	must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
}

#ifdef SYS_socketcall
static void connect_by_socketcall(void)
{
	unsigned long args[] = { AF_UNIX, SOCK_STREAM, 0 };

	must(syscall(SYS_socketcall, SYS_SOCKET, args) >= 0);
}
#endif

static void send_pieces(void)
{
	struct msghdr msg = { .msg_iovlen = 0 };

	sendmsg(-1, &msg, 0);
}

static void map_code(void)
{
	mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	     0);
}

static void make_code(void)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
}

static void kill_others(void)
{
	kill(getppid(), 0);
}

/* The other system calls that send a signal. */
static void signal_others_thread(void)
{
	syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static void signal_any_thread(void)
{
	syscall(SYS_tkill, getppid(), 0);
}

static void signal_owner(void)
{
	fcntl(STDERR_FILENO, F_SETOWN, getppid());
}

static void trace_others(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void remove_file(void)
{
	unlink("/nonexistent");
}

static void replace_file(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/vrng-sandbox_test.%d",
		 (int)getpid());
	if (stats_file_write(path, "1", 1) || stats_file_write(path, "2", 1) ||
	    unlink(path))
		_exit(1);
}

static void gain_limits(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &limit);
}

static void what_a_device_needs_is_allowed(void **state)
{
	(void)state;
	assert_allowed(live);
}

static void other_system_calls_end_a_device(void **state)
{
	(void)state;
	assert_ends(open_file);
	assert_ends(run_program);
	assert_ends(connect_unix);
	assert_ends(connect_inet);
	assert_ends(send_pieces);
	assert_ends(make_code);
#ifndef __s390x__ /* see new_memory_is_never_executable */
	assert_ends(map_code);
#endif
	assert_ends(kill_others);
	assert_ends(signal_others_thread);
	assert_ends(signal_any_thread);
	assert_ends(signal_owner);
	assert_ends(trace_others);
	assert_ends(remove_file);
	assert_ends(gain_limits);
}

static void threads_may_be_made_and_processes_may_not(void **state)
{
	(void)state;
	assert_allowed(live);
	assert_allowed(find_no_clone3);
	assert_ends(make_process);
	assert_ends(make_process_with_stack);
	assert_ends(fork_process);
}

static void a_dialer_may_connect_to_unix_sockets_alone(void **state)
{
	(void)state;
	exited(status_of(connect_unix, &connects));
	killed(status_of(connect_inet, &connects));
	killed(status_of(connect_inet_by_library, &connects));
}

#ifdef SYS_socketcall
static void socketcall_makes_no_sockets(void **state)
{
	(void)state;
	killed(status_of(connect_by_socketcall, &connects));
	killed(status_of_rngd(connect_by_socketcall, &rngd_sandbox_helper));
#if defined(__i386__) || defined(__s390__) /* as the C library does */
	exited(status_of_rngd(connect_by_socketcall, &rngd_sandbox_daemon));
#else
	killed(status_of_rngd(connect_by_socketcall, &rngd_sandbox_daemon));
#endif
}
#endif

static void a_file_helper_replaces_files_and_no_more(void **state)
{
	(void)state;
	killed(status_of(replace_file, &plain));
	exited(status_of(replace_file, &replaces));
	killed(status_of(run_program, &replaces));
	killed(status_of(make_process, &replaces));
	killed(status_of(connect_unix, &replaces));
}

static void a_server_may_send_scattered_buffers(void **state)
{
	(void)state;
	exited(status_of(send_pieces, &gathers));
	killed(status_of(connect_unix, &gathers));
}

static void use_up_memory(void)
{
	const void *p = allocate(DATA);

	must(!p);
}

static void use_up_descriptors(void)
{
	int n = 0;

	while (fcntl(2, F_DUPFD_CLOEXEC, 0) >= 0)
		n++;
	must(errno == EMFILE && n < FDS);
}

/* Guests' memory does not count as ours. */
static void map_guest(void)
{
	must(mmap(NULL, GUEST, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		  0) != MAP_FAILED);
}

static void memory_and_descriptors_are_bounded(void **state)
{
	(void)state;
	assert_allowed(use_up_memory);
	assert_allowed(use_up_descriptors);
	assert_allowed(map_guest);
}

/* ---- memory that can be executed ---- */

#ifndef PR_GET_MDWE
#define PR_GET_MDWE 66
#endif

/* READ_IMPLIES_EXEC: the kernel adds PROT_EXEC, which the filter cannot see. */
static void map_code_unseen(void)
{
	must(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	must(errno == EACCES);
}

static void new_memory_is_never_executable(void **state)
{
	const int before = personality(0xffffffff);
	int status;

	(void)state;
	if (prctl(PR_GET_MDWE, 0, 0, 0, 0) < 0)
		LEAVE_OUT("a kernel before 6.3");
	assert_int_not_equal(personality(READ_IMPLIES_EXEC), -1);
	status = status_of(map_code_unseen, &plain);
	assert_int_not_equal(personality((unsigned long)before), -1);
	exited(status);
}

/* ---- calls that a C library may make ---- */

#ifndef PR_SET_VMA
#define PR_SET_VMA	     0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#define FUTEX_WAITV 449
#define FIRST_NEWER 450
#define NOT_YET	    1000

/* Any result will do: the process must survive. */
static void ask(void)
{
	struct rlimit limit;
	char space[1024] __attribute__((aligned(16)));

	(void)prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, space, 0, "name");
	(void)syscall(FUTEX_WAITV, NULL, 0, 0, NULL, 0);
	(void)syscall(FIRST_NEWER, 0, 0, 0);
	(void)syscall(NOT_YET, 0, 0, 0);
	(void)syscall(SYS_set_tid_address, space);
	(void)syscall(SYS_set_robust_list, space, 24);
	(void)syscall(SYS_sched_getaffinity, 0, sizeof(space), space);
	(void)syscall(SYS_sysinfo, space);
	(void)syscall(SYS_membarrier, 0, 0);
	(void)syscall(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit);
	(void)syscall(SYS_statx, 0, "", 0x1000, 0, space);
	(void)syscall(SYS_getcpu, space, NULL, NULL);
	(void)syscall(SYS_uname, space);
	(void)syscall(SYS_gettid);
#ifdef SYS_arch_prctl
	(void)syscall(SYS_arch_prctl, 0x5001, 0);
#endif
	(void)ioctl(0, TCGETS, space);
	(void)ioctl(0, TIOCGWINSZ, space);
}

/* A refused call fails as on an old kernel that lacks it. */
static void ask_in_vain(void)
{
	errno = 0;
	must(syscall(NOT_YET, 0, 0, 0) == -1 && errno == ENOSYS);
	must(syscall(FIRST_NEWER, 0, 0, 0) == -1 && errno == ENOSYS);
	must(prctl(PR_SET_VMA, 0, NULL, 0, NULL) == -1 && errno == EINVAL);
}

static void calls_of_a_c_library_end_no_program(void **state)
{
	(void)state;
	exited(status_of(ask, &plain));
	exited(status_of(ask, &connects));
	exited(status_of(ask, &gathers));
	exited(status_of_rngd(ask, &rngd_sandbox_daemon));
	exited(status_of_rngd(ask, &rngd_sandbox_helper));
	exited(status_of(ask_in_vain, &plain));
	exited(status_of_rngd(ask_in_vain, &rngd_sandbox_daemon));
}

/* ---- rngd ---- */

static void resolve(void)
{
	struct addrinfo *list = NULL;

	if (!getaddrinfo("localhost", "1", NULL, &list))
		freeaddrinfo(list);
	must(!prctl(PR_SET_NAME, "resolver"));
}

/* As a worker is woken: no signal is sent. */
static void wake_thread(void)
{
	must(!syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0));
}

static void rngd_reads_files_and_peers(void **state)
{
	(void)state;
	exited(status_of_rngd(wake_thread, &rngd_sandbox_daemon));
	exited(status_of_rngd(live, &rngd_sandbox_daemon));
	exited(status_of_rngd(open_file, &rngd_sandbox_daemon));
	exited(status_of_rngd(connect_unix, &rngd_sandbox_daemon));
	exited(status_of_rngd(connect_inet, &rngd_sandbox_daemon));
	exited(status_of_rngd(connect_inet_by_library, &rngd_sandbox_daemon));
	exited(status_of_rngd(resolve, &rngd_sandbox_daemon));
	exited(status_of_rngd(remove_file, &rngd_sandbox_daemon_removing));
}

static void connect_crypto(void)
{
	(void)vrng_socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

static void if_needed(bool needed, int status)
{
	if (needed)
		exited(status);
	else
		killed(status);
}

static void rngd_makes_sockets_that_its_sources_need(void **state)
{
	struct vrng_seccomp_rules rules;
	unsigned int needs;

	(void)state;
	for (needs = 0; needs <= RNGD_NEEDS_ALL; needs++) {
		const bool network = needs & RNGD_NEEDS_NETWORK;

		rules = rngd_sandbox_rules(needs, false);
		exited(status_of_rngd(live, &rules));
		if_needed(needs & (RNGD_NEEDS_UNIX | RNGD_NEEDS_NETWORK),
			  status_of_rngd(connect_unix, &rules));
		if_needed(network, status_of_rngd(connect_inet, &rules));
#ifndef __s390__ /* whose mmap() takes one pointer: the filter sees no protection */
		if_needed(network, status_of_rngd(map_code, &rules));
#endif
		if_needed(needs & RNGD_NEEDS_CRYPTO,
			  status_of_rngd(connect_crypto, &rules));
		killed(status_of_rngd(remove_file, &rules));
	}
	rules = rngd_sandbox_rules(0, true);
	exited(status_of_rngd(remove_file, &rules));
	killed(status_of_rngd(connect_unix, &rules));
}

static void a_spec_says_which_sockets_are_needed(void **state)
{
	(void)state;
	assert_int_equal(rngd_sandbox_needs("file:/dev/hwrng"), 0);
	assert_int_equal(rngd_sandbox_needs("exec:tcp:1"), 0);
	assert_int_equal(rngd_sandbox_needs("unix:/a"), RNGD_NEEDS_UNIX);
	assert_int_equal(rngd_sandbox_needs("egd:unix:/a"), RNGD_NEEDS_UNIX);
	assert_int_equal(rngd_sandbox_needs("tcp:a:1"), RNGD_NEEDS_NETWORK);
	assert_int_equal(rngd_sandbox_needs("egd:tcp:a:1,cache=1"),
			 RNGD_NEEDS_NETWORK);
	assert_int_equal(rngd_sandbox_needs("jitter,entropy=1"),
			 RNGD_NEEDS_CRYPTO);
}

static void rngd_runs_no_program_and_traces_no_process(void **state)
{
	static void (*const forbidden[])(void) = {
		make_process,	   make_process_with_stack,
		fork_process,	   run_program,
		trace_others,	   kill_others,
		gain_limits,	   connect_host,
		signal_any_thread, signal_others_thread,
		signal_owner,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		killed(status_of_rngd(forbidden[i], &rngd_sandbox_daemon));
		killed(status_of_rngd(forbidden[i], &rngd_sandbox_helper));
		killed(status_of_rngd(forbidden[i], &rngd_sandbox_opener));
	}
	exited(status_of_rngd(find_no_clone3, &rngd_sandbox_daemon));
	killed(status_of_rngd(remove_file, &rngd_sandbox_daemon));
}

static void receive_nothing(void)
{
	char byte;

	must(recv(-1, &byte, 1, 0) == -1 && errno == EBADF);
	must(send(-1, &byte, 1, MSG_NOSIGNAL) == -1 && errno == EBADF);
}

static void rngd_s_opener_opens_and_no_more(void **state)
{
	(void)state;
	exited(status_of_rngd(open_file, &rngd_sandbox_opener));
	exited(status_of_rngd(receive_nothing, &rngd_sandbox_opener));
	killed(status_of_rngd(remove_file, &rngd_sandbox_opener));
	killed(status_of_rngd(connect_unix, &rngd_sandbox_opener));
	killed(status_of_rngd(map_guest, &rngd_sandbox_opener));
	killed(status_of_rngd(kill_others, &rngd_sandbox_opener));
}

static void rngd_s_helper_removes_and_opens_nothing(void **state)
{
	(void)state;
	killed(status_of_rngd(open_file, &rngd_sandbox_helper));
	exited(status_of_rngd(remove_file, &rngd_sandbox_helper));
	exited(status_of_rngd(receive_nothing, &rngd_sandbox_helper));
	killed(status_of_rngd(connect_unix, &rngd_sandbox_helper));
	killed(status_of_rngd(map_guest, &rngd_sandbox_helper));
	killed(status_of_rngd(map_code, &rngd_sandbox_helper));
}

/* A child of the same user, which waits. */
static pid_t other;

static void open_others_memory(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)other);
	must(open(path, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES);
}

static pid_t begin_other(const int until[2])
{
	const pid_t pid = fork();
	char byte;

	if (pid)
		return pid;
	close(until[1]);
	_exit(read(until[0], &byte, 1) != 0);
}

static bool machine_has_landlock(void)
{
	const pid_t child = fork();
	int status;

	if (!child)
		_exit(vrng_landlock_enter(NULL) != 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return !status;
}

static void rngd_stays_out_of_others_memory(void **state)
{
	int until[2], status;

	(void)state;
	if (!machine_has_landlock())
		LEAVE_OUT("a kernel without Landlock");
	assert_int_equal(pipe(until), 0);
	other = begin_other(until);
	exited(status_of_rngd(open_others_memory, &rngd_sandbox_daemon));
	exited(status_of_rngd(open_others_memory, &rngd_sandbox_opener));
	close(until[0]);
	close(until[1]);
	assert_int_equal(waitpid(other, &status, 0), other);
	exited(status);
}

/* True if @pid has memory that the kernel may drop: VM_DROPPABLE. */
static bool has_droppable_memory(pid_t pid)
{
	char path[64], line[256];
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps))
		found |= !strncmp(line, "VmFlags:", 8) && strstr(line, " dp");
	if (maps)
		fclose(maps);
	return found;
}

/*
 * True if getrandom() of a child is done by the vDSO, for which the C library
 * allocates such memory. In a sandbox if @confinement is not NULL.
 */
static bool uses_vdso(const struct confinement *confinement)
{
	int ready[2], seen[2], status;
	char byte;
	bool uses;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(seen), 0);
	child = fork();
	if (!child) {
		alarm(20);
		must(!confinement || !confine(confinement));
		in_thread(NULL);
		must(write(ready[1], "", 1) == 1);
		must(read(seen[0], &byte, 1) == 1);
		_exit(0);
	}
	close(ready[1]);
	uses = read(ready[0], &byte, 1) == 1 && has_droppable_memory(child);
	assert_int_equal(write(seen[1], "", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ready[0]);
	close(seen[0]);
	close(seen[1]);
	exited(status);
	return uses;
}

/* Otherwise the children would inherit it. */
static void there_is_none_yet(void)
{
	assert_false(has_droppable_memory(getpid()));
}

static void random_bytes_come_from_the_vdso_in_each_sandbox(void **state)
{
	const struct confinement device = { .box = &plain };
	const struct confinement daemon = { .rules = &rngd_sandbox_daemon };

	(void)state;
	there_is_none_yet();
	if (!uses_vdso(NULL))
		LEAVE_OUT("getrandom() is a system call here: it takes glibc "
			  "2.41 and a kernel whose vDSO has it");
	assert_true(uses_vdso(&device));
	assert_true(uses_vdso(&daemon));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_device_needs_is_allowed),
		cmocka_unit_test(other_system_calls_end_a_device),
		cmocka_unit_test(threads_may_be_made_and_processes_may_not),
		cmocka_unit_test(a_dialer_may_connect_to_unix_sockets_alone),
#ifdef SYS_socketcall
		cmocka_unit_test(socketcall_makes_no_sockets),
#endif
		cmocka_unit_test(a_file_helper_replaces_files_and_no_more),
		cmocka_unit_test(a_server_may_send_scattered_buffers),
		cmocka_unit_test(memory_and_descriptors_are_bounded),
		cmocka_unit_test(calls_of_a_c_library_end_no_program),
		cmocka_unit_test(rngd_reads_files_and_peers),
		cmocka_unit_test(rngd_makes_sockets_that_its_sources_need),
		cmocka_unit_test(a_spec_says_which_sockets_are_needed),
		cmocka_unit_test(rngd_runs_no_program_and_traces_no_process),
		cmocka_unit_test(rngd_s_opener_opens_and_no_more),
		cmocka_unit_test(rngd_s_helper_removes_and_opens_nothing),
		cmocka_unit_test(rngd_stays_out_of_others_memory),
		cmocka_unit_test(
			random_bytes_come_from_the_vdso_in_each_sandbox),
		cmocka_unit_test(new_memory_is_never_executable),
	};

	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no filters of system calls here");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (vrng_sandbox_is_left_out()) {
		puts("1..0 # SKIP built without its sandbox");
		return 0;
	}
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
