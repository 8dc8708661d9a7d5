// SPDX-License-Identifier: GPL-2.0-or-later
/* VM forks are noticed in files like those of vrng.ko in sysfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/signs/uevent.h"
#include "rngd/signs/vmfork.h"

/* Bytes that the hwrng core may hold: SMP_CACHE_BYTES of s390x, the largest. */
#define CORE 256

static char folder[] = "/tmp/vmfork.XXXXXX";
static char pattern[64];
static struct rngd_vmfork vmfork;

static void path_of(char *path, size_t size, const char *name)
{
	assert_true(snprintf(path, size, "%s/%s", folder, name) < (int)size);
}

static void write_file(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	path_of(path, sizeof(path), name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *name)
{
	char path[64];

	path_of(path, sizeof(path), name);
	(void)unlink(path);
}

static int begin(void **unused)
{
	(void)unused;
	memset(folder + strlen(folder) - 6, 'X', 6);
	assert_non_null(mkdtemp(folder));
	path_of(pattern, sizeof(pattern), "generation*");
	vmfork = (struct rngd_vmfork){ .pattern = pattern,
				       .parameters = folder };
	return 0;
}

static int end(void **unused)
{
	static const char *const names[] = { "generation0", "generation1",
					     "clone_id", "depth",
					     "buffer_size" };
	size_t i;

	(void)unused;
	rngd_vmfork_close(&vmfork);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove_file(names[i]);
	return rmdir(folder);
}

static void a_count_that_grows_is_a_fork(void **unused)
{
	uint64_t generation = 99;

	(void)unused;
	write_file("generation0", "3\n");
	rngd_vmfork_find(&vmfork);
	assert_int_equal(vmfork.devices, 1);
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
	write_file("generation0", "4\n");
	assert_true(rngd_vmfork_happened(&vmfork, &generation));
	assert_int_equal(generation, 4);
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
}

static void any_device_shows_a_fork_and_the_largest_count_is_told(void **unused)
{
	uint64_t generation;

	(void)unused;
	write_file("generation0", "7\n");
	write_file("generation1", "2\n");
	rngd_vmfork_find(&vmfork);
	assert_int_equal(vmfork.devices, 2);
	write_file("generation1", "3\n");
	assert_true(rngd_vmfork_happened(&vmfork, &generation));
	assert_int_equal(generation, 7);
}

static void a_count_that_grew_before_the_first_look_is_no_fork(void **unused)
{
	uint64_t generation;

	(void)unused;
	write_file("generation0", "2\n");
	rngd_vmfork_find(&vmfork);
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
	assert_int_equal(generation, 2);
}

/* As on SIGHUP. */
static void a_fork_that_is_pending_at_another_look_is_not_lost(void **unused)
{
	uint64_t generation;

	(void)unused;
	write_file("generation0", "1\n");
	rngd_vmfork_find(&vmfork);
	write_file("generation0", "2\n");
	rngd_vmfork_find(&vmfork);
	assert_int_equal(vmfork.devices, 1);
	assert_true(rngd_vmfork_happened(&vmfork, &generation));
	assert_int_equal(generation, 2);
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
}

/* In sysfs the old file cannot be read any more, and the new one counts from 0. */
static void bind_anew(const char *text)
{
	write_file("generation0", "");
	remove_file("generation0");
	write_file("generation0", text);
	rngd_vmfork_find(&vmfork);
	assert_int_equal(vmfork.devices, 1);
}

static void a_device_that_is_bound_anew_is_watched(void **unused)
{
	uint64_t generation;

	(void)unused;
	write_file("generation0", "5\n");
	rngd_vmfork_find(&vmfork);
	bind_anew("0\n");
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
	write_file("generation0", "1\n");
	assert_true(rngd_vmfork_happened(&vmfork, &generation));
	assert_int_equal(generation, 1);
}

static void a_fork_since_it_was_bound_anew_is_noticed(void **unused)
{
	uint64_t generation;

	(void)unused;
	write_file("generation0", "1\n");
	rngd_vmfork_find(&vmfork);
	bind_anew("1\n");
	assert_true(rngd_vmfork_happened(&vmfork, &generation));
}

static void a_device_that_comes_later_is_watched(void **unused)
{
	uint64_t generation;

	(void)unused;
	rngd_vmfork_find(&vmfork);
	assert_int_equal(vmfork.devices, 0);
	write_file("generation0", "0\n");
	rngd_vmfork_find(&vmfork);
	assert_int_equal(vmfork.devices, 1);
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
}

static void the_descriptor_of_a_device_that_is_gone_is_closed(void **unused)
{
	uint64_t generation;

	(void)unused;
	write_file("generation0", "1\n");
	rngd_vmfork_find(&vmfork);
	write_file("generation0", ""); /* in sysfs: ENODEV */
	assert_false(rngd_vmfork_happened(&vmfork, &generation));
	assert_int_equal(vmfork.fd[0], -1);
}

#define ID_OLD "00112233445566778899aabbccddeeff"
#define ID_NEW "ffeeddccbbaa99887766554433221100"

static void the_id_is_that_of_this_moment(void **unused)
{
	char id[RNGD_VMFORK_ID];

	(void)unused;
	write_file("generation0", "1\n");
	write_file("clone_id", ID_OLD "\n");
	rngd_vmfork_find(&vmfork);
	assert_true(rngd_vmfork_id(&vmfork, id));
	assert_string_equal(id, ID_OLD);
	write_file("clone_id", ID_NEW "\n");
	assert_true(rngd_vmfork_id(&vmfork, id));
	assert_string_equal(id, ID_NEW);
	write_file("clone_id", "\n");
	assert_false(rngd_vmfork_id(&vmfork, id));
	assert_string_equal(id, "");
}

/* The file is open since the device was found. Its path does not matter any more. */
static void the_id_is_read_without_a_search(void **unused)
{
	char id[RNGD_VMFORK_ID];

	(void)unused;
	write_file("generation0", "1\n");
	write_file("clone_id", ID_OLD "\n");
	rngd_vmfork_find(&vmfork);
	remove_file("clone_id");
	assert_true(rngd_vmfork_id(&vmfork, id));
	assert_string_equal(id, ID_OLD);
}

static void after_a_noticed_fork_only_the_cores_bytes_are_stale(void **unused)
{
	(void)unused;
	write_file("depth", "64\n");
	write_file("buffer_size", "65536\n");
	assert_int_equal(rngd_vmfork_stale(&vmfork, true), CORE);
}

static void after_an_unnoticed_fork_the_read_ahead_is_stale_too(void **unused)
{
	(void)unused;
	assert_int_equal(rngd_vmfork_stale(&vmfork, false), 524288 + CORE);
	write_file("depth", "16\n");
	write_file("buffer_size", "0\n");
	assert_int_equal(rngd_vmfork_stale(&vmfork, false), 524288 + CORE);
	write_file("buffer_size", "32768\n");
	assert_int_equal(rngd_vmfork_stale(&vmfork, false), 524288 + CORE);
	write_file("depth", "64\n");
	write_file("buffer_size", "65536\n");
	assert_int_equal(rngd_vmfork_stale(&vmfork, false), 4194304 + CORE);
	write_file("buffer_size", "99999999\n");
	assert_int_equal(rngd_vmfork_stale(&vmfork, false), 4194304 + CORE);
}

/* ------------------------------------------------------------------- uevents */

static void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text) + 1, 0), strlen(text) + 1);
}

