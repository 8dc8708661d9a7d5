// SPDX-License-Identifier: GPL-2.0-or-later
/* The statistics file of the host's programs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/runtime/stats_file.h"
#include "tests/unit/machine.h"

#define TEXT "one 1\n"
#define MORE "one 12345\n"

/* A folder for the case, which is the working directory. */
struct room {
	char path[64];
};

static int enter(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	strcpy(room->path, "/tmp/vrng-stats.XXXXXX");
	assert_non_null(mkdtemp(room->path));
	assert_int_equal(chdir(room->path), 0);
	*state = room;
	return 0;
}

static int leave(void **state)
{
	static const char *const left[] = { "file", "link", "fifo", "socket",
					    "node" };
	struct room *room = *state;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	rmdir("folder");
	assert_int_equal(chdir("/"), 0);
	/* This fails if a temporary file was left. */
	assert_int_equal(rmdir(room->path), 0);
	free(room);
	return 0;
}

static void holds(const char *path, const char *text)
{
	char have[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, have, sizeof(have) - 1), strlen(text));
	assert_string_equal(have, text);
	close(fd);
}

/* The check and the write fail, and the file is unchanged. */
static void is_refused(const char *path, const char *what)
{
	struct vrng_error error;
	struct stat before, after;

	assert_int_equal(lstat(path, &before), 0);
	assert_int_equal(stats_file_check(path, &error), -EEXIST);
	assert_non_null(strstr(error.text, what));
	assert_non_null(strstr(error.text, path));
	assert_int_equal(stats_file_write(path, TEXT, strlen(TEXT)), -EEXIST);
	assert_int_equal(lstat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_mode, before.st_mode);
}

static void a_file_is_made_and_replaced(void **state)
{
	struct vrng_error error;
	struct stat st;

	(void)state;
	assert_int_equal(stats_file_check("file", &error), 0);
	assert_int_equal(access("file", F_OK), -1);
	assert_int_equal(stats_file_write("file", MORE, strlen(MORE)), 0);
	holds("file", MORE);
	assert_int_equal(stats_file_check("file", &error), 0);
	assert_int_equal(stats_file_write("file", TEXT, strlen(TEXT)), 0);
	holds("file", TEXT);
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void a_folder_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir("folder", 0755), 0);
	is_refused("folder", "a folder");
}

static void a_fifo_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("fifo", 0644), 0);
	is_refused("fifo", "a FIFO");
}

static void a_socket_is_refused(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	strcpy(addr.sun_path, "socket");
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	is_refused("socket", "a socket");
	close(fd);
}

/* rename() would replace the link itself. */
static void a_link_is_refused(void **state)
{
	(void)state;
	assert_int_equal(stats_file_write("file", TEXT, strlen(TEXT)), 0);
	assert_int_equal(symlink("file", "link"), 0);
	is_refused("link", "a symbolic link");
	holds("file", TEXT);
	assert_int_equal(unlink("link"), 0);
	assert_int_equal(symlink("/nowhere/at/all", "link"), 0);
	is_refused("link", "a symbolic link");
}

static void a_device_is_refused(void **state)
{
	(void)state;
	is_refused("/dev/null", "a device");
	if (mknod("node", S_IFCHR | 0644, makedev(1, 7)))
		LEAVE_OUT("no device can be made without root");
	is_refused("node", "a device");
}

static void a_file_replaced_after_the_check_is_refused(void **state)
{
	struct vrng_error error;

	(void)state;
	assert_int_equal(stats_file_check("fifo", &error), 0);
	assert_int_equal(mkfifo("fifo", 0644), 0);
	is_refused("fifo", "a FIFO");
}

static void a_path_without_a_folder_fails(void **state)
{
	struct vrng_error error;

	(void)state;
	assert_int_equal(stats_file_check("", &error), -EINVAL);
	assert_int_equal(stats_file_check("folder/file", &error), 0);
	assert_int_equal(stats_file_write("folder/file", TEXT, strlen(TEXT)),
			 -ENOENT);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_file_is_made_and_replaced),
		CASE(a_folder_is_refused),
		CASE(a_fifo_is_refused),
		CASE(a_socket_is_refused),
		CASE(a_link_is_refused),
		CASE(a_device_is_refused),
		CASE(a_file_replaced_after_the_check_is_refused),
		CASE(a_path_without_a_folder_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
