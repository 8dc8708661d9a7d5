// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The source process gives bytes of each kind of source that needs it, and what it may
 * do meanwhile. Its sandbox is that of the real program; source_sandbox_test.c has what
 * that allows.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/clock.h"
#include "rngd/base/sandbox.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/entropy/source_opener.h"
#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/helper_user.h"
#include "tests/unit/machine.h"
#include "tests/unit/waiting.h"

#define BOUND_MS 20000

struct fixture {
	char dir[40];
	char path[64]; /* in it */
	struct shared_source shared;
	struct helper_user user;
	struct source_process process;
	pid_t server; /* 0: none */
	int fds;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .dir = "/tmp/vrng-process_test.XXXXXX",
			      .process = { .sock = -1 } };
	f.fds = fds_open();
	/* Another user's process goes in here. */
	if (!mkdtemp(f.dir) || chmod(f.dir, 0755))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/source", f.dir);
	*state = &f;
	return 0;
}

/* Reaps what is left of the opener, too. */
static int teardown(void **state)
{
	struct fixture *f = *state;
	const pid_t opener = f->process.opener.pid;

	source_process_stop(&f->process);
	if (f->process.pid > 0)
		waitpid(f->process.pid, NULL, 0);
	if (opener > 0)
		waitpid(opener, NULL, 0);
	shared_source_done(&f->shared);
	if (f->server > 0) {
		kill(f->server, SIGKILL);
		waitpid(f->server, NULL, 0);
	}
	unlink(f->path);
	if (rmdir(f->dir))
		return -1;
	return fds_left(f->fds);
}

static void begin(struct fixture *f, const char *spec)
{
	struct vrng_error error = { "" };

	assert_int_equal(helper_user_find(&f->user, NULL, &error), 0);
	assert_int_equal(shared_source_init(&f->shared, spec, "", NULL, &error),
			 0);
	assert_int_equal(shared_source_kind(&f->shared), SHARED_SOURCE_FETCHED);
	f->shared.user = &f->user;
	assert_int_equal(source_process_start(&f->process, &f->shared, &error),
			 0);
	source_process_want(&f->process, true);
	source_process_ask(&f->process, 4096);
}

/* Whether a byte comes; false: the process has ended. */
static bool gives_byte(struct fixture *f)
{
	struct pollfd pfd = { .fd = f->process.sock, .events = POLLIN };
	char byte;

	assert_int_equal(poll(&pfd, 1, BOUND_MS), 1);
	return recv(f->process.sock, &byte, 1, MSG_DONTWAIT) == 1;
}

/* ---- what /proc says ---- */

/* The line @name of the status of @pid, without the name. False: there is none. */
static bool status_of(pid_t pid, const char *name, char *text, size_t size)
{
	const size_t len = strlen(name);
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	*text = '\0';
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, len) && line[len] == ':') {
			line[strcspn(line, "\n")] = '\0';
			snprintf(text, size, "%s",
				 line + len + 1 + strspn(line + len + 1, "\t"));
		}
	if (file)
		fclose(file);
	return *text;
}

static unsigned long number_of(pid_t pid, const char *name, int base)
{
	char text[256];

	assert_true(status_of(pid, name, text, sizeof(text)));
	return strtoul(text, NULL, base);
}

/* A child of @pid, or 0. */
static pid_t child_of(pid_t pid)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	char parent[16];
	pid_t found = 0;

	assert_non_null(proc);
	while (!found && (entry = readdir(proc))) {
		const pid_t one = (pid_t)atoi(entry->d_name);

		if (one > 0 && status_of(one, "PPid", parent, sizeof(parent)) &&
		    atoi(parent) == pid)
			found = one;
	}
	closedir(proc);
	return found;
}

static void assert_confined(const struct fixture *f, pid_t pid)
{
	assert_true(pid > 0);
	assert_int_equal(number_of(pid, "Seccomp", 10), 2);
	assert_int_equal(number_of(pid, "NoNewPrivs", 10), 1);
	assert_int_equal(number_of(pid, "CapPrm", 16), 0);
	assert_int_equal(number_of(pid, "CapEff", 16), 0);
	assert_int_equal(number_of(pid, "Uid", 10),
			 geteuid() ? geteuid() : f->user.uid);
	assert_int_equal(number_of(pid, "Gid", 10),
			 geteuid() ? getegid() : f->user.gid);
}

/* The source @spec gives bytes, by processes that are confined. */
static void assert_works(struct fixture *f, const char *spec)
{
	begin(f, spec);
	assert_true(gives_byte(f));
	if (vrng_sandbox_is_left_out())
		return;
	assert_confined(f, f->process.pid);
	assert_confined(f, child_of(f->process.pid));
	if (!geteuid())
		assert_int_not_equal(f->user.uid, 0);
}

