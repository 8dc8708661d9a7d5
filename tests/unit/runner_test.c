// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that runs programs: what it runs, and how a program ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/process/runner.h"

/* A bound for waits, ms: generous for the slowest machine. */
#define PATIENCE 20000

static char file[] = "/tmp/vrng-runner-XXXXXX";
static struct rngd_options options;
static struct rngd_runner *runner;

static void configure(const char *source)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fprintf(f, "source = %s\n", source) > 0);
	assert_int_equal(fclose(f), 0);
}

static int begin(void **unused)
{
	static char name[] = "rngd", config[64];
	static char *argv[] = { name, config, NULL };
	const struct rngd_runner_setup setup = {
		.argc = 2, .argv = argv, .folder = "/", .options = &options
	};

	(void)unused;
	memset(file + strlen(file) - 6, 'X', 6);
	close(mkstemp(file));
	snprintf(config, sizeof(config), "--config=%s", file);
	configure("exec:printf a,,b; exec sleep 1000");
	assert_int_equal(rngd_options_parse(&options, 2, argv, "/", NULL), 0);
	assert_int_equal(rngd_runner_start(&runner, &setup, NULL), 0);
	return 0;
}

/* All that the runner has left ends, and then it does. */
static int end(void **unused)
{
	(void)unused;
	rngd_runner_free(runner);
	rngd_options_free(&options);
	unlink(file);
	return wait(NULL) > 0 ? 0 : -1;
}

static bool polls(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, PATIENCE) == 1;
}

static void gives(int fd, const char *text)
{
	char got[16] = "";
	size_t n = 0;

	while (n < strlen(text)) {
		assert_true(polls(fd));
		assert_int_equal(read(fd, got + n++, 1), 1);
	}
	assert_string_equal(got, text);
}

static int status_by(int control)
{
	int status;

	assert_true(polls(control));
	assert_int_equal(recv(control, &status, sizeof(status), 0),
			 sizeof(status));
	return status;
}

#define FIRST "printf a,b; exec sleep 1000"

static void a_configured_command_runs_until_its_socket_is_closed(void **unused)
{
	int fds[2], status;

	(void)unused;
	assert_int_equal(rngd_runner_run(runner, FIRST, fds), 0);
	gives(fds[0], "a,b");
	assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
	status = status_by(fds[1]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	close(fds[0]);
	close(fds[1]);
}

static void a_command_that_is_not_configured_is_refused(void **unused)
{
	int fds[2];

	(void)unused;
	assert_int_equal(rngd_runner_run(runner, "printf a", fds), -EPERM);
	assert_int_equal(rngd_runner_run(runner, FIRST " ", fds), -EPERM);
	assert_int_equal(rngd_runner_run(runner, FIRST, fds), 0);
	gives(fds[0], "a,b");
	close(fds[0]);
	close(fds[1]);
}

static void a_command_that_was_configured_since_is_run(void **unused)
{
	int fds[2], status;

	(void)unused;
	assert_int_equal(rngd_runner_run(runner, "exit 3", fds), -EPERM);
	configure("exec:exit 3");
	assert_int_equal(rngd_runner_run(runner, "exit 3", fds), 0);
	status = status_by(fds[1]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	close(fds[0]);
	close(fds[1]);
}

static void a_program_that_ignores_sigterm_is_killed(void **unused)
{
	int fds[2], status;

	(void)unused;
	configure("exec:trap '' TERM; printf a; while :; do sleep 1; done");
	assert_int_equal(
		rngd_runner_run(runner,
				"trap '' TERM; printf a; while :; do sleep 1; "
				"done",
				fds),
		0);
	gives(fds[0], "a");
	assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
	status = status_by(fds[1]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	close(fds[0]);
	close(fds[1]);
}

/* end() waits for the runner, which waits for its programs. */
static void programs_end_with_the_process_that_asked(void **unused)
{
	int fds[2], i;

	(void)unused;
	for (i = 0; i < 8; i++) {
		assert_int_equal(rngd_runner_run(runner, FIRST, fds), 0);
		close(fds[0]);
		close(fds[1]);
	}
}

#define with_runner(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_runner(
			a_configured_command_runs_until_its_socket_is_closed),
		with_runner(a_command_that_is_not_configured_is_refused),
		with_runner(a_command_that_was_configured_since_is_run),
		with_runner(a_program_that_ignores_sigterm_is_killed),
		with_runner(programs_end_with_the_process_that_asked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
