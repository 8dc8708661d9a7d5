// SPDX-License-Identifier: GPL-2.0-or-later
/* Which hooks run after a VM fork, in what order, and what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/fork/hooks.h"
#include "tests/unit/machine.h"

/* A bound for waits, ms: generous for the slowest machine. */
#define PATIENCE 20000

static char folder[] = "/tmp/hooks.XXXXXX";
static struct rngd_hooks *hooks;
static struct rngd_hooks_order order;

static void path_of(char *path, size_t size, const char *name)
{
	assert_true(snprintf(path, size, "%s/%s", folder, name) < (int)size);
}

/* Hooks write to said.txt, which is no name of a hook. */
static void write_hook(const char *name, mode_t mode, const char *command)
{
	char path[64];
	FILE *file;

	path_of(path, sizeof(path), name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "#!/bin/sh\ncd %s\n%s\n", folder, command) >
		    0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void said(const char *text)
{
	char path[64], got[256] = "";
	FILE *file;

	path_of(path, sizeof(path), "said.txt");
	file = fopen(path, "r");
	if (file) {
		got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
		(void)fclose(file);
	}
	assert_string_equal(got, text);
}

static int begin(void **unused)
{
	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(rngd_hooks_start(&hooks, folder, NULL), 0);
	assert_non_null(hooks);
	order = (struct rngd_hooks_order){ .number = 99,
					   .generation = 7,
					   .fork = true,
					   .source = "kernel-log",
					   .clone_id = "00ff" };
	return 0;
}

static int end(void **unused)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	char path[300];

	(void)unused;
	rngd_hooks_end(hooks);
	while (dir && (entry = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
			       entry->d_name);
		(void)unlink(path);
	}
	if (dir)
		closedir(dir);
	return rmdir(folder);
}

static struct rngd_hooks_done run(void)
{
	struct pollfd pfd = { .fd = rngd_hooks_fd(hooks), .events = POLLIN };
	struct rngd_hooks_done done;

	assert_int_equal(rngd_hooks_run(hooks, &order), 0);
	assert_int_equal(poll(&pfd, 1, PATIENCE), 1);
	assert_int_equal(rngd_hooks_take(hooks, &done), 1);
	assert_int_equal(done.number, 99);
	return done;
}

static void hooks_run_in_order_and_are_told_the_reason(void **unused)
{
	struct rngd_hooks_done done;

	(void)unused;
	write_hook("20-b", 0700, "echo b $VRNG_REASON >>said.txt");
	write_hook("10-a", 0755,
		   "echo a $VRNG_GENERATION $VRNG_FRESH >>said.txt; exit 3");
	done = run();
	assert_int_equal(done.run, 2);
	assert_int_equal(done.failed, 1);
	assert_int_equal(done.refused, 0);
	said("a 7 no\nb fork\n");
}

/* The process that gives the order has fewer rights than the hooks. */
static void hooks_are_told_the_clone_and_the_sign_in_plain_words(void **unused)
{
	(void)unused;
	write_hook("1", 0700,
		   "echo \"$VRNG_CLONE_ID $VRNG_SOURCE\" >>said.txt");
	assert_int_equal(run().failed, 0);
	memset(order.clone_id, 'a', sizeof(order.clone_id));
	(void)snprintf(order.source, sizeof(order.source), "agent;$(id)\n");
	assert_int_equal(run().failed, 0);
	said("00ff kernel-log\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa agent\n");
}

/*
 * The script is open in its shell, as 10 or so: of the program ls itself, 0, 1, 2
 * and the folder are.
 */
static void a_hook_gets_nothing_of_rngd_s(void **unused)
{
	const mode_t mask = umask(0);
	const int leak = dup(STDERR_FILENO);

	(void)unused;
	rngd_hooks_end(hooks);
	assert_int_equal(setenv("NOTIFY_SOCKET", "/socket", 1), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "1", 1), 0);
	assert_int_equal(rngd_hooks_start(&hooks, folder, NULL), 0);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	(void)umask(mask);
	write_hook("1", 0700,
		   "echo ${NOTIFY_SOCKET-none} ${WATCHDOG_USEC-none} $OLDPWD "
		   "$(umask) $(ls /proc/self/fd | wc -w) >>said.txt");
	assert_int_equal(run().failed, 0);
	said("none none / 0077 4\n");
	close(leak);
}

static void only_programs_of_plain_names_run(void **unused)
{
	struct rngd_hooks_done done;

	(void)unused;
	write_hook("a.sh", 0755, "echo a >>said.txt");
	write_hook("b~", 0755, "echo b >>said.txt");
	write_hook("c", 0644, "echo c >>said.txt");
	done = run();
	assert_int_equal(done.run + done.failed + done.refused, 0);
	said("");
}

static void a_hook_that_others_may_write_is_not_run(void **unused)
{
	struct rngd_hooks_done done;

	(void)unused;
	write_hook("1", 0777, "echo 1 >>said.txt");
	write_hook("2", 0775, "echo 2 >>said.txt");
	write_hook("3", 0755, "echo 3 >>said.txt");
	done = run();
	assert_int_equal(done.run, 1);
	assert_int_equal(done.failed, 0);
	assert_int_equal(done.refused, 2);
	assert_string_equal(done.name, "1");
	said("3\n");
}

/* Only root can give a file to another user. */
static void a_hook_of_another_user_is_not_run(void **unused)
{
	char path[64];

	(void)unused;
	write_hook("1", 0755, "echo 1 >>said.txt");
	path_of(path, sizeof(path), "1");
	if (chown(path, 65534, 65534))
		LEAVE_OUT("a file cannot be given away");
	assert_int_equal(run().refused, 1);
	said("");
}

static void nothing_runs_in_a_folder_that_others_may_write(void **unused)
{
	struct rngd_hooks_done done;

	(void)unused;
	write_hook("1", 0755, "echo 1 >>said.txt");
	assert_int_equal(chmod(folder, 01777), 0);
	done = run();
	assert_int_equal(done.run, 0);
	assert_int_equal(done.refused, 1);
	assert_string_equal(done.name, folder);
	said("");
}

static void without_a_folder_there_are_no_hooks(void **unused)
{
	struct rngd_hooks *none = hooks;

	(void)unused;
	assert_int_equal(rngd_hooks_start(&none, "/nowhere", NULL), 0);
	assert_null(none);
	assert_int_equal(rngd_hooks_start(&none, "none", NULL), 0);
	assert_null(none);
	assert_int_equal(rngd_hooks_fd(none), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_hook_gets_nothing_of_rngd_s,
						begin, end),
		cmocka_unit_test_setup_teardown(
			hooks_are_told_the_clone_and_the_sign_in_plain_words,
			begin, end),
		cmocka_unit_test_setup_teardown(
			hooks_run_in_order_and_are_told_the_reason, begin, end),
		cmocka_unit_test_setup_teardown(
			only_programs_of_plain_names_run, begin, end),
		cmocka_unit_test_setup_teardown(
			a_hook_that_others_may_write_is_not_run, begin, end),
		cmocka_unit_test_setup_teardown(
			a_hook_of_another_user_is_not_run, begin, end),
		cmocka_unit_test_setup_teardown(
			nothing_runs_in_a_folder_that_others_may_write, begin,
			end),
		cmocka_unit_test_setup_teardown(
			without_a_folder_there_are_no_hooks, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
