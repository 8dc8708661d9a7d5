// SPDX-License-Identifier: GPL-2.0-or-later
/* Source "exec:COMMAND": children that write, end, fail, hang and fork. */
#include "tests/unit/source_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The child prints its process id first. */
static pid_t read_pid(struct vrng_source *src)
{
	char text[16] = "";
	size_t n = 0;

	do
		rig_read_all(src, text + n, 1);
	while (text[n++] != '\n' && n < sizeof(text) - 1);
	assert_true(atoi(text) > 1);
	return atoi(text);
}

/*
 * True once the process @pid has ended; a zombie that waits for init counts as
 * ended. Waits for a bounded time, since a killed process may take a moment.
 */
static bool is_gone(pid_t pid)
{
	const uint64_t until = now_ms() + RIG_MS;
	char path[64], state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (now_ms() < until) {
		FILE *f = fopen(path, "r");

		if (!f)
			return true;
		if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = '?';
		fclose(f);
		if (state == 'Z' || state == 'X')
			return true;
	}
	return false;
}

static void a_command_is_read_to_its_end(void **unused)
{
	struct vrng_source *src = rig_open("exec:printf hello");
	char got[8];

	(void)unused;
	rig_read_all(src, got, 5);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(rig_read(src, got, 1), 0);
	rig_said("exec:printf hello: ended with status 0");
	vrng_source_close(src);

	assert_int_equal(vrng_source_open(src, NULL), 0);
	rig_read_all(src, got, 5);
	assert_memory_equal(got, "hello", 5);
	vrng_source_free(src);
}

static void the_status_of_a_child_is_reported(void **unused)
{
	static const struct {
		const char *spec;
		const char *text;
	} table[] = {
		{ "exec:exit 3", "ended with status 3" },
		{ "exec:kill -9 $$", "ended by signal 9 (Killed)" },
		{ "exec:/no/such/program", "the command was not found" },
		{ "exec:/dev/null", "the command may not be run" },
	};
	int before = dup(STDERR_FILENO);
	int quiet = open("/dev/null", O_WRONLY);
	struct vrng_source *src;
	size_t i;
	char byte;

	(void)unused;
	/* a child inherits standard error: keep it quiet */
	assert_int_equal(dup2(quiet, STDERR_FILENO), STDERR_FILENO);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		src = rig_open(table[i].spec);
		assert_int_equal(rig_read(src, &byte, 1), -EIO);
		rig_said(table[i].spec);
		rig_said(table[i].text);
		vrng_source_free(src);
	}
	assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
	close(quiet);
	close(before);
}

static void a_command_that_is_not_there_fails_the_check(void **unused)
{
	struct vrng_source *src = rig_parse("exec:/no/such/program -x");

	(void)unused;
	assert_int_equal(vrng_source_check(src, &rig_why), -ENOENT);
	rig_said("No such file or directory");
	vrng_source_free(src);
	src = rig_parse("exec:/bin/sh -c 'exit 1'");
	assert_int_equal(vrng_source_check(src, NULL), 0);
	vrng_source_free(src);
	rig_refused("exec");
	rig_refused("exec:");
}

static void a_silent_command_never_makes_a_read_wait(void **unused)
{
	struct vrng_source *src = rig_open("exec:sleep 1000");
	const uint64_t before = now_ms();
	char byte;

	(void)unused;
	assert_int_equal(vrng_source_read(src, &byte, 1, NULL), -EAGAIN);
	assert_false(rig_polls(src, 0));
	vrng_source_free(src);
	assert_true(now_ms() - before < 1000000);
}

static void closing_ends_the_child_and_all_of_its_group(void **unused)
{
	struct vrng_source *src =
		rig_open("exec:sleep 1000 & echo $!; echo $$; wait");
	pid_t grandchild = read_pid(src);
	pid_t child = read_pid(src);

	(void)unused;
	assert_int_equal(kill(grandchild, 0), 0);
	assert_int_equal(getpgid(grandchild), child);
	assert_int_not_equal(getpgid(child), getpgid(0));
	vrng_source_close(src);
	assert_true(is_gone(child));
	assert_true(is_gone(grandchild));
	assert_int_equal(kill(child, 0), -1);
	vrng_source_free(src);
}

