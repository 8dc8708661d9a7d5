// SPDX-License-Identifier: GPL-2.0-or-later
/* A worker ends when it is stopped, also in rngd's sandbox. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/clock.h"
#include "rngd/process/sandbox.h"
#include "rngd/base/worker.h"
#include "tests/unit/machine.h"

/* In ms; only a hang takes so long. */
#define BOUND 20000

struct job {
	struct vrng_worker worker;
	int begun[2];
	int silent[2]; /* a pipe without data */
};

/* Tell that the thread has checked for a stop, and goes to wait. */
static void tell_that_it_waits(const struct job *job)
{
	if (write(job->begun[1], "", 1) != 1)
		_exit(4);
}

/* As in a library that a source calls, which does not know the worker. */
static void *wait_in_the_kernel(void *opaque)
{
	struct job *job = opaque;
	char byte;

	while (!vrng_worker_is_stopped(&job->worker)) {
		tell_that_it_waits(job);
		if (read(job->silent[0], &byte, 1) >= 0)
			break;
	}
	return NULL;
}

static void *wait_for_news(void *opaque)
{
	struct job *job = opaque;

	tell_that_it_waits(job);
	while (vrng_worker_wait_for(&job->worker, -1, 0, -1))
		;
	return NULL;
}

/* 0 if the worker ended. */
static int run_and_stop(void *(*run)(void *opaque))
{
	struct job job;
	bool ended;
	char byte;

	if (vrng_worker_init(&job.worker) || pipe2(job.begun, O_CLOEXEC) ||
	    pipe2(job.silent, O_CLOEXEC) ||
	    vrng_worker_start(&job.worker, run, &job) ||
	    read(job.begun[0], &byte, 1) != 1)
		return 1;
	vrng_worker_stop(&job.worker);
	ended = vrng_worker_join(&job.worker, vrng_now_ms() + BOUND);
	vrng_worker_free(&job.worker);
	return ended ? 0 : 2;
}

static void stops(void *(*run)(void *opaque))
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (machine_has_seccomp() &&
		    rngd_sandbox_enter(&rngd_sandbox_daemon))
			_exit(3);
		_exit(run_and_stop(run));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_stop_interrupts_a_system_call(void **state)
{
	(void)state;
	stops(wait_in_the_kernel);
}

static void a_stop_ends_a_wait(void **state)
{
	(void)state;
	stops(wait_for_news);
}

/* ---- the system's time is set during a join ---- */

static atomic_bool is_set; /* the system's time is a day ahead from now on */

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names, see unit.mk. */
int __real_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	int ret = __real_clock_gettime(id, ts);

	if (id == CLOCK_REALTIME && atomic_load(&is_set))
		ts->tv_sec += 86400;
	return ret;
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* Ends when the other end of the pipe is closed, and not before. */
static void *hang(void *opaque)
{
	struct job *job = opaque;
	char byte;

	while (read(job->silent[0], &byte, 1) < 0)
		;
	return NULL;
}

/* The alarm ends a join that waits for the day to pass. */
static void a_join_does_not_wait_by_the_systems_time(void **state)
{
	struct job job;

	(void)state;
	assert_int_equal(vrng_worker_init(&job.worker), 0);
	assert_int_equal(pipe2(job.silent, O_CLOEXEC), 0);
	assert_int_equal(vrng_worker_start(&job.worker, hang, &job), 0);
	vrng_worker_stop(&job.worker);
	alarm(BOUND / 1000);
	atomic_store(&is_set, true);
	assert_false(vrng_worker_join(&job.worker, vrng_now_ms() + 50));
	atomic_store(&is_set, false);
	alarm(0);
	close(job.silent[1]);
	assert_true(vrng_worker_join(&job.worker, vrng_now_ms() + BOUND));
	vrng_worker_free(&job.worker);
	close(job.silent[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stop_interrupts_a_system_call),
		cmocka_unit_test(a_stop_ends_a_wait),
		cmocka_unit_test(a_join_does_not_wait_by_the_systems_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
