// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of VM forks: one fork that is seen in several ways counts once. */
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
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/signs/kernel_log.h"
#include "rngd/signs/sign.h"
#include "rngd/signs/vmclock.h"
#include "rngd/signs/vmclock_page.h"

#define W RNGD_SIGN_WINDOW

static struct rngd_sign_window window;
static struct rngd_sign device, other_device, vmclock, kernel_log, agent;

static int begin(void **unused)
{
	(void)unused;
	window = (struct rngd_sign_window){ .number = 0 };
	device = other_device = vmclock = kernel_log = agent =
		(struct rngd_sign){ .window = 0 };
	return 0;
}

static enum rngd_fork by_device(uint64_t now)
{
	return rngd_sign_see(&window, &device, RNGD_SIGN_DRIVER, now);
}

static enum rngd_fork by_log(uint64_t now)
{
	return rngd_sign_see(&window, &kernel_log, RNGD_SIGN_LOG, now);
}

static enum rngd_fork by_agent(uint64_t now)
{
	return rngd_sign_see(&window, &agent, RNGD_SIGN_AGENT, now);
}

/* ------------------------------------------------------------------ counting */

static void a_fork_that_all_signs_show_counts_once(void **unused)
{
	(void)unused;
	assert_int_equal(by_device(1000), RNGD_FORK_NEW);
	assert_int_equal(rngd_sign_see(&window, &other_device, RNGD_SIGN_DRIVER,
				       1001),
			 RNGD_FORK_KNOWN);
	assert_int_equal(rngd_sign_see(&window, &vmclock, RNGD_SIGN_VMCLOCK,
				       1002),
			 RNGD_FORK_KNOWN);
	assert_int_equal(by_log(1500), RNGD_FORK_KNOWN);
	assert_int_equal(by_agent(1000 + W - 1), RNGD_FORK_KNOWN);
}

static void another_order_of_signs_is_the_same(void **unused)
{
	(void)unused;
	assert_int_equal(by_log(1000), RNGD_FORK_NEW);
	assert_int_equal(by_agent(1001), RNGD_FORK_KNOWN);
	assert_int_equal(by_device(1002), RNGD_FORK_KNOWN);
}

/* The clock stands still between a snapshot and its clones. */
static void two_forks_that_one_sign_shows_count_twice(void **unused)
{
	(void)unused;
	assert_int_equal(by_device(1000), RNGD_FORK_NEW);
	assert_int_equal(by_device(1000), RNGD_FORK_NEW);
	assert_int_equal(by_log(1001), RNGD_FORK_KNOWN);
	assert_int_equal(by_log(1002), RNGD_FORK_KNOWN);
	assert_int_equal(by_log(1003), RNGD_FORK_NEW);
	assert_int_equal(by_device(1004), RNGD_FORK_KNOWN);
}

static void a_sign_after_the_window_is_another_fork(void **unused)
{
	(void)unused;
	assert_int_equal(by_device(1000), RNGD_FORK_NEW);
	assert_int_equal(by_log(1000 + W), RNGD_FORK_NEW);
	assert_int_equal(by_device(1001 + W), RNGD_FORK_KNOWN);
}

static void a_new_fork_extends_the_window(void **unused)
{
	(void)unused;
	assert_int_equal(by_device(1000), RNGD_FORK_NEW);
	assert_int_equal(by_device(W), RNGD_FORK_NEW);
	assert_int_equal(by_log(W + 500), RNGD_FORK_KNOWN);
	assert_int_equal(by_log(2 * W - 1), RNGD_FORK_KNOWN);
}

/* The agent may have reported before the snapshot. */
static void a_report_hides_no_sign_that_follows(void **unused)
{
	(void)unused;
	assert_int_equal(by_agent(1000), RNGD_FORK_NEW);
	assert_int_equal(by_device(1001), RNGD_FORK_CONFIRMED);
	assert_int_equal(by_log(1002), RNGD_FORK_KNOWN);
	assert_int_equal(by_agent(1003), RNGD_FORK_NEW);
	assert_int_equal(by_log(1004), RNGD_FORK_CONFIRMED);
	assert_int_equal(by_device(1005), RNGD_FORK_KNOWN);
}

/* A late sign of the first fork says nothing of the second. */
static void a_late_sign_does_not_confirm_a_later_report(void **unused)
{
	(void)unused;
	assert_int_equal(by_device(1000), RNGD_FORK_NEW);
	assert_int_equal(by_agent(1001), RNGD_FORK_KNOWN);
	assert_int_equal(by_agent(1002), RNGD_FORK_NEW);
	assert_int_equal(by_log(1003), RNGD_FORK_KNOWN);
	assert_int_equal(by_log(1004), RNGD_FORK_CONFIRMED);
}