/* ---- files ---- */

static void put_file(const struct fixture *f)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "12345678", 8), 8);
	close(fd);
}

/* CAP_DAC_OVERRIDE is 1. */
static void a_file_of_the_program_s_user_is_read(void **state)
{
	struct fixture *f = *state;
	char spec[80];
	pid_t opener;

	put_file(f);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	assert_works(f, spec);
	opener = f->process.opener.pid;
	assert_true(opener > 0);
	if (vrng_sandbox_is_left_out())
		return;
	assert_int_equal(number_of(opener, "Seccomp", 10), 2);
	assert_int_equal(number_of(opener, "CapPrm", 16) & ~2UL, 0);
	assert_int_equal(number_of(opener, "Uid", 10), geteuid());
}

/* As root, another's file, which takes a capability to open. */
static void a_file_of_another_user_is_read_by_root(void **state)
{
	struct fixture *f = *state;
	char spec[80];

	if (geteuid())
		LEAVE_OUT("not root");
	put_file(f);
	assert_int_equal(chown(f->path, 4242, 4242), 0);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	assert_works(f, spec);
}

static void standard_input_is_a_file(void **state)
{
	struct fixture *f = *state;
	int before = dup(STDIN_FILENO), ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(write(ends[1], "12345678", 8), 8);
	assert_works(f, "file:/dev/stdin");
	dup2(before, STDIN_FILENO);
	close(before);
	close(ends[0]);
	close(ends[1]);
}

/* Each end of file closes it. */
static void a_file_is_opened_again(void **state)
{
	struct fixture *f = *state;
	char spec[80];
	int fd;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	begin(f, spec);
	for (int i = 0; i < 2; i++) {
		fd = open(f->path, O_WRONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "1", 1), 1);
		close(fd);
		assert_true(gives_byte(f));
	}
}

static void without_its_opener_the_process_ends(void **state)
{
	struct fixture *f = *state;
	char spec[80];

	assert_int_equal(mkfifo(f->path, 0600), 0);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	begin(f, spec);
	kill(f->process.opener.pid, SIGKILL);
	assert_false(gives_byte(f));
}

#define NO_TRIAL 100

/*
 * In a process of its own, whose user has too many descriptors waiting: the opener is
 * asked twice. The status is the number of the error, or NO_TRIAL.
 */
static _Noreturn void open_beside_others(void)
{
	static uint32_t asks;
	struct source_opener opener;
	struct vrng_opener asking;
	int first, second;

	if (waiting_begin(WAITING, 1024) ||
	    source_opener_start(&opener, "file:/dev/zero", NULL, NULL))
		_exit(NO_TRIAL);
	opener.asks = &asks;
	asking = source_opener_asking(&opener);
	first = vrng_open(&asking, "/dev/zero", O_RDONLY, 0);
	second = vrng_open(&asking, "/dev/zero", O_RDONLY, 0);
	_exit(first == second ? -first : ETIME);
}

static void too_many_descriptors_are_an_error_of_open(void **state)
{
	const pid_t pid = fork();
	int status = -1;

	(void)state;
	if (!pid)
		open_beside_others();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_TRIAL)
		LEAVE_OUT("only root may be another user, with many files");
	assert_int_equal(WEXITSTATUS(status), ETOOMANYREFS);
}

static void a_line_is_read_and_written(void **state)
{
	struct fixture *f = *state;
	char name[64], spec[96], init = 0;
	struct pollfd pfd = { .events = POLLIN };
	int slave;

	assert_int_equal(openpty(&pfd.fd, &slave, name, NULL, NULL), 0);
	snprintf(spec, sizeof(spec), "tty:%s,init=21", name);
	begin(f, spec);
	assert_int_equal(poll(&pfd, 1, BOUND_MS), 1);
	assert_int_equal(read(pfd.fd, &init, 1), 1);
	assert_int_equal(init, '!');
	assert_int_equal(write(pfd.fd, "12345678", 8), 8);
	assert_true(gives_byte(f));
	if (!vrng_sandbox_is_left_out())
		assert_confined(f, child_of(f->process.pid));
	close(slave);
	close(pfd.fd);
}

/* ---- programs ---- */

static void a_program_is_run(void **state)
{
	assert_works(*state, "exec:exec cat /dev/zero");
}

/* The source is the program's own standing: it has the user and the filter. */
static void programs_inherit_the_confinement(void **state)
{
	struct fixture *f = *state;
	pid_t program;

	begin(f, "exec:printf x; exec sleep 60");
	assert_true(gives_byte(f));
	if (vrng_sandbox_is_left_out())
		LEAVE_OUT("built without its sandbox");
	program = child_of(child_of(f->process.pid));
	assert_confined(f, program);
}

/* ---- peers ---- */

