// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the helpers of the host's programs may do, and what they may not, each in a child
 * on this kernel: the source process by its kind of source, the process that opens its
 * file, and the one that watches a folder of guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
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
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/landlock.h"
#include "rngd/base/listener.h"
#include "rngd/base/sandbox.h"
#include "rngd/base/socket.h"
#include "tests/device/entropy/source_sandbox.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/helper_user.h"
#include "tests/device/vhost-user-rng/folder_sandbox.h"
#include "tests/unit/machine.h"

#define PAGE 4096

/* A folder with a file, and one beside it with another. */
static struct {
	char top[40];
	char mine[64], others[64];
	char my_file[80], others_file[80];
} place;

/* ---- children ---- */

/* One of the three. */
struct confinement {
	const char *source;
	bool opens; /* in place.mine */
	bool writes; /* likewise */
	bool folder; /* watches place.mine */
};

static int enter(const struct confinement *c)
{
	char *folders[] = { place.mine, NULL };
	char page[80];
	const struct fork_signs signs = { .page_path = page };

	snprintf(page, sizeof(page), "%s/none/yet/page", place.mine);

	if (c->source)
		return source_sandbox_enter(c->source, NULL, &signs, NULL);
	if (c->opens)
		return source_sandbox_enter_opener(folders, 2, c->writes, NULL);
	return folder_sandbox_enter(place.mine, NULL);
}

