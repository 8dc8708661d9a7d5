// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory map: address lookups, and regions that are refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/guest-memory/map.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/unit/machine.h"

#define PAGE	  ((uint64_t)sysconf(_SC_PAGESIZE))
#define FILE_SIZE ((size_t)(16 * PAGE)) /* bytes, at first */
#define BYTES	  (5ULL << 30) /* limit for the regions of one guest */

struct fixture {
	struct memmap *map;
	int fd;
	unsigned char *file; /* the same file, as the guest maps it */
};

static int setup(void **state)
{
	static struct fixture f;

	f.map = memmap_new(BYTES);
	f.fd = memfd_create("map_test", MFD_CLOEXEC);
	if (!f.map || f.fd < 0 || ftruncate(f.fd, (off_t)FILE_SIZE))
		return -1;
	f.file = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, f.fd,
		      0);
	*state = &f;
	return f.file == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	memmap_free(f->map);
	munmap(f->file, FILE_SIZE);
	close(f->fd);
	return 0;
}

static int add(struct fixture *f, uint64_t guest, uint64_t size, uint64_t front,
	       uint64_t offset)
{
	struct memmap_region r = { guest, size, front, offset };
	struct vrng_error error = { "" };
	int err = memmap_add(f->map, &r, f->fd, &error);

	/* each refusal has an error text */
	assert_int_equal(!err, !error.text[0]);
	return err;
}

static void guest_and_front_end_addresses_are_not_mixed_up(void **state)
{
	struct fixture *f = *state;
	size_t len = 8;
	unsigned char *p;

	assert_int_equal(add(f, 0x100000, 4 * PAGE, 0x700000, PAGE), 0);
	p = memmap_guest(f->map, 0x100010, &len);
	assert_non_null(p);
	*p = 0xaa;
	assert_int_equal(f->file[PAGE + 0x10], 0xaa);
	assert_ptr_equal(memmap_front(f->map, 0x700010, 8), p);
	assert_null(memmap_front(f->map, 0x100010, 8));
	assert_null(memmap_guest(f->map, 0x700010, &len));
}

static void an_offset_need_not_be_page_aligned(void **state)
{
	struct fixture *f = *state;
	size_t len = 1;
	unsigned char *p;

	assert_int_equal(add(f, 0x1000, PAGE, 0x9000, 0x123), 0);
	p = memmap_guest(f->map, 0x1000, &len);
	*p = 0x5a;
	assert_int_equal(f->file[0x123], 0x5a);
}

static void a_lookup_ends_at_the_end_of_its_region(void **state)
{
	struct fixture *f = *state;
	size_t len = (size_t)(10 * PAGE);

	assert_int_equal(add(f, 0, 2 * PAGE, 0x10000, 0), 0);
	assert_int_equal(add(f, 2 * PAGE, PAGE, 0x80000, 8 * PAGE), 0);
	assert_non_null(memmap_guest(f->map, PAGE, &len));
	assert_int_equal(len, PAGE);
	/* adjacent for the guest, but not for the front end */
	assert_non_null(memmap_front(f->map, 0x10000, (size_t)(2 * PAGE)));
	assert_null(memmap_front(f->map, 0x10000, (size_t)(2 * PAGE + 1)));
	assert_null(memmap_front(f->map, 0x10000 + PAGE, SIZE_MAX));
}

static void an_address_in_no_region_is_not_found(void **state)
{
	struct fixture *f = *state;
	size_t len = 1;

	assert_int_equal(add(f, PAGE, PAGE, 0x10000, 0), 0);
	assert_int_equal(add(f, 4 * PAGE, PAGE, 0x20000, 0), 0);
	assert_null(memmap_guest(f->map, 0, &len));
	assert_null(memmap_guest(f->map, PAGE - 1, &len));
	assert_null(memmap_guest(f->map, 2 * PAGE, &len));
	assert_null(memmap_guest(f->map, 5 * PAGE, &len));
	assert_null(memmap_guest(f->map, UINT64_MAX, &len));
	assert_null(memmap_front(f->map, UINT64_MAX, 1));
	len = 1;
	assert_non_null(memmap_guest(f->map, 2 * PAGE - 1, &len));
	assert_int_equal(len, 1);
}

