// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of VM forks that come while a program runs, in files like those of rngd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/device/runtime/fork_signs.h"
#include "tests/unit/fds.h"

struct fixture {
	char folder[40], page[48], counts[56], ids[56];
	struct fork_signs signs;
	int fds;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	strcpy(f.folder, "/tmp/vrng-fork_signs.XXXXXX");
	if (!mkdtemp(f.folder))
		return -1;
	snprintf(f.page, sizeof(f.page), "%s/page", f.folder);
	snprintf(f.counts, sizeof(f.counts), "%s/count*", f.folder);
	snprintf(f.ids, sizeof(f.ids), "%s/id*", f.folder);
	f.signs.page_path = f.page;
	f.signs.counts = f.counts;
	f.signs.ids = f.ids;
	fork_signs_open(&f.signs);
	*state = &f;
	return 0;
}

static void path_of(const struct fixture *f, char *path, size_t size,
		    const char *name)
{
	assert_true(snprintf(path, size, "%s/%s", f->folder, name) < (int)size);
}

static void write_file(const struct fixture *f, const char *name,
		       const char *text)
{
	char path[64];
	FILE *file;

	path_of(f, path, sizeof(path), name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_file(const struct fixture *f, const char *name)
{
	char path[64];

	path_of(f, path, sizeof(path), name);
	(void)unlink(path);
}

static int teardown(void **state)
{
	static const char *const names[] = { "page", "count0", "count1",
					     "id0" };
	struct fixture *f = *state;
	size_t i;

	fork_signs_close(&f->signs);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove_file(f, names[i]);
	return rmdir(f->folder) || fds_left(f->fds);
}

static void write_page(const struct fixture *f, uint64_t generation)
{
	const int fd = open(f->page, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(pwrite(fd, &generation, sizeof(generation), 104),
			 sizeof(generation));
	close(fd);
}

/* The file helper's copy, whose descriptors are other ones. */
static struct fork_signs copy_of(const struct fixture *f)
{
	struct fork_signs copy = f->signs;

	fork_signs_reopen(&copy);
	return copy;
}

/* The memory that the copies share is the original's. */
static void forget(struct fork_signs *copy)
{
	copy->added = NULL;
	fork_signs_close(copy);
}

/* Hand what the helper has found to the program, as SCM_RIGHTS does. */
static unsigned int hand_over(struct fork_signs *helper,
			      struct fork_signs *program)
{
	const struct fork_sign *found;
	struct fork_sign sign;
	unsigned int n = 0;

	while ((found = fork_signs_find(helper))) {
		sign = *found;
		sign.fd = dup(found->fd);
		assert_true(sign.fd >= 0);
		fork_signs_add(program, &sign);
		n++;
	}
	return n;
}

static void a_sign_that_comes_later_is_found_once(void **state)
{
	struct fixture *f = *state;
	struct fork_signs helper = copy_of(f);

	assert_int_equal(fork_signs_count(&f->signs), 0);
	assert_int_equal(hand_over(&helper, &f->signs), 0);
	write_page(f, 7);
	write_file(f, "count0", "3\n");
	write_file(f, "id0", "\n");
	assert_int_equal(hand_over(&helper, &f->signs), 3);
	assert_int_equal(hand_over(&helper, &f->signs), 0);
	assert_int_equal(fork_signs_count(&f->signs), 2);
	assert_int_equal(fork_signs_now(&f->signs), 10);
	assert_false(fork_signs_settled(&f->signs));
	write_page(f, 8);
	assert_int_equal(fork_signs_now(&f->signs), 11);
	forget(&helper);
}

/* The driver was bound to the device anew: its file is another one. */
static void a_device_that_is_bound_anew_is_another_sign(void **state)
{
	struct fixture *f = *state;
	struct fork_signs helper;

	write_file(f, "count0", "3\n");
	helper = copy_of(f);
	assert_int_equal(fork_signs_count(&helper), 1);
	write_file(f, "count1", "4\n");
	remove_file(f, "count0");
	assert_int_equal(hand_over(&helper, &f->signs), 1);
	assert_int_equal(fork_signs_now(&f->signs), 4);
	forget(&helper);
}

/* A process that reads for us and one that gives bytes away compare their numbers. */
static void a_process_follows_what_another_one_adds(void **state)
{
	struct fixture *f = *state;
	struct fork_signs helper = copy_of(f), reader = copy_of(f);

	write_page(f, 7);
	fork_signs_follow(&reader);
	assert_int_equal(fork_signs_count(&reader), 0);
	assert_int_equal(hand_over(&helper, &f->signs), 1);
	assert_int_not_equal(fork_signs_now(&reader),
			     fork_signs_now(&f->signs));
	fork_signs_follow(&reader);
	assert_int_equal(fork_signs_now(&reader), fork_signs_now(&f->signs));
	assert_int_equal(fork_signs_now(&reader), 7);
	forget(&helper);
	forget(&reader);
}

static void signs_beyond_the_most_are_closed(void **state)
{
	struct fixture *f = *state;
	struct fork_sign sign = { .kind = FORK_SIGN_COUNT };
	int i;

	write_file(f, "count0", "1\n");
	for (i = 0; i < FORK_SIGNS_MAX + 3; i++) {
		sign.fd = open(f->folder, O_RDONLY | O_DIRECTORY);
		assert_true(sign.fd >= 0);
		fork_signs_add(&f->signs, &sign);
	}
	assert_int_equal(fork_signs_count(&f->signs), FORK_SIGNS_MAX);
	assert_int_equal(fork_signs_now(&f->signs), 0);
}

static void no_page_is_looked_for_with_none(void **state)
{
	struct fixture *f = *state;

	write_page(f, 7);
	f->signs.page_path = "none";
	assert_null(fork_signs_find(&f->signs));
	assert_int_equal(fork_signs_count(NULL), 0);
	assert_int_equal(fork_signs_now(NULL), 0);
	assert_true(fork_signs_settled(NULL));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_sign_that_comes_later_is_found_once),
		T(a_device_that_is_bound_anew_is_another_sign),
		T(a_process_follows_what_another_one_adds),
		T(signs_beyond_the_most_are_closed),
		T(no_page_is_looked_for_with_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fork signs", tests, NULL, NULL);
}
