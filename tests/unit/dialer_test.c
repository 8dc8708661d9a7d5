// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that connects to front ends, and the lines of workers to it. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
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

#include "tests/device/vhost-user-rng/dialer.h"
#include "tests/unit/fds.h"
#include "tests/unit/machine.h"
#include "tests/unit/waiting.h"

#define BOUND_MS 10000

struct fixture {
	struct dialer dialer;
	char dir[40];
	char path[2][64];
	char *paths[3];
	int listener; /* at path[0]; nobody listens at path[1] */
	int fds;
};

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4))
		return -1;
	return fd;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	strcpy(f.dir, "/tmp/vrng-dialer_test.XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	for (int i = 0; i < 2; i++) {
		snprintf(f.path[i], sizeof(f.path[i]), "%s/%d", f.dir, i);
		f.paths[i] = f.path[i];
	}
	f.listener = listen_at(f.path[0]);
	*state = &f;
	return f.listener < 0 ? -1 : dialer_start(&f.dialer, f.paths, 2, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dialer_stop(&f->dialer);
	close(f->listener);
	unlink(f->path[0]);
	rmdir(f->dir);
	return fds_left(f->fds);
}

/* Without cmocka, which a process of its own cannot use. -ETIME: no answer. */
static int ask(int line)
{
	struct pollfd pfd = { .fd = line, .events = POLLIN };

	if (dialer_ask(line) || poll(&pfd, 1, BOUND_MS) != 1)
		return -ETIME;
	return dialer_answer(line);
}

static int answer(int line)
{
	const int fd = ask(line);

	assert_int_not_equal(fd, -ETIME);
	return fd;
}

static void it_connects_as_often_as_it_is_asked(void **state)
{
	struct fixture *f = *state;
	int line = dialer_line(&f->dialer, 0, NULL), fd, end;

	assert_true(line >= 0);
	assert_int_equal(dialer_answer(line), -EAGAIN);
	for (int i = 0; i < 3; i++) {
		fd = answer(line);
		assert_true(fd >= 0);
		end = accept(f->listener, NULL, NULL);
		assert_int_equal(send(fd, "x", 1, 0), 1);
		close(fd);
		close(end);
	}
	close(line);
}

static void it_tells_why_it_could_not(void **state)
{
	struct fixture *f = *state;
	int line = dialer_line(&f->dialer, 1, NULL);

	assert_true(line >= 0);
	assert_int_equal(answer(line), -ENOENT);
	assert_int_equal(answer(line), -ENOENT);
	close(line);
}

/* A line of no path is closed, and a second one of a path, too. */
static void it_connects_to_its_paths_alone(void **state)
{
	static const unsigned int paths[] = { 2, 0, 1000000, 0x80000000 };
	struct fixture *f = *state;
	int first = dialer_line(&f->dialer, 0, NULL), fd;

	fd = answer(first);
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int line = dialer_line(&f->dialer, paths[i], NULL);
		struct pollfd pfd = { .fd = line, .events = POLLIN };

		assert_true(line >= 0);
		(void)dialer_ask(line);
		assert_int_equal(poll(&pfd, 1, BOUND_MS), 1);
		fd = dialer_answer(line);
		assert_int_equal(fd, -EPIPE);
		close(line);
	}
	close(first);
}

/* ---- others of this user pass descriptors ---- */

#define NO_TRIAL 100

/*
 * In a process of its own: a dialer whose limit of descriptors is @limit is asked twice.
 * The status is 0 if both answers are connections, the number of the error if both are
 * that, or NO_TRIAL.
 */
static _Noreturn void dial_beside_others(struct fixture *f, rlim_t limit)
{
	struct dialer dialer;
	int line, first, second;

	if (waiting_begin(WAITING, limit) ||
	    dialer_start(&dialer, f->paths, 2, NULL) ||
	    waiting_limit(RLIM_INFINITY))
		_exit(NO_TRIAL);
	line = dialer_line(&dialer, 0, NULL);
	first = ask(line);
	second = ask(line);
	if (first >= 0 && second >= 0)
		_exit(0);
	_exit(first == second ? -first : ETIME);
}

static int status_beside_others(struct fixture *f, rlim_t limit)
{
	int status = -1;
	pid_t pid;

	/* for that user */
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(f->path[0], 0777), 0);
	pid = fork();
	if (!pid)
		dial_beside_others(f, limit);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* It had a limit of its own, which a few of them reached. */
static void others_may_pass_thousands(void **state)
{
	const int status = status_beside_others(*state, RLIM_INFINITY);

	if (status == NO_TRIAL)
		LEAVE_OUT("only root may be another user, with many files");
	assert_int_equal(status, 0);
}

static void too_many_are_an_error_and_not_its_end(void **state)
{
	const int status = status_beside_others(*state, 1024);

	if (status == NO_TRIAL)
		LEAVE_OUT("only root may be another user, with many files");
	assert_int_equal(status, ETOOMANYREFS);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(it_connects_as_often_as_it_is_asked),
		T(it_tells_why_it_could_not),
		T(it_connects_to_its_paths_alone),
		T(others_may_pass_thousands),
		T(too_many_are_an_error_and_not_its_end),
	};

	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no seccomp, which the dialer needs");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dialer", tests, NULL, NULL);
}