static void a_child_that_ignores_sigterm_is_killed(void **unused)
{
	struct vrng_source *src = rig_open(
		"exec:trap '' TERM; echo $$; while :; do sleep 1000; done");
	pid_t child = read_pid(src);

	(void)unused;
	vrng_source_close(src);
	assert_int_equal(kill(child, 0), -1);
	vrng_source_free(src);
}

static void processes_that_outlive_the_command_are_killed(void **unused)
{
	struct vrng_source *src =
		rig_open("exec:sleep 1000 >/dev/null & echo $!; exit 0");
	pid_t grandchild = read_pid(src);
	char byte;

	(void)unused;
	assert_int_equal(rig_read(src, &byte, 1), 0);
	assert_true(is_gone(grandchild));
	vrng_source_free(src);
}

static void a_child_that_closes_its_output_and_stays_is_a_failure(void **unused)
{
	struct vrng_source *src =
		rig_open("exec:echo $$; exec >&-; sleep 1000");
	pid_t child = read_pid(src);
	char byte;

	(void)unused;
	assert_int_equal(rig_read(src, &byte, 1), -EIO);
	rig_said("closed its output and goes on");
	vrng_source_free(src);
	assert_true(is_gone(child));
}

/*
 * Signals from 32 on that a child always ignores: those of the C library or of
 * an emulator.
 */
static uint64_t ignored_by_others(void)
{
	FILE *child = popen("grep ^SigIgn: /proc/self/status", "r");
	char line[64] = "";
	uint64_t set;

	assert_non_null(child);
	assert_non_null(fgets(line, sizeof(line), child));
	set = strtoull(line + sizeof("SigIgn:"), NULL, 16);
	assert_int_equal(pclose(child), 0);
	return (set & ~0x7fffffffULL) | 0x180000000ULL;
}

/* Default signals, an empty standard input, no file and no service of ours. */
static void the_child_inherits_nothing_it_should_not(void **unused)
{
	struct vrng_source *src;
	int leak = dup(STDOUT_FILENO);
	sigset_t set, before;
	char text[64] = "";

	(void)unused;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(setenv("NOTIFY_SOCKET", "/socket", 1), 0);
	src = rig_open("exec:grep -E '^Sig(Blk|Ign):' /proc/self/status | "
		       "cut -f2 | tr -d '\\n'; cat; "
		       "ls /proc/self/fd | wc -w; "
		       "echo ${NOTIFY_SOCKET-none} ${PATH:+path}");
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	rig_read_all(src, text, 44);
	/* 0, 1, 2 and the folder */
	assert_string_equal(text + 32, "4\nnone path\n");
	text[32] = '\0';
	assert_int_equal(strtoull(text + 16, NULL, 16) & ~ignored_by_others(),
			 0);
	text[16] = '\0';
	assert_int_equal(strtoull(text, NULL, 16), 0);
	vrng_source_free(src);
	close(leak);
}

static void the_output_flows_however_long_it_is(void **unused)
{
	enum {
		TOTAL = 1 << 20
	};
	struct vrng_source *src =
		rig_open("exec:head -c 1048576 /dev/zero | tr '\\0' x");
	char *got = calloc(1, TOTAL + 1);

	(void)unused;
	assert_non_null(got);
	rig_read_all(src, got, TOTAL);
	assert_int_equal(strspn(got, "x"), TOTAL);
	assert_int_equal(rig_read(src, got, 1), 0);
	vrng_source_free(src);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_read_to_its_end),
		cmocka_unit_test(the_status_of_a_child_is_reported),
		cmocka_unit_test(a_command_that_is_not_there_fails_the_check),
		cmocka_unit_test(a_silent_command_never_makes_a_read_wait),
		cmocka_unit_test(closing_ends_the_child_and_all_of_its_group),
		cmocka_unit_test(a_child_that_ignores_sigterm_is_killed),
		cmocka_unit_test(processes_that_outlive_the_command_are_killed),
		cmocka_unit_test(
			a_child_that_closes_its_output_and_stays_is_a_failure),
		cmocka_unit_test(the_child_inherits_nothing_it_should_not),
		cmocka_unit_test(the_output_flows_however_long_it_is),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
