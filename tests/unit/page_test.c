// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generation page, as programs see it that have it mapped, and the record beside it.
 * Children of this process stand for clones: they have the same memory, and a generator
 * of the kernel that gives all of them the same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "rngd/fork/page.h"
#include "rngd/fork/past.h"
#include "rngd/signs/vmclock_page.h"
#include "vrng/generation.h"

static char folder[32], path[64], other[64];
static struct rngd_page page;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's name, see unit.mk. */
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	(void)flags;
	memset(buf, 0x55, len);
	return (ssize_t)len;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static int begin(void **unused)
{
	(void)unused;
	(void)snprintf(folder, sizeof(folder), "/tmp/page.XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/run/vmclock", folder);
	(void)snprintf(other, sizeof(other), "%s/other", folder);
	page.fd = -1;
	return 0;
}

static int end(void **unused)
{
	char run[64];

	(void)unused;
	rngd_page_close(&page);
	(void)unlink(path);
	(void)unlink(other);
	(void)snprintf(run, sizeof(run), "%s/run", folder);
	(void)rmdir(run);
	return rmdir(folder);
}

static const struct rngd_vmclock_page *map(void)
{
	const int fd = open(path, O_RDONLY);
	const void *mapped =
		mmap(NULL, RNGD_PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);

	assert_true(mapped != MAP_FAILED);
	close(fd);
	return mapped;
}

static void unmap(const struct rngd_vmclock_page *mapped)
{
	(void)munmap((void *)(uintptr_t)mapped, RNGD_PAGE_SIZE);
}

static void a_new_page_has_vmclocks_layout_and_all_may_read_it(void **unused)
{
	const struct rngd_vmclock_page *mapped;
	struct stat st;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	mapped = map();
	assert_memory_equal(mapped, "VCLK", 4);
	assert_int_equal(le32toh(mapped->size), 4096);
	assert_int_equal(le16toh(mapped->version), 1);
	assert_int_equal(mapped->counter_id, 0xff);
	assert_int_equal(le64toh(mapped->flags), 1 << 8);
	assert_int_equal(le64toh(mapped->generation), page.generation);
	assert_true(page.generation != 0);
	assert_int_equal(mapped->sequence % 2, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_size, 4096);
	unmap(mapped);
}

static void a_change_reaches_those_who_have_it_mapped(void **unused)
{
	const struct rngd_vmclock_page *mapped;
	uint64_t before, marker;
	int i;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	mapped = map();
	for (i = 0; i < 100; i++) {
		before = vrng_generation(mapped);
		marker = mapped->disruption_marker;
		rngd_page_change(&page, "");
		assert_true(vrng_generation(mapped) != before);
		assert_true(mapped->disruption_marker != marker);
		assert_int_equal(vrng_generation(mapped), page.generation);
		assert_int_equal(le32toh(mapped->sequence), 2 * i + 4);
	}
	unmap(mapped);
}

static void another_rngd_goes_on_with_the_page(void **unused)
{
	const struct rngd_vmclock_page *mapped;
	uint64_t before;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	mapped = map();
	before = page.generation;
	rngd_page_close(&page);
	rngd_page_change(&page, "");
	assert_int_equal(vrng_generation(mapped), before);
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	assert_int_equal(page.generation, before);
	rngd_page_change(&page, "");
	assert_true(vrng_generation(mapped) != before);
	unmap(mapped);
}

/* The rngd before was killed while it changed the page: its readers wait. */
static void a_page_that_was_left_odd_gets_another_value(void **unused)
{
	const uint32_t odd = htole32(7);
	const struct rngd_vmclock_page *mapped;
	uint64_t before;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	before = page.generation;
	assert_int_equal(pwrite(page.fd, &odd, sizeof(odd),
				offsetof(struct rngd_vmclock_page, sequence)),
			 sizeof(odd));
	rngd_page_close(&page);
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	mapped = map();
	assert_int_equal(le32toh(mapped->sequence), 8);
	assert_true(vrng_generation(mapped) != before);
	unmap(mapped);
}

static void what_is_no_page_becomes_one(void **unused)
{
	FILE *file;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	rngd_page_close(&page);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("nothing of the kind\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	assert_true(page.generation != 0);
}

static void a_page_has_one_rngd(void **unused)
{
	struct rngd_page second = { .fd = -1 };

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	assert_int_equal(rngd_page_open(&second, path, NULL), -EBUSY);
	assert_int_equal(second.fd, -1);
}

static void no_link_is_followed(void **unused)
{
	struct stat st;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	rngd_page_close(&page);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(rngd_page_open(&page, path, NULL), -EPERM);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(rngd_page_open(&page, path, NULL), -EPERM);
	assert_int_equal(stat(other, &st), -1);
}

#define CLONES 8

static uint64_t change_in_clone(void)
{
	uint64_t value = 0;
	int end[2];
	pid_t pid;

	assert_int_equal(pipe(end), 0);
	pid = fork();
	if (!pid) {
		rngd_page_change(&page, "");
		_exit(write(end[1], &page.generation, sizeof(value)) !=
		      sizeof(value));
	}
	assert_int_equal(read(end[0], &value, sizeof(value)), sizeof(value));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(end[0]);
	close(end[1]);
	return value;
}

/* By the processor's instruction, or by clocks. */
static void siblings_whose_kernels_agree_have_different_values(void **unused)
{
	uint64_t value[CLONES];
	size_t i, j;

	(void)unused;
	assert_int_equal(rngd_page_open(&page, path, NULL), 0);
	for (i = 0; i < CLONES; i++) {
		value[i] = change_in_clone();
		assert_true(value[i] != page.generation);
		for (j = 0; j < i; j++)
			assert_true(value[i] != value[j]);
	}
}

/* -------------------------------------------------------------------- record */

static void the_next_rngd_reads_what_was_done(void **unused)
{
	const struct rngd_past done = { 1, 2, 3 };
	struct rngd_past past = { 0, 0, 0 };
	bool is_there = true;
	int fd;

	(void)unused;
	fd = rngd_past_open(path, &past, &is_there);
	assert_true(fd >= 0);
	assert_false(is_there);
	rngd_past_write(fd, &done);
	assert_int_equal(rngd_past_open(path, &past, &is_there), -EBUSY);
	close(fd);
	fd = rngd_past_open(path, &past, &is_there);
	assert_true(fd >= 0 && is_there);
	assert_memory_equal(&past, &done, sizeof(past));
	assert_int_equal(ftruncate(fd, 8), 0);
	close(fd);
	fd = rngd_past_open(path, &past, &is_there);
	assert_true(fd >= 0);
	assert_false(is_there);
	close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_new_page_has_vmclocks_layout_and_all_may_read_it),
		CASE(a_change_reaches_those_who_have_it_mapped),
		CASE(another_rngd_goes_on_with_the_page),
		CASE(a_page_that_was_left_odd_gets_another_value),
		CASE(what_is_no_page_becomes_one),
		CASE(a_page_has_one_rngd),
		CASE(no_link_is_followed),
		CASE(siblings_whose_kernels_agree_have_different_values),
		CASE(the_next_rngd_reads_what_was_done),
	};

	if (vrng_crypto_init(NULL))
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
