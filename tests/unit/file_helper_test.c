// SPDX-License-Identifier: GPL-2.0-or-later
/* When the helper writes statistics and finds signs; sandbox_test.c has what it may do. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/clock.h"
#include "rngd/base/log.h"
#include "tests/device/runtime/file_helper.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/unit/fds.h"
#include "tests/unit/machine.h"
#include "tests/unit/waiting.h"

#define BOUND_MS 10000

struct fixture {
	char dir[40];
	char path[64];
	struct loop loop;
	struct vrng_log log;
	struct file_helper helper;
	struct fork_signs signs;
	unsigned int texts; /* how often the statistics were asked for */
	char said[256];
	int fds;
};

/* Of vrng_now(), linked with --wrap. Each time is over for the kernel's timers. */
static uint64_t now;

uint64_t __wrap_vrng_now(void);

uint64_t __wrap_vrng_now(void)
{
	return now;
}

static void note_line(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	struct fixture *f = log->opaque;

	(void)level;
	snprintf(f->said, sizeof(f->said), "%s", text);
}

static char *text(void *opaque, size_t *len)
{
	struct fixture *f = opaque;
	char *line = NULL;
	const int n = asprintf(&line, "texts %u\n", ++f->texts);

	*len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : line;
}

static void remove_nothing(void *opaque)
{
	(void)opaque;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	now = VRNG_NS_PER_S;
	strcpy(f.dir, "/tmp/vrng-helper_test.XXXXXX");
	if (!mkdtemp(f.dir) || loop_init(&f.loop))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/stats", f.dir);
	f.log = (struct vrng_log){ .sink = note_line, .opaque = &f };
	f.helper = (struct file_helper){ .loop = &f.loop,
					 .log = &f.log,
					 .stats = f.path,
					 .text = text,
					 .remove_sockets = remove_nothing,
					 .opaque = &f };
	*state = &f;
	return file_helper_start(&f.helper, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	file_helper_end(&f->helper);
	loop_done(&f->loop);
	unlink(f->path);
	rmdir(f->dir);
	return fds_left(f->fds);
}

/* The helper's answer comes, and the file has what was asked for then. */
static void assert_written(struct fixture *f, const char *line)
{
	char got[32] = "";
	FILE *file;

	while (f->helper.answer.fd >= 0)
		assert_int_equal(loop_step(&f->loop, BOUND_MS), 1);
	assert_string_equal(f->said, "");
	file = fopen(f->path, "re");
	assert_non_null(file);
	if (file && fgets(got, sizeof(got), file))
		assert_string_equal(got, line);
	if (file)
		fclose(file);
}

/* A guest that comes and goes all the time is a change each time. */
static void changes_are_written_once_a_second(void **state)
{
	struct fixture *f = *state;

	file_helper_changed(&f->helper);
	assert_int_equal(f->texts, 1);
	assert_written(f, "texts 1\n");
	for (int i = 0; i < 100; i++) {
		now += FILE_HELPER_CHANGE_NS / 200;
		file_helper_changed(&f->helper);
	}
	loop_step(&f->loop, 0);
	assert_int_equal(f->texts, 1);
	/* and the last of them is */
	now += FILE_HELPER_CHANGE_NS / 2;
	while (f->texts < 2)
		assert_int_equal(loop_step(&f->loop, BOUND_MS), 1);
	assert_written(f, "texts 2\n");
	assert_int_equal(loop_step(&f->loop, 0), 0);
	assert_int_equal(f->texts, 2);
}

static void what_is_asked_for_is_written_at_once(void **state)
{
	struct fixture *f = *state;

	file_helper_changed(&f->helper);
	assert_written(f, "texts 1\n");
	file_helper_report(&f->helper);
	assert_written(f, "texts 2\n");
}

/* A disk that is slow is asked for one file more and not for a hundred. */
static void reports_meanwhile_are_one_more(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++)
		file_helper_report(&f->helper);
	assert_int_equal(f->texts, 1);
	assert_written(f, "texts 2\n");
	assert_int_equal(f->texts, 2);
}

/* ---- others of this user pass descriptors ---- */

#define NO_TRIAL 100
#define LOOK_MS	 20

static bool has_found(struct fixture *f, int ms)
{
	return loop_step(&f->loop, ms) == 1 && f->signs.n == 1;
}

/*
 * In a process of its own: a page appears while no descriptor can be passed. The status
 * is 0 if it is found when that is over, or NO_TRIAL.
 */
static _Noreturn void find_beside_others(struct fixture *f)
{
	pid_t others;
	int fd, status = NO_TRIAL;

	others = waiting_others(1024);
	if (others < 0)
		goto end;
	fork_signs_open(&f->signs);
	if (file_helper_start(&f->helper, NULL))
		goto end;
	fd = open(f->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	status = fd < 0 || has_found(f, 20 * LOOK_MS);
	waiting_end(others);
	others = -1;
	if (!status)
		status = !has_found(f, BOUND_MS);
end:
	waiting_end(others);
	_exit(status);
}

static void a_sign_that_cannot_be_passed_is_found_again(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { .log = f->log };
	int status = -1;
	pid_t pid;

	assert_int_equal(chmod(f->dir, 0777), 0);
	snprintf(other.path, sizeof(other.path), "%s/page", f->dir);
	assert_int_equal(loop_init(&other.loop), 0);
	other.signs = (struct fork_signs){ .page_path = other.path,
					   .counts = "/none",
					   .ids = "/none" };
	other.helper = (struct file_helper){ .loop = &other.loop,
					     .log = &other.log,
					     .remove_sockets = remove_nothing,
					     .signs = &other.signs,
					     .look_ms = LOOK_MS };
	pid = fork();
	if (!pid)
		find_beside_others(&other);
	loop_done(&other.loop);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(other.path);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_TRIAL)
		LEAVE_OUT("only root may be another user, with many files");
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(changes_are_written_once_a_second),
		T(what_is_asked_for_is_written_at_once),
		T(reports_meanwhile_are_one_more),
		T(a_sign_that_cannot_be_passed_is_found_again),
	};

	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no seccomp, which the helper needs");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("file helper", tests, NULL, NULL);
}