/* Answers one client, as an EGD server (@speaks) or with plain bytes. */
static void serve(int listener, bool speaks)
{
	unsigned char request[2], reply[256];
	int fd;

	memset(reply, 'x', sizeof(reply));
	for (;;) {
		fd = accept(listener, NULL, NULL);
		while (fd >= 0 && !speaks &&
		       send(fd, reply, sizeof(reply), MSG_NOSIGNAL) > 0)
			;
		while (fd >= 0 && speaks && read(fd, request, 2) == 2) {
			const bool says_length = request[0] == 1;

			reply[0] = says_length ? request[1] : 'x';
			if (send(fd, reply, request[1] + says_length,
				 MSG_NOSIGNAL) < 0)
				break;
		}
		if (fd >= 0)
			close(fd);
	}
}

static void start_server(struct fixture *f, int listener, bool speaks)
{
	assert_int_equal(listen(listener, 8), 0);
	f->server = fork();
	if (!f->server)
		serve(listener, speaks);
	close(listener);
}

static void serve_unix(struct fixture *f, bool speaks)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", f->path);
	assert_int_equal(bind(listener, (void *)&at, sizeof(at)), 0);
	assert_int_equal(chmod(f->path, 0666), 0);
	start_server(f, listener, speaks);
}

/* The port. */
static int serve_tcp(struct fixture *f, bool speaks)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(at);

	assert_int_equal(bind(listener, (void *)&at, len), 0);
	assert_int_equal(getsockname(listener, (void *)&at, &len), 0);
	start_server(f, listener, speaks);
	return ntohs(at.sin_port);
}

static void a_unix_socket_is_read(void **state)
{
	struct fixture *f = *state;
	char spec[80];

	serve_unix(f, false);
	snprintf(spec, sizeof(spec), "unix:%s", f->path);
	assert_works(f, spec);
}

/* Root's user is kept then, and nothing else of root's. */
static void a_socket_that_is_root_s_alone_is_read(void **state)
{
	struct fixture *f = *state;
	char spec[80];
	pid_t reader;

	if (geteuid())
		LEAVE_OUT("not root");
	serve_unix(f, false);
	assert_int_equal(chmod(f->path, 0600), 0);
	snprintf(spec, sizeof(spec), "unix:%s", f->path);
	begin(f, spec);
	assert_true(gives_byte(f));
	if (vrng_sandbox_is_left_out())
		return;
	reader = child_of(f->process.pid);
	assert_int_equal(number_of(reader, "Uid", 10), 0);
	assert_int_equal(number_of(reader, "Seccomp", 10), 2);
	assert_int_equal(number_of(reader, "CapPrm", 16), 0);
}

static void an_egd_server_at_a_unix_socket_is_read(void **state)
{
	struct fixture *f = *state;
	char spec[96];

	serve_unix(f, true);
	snprintf(spec, sizeof(spec), "egd:unix:%s,cache=65536", f->path);
	assert_works(f, spec);
}

static void a_tcp_server_is_found_by_its_name(void **state)
{
	struct fixture *f = *state;
	char spec[80];

	snprintf(spec, sizeof(spec), "tcp:localhost:%d", serve_tcp(f, false));
	assert_works(f, spec);
}

static void an_egd_server_in_the_network_is_read(void **state)
{
	struct fixture *f = *state;
	char spec[80];

	snprintf(spec, sizeof(spec), "egd:tcp:127.0.0.1:%d",
		 serve_tcp(f, true));
	assert_works(f, spec);
}

static void the_kernel_s_jitter_is_read(void **state)
{
	struct vrng_source *source;
	int err;

	assert_int_equal(vrng_source_parse(&source, "jitter",
					   &vrng_opener_plain, NULL),
			 0);
	err = vrng_source_check(source, NULL);
	vrng_source_free(source);
	if (err)
		LEAVE_OUT("a kernel without jitterentropy_rng");
	assert_works(*state, "jitter");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_file_of_the_program_s_user_is_read),
		EACH(a_file_of_another_user_is_read_by_root),
		EACH(standard_input_is_a_file),
		EACH(a_file_is_opened_again),
		EACH(without_its_opener_the_process_ends),
		EACH(too_many_descriptors_are_an_error_of_open),
		EACH(a_line_is_read_and_written),
		EACH(a_program_is_run),
		EACH(programs_inherit_the_confinement),
		EACH(a_unix_socket_is_read),
		EACH(a_socket_that_is_root_s_alone_is_read),
		EACH(an_egd_server_at_a_unix_socket_is_read),
		EACH(a_tcp_server_is_found_by_its_name),
		EACH(an_egd_server_in_the_network_is_read),
		EACH(the_kernel_s_jitter_is_read),
	};

	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no filters of system calls here");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("source process", tests, NULL, NULL);
}