/* -------------------------------------------------------------------- vmclock */

static char page_path[32];

static int make_path(void **unused)
{
	int fd;

	(void)unused;
	(void)snprintf(page_path, sizeof(page_path), "/tmp/vmclock.XXXXXX");
	fd = mkstemp(page_path);
	return fd < 0 || close(fd);
}

static void write_page(uint64_t generation, uint64_t flags, uint32_t sequence)
{
	const struct rngd_vmclock_page page = {
		.magic = htole32(RNGD_VMCLOCK_MAGIC),
		.size = htole32(4096),
		.version = htole16(1),
		.sequence = htole32(sequence),
		.flags = htole64(flags),
		.generation = htole64(generation),
	};
	const int fd = open(page_path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &page, sizeof(page), 0), sizeof(page));
	close(fd);
}

#define COUNTS	 RNGD_VMCLOCK_COUNTS_GENERATIONS
#define NOTIFIES RNGD_VMCLOCK_NOTIFIES

static void a_counter_that_changes_is_a_fork_and_a_migration_is_none(void **u)
{
	struct rngd_vmclock clock;

	(void)u;
	write_page(7, COUNTS | NOTIFIES, 2);
	rngd_vmclock_open(&clock, page_path);
	assert_true(clock.fd >= 0);
	assert_false(rngd_vmclock_happened(&clock));
	write_page(7, COUNTS | NOTIFIES, 4);
	assert_false(rngd_vmclock_happened(&clock));
	write_page(3, COUNTS | NOTIFIES, 6);
	assert_true(rngd_vmclock_happened(&clock));
	assert_false(rngd_vmclock_happened(&clock));
	rngd_vmclock_close(&clock);
	assert_false(rngd_vmclock_happened(&clock));
	assert_int_equal(unlink(page_path), 0);
}

static void a_page_without_counter_or_notice_is_not_used(void **unused)
{
	struct rngd_vmclock clock;

	(void)unused;
	write_page(7, NOTIFIES, 2);
	rngd_vmclock_open(&clock, page_path);
	assert_int_equal(clock.fd, -1);
	write_page(7, COUNTS, 2);
	rngd_vmclock_open(&clock, page_path);
	assert_int_equal(clock.fd, -1);
	assert_int_equal(truncate(page_path, 100), 0);
	rngd_vmclock_open(&clock, page_path);
	assert_int_equal(clock.fd, -1);
	assert_int_equal(unlink(page_path), 0);
	rngd_vmclock_open(&clock, page_path);
	assert_int_equal(clock.fd, -1);
}

/* Write one of the numbers that say what a page is. */
static void put_number(uint32_t number, off_t at)
{
	const int fd = open(page_path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &number, sizeof(number), at),
			 sizeof(number));
	close(fd);
}

static void a_page_of_another_layout_is_not_used(void **unused)
{
	static const off_t at[] = {
		offsetof(struct rngd_vmclock_page, magic),
		offsetof(struct rngd_vmclock_page, version),
		offsetof(struct rngd_vmclock_page, size),
	};
	struct rngd_vmclock clock;
	size_t i;

	(void)unused;
	for (i = 0; i < VRNG_LENGTH(at); i++) {
		write_page(7, COUNTS | NOTIFIES, 2);
		put_number(htole32(2), at[i]);
		rngd_vmclock_open(&clock, page_path);
		assert_int_equal(clock.fd, -1);
	}
	assert_int_equal(unlink(page_path), 0);
}

/* --------------------------------------------------------------- kernel's log */

/* What the next read fails with; 0: it does not. Only the kernel's log fails so. */
static int read_error;

ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	const int err = read_error;

	read_error = 0;
	if (!err)
		return __real_read(fd, buf, size);
	errno = err;
	return -1;
}

#define LINE "random: crng reseeded due to virtual machine fork\n"

static bool is_fork(const char *record)
{
	return rngd_kernel_log_is_fork(record, strlen(record));
}

static void only_the_kernels_own_line_is_a_fork(void **unused)
{
	(void)unused;
	assert_true(is_fork("5,812,3310452,-;" LINE));
	assert_true(
		is_fork("5,812,3310452,-,caller=T1;" LINE " SUBSYSTEM=x\n"));
	assert_false(is_fork("13,812,3310452,-;" LINE)); /* of a program */
	assert_false(is_fork("9,812,3310452,-;" LINE));
	assert_false(is_fork("5,812,3310452,-;x" LINE));
	assert_false(is_fork("5,812,3310452,-;random: crng init done\n"));
	assert_false(is_fork("5,812,3310452,-;random: crng reseeded due to"));
	assert_false(is_fork(LINE));
	assert_false(is_fork(""));
	assert_false(is_fork(";"));
}

