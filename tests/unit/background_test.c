// SPDX-License-Identifier: GPL-2.0-or-later
/* No daemon is left behind by a starting process that ends early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/process/background.h"

/* A bound for waits, ms: generous for the slowest machine. */
#define PATIENCE 60000

/* How a stub of a daemon ends, for the case to see. */
enum {
	BY_SIGNAL = 40, /* it has read a signal */
	ALONE, /* its starting process has gone */
	LATE /* nobody ended it */
};

static char folder[] = "/tmp/background.XXXXXX";

static int begin(void **unused)
{
	(void)unused;
	/* A daemon without parent becomes a child of this process. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return -1;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int end(void **unused)
{
	(void)unused;
	return chdir("/") || rmdir(folder);
}

static bool there_is(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

static void await_file(const char *path)
{
	const uint64_t due = vrng_now_ms() + PATIENCE;

	while (!there_is(path)) {
		assert_true(vrng_now_ms() < due);
		(void)poll(NULL, 0, 5);
	}
}

/* Appears whole. */
static void note(const char *path, long number)
{
	FILE *file = fopen("new", "w");

	if (!file || fprintf(file, "%ld\n", number) < 0 || fclose(file) ||
	    rename("new", path))
		_exit(EX_OSERR);
}

static pid_t noted(const char *path)
{
	FILE *file;
	long number;

	await_file(path);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &number), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(unlink(path), 0);
	return (pid_t)number;
}

/* A daemon that starts slowly: until there is a file "go". */
static int stub(int ready_fd)
{
	const uint64_t due = vrng_now_ms() + PATIENCE;
	const struct timespec step = { .tv_nsec = 5000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	note("daemon", getpid());
	while (vrng_now_ms() < due) {
		if (sigtimedwait(&set, NULL, &step) == SIGTERM)
			return BY_SIGNAL;
		if (there_is("go"))
			return rngd_background_tell(ready_fd, EX_OK) ? LATE :
								       ALONE;
	}
	return LATE;
}

/* Run the starting process of a stub. */
static pid_t start(void)
{
	pid_t pid = fork();
	int ready_fd, status;

	assert_true(pid >= 0);
	if (pid)
		return pid;
	switch (rngd_background(&ready_fd, &status, NULL)) {
	case 0:
		_exit(stub(ready_fd));
	case 1:
		_exit(status);
	default:
		_exit(EX_OSERR);
	}
}

static int ended(pid_t pid)
{
	const uint64_t due = vrng_now_ms() + PATIENCE;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		assert_true(vrng_now_ms() < due);
		(void)poll(NULL, 0, 5);
	}
	return status;
}

static void let_go(void)
{
	FILE *file = fopen("go", "w");

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static void
a_signal_to_the_starting_process_ends_the_daemon_first(void **unused)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	pid_t starter, daemon;
	int status;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* nohup(1) has SIGHUP ignored. */
		assert_true(signal(signals[i], SIG_DFL) != SIG_ERR);
		starter = start();
		daemon = noted("daemon");
		assert_int_equal(kill(starter, signals[i]), 0);
		status = ended(starter);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		/* It was a child of the starting process, which has waited. */
		assert_int_equal(kill(daemon, 0), -1);
	}
}

static void a_daemon_whose_starting_process_was_killed_ends(void **unused)
{
	pid_t starter = start();
	pid_t daemon = noted("daemon");

	(void)unused;
	assert_int_equal(kill(starter, SIGKILL), 0);
	assert_true(WIFSIGNALED(ended(starter)));
	let_go();
	assert_int_equal(WEXITSTATUS(ended(daemon)), ALONE);
	assert_int_equal(unlink("go"), 0);
}

static void a_signal_that_the_caller_ignores_ends_nothing(void **unused)
{
	pid_t starter, daemon;

	(void)unused;
	assert_true(signal(SIGHUP, SIG_IGN) != SIG_ERR);
	starter = start();
	assert_true(signal(SIGHUP, SIG_DFL) != SIG_ERR);
	daemon = noted("daemon");
	assert_int_equal(kill(starter, SIGHUP), 0);
	let_go();
	assert_int_equal(ended(starter), 0);
	/* It was told: LATE is the end of the stub. */
	assert_int_equal(WEXITSTATUS(ended(daemon)), LATE);
	assert_int_equal(unlink("go"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_signal_to_the_starting_process_ends_the_daemon_first),
		cmocka_unit_test(
			a_daemon_whose_starting_process_was_killed_ends),
		cmocka_unit_test(a_signal_that_the_caller_ignores_ends_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}
