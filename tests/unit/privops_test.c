// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Privileged operations: done by this process, or by the helper once there is
 * one. A child stands for rngd with a helper; it may give up its user, but only
 * if root runs this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "rngd/process/privops.h"

/* How long a helper may take to end on the slowest machine, ms. */
#define END_MS 20000

#define NOBODY 65534

static char folder[] = "/tmp/vrng-privops-XXXXXX";
static char listed[64], other[64];

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);

	assert_int_equal(write(fd, "abc", 3), 3);
	close(fd);
}

static int make_files(void **unused)
{
	(void)unused;
	make_file(listed);
	make_file(other);
	return 0;
}

static int remove_files(void **unused)
{
	(void)unused;
	(void)unlink(listed);
	(void)unlink(other);
	return 0;
}

/* ---------------------------------------------------------- a fake kernel */

/* Calls in this process: a helper counts its own. */
static unsigned int additions, reseeds;

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	(void)arg;
	additions += request == RNDADDENTROPY;
	reseeds += request == RNDRESEEDCRNG;
	return 0;
}

static const struct vrng_kernel_pool_system fake = { .ioctl = fake_ioctl };

/* -------------------------------------------------------- without a helper */

static struct rngd_privops *make(void)
{
	struct rngd_privops *p;

	assert_int_equal(rngd_privops_make(&p, NULL), 0);
	return p;
}

static void without_a_helper_this_process_does_it(void **unused)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_opener *opener = rngd_privops_opener(p);
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);
	int fd;

	(void)unused;
	assert_int_equal(rngd_privops_fd(p), -1);
	fd = vrng_open(opener, listed, O_RDONLY, 0);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(vrng_open(opener, "/no/such/path", O_RDONLY, 0),
			 -ENOENT);

	additions = 0;
	reseeds = 0;
	assert_int_equal(ops->credit(ops->opaque, pool, "abc", 3, 24, false),
			 0);
	assert_int_equal(additions, 1);
	assert_int_equal(reseeds, 0);
	assert_int_equal(ops->reseed(ops->opaque, pool), 0);
	assert_int_equal(reseeds, 1);
	assert_int_equal(ops->credit(ops->opaque, pool, "abc", 3, 25, false),
			 -EINVAL);
	assert_int_equal(additions, 1);
	vrng_kernel_pool_free(pool);
	rngd_privops_end(p, END_MS);
	rngd_privops_free(p);
}

static void files_that_are_still_ours_are_removed_at_the_end(void **unused)
{
	struct rngd_privops *p = make();
	struct vrng_ours file;

	(void)unused;
	assert_true(vrng_ours_note(&file, listed));
	rngd_privops_remove_at_end(p, &file);
	assert_true(vrng_ours_note(&file, other));
	file.ino++; /* another file has taken its place */
	rngd_privops_remove_at_end(p, &file);
	rngd_privops_end(p, END_MS);
	assert_int_equal(access(listed, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0);
	rngd_privops_free(p);
}

/* ----------------------------------------------------------- with a helper */

/* In a child: what does not hold ends it with @line. */
static void must_at(int line, bool holds)
{
	if (!holds)
		_exit(line % 255 + 1);
}

#define must(holds) must_at(__LINE__, holds)

static void start_helper(struct rngd_privops *p, struct vrng_kernel_pool *pool)
{
	struct rngd_helper_setup setup = {
		.pool = pool,
		.pid_fd = -1,
		.device[0] = { strdup(listed), O_RDONLY | VRNG_OPEN_FLAGS },
		.devices = 1,
	};
	struct vrng_ours file;

	must(vrng_ours_note(&file, other));
	rngd_privops_remove_at_end(p, &file);
	must(!rngd_privops_start(p, &setup, NULL));
	must(rngd_privops_fd(p) >= 0);
}

/* The status of a child that does @what. */
static void in_child(void (*what)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		alarm(60);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("line %d (modulo 255)", WEXITSTATUS(status) - 1);
}

static void become_nobody(void)
{
	must(!setgid(NOBODY) && !setuid(NOBODY));
}

static bool holds_abc(int fd)
{
	char got[4] = "";

	return read(fd, got, 3) == 3 && !strcmp(got, "abc");
}

static void open_by_helper(void)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_opener *opener = rngd_privops_opener(p);
	int fd;

	start_helper(p, pool);
	must(!chmod(folder, 0755));
	become_nobody();
	must(open(listed, O_RDONLY) == -1 && errno == EACCES);
	fd = vrng_open(opener, listed, O_RDONLY | VRNG_OPEN_FLAGS, 0);
	must(fd >= 0 && holds_abc(fd));
	must(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	must(vrng_open(opener, listed, O_RDWR | VRNG_OPEN_FLAGS, 0) == -EACCES);
	must(vrng_open(opener, other, O_RDONLY | VRNG_OPEN_FLAGS, 0) ==
	     -EACCES);
	must(vrng_open(opener, "/no/such/path", O_RDONLY, 0) == -ENOENT);
	fd = vrng_open(opener, "/dev/zero", O_RDONLY, 0);
	must(fd >= 0);

	must(!access(other, F_OK));
	rngd_privops_end(p, END_MS);
	must(access(other, F_OK) && !access(listed, F_OK));
	must(vrng_open(opener, listed, O_RDONLY | VRNG_OPEN_FLAGS, 0) ==
	     -EPIPE);
	rngd_privops_free(p);
}

static void the_helper_opens_the_files_of_its_list(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(open_by_helper);
}

static void credit_by_helper(void)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);
	int i;

	start_helper(p, pool);
	additions = 0;
	reseeds = 0;
	for (i = 0; i < 3; i++)
		must(!ops->credit(ops->opaque, pool, "abc", 3, 24, true));
	must(!ops->reseed(ops->opaque, pool));
	must(!additions && !reseeds);

	/* A failed credit is reported by the next operation. */
	must(!ops->credit(ops->opaque, pool, "abc", 3, 25, false));
	must(ops->reseed(ops->opaque, pool) == -EINVAL);

	rngd_privops_end(p, END_MS);
	must(ops->credit(ops->opaque, pool, "abc", 3, 24, false) == -EPIPE);
	must(ops->reseed(ops->opaque, pool) == -EPIPE);
	/* What root may open needs no helper. */
	must(vrng_open(rngd_privops_opener(p), listed,
		       O_RDONLY | VRNG_OPEN_FLAGS, 0) >= 0);
}

static void the_helper_credits_and_reseeds(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(credit_by_helper);
}

static void ask_helper_without_rights(void)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);

	if (!geteuid())
		become_nobody();
	start_helper(p, pool);
	must(ops->credit(ops->opaque, pool, "abc", 3, 24, false) == -EPERM);
	rngd_privops_end(p, END_MS);
}

static void a_helper_without_rights_reports_it(void **unused)
{
	(void)unused;
	assert_int_equal(chmod(folder, 0755), 0);
	in_child(ask_helper_without_rights);
}

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(listed, sizeof(listed), "%s/listed", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	return vrng_crypto_init(NULL);
}

static int remove_folder(void **unused)
{
	(void)unused;
	return rmdir(folder);
}

#define with_files(test) \
	cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_files(without_a_helper_this_process_does_it),
		with_files(files_that_are_still_ours_are_removed_at_the_end),
		with_files(the_helper_opens_the_files_of_its_list),
		with_files(the_helper_credits_and_reseeds),
		with_files(a_helper_without_rights_reports_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("privops", tests, make_folder,
					   remove_folder);
}
