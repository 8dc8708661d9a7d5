// SPDX-License-Identifier: GPL-2.0-or-later
/* What the sandbox lets through, and what ends the process, each in a child. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/sandbox.h"

#define PAGE 4096
#define FDS  100
#define DATA (32UL << 20)

static const struct sandbox plain = { .fds = FDS, .data = DATA };
static const struct sandbox connects = { .fds = FDS,
					 .data = DATA,
					 .connects = true };
static const struct sandbox gathers = { .fds = FDS,
					.data = DATA,
					.gathers = true };

/* The status of a child that does @what in a sandbox. */
static int status_of(void (*what)(void), const struct sandbox *box)
{
	pid_t child = fork();
	int status;

	if (!child) {
		alarm(20);
		if (sandbox_enter(box, NULL))
			_exit(99);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void assert_allowed(void (*what)(void))
{
	int status = status_of(what, &plain);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_ends(void (*what)(void))
{
	int status = status_of(what, &plain);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void must(bool is_so)
{
	if (!is_so)
		_exit(1);
}

/* ---- what it lives by ---- */

static void *in_thread(void *opaque)
{
	free(malloc(100000));
	return opaque;
}

static void live(void)
{
	unsigned char byte;
	pthread_t thread;
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED && !munmap(p, PAGE));
	must(getrandom(&byte, 1, 0) == 1);
	must(!pthread_create(&thread, NULL, in_thread, NULL));
	must(!pthread_join(thread, NULL));
	p = malloc(1 << 20);
	must(p);
	free(p);
}

/* ---- what it may not ---- */

static void open_file(void)
{
	must(open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
}

static void make_process(void)
{
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void connect_unix(void)
{
	must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
}

static void connect_inet(void)
{
	must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
}

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

static void trace_others(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void remove_file(void)
{
	unlink("/nonexistent");
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

static void what_it_does_not_need_ends_it(void **state)
{
	(void)state;
	assert_ends(open_file);
	assert_ends(make_process);
	assert_ends(run_program);
	assert_ends(connect_unix);
	assert_ends(connect_inet);
	assert_ends(send_pieces);
	assert_ends(map_code);
	assert_ends(make_code);
	assert_ends(kill_others);
	assert_ends(trace_others);
	assert_ends(remove_file);
	assert_ends(gain_limits);
}

static void a_client_may_connect_to_unix_sockets_alone(void **state)
{
	(void)state;
	assert_int_equal(status_of(connect_unix, &connects), 0);
	assert_int_equal(WTERMSIG(status_of(connect_inet, &connects)), SIGSYS);
}

static void a_server_may_send_what_lies_in_pieces(void **state)
{
	(void)state;
	assert_int_equal(status_of(send_pieces, &gathers), 0);
	assert_int_equal(WTERMSIG(status_of(connect_unix, &gathers)), SIGSYS);
}

static void use_up_memory(void)
{
	void *p = malloc(DATA);

	must(!p);
	free(p);
}

static void use_up_descriptors(void)
{
	int n = 0;

	while (fcntl(2, F_DUPFD_CLOEXEC, 0) >= 0)
		n++;
	must(errno == EMFILE && n < FDS);
}

/* Guests' memory is no memory of ours. */
static void map_guest(void)
{
	must(mmap(NULL, 1UL << 40, PROT_READ | PROT_WRITE,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_device_needs_is_allowed),
		cmocka_unit_test(what_it_does_not_need_ends_it),
		cmocka_unit_test(a_client_may_connect_to_unix_sockets_alone),
		cmocka_unit_test(a_server_may_send_what_lies_in_pieces),
		cmocka_unit_test(memory_and_descriptors_are_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (sandbox_is_left_out()) {
		puts("1..0 # SKIP built without its sandbox");
		return 0;
	}
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