static void sizes_that_wrap_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 0, 0, 0, 0), -EINVAL);
	assert_int_equal(add(f, UINT64_MAX - PAGE + 2, PAGE, 0, 0), -EINVAL);
	assert_int_equal(add(f, 0, PAGE, UINT64_MAX - PAGE + 2, 0), -EINVAL);
	assert_int_equal(add(f, 0, PAGE, 0, UINT64_MAX - PAGE + 2), -EINVAL);
	assert_int_equal(add(f, 0, UINT64_MAX, 0, 0), -EINVAL);
	assert_int_equal(add(f, 0, PAGE, 0, INT64_MAX - PAGE + 2), -EINVAL);
}

static void overlaps_in_either_address_space_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 0x10000, 4 * PAGE, 0x80000, 0), 0);
	assert_int_equal(add(f, 0x10000 + 3 * PAGE, PAGE, 0, 0), -EINVAL);
	assert_int_equal(add(f, 0, PAGE, 0x80000 + 3 * PAGE, 0), -EINVAL);
	assert_int_equal(add(f, 0x10000 - PAGE, 2 * PAGE, 0, 0), -EINVAL);
	assert_int_equal(add(f, 0, 16 * PAGE, 0x10000000, 0), 0);
}

static void a_file_shorter_than_its_region_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 0, 17 * PAGE, 0, 0), -EINVAL);
	assert_int_equal(add(f, 0, PAGE, 0, 15 * PAGE + 1), -EINVAL);
	assert_int_equal(add(f, 0, PAGE, 0, 15 * PAGE), 0);
}

static void a_descriptor_of_no_regular_file_is_refused(void **state)
{
	struct fixture *f = *state;
	struct memmap_region r = { 0, PAGE, 0, 0 };
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(memmap_add(f->map, &r, pipes[0], NULL), -EINVAL);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(memmap_add(f->map, &r, -1, NULL), -EBADF);
}

static void
the_number_of_regions_is_limited_and_they_can_be_removed(void **state)
{
	struct fixture *f = *state;
	struct memmap_region r = { 0, PAGE, 0, 0 };
	size_t len = 1;

	for (uint64_t i = 0; i < MEMMAP_REGIONS; i++)
		assert_int_equal(add(f, i * PAGE, PAGE, i * PAGE, 0), 0);
	assert_int_equal(add(f, 1 << 30, PAGE, 1 << 30, 0), -ENOSPC);
	assert_int_equal(memmap_remove(f->map, &r, NULL), 0);
	assert_int_equal(memmap_remove(f->map, &r, NULL), -ENOENT);
	assert_null(memmap_guest(f->map, 0, &len));
	assert_non_null(
		memmap_guest(f->map, (MEMMAP_REGIONS - 1) * PAGE, &len));
	assert_int_equal(add(f, 1 << 30, PAGE, 1 << 30, 0), 0);
}

/* ---- many regions ---- */

/* Where the front end has page @i, in another order than the guest. */
static uint64_t front_page(unsigned int i)
{
	return 0x7f0000000000 + (i * 367 % MEMMAP_REGIONS) * PAGE * 2;
}

/* Region @i: a page, with a gap behind it, of page @i % 16 of the file. */
static struct memmap_region page_region(unsigned int i)
{
	return (struct memmap_region){ i * PAGE * 2, PAGE, front_page(i),
				       i % 16 * PAGE };
}

/* Is page @i found at both addresses, and nothing behind it? */
static void assert_page(struct fixture *f, unsigned int i, bool there)
{
	const struct memmap_region r = page_region(i);
	size_t len = (size_t)(2 * PAGE);
	unsigned char *p = memmap_guest(f->map, r.guest, &len);

	assert_int_equal(!!p, there);
	assert_ptr_equal(memmap_front(f->map, r.front, (size_t)PAGE), p);
	assert_null(memmap_front(f->map, r.front, (size_t)PAGE + 1));
	if (!p)
		return;
	assert_int_equal(len, PAGE);
	p[PAGE - 1] = (unsigned char)i;
	assert_int_equal(f->file[r.offset + PAGE - 1], (unsigned char)i);
	assert_null(memmap_guest(f->map, r.guest + PAGE, &len));
}

static void each_of_509_regions_is_found_in_any_order(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 509; i++) {
		const struct memmap_region r = page_region(i * 211 % 509);

		assert_int_equal(memmap_add(f->map, &r, f->fd, NULL), 0);
	}
	for (unsigned int i = 0; i < 509; i++)
		assert_page(f, i, true);
	for (unsigned int i = 0; i < 509; i += 2) {
		const struct memmap_region r = page_region(i * 97 % 509);

		assert_int_equal(memmap_remove(f->map, &r, NULL), 0);
		assert_page(f, i * 97 % 509, false);
	}
	for (unsigned int i = 0; i < 509; i++)
		assert_page(f, i * 97 % 509, i % 2);
}

