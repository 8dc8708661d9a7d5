// SPDX-License-Identifier: GPL-2.0-or-later
/* Locked memory: what is said where a limit forbids it, and how the limit grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/locked.h"
#include "rngd/base/log.h"

#define NOBODY 65534
#define PAGE   4096

static unsigned int lines;

static void count(const struct vrng_log *log, enum vrng_log_level level,
		  const char *text)
{
	(void)log;
	(void)level;
	(void)text;
	lines++;
}

static struct vrng_log counting = { .sink = count };

/* In a child: what does not hold ends it. */
static void must(bool holds)
{
	if (!holds)
		_exit(1);
}

static void in_child(void (*what)(void))
{
	const pid_t child = fork();
	int status;

	if (!child) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void limit_to(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = { soft, hard };

	must(!setrlimit(RLIMIT_MEMLOCK, &limit));
}

static rlim_t limit_now(void)
{
	struct rlimit limit;

	must(!getrlimit(RLIMIT_MEMLOCK, &limit));
	return limit.rlim_cur;
}

/* Root's CAP_IPC_LOCK locks beyond any limit. */
static void become_nobody(void)
{
	if (!geteuid())
		must(!setgid(NOBODY) && !setuid(NOBODY));
}

static void allocate_beyond_the_limit(void)
{
	void *a, *b;

	become_nobody();
	limit_to(0, 0);
	must(vrng_locked_alloc(PAGE, NULL) && !lines);
	a = vrng_locked_alloc(PAGE, &counting);
	must(a && lines == 1);
	b = vrng_locked_alloc(PAGE, &counting);
	must(b && lines == 1);
	vrng_locked_free(a, PAGE);
	vrng_locked_free(b, PAGE);
}

static void memory_that_is_not_locked_is_reported_once(void **unused)
{
	(void)unused;
	in_child(allocate_beyond_the_limit);
}

static void raise_within_the_hard_limit(void)
{
	become_nobody();
	limit_to(0, (rlim_t)2 * PAGE);
	vrng_locked_allow(PAGE);
	must(limit_now() == PAGE);
	vrng_locked_allow(0);
	must(limit_now() == PAGE);
	vrng_locked_allow((size_t)4 * PAGE);
	must(limit_now() == (rlim_t)2 * PAGE);
}

static void the_limit_grows_as_far_as_it_may(void **unused)
{
	(void)unused;
	in_child(raise_within_the_hard_limit);
}

/* Hundreds of guests have buffers that they hardly use. */
static void pages_that_are_not_used_take_no_memory(void **unused)
{
	enum {
		PAGES = 8
	};
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *buf = vrng_locked_alloc(PAGES * page, NULL);
	unsigned char in_memory[PAGES];
	int n = 0;

	(void)unused;
	assert_non_null(buf);
	buf[page] = 1;
	assert_int_equal(mincore(buf, PAGES * page, in_memory), 0);
	for (int i = 0; i < PAGES; i++)
		n += in_memory[i] & 1;
	assert_int_equal(n, 1);
	vrng_locked_free(buf, PAGES * page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_that_are_not_used_take_no_memory),
		cmocka_unit_test(memory_that_is_not_locked_is_reported_once),
		cmocka_unit_test(the_limit_grows_as_far_as_it_may),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("locked", tests, NULL, NULL);
}