/* The kernel's messages are datagrams. */
static void a_device_that_changes_asks_for_a_look(void **unused)
{
	int end[2];

	(void)unused;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, end), 0);
	assert_false(rngd_uevent_take(end[0]));
	put(end[1], "add@/devices/virtual/misc/fuse");
	assert_false(rngd_uevent_take(end[0]));
	put(end[1], "bind@/devices/pci0000:00/0000:00:04.0/virtio1");
	put(end[1], "change@/devices/virtual/block/loop0");
	assert_true(rngd_uevent_take(end[0]));
	assert_false(rngd_uevent_take(end[0]));
	put(end[1], "add@/devices/virtual/misc/vmclock0");
	assert_true(rngd_uevent_take(end[0]));
	close(end[0]);
	close(end[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_count_that_grows_is_a_fork,
						begin, end),
		cmocka_unit_test_setup_teardown(
			any_device_shows_a_fork_and_the_largest_count_is_told,
			begin, end),
		cmocka_unit_test_setup_teardown(
			a_count_that_grew_before_the_first_look_is_no_fork,
			begin, end),
		cmocka_unit_test_setup_teardown(
			a_fork_that_is_pending_at_another_look_is_not_lost,
			begin, end),
		cmocka_unit_test_setup_teardown(
			a_device_that_is_bound_anew_is_watched, begin, end),
		cmocka_unit_test_setup_teardown(
			a_fork_since_it_was_bound_anew_is_noticed, begin, end),
		cmocka_unit_test_setup_teardown(
			a_device_that_comes_later_is_watched, begin, end),
		cmocka_unit_test_setup_teardown(
			the_descriptor_of_a_device_that_is_gone_is_closed,
			begin, end),
		cmocka_unit_test_setup_teardown(the_id_is_that_of_this_moment,
						begin, end),
		cmocka_unit_test_setup_teardown(the_id_is_read_without_a_search,
						begin, end),
		cmocka_unit_test_setup_teardown(
			after_a_noticed_fork_only_the_cores_bytes_are_stale,
			begin, end),
		cmocka_unit_test_setup_teardown(
			after_an_unnoticed_fork_the_read_ahead_is_stale_too,
			begin, end),
		cmocka_unit_test(a_device_that_changes_asks_for_a_look),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("vmfork", tests, NULL, NULL);
}
