// SPDX-License-Identifier: GPL-2.0-or-later
/* The socket that gives the statistics to each connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/runtime/exporter.h"
#include "tests/unit/fds.h"

#define TEXT  "what there is to tell"
#define BOUND 10000000000ULL /* ns; only a hang takes so long */

struct fixture {
	struct loop loop;
	struct exporter exporter;
	char dir[40];
	char path[64];
	int sock; /* the client's */
	int fds;
};

#define LONG (3UL << 20) /* more than a socket holds */

static unsigned int given; /* texts */
static bool is_long; /* what is given next */
static uint64_t cost; /* of it: processor time, ns */

static uint64_t processor_time(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static char *give(void *unused, size_t *len)
{
	const uint64_t begin = processor_time();

	(void)unused;
	given++;
	while (processor_time() - begin < cost)
		;
	*len = is_long ? LONG : strlen(TEXT);
	return is_long ? calloc(1, LONG) : strdup(TEXT);
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	given = 0;
	is_long = false;
	cost = 0;
	f.fds = fds_open();
	strcpy(f.dir, "/tmp/vrng-exporter_test.XXXXXX");
	if (!mkdtemp(f.dir) || loop_init(&f.loop))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/socket", f.dir);
	f.exporter.loop = &f.loop;
	f.exporter.text = give;
	f.sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*state = &f;
	return f.sock < 0 ? -1 : exporter_start(&f.exporter, f.path, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vrng_listener_remove(&f->exporter.listener);
	exporter_stop(&f->exporter);
	loop_done(&f->loop);
	close(f->sock);
	rmdir(f->dir);
	return fds_left(f->fds);
}

static void dial(struct fixture *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strcpy(at.sun_path, f->path);
	assert_int_equal(connect(f->sock, (struct sockaddr *)&at, sizeof(at)),
			 0);
}

static void assert_told(struct fixture *f)
{
	uint64_t end = vrng_now() + BOUND;
	char got[64];
	ssize_t n;

	while ((n = recv(f->sock, got, sizeof(got), MSG_DONTWAIT)) < 0) {
		assert_true(vrng_now() < end);
		loop_step(&f->loop, 10);
	}
	assert_int_equal(n, strlen(TEXT));
	assert_memory_equal(got, TEXT, strlen(TEXT));
	assert_int_equal(recv(f->sock, got, sizeof(got), 0), 0);
}

static void each_connection_gets_the_text(void **state)
{
	dial(*state);
	assert_told(*state);
}

static void a_long_text_is_sent_in_pieces(void **state)
{
	struct fixture *f = *state;
	uint64_t end = vrng_now() + BOUND;
	static char got[65536];
	size_t sum = 0;
	ssize_t n;

	is_long = true;
	dial(f);
	while ((n = recv(f->sock, got, sizeof(got), MSG_DONTWAIT))) {
		assert_true(vrng_now() < end);
		if (n > 0)
			sum += (size_t)n;
		else
			loop_step(&f->loop, 10);
	}
	assert_int_equal(sum, LONG);
}

/* The next one waits for it no longer than EXPORTER_PATIENCE_NS. */
static void a_client_that_does_not_read_is_dropped(void **state)
{
	struct fixture *f = *state;
	int lazy = f->sock;

	is_long = true;
	dial(f);
	while (!given)
		loop_step(&f->loop, 10);
	is_long = false;
	f->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	dial(f);
	assert_told(f);
	close(lazy);
}

/* A client that connects again and again takes a bounded share of the loop. */
static void answers_are_rationed(void **state)
{
	struct fixture *f = *state;
	uint64_t begin = vrng_now();
	unsigned int told = 0;

	for (int i = 0; i < 40; i++) {
		dial(f);
		for (int k = 0; k < 3; k++)
			loop_step(&f->loop, 0);
		close(f->sock);
		f->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	}
	told = given;
	assert_true(told >= 1);
	assert_true(told <= 2 + (vrng_now() - begin) / EXPORTER_EACH_NS);
	/* and none is forgotten */
	for (uint64_t end = vrng_now() + BOUND; given < 40;) {
		assert_true(vrng_now() < end);
		loop_step(&f->loop, 10);
	}
}

/* For what time a timer was last set. */
static uint64_t last_time;

void __real_loop_timer_set(int fd, uint64_t when);
void __wrap_loop_timer_set(int fd, uint64_t when);

void __wrap_loop_timer_set(int fd, uint64_t when)
{
	last_time = when;
	__real_loop_timer_set(fd, when);
}

/* As with hundreds of guests. */
static void a_text_that_costs_more_is_given_less_often(void **state)
{
	struct fixture *f = *state;
	const uint64_t begin = vrng_now();

	cost = 20000000;
	dial(f);
	assert_told(f);
	while (!last_time || f->exporter.client.fd >= 0)
		loop_step(&f->loop, 10);
	assert_true(cost * (EXPORTER_SHARE - 1) > EXPORTER_EACH_NS);
	assert_true(last_time >= begin + cost * EXPORTER_SHARE);
}

/* Allow no further descriptor. */
static void limit_fds(struct rlimit *before)
{
	int next = dup(STDERR_FILENO);
	struct rlimit cut;

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
	cut = *before;
	cut.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &cut), 0);
}

static void a_connection_without_a_descriptor_is_taken_later(void **state)
{
	struct fixture *f = *state;
	struct rlimit before;
	uint64_t begin = vrng_now();
	unsigned int steps = 0;

	dial(f);
	limit_fds(&before);
	for (int i = 0; i < 1000; i++)
		steps += loop_step(&f->loop, 0) == 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(steps);
	/* Two events for each pause: its end, and the next try. */
	assert_true(steps <=
		    1 + 2 * (1 + (vrng_now() - begin) / EXPORTER_PAUSE_NS));
	assert_told(f);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_connection_gets_the_text),
		T(a_long_text_is_sent_in_pieces),
		T(a_client_that_does_not_read_is_dropped),
		T(answers_are_rationed),
		T(a_text_that_costs_more_is_given_less_often),
		T(a_connection_without_a_descriptor_is_taken_later),
	};

	alarm(120); /* ends a case that hangs */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("exporter", tests, NULL, NULL);
}