/* Each read is of one record, as each datagram is. */
static void forks_in_the_log_are_counted(void **unused)
{
	static const char fork_record[] = "5,812,3310452,-;" LINE;
	uint64_t forks = 0;
	int end[2], i;

	(void)unused;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, end), 0);
	assert_true(rngd_kernel_log_take(end[0], &forks));
	assert_int_equal(forks, 0);
	for (i = 0; i < 2; i++) {
		assert_true(send(end[1], "6,1,1,-;usb\n", 12, 0) == 12);
		assert_true(send(end[1], fork_record, sizeof(fork_record) - 1,
				 0) > 0);
	}
	assert_true(rngd_kernel_log_take(end[0], &forks));
	assert_int_equal(forks, 2);
	close(end[1]);
	assert_false(rngd_kernel_log_take(end[0], &forks));
	close(end[0]);
}

/* The kernel overwrote records before they were read, or one is too long. */
static void records_that_are_lost_end_nothing(void **unused)
{
	static const int errors[] = { EPIPE, EINVAL, EINTR };
	static const char fork_record[] = "5,812,3310452,-;" LINE;
	uint64_t forks;
	int end[2];
	size_t i;

	(void)unused;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, end), 0);
	for (i = 0; i < VRNG_LENGTH(errors); i++) {
		forks = 0;
		assert_true(send(end[1], fork_record, sizeof(fork_record) - 1,
				 0) > 0);
		read_error = errors[i];
		assert_true(rngd_kernel_log_take(end[0], &forks));
		assert_int_equal(forks, 1);
	}
	read_error = EIO;
	assert_false(rngd_kernel_log_take(end[0], &forks));
	close(end[0]);
	close(end[1]);
}

/* A file ends where the log would wait. */
static void a_fork_before_the_start_is_not_counted(void **unused)
{
	static const char fork_record[] = "5,812,3310452,-;" LINE;
	char path[] = "/tmp/kmsg.XXXXXX";
	const int file = mkstemp(path);
	uint64_t forks = 0;
	int fd;

	(void)unused;
	assert_true(file >= 0);
	assert_true(write(file, fork_record, sizeof(fork_record) - 1) > 0);
	fd = rngd_kernel_log_open(path);
	assert_true(fd >= 0);
	assert_false(rngd_kernel_log_take(fd, &forks));
	assert_int_equal(forks, 0);
	assert_true(write(file, fork_record, sizeof(fork_record) - 1) > 0);
	assert_false(rngd_kernel_log_take(fd, &forks));
	assert_int_equal(forks, 1);
	close(fd);
	close(file);
	assert_int_equal(unlink(path), 0);
}

static void the_log_is_a_sign_only_with_a_device(void **unused)
{
	(void)unused;
	assert_false(rngd_kernel_log_tells("/nowhere/vmgenid/*/subsystem"));
	assert_true(rngd_kernel_log_tells("/proc/self/status"));
	assert_int_equal(rngd_kernel_log_open("/nowhere"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_fork_that_all_signs_show_counts_once,
				       begin),
		cmocka_unit_test_setup(another_order_of_signs_is_the_same,
				       begin),
		cmocka_unit_test_setup(
			two_forks_that_one_sign_shows_count_twice, begin),
		cmocka_unit_test_setup(a_sign_after_the_window_is_another_fork,
				       begin),
		cmocka_unit_test_setup(a_new_fork_extends_the_window, begin),
		cmocka_unit_test_setup(a_report_hides_no_sign_that_follows,
				       begin),
		cmocka_unit_test_setup(
			a_late_sign_does_not_confirm_a_later_report, begin),
		cmocka_unit_test_setup(
			a_counter_that_changes_is_a_fork_and_a_migration_is_none,
			make_path),
		cmocka_unit_test_setup(
			a_page_without_counter_or_notice_is_not_used,
			make_path),
		cmocka_unit_test_setup(a_page_of_another_layout_is_not_used,
				       make_path),
		cmocka_unit_test(only_the_kernels_own_line_is_a_fork),
		cmocka_unit_test(forks_in_the_log_are_counted),
		cmocka_unit_test(records_that_are_lost_end_nothing),
		cmocka_unit_test(a_fork_before_the_start_is_not_counted),
		cmocka_unit_test(the_log_is_a_sign_only_with_a_device),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