static int status_in(const struct confinement *c, void (*what)(void))
{
	const pid_t child = fork();
	int status;

	if (!child) {
		alarm(20);
		if (enter(c))
			_exit(99);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void allows(const struct confinement *c, void (*what)(void))
{
	const int status = status_in(c, what);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void kills(const struct confinement *c, void (*what)(void))
{
	const int status = status_in(c, what);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void must(bool is_so)
{
	if (!is_so)
		_exit(1);
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

/* ---- acts ---- */

/* As the supervisor does it. */
static void make_itself_again(void)
{
	const pid_t child = fork();
	int status;

	must(child >= 0);
	if (!child)
		_exit(0);
	must(waitpid(child, &status, 0) == child && !status);
}

static void read_my_file(void)
{
	must(open(place.my_file, O_RDONLY | O_CLOEXEC) >= 0);
}

static void write_my_file(void)
{
	must(open(place.my_file, O_RDWR | O_CLOEXEC) >= 0);
}

static void fail_to_write_my_file(void)
{
	must(open(place.my_file, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES);
}

static void read_others_file(void)
{
	must(open(place.others_file, O_RDONLY | O_CLOEXEC) >= 0);
}

static void fail_to_read_others_file(void)
{
	must(open(place.others_file, O_RDONLY | O_CLOEXEC) < 0 &&
	     errno == EACCES);
}

static void fail_to_write_others_file(void)
{
	must(open(place.others_file, O_WRONLY | O_CLOEXEC) < 0 &&
	     errno == EACCES);
}

static void write_others_file(void)
{
	must(open(place.others_file, O_WRONLY | O_CLOEXEC) >= 0);
}

static void remove_my_file(void)
{
	unlink(place.my_file);
}

static void run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(1);
}

static void map_code(void)
{
	mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	     0);
}

static void kill_others(void)
{
	kill(getppid(), 0);
}

static void trace_others(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void make_namespace(void)
{
	must(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) < 0);
}

static void make_socket(int family)
{
	must(vrng_socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
}

static void make_unix_socket(void)
{
	make_socket(AF_UNIX);
}

static void make_inet_socket(void)
{
	make_socket(AF_INET);
}

static void make_crypto_socket(void)
{
	(void)vrng_socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

static void ask_terminal(void)
{
	struct termios termios;

	(void)tcgetattr(STDIN_FILENO, &termios);
	(void)ioctl(STDIN_FILENO, TIOCEXCL);
}

static void take_terminal(void)
{
	(void)ioctl(STDIN_FILENO, TIOCEXCL);
}

static void type_into_terminal(void)
{
	(void)ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static void find_host(void)
{
	struct addrinfo *list = NULL;

	if (!getaddrinfo("localhost", "1", NULL, &list))
		freeaddrinfo(list);
}

static void find_user(void)
{
	(void)getpwnam("nobody");
	(void)getpwnam("vrng-no-such-user");
}

/* ---- the source process ---- */

static const char *const no_files[] = { "file:/x", "tty:/x", "unix:/x",
					"egd:unix:/x", "jitter" };
static const char *const names[] = { "tcp:x:1", "egd:tcp:x:1" };

static void does_what_no_reader_may(const struct confinement *c)
{
	kills(c, run_program);
	kills(c, kill_others);
	kills(c, trace_others);
	kills(c, remove_my_file);
	kills(c, make_namespace);
	kills(c, type_into_terminal);
}

static void a_reader_reads_signs_of_forks_and_no_other_file(void **state)
{
	const bool is_bound = machine_has_landlock();

	(void)state;
	for (size_t i = 0; i < sizeof(no_files) / sizeof(*no_files); i++) {
		const struct confinement c = { .source = no_files[i] };

		allows(&c, make_itself_again);
		/* in the folder where the page is to be */
		allows(&c, read_my_file);
		if (is_bound) {
			allows(&c, fail_to_read_others_file);
			allows(&c, fail_to_write_my_file);
		}
#ifndef __s390x__ /* whose mmap() takes a pointer: the filter sees no protection */
		kills(&c, map_code);
#endif
		does_what_no_reader_may(&c);
	}
	if (!is_bound)
		LEAVE_OUT("a part: a kernel without Landlock");
}

static void a_reader_makes_the_sockets_of_its_kind(void **state)
{
	const struct confinement file = { .source = "file:/x" };
	const struct confinement at_unix = { .source = "unix:/x" };
	const struct confinement crypto = { .source = "jitter" };
	const struct confinement network = { .source = "egd:tcp:x:1" };

	(void)state;
	kills(&file, make_unix_socket);
	allows(&at_unix, make_unix_socket);
	kills(&at_unix, make_inet_socket);
	allows(&crypto, make_crypto_socket);
	kills(&crypto, make_unix_socket);
	allows(&network, make_inet_socket);
	kills(&network, make_crypto_socket);
}

static void a_reader_of_a_line_sets_it_up(void **state)
{
	const struct confinement line = { .source = "tty:/x" };
	const struct confinement file = { .source = "file:/x" };

	(void)state;
	allows(&line, ask_terminal);
	kills(&file, take_terminal);
}

static void a_reader_that_looks_up_names_writes_no_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct confinement c = { .source = names[i] };

		allows(&c, find_host);
		allows(&c, read_others_file);
		if (machine_has_landlock())
			allows(&c, fail_to_write_others_file);
		does_what_no_reader_may(&c);
	}
}

/* ---- programs ---- */

static const struct confinement programs = { .source = "exec:x" };

static void shell(const char *text)
{
	const int status = system(text);

	must(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void run_shell(void)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "set -e; cat %s | grep -q .; echo y >%s/new; rm %s/new;"
		 "(exit 3) || true; kill -0 $$; sleep 0",
		 place.others_file, place.others, place.others);
	shell(text);
}

static void refused(long result)
{
	must(result < 0 && errno == EPERM);
}

static void reach_beyond(void)
{
	refused(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
	refused(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
	refused(unshare(CLONE_NEWUSER));
	refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
	refused(mount("none", "/mnt", "tmpfs", 0, NULL));
	refused(chroot("/"));
	refused(syscall(SYS_add_key, "user", "x", "y", 1, 0));
	refused(syscall(SYS_bpf, 0, NULL, 0));
	refused(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
	refused(ioctl(STDIN_FILENO, TIOCSTI, "x"));
	must(syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS);
}

static void read_memory_of_parent(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
	must(open(path, O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
}

static void programs_do_what_a_user_may(void **state)
{
	(void)state;
	allows(&programs, run_program);
	allows(&programs, run_shell);
	allows(&programs, write_others_file);
	allows(&programs, make_inet_socket);
	allows(&programs, find_host);
}

static void programs_do_not_reach_beyond_their_user(void **state)
{
	(void)state;
	allows(&programs, reach_beyond);
	if (!machine_has_landlock())
		LEAVE_OUT("a kernel without Landlock");
	allows(&programs, read_memory_of_parent);
}

/* ---- the user ---- */

static void be_another_user(void)
{
	const struct helper_user user = { .changes = true,
					  .uid = 4242,
					  .gid = 4243 };

	must(!source_sandbox_enter("exec:x", &user, NULL, NULL));
	must(getuid() == 4242 && geteuid() == 4242);
	must(getgid() == 4243 && getegid() == 4243);
	must(getgroups(0, NULL) == 0);
	must(setuid(0) < 0);
	must(open(place.my_file, O_RDONLY | O_CLOEXEC) < 0);
	must(errno == EACCES);
}

static void root_s_source_process_becomes_another_user(void **state)
{
	const pid_t child = geteuid() ? 0 : fork();
	int status;

	(void)state;
	if (geteuid())
		LEAVE_OUT("not root");
	if (!child) {
		be_another_user();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_user_is_looked_for(void **state)
{
	struct helper_user user;
	struct vrng_error error;

	(void)state;
	assert_int_equal(helper_user_find(&user, "vrng-no-such-user", &error),
			 -EINVAL);
	assert_non_null(strstr(error.text, "--source-user"));
	assert_int_equal(helper_user_find(&user, NULL, &error), 0);
	assert_int_equal(user.changes, !geteuid());
	assert_int_not_equal(user.uid, 0);
	if (geteuid()) {
		assert_int_equal(helper_user_find(&user, "0", &error), -EINVAL);
		return;
	}
	assert_int_equal(helper_user_find(&user, "4242", &error), 0);
	assert_true(user.changes);
	assert_int_equal(user.uid, 4242);
	assert_int_equal(helper_user_find(&user, "root", &error), 0);
	assert_false(user.changes);
}

/* ---- the opener ---- */

static void an_opener_opens_and_no_more(void **state)
{
	const struct confinement c = { .opens = true };

	(void)state;
	allows(&c, read_my_file);
	kills(&c, run_program);
	kills(&c, make_unix_socket);
	kills(&c, remove_my_file);
	kills(&c, make_itself_again);
	kills(&c, kill_others);
	kills(&c, map_code);
}

static void an_opener_stays_in_its_folder(void **state)
{
	const struct confinement reads = { .opens = true };
	const struct confinement writes = { .opens = true, .writes = true };

	(void)state;
	if (!machine_has_landlock())
		LEAVE_OUT("a kernel without Landlock");
	allows(&reads, fail_to_read_others_file);
	allows(&reads, fail_to_write_my_file);
	allows(&writes, write_my_file);
	allows(&writes, fail_to_read_others_file);
	allows(&writes, fail_to_write_others_file);
}

/* ---- the folder of guests ---- */

static int listen_in(const char *folder)
{
	const struct vrng_listener_as as = { .mode = 0600,
					     .uid = geteuid(),
					     .gid = getegid() };
	struct vrng_listener listener;
	char path[96];
	int err;

	snprintf(path, sizeof(path), "%s/socket", folder);
	err = vrng_listener_open(&listener, path, &as, NULL);
	if (!err)
		vrng_listener_remove(&listener);
	return err;
}

static void make_socket_for_guest(void)
{
	must(!listen_in(place.mine));
}

static void make_socket_elsewhere(void)
{
	must(listen_in(place.others) == -EACCES);
}

static void the_folder_s_process_makes_sockets_there_alone(void **state)
{
	const struct confinement c = { .folder = true };

	(void)state;
	allows(&c, make_socket_for_guest);
	allows(&c, read_others_file);
	allows(&c, find_user);
	kills(&c, run_program);
	kills(&c, make_itself_again);
	kills(&c, trace_others);
	kills(&c, kill_others);
	kills(&c, make_crypto_socket);
	if (!machine_has_landlock())
		LEAVE_OUT("the rest: a kernel without Landlock");
	allows(&c, make_socket_elsewhere);
	allows(&c, fail_to_write_others_file);
}

static void give_socket_away(void)
{
	const struct vrng_listener_as as = { .mode = 0600,
					     .uid = 4242,
					     .gid = 4242 };
	struct vrng_listener listener;
	char path[96];
	struct stat st;

	snprintf(path, sizeof(path), "%s/socket", place.mine);
	must(!vrng_listener_open(&listener, path, &as, NULL));
	must(!lstat(path, &st) && st.st_uid == 4242 && st.st_gid == 4242);
	vrng_listener_remove(&listener);
	must(lstat(path, &st) < 0);
}

static void the_folder_s_process_gives_sockets_to_owners(void **state)
{
	const struct confinement c = { .folder = true };

	(void)state;
	if (geteuid())
		LEAVE_OUT("not root");
	allows(&c, give_socket_away);
}

/* ---- the place ---- */

static bool put(char *path, size_t size, const char *folder)
{
	int fd;

	snprintf(path, size, "%s/file", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd >= 0 && write(fd, "x\n", 2) == 2 && !close(fd);
}

static int make_place(void **state)
{
	(void)state;
	strcpy(place.top, "/tmp/vrng-sandbox.XXXXXX");
	if (!mkdtemp(place.top))
		return -1;
	snprintf(place.mine, sizeof(place.mine), "%s/mine", place.top);
	snprintf(place.others, sizeof(place.others), "%s/others", place.top);
	if (mkdir(place.mine, 0755) || mkdir(place.others, 0755))
		return -1;
	return put(place.my_file, sizeof(place.my_file), place.mine) &&
			       put(place.others_file, sizeof(place.others_file),
				   place.others) ?
		       0 :
		       -1;
}

static int remove_place(void **state)
{
	(void)state;
	return unlink(place.my_file) || unlink(place.others_file) ||
	       rmdir(place.mine) || rmdir(place.others) || rmdir(place.top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_reader_reads_signs_of_forks_and_no_other_file),
		cmocka_unit_test(a_reader_makes_the_sockets_of_its_kind),
		cmocka_unit_test(a_reader_of_a_line_sets_it_up),
		cmocka_unit_test(a_reader_that_looks_up_names_writes_no_file),
		cmocka_unit_test(programs_do_what_a_user_may),
		cmocka_unit_test(programs_do_not_reach_beyond_their_user),
		cmocka_unit_test(root_s_source_process_becomes_another_user),
		cmocka_unit_test(a_user_is_looked_for),
		cmocka_unit_test(an_opener_opens_and_no_more),
		cmocka_unit_test(an_opener_stays_in_its_folder),
		cmocka_unit_test(
			the_folder_s_process_makes_sockets_there_alone),
		cmocka_unit_test(the_folder_s_process_gives_sockets_to_owners),
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
	return cmocka_run_group_tests_name("source sandbox", tests, make_place,
					   remove_place);
}