static void an_overlap_with_any_of_many_regions_is_refused(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 500; i++) {
		const struct memmap_region r = page_region(i * 211 % 509);

		assert_int_equal(memmap_add(f->map, &r, f->fd, NULL), 0);
	}
	for (unsigned int i = 0; i < 500; i++) {
		const struct memmap_region r = page_region(i * 211 % 509);
		const uint64_t half = PAGE / 2, free = 0x100000000;

		assert_int_equal(add(f, r.guest + half, PAGE, free, 0),
				 -EINVAL);
		assert_int_equal(add(f, free, PAGE, r.front + half, 0),
				 -EINVAL);
		if (r.guest)
			assert_int_equal(add(f, r.guest - half, 2 * PAGE, free,
					     0),
					 -EINVAL);
	}
}

static void the_bytes_of_all_regions_are_limited(void **state)
{
	const uint64_t bytes = 8 * PAGE;
	struct fixture *f = *state;

	memmap_free(f->map);
	f->map = memmap_new(bytes);
	assert_int_equal(add(f, 0, bytes + PAGE, 0, 0), -ENOSPC);
	assert_int_equal(add(f, 0, bytes - PAGE, 0, 0), 0);
	assert_int_equal(add(f, bytes, 2 * PAGE, bytes, 0), -ENOSPC);
	assert_int_equal(add(f, bytes, PAGE, bytes, 0), 0);
}

/* In 32 bits this size would be one page. */
static void a_region_beyond_4_gib_is_mapped_whole_or_refused(void **state)
{
	const uint64_t size = (1ULL << 32) + PAGE;
	struct fixture *f = *state;
	unsigned char last = 0, *p;
	size_t len = 1;

	assert_int_equal(ftruncate(f->fd, (off_t)size), 0);
	if (size > PTRDIFF_MAX) {
		assert_int_equal(add(f, 0, size, 0, 0), -ENOMEM);
		return;
	}
	assert_int_equal(add(f, 0, size, 0, 0), 0);
	p = memmap_guest(f->map, size - 1, &len);
	assert_non_null(p);
	*p = 0xaa;
	assert_int_equal(pread(f->fd, &last, 1, (off_t)size - 1), 1);
	assert_int_equal(last, 0xaa);
}

static void a_truncated_file_is_noticed_and_survived(void **state)
{
	struct fixture *f = *state;
	volatile unsigned char *p;
	size_t len = 1;

	if (!machine_sigbus_tells())
		LEAVE_OUT("SIGBUS does not give the address");
	/* installed here, because cmocka installs its own for each test */
	assert_int_equal(sigbus_install(), 0);
	assert_int_equal(add(f, 0, 4 * PAGE, 0, 0), 0);
	p = memmap_guest(f->map, 2 * PAGE, &len);
	*p = 1;
	assert_false(memmap_torn(f->map));
	assert_int_equal(ftruncate(f->fd, (off_t)PAGE), 0);
	assert_int_equal(*p, 0);
	*p = 7;
	assert_true(memmap_torn(f->map));
	memmap_clear(f->map);
	assert_int_equal(add(f, 0, PAGE, 0, 0), 0);
	assert_false(memmap_torn(f->map));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(guest_and_front_end_addresses_are_not_mixed_up),
		T(an_offset_need_not_be_page_aligned),
		T(a_lookup_ends_at_the_end_of_its_region),
		T(an_address_in_no_region_is_not_found),
		T(sizes_that_wrap_are_refused),
		T(overlaps_in_either_address_space_are_refused),
		T(a_file_shorter_than_its_region_is_refused),
		T(a_descriptor_of_no_regular_file_is_refused),
		T(the_number_of_regions_is_limited_and_they_can_be_removed),
		T(each_of_509_regions_is_found_in_any_order),
		T(an_overlap_with_any_of_many_regions_is_refused),
		T(the_bytes_of_all_regions_are_limited),
		T(a_region_beyond_4_gib_is_mapped_whole_or_refused),
		T(a_truncated_file_is_noticed_and_survived),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("memmap", tests, NULL, NULL);
}
