// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of a folder that cannot be passed to the device. fleet.t has all else. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/log.h"
#include "tests/device/vhost-user-rng/folder.h"
#include "tests/unit/machine.h"
#include "tests/unit/waiting.h"

#define BOUND_MS 10000
#define NO_TRIAL 100

struct fixture {
	char dir[40];
	struct loop loop;
	struct vrng_log log;
	struct folder folder;
	bool was_read; /* all of the folder */
	unsigned int *lines; /* in the log of its process; shared with that */
	int fd; /* of the socket; -1: it has not come */
};

static void note_line(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	struct fixture *f = log->opaque;

	(void)level;
	*f->lines += strstr(text, "guest.sock: cannot be served now") != NULL;
}

static void note_news(struct folder *folder, const struct folder_news *news,
		      int fd)
{
	struct fixture *f =
		(void *)((char *)folder - offsetof(struct fixture, folder));

	f->was_read |= news->change == FOLDER_READ;
	if (news->change == FOLDER_ADDED)
		f->fd = fd;
}

static bool listens_nowhere(const struct folder *folder, const char *path)
{
	(void)folder;
	(void)path;
	return false;
}

/* The next news, within a time that it takes only if the process hangs. */
static bool step(struct fixture *f)
{
	return loop_step(&f->loop, BOUND_MS) == 1;
}

/*
 * In a process of its own: nothing can be passed when the folder is read. The status is 0
 * if the socket comes when that is over, 1 to 3 if not, or NO_TRIAL.
 */
static _Noreturn void serve_beside_others(struct fixture *f)
{
	const pid_t others = waiting_others(1024);
	int status = 0;

	if (others < 0 || loop_init(&f->loop) ||
	    folder_start(&f->folder, NULL)) {
		waiting_end(others);
		_exit(NO_TRIAL);
	}
	while (!f->was_read && step(f))
		;
	if (!f->was_read || f->fd >= 0)
		status = 1;
	waiting_end(others);
	while (!status && f->fd < 0)
		status = step(f) ? 0 : 2;
	folder_stop(&f->folder, false);
	_exit(status ? status : *f->lines == 1 ? 0 : 3);
}

static void a_socket_that_cannot_be_passed_is_made_again(void **state)
{
	static struct fixture f;
	char path[64];
	int fd, status = -1;
	pid_t pid;

	(void)state;
	f = (struct fixture){ .dir = "/tmp/vrng-folder_test.XXXXXX",
			      .log = { .sink = note_line, .opaque = &f },
			      .folder = { .loop = &f.loop,
					  .log = &f.log,
					  .sockets = f.dir,
					  .options = f.dir,
					  .listens = listens_nowhere,
					  .news = note_news },
			      .fd = -1 };
	f.lines = mmap(NULL, sizeof(*f.lines), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(f.lines, MAP_FAILED);
	assert_non_null(mkdtemp(f.dir));
	assert_int_equal(chmod(f.dir, 0777), 0);
	snprintf(path, sizeof(path), "%s/guest.conf", f.dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	pid = fork();
	if (!pid)
		serve_beside_others(&f);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	assert_int_equal(rmdir(f.dir), 0);
	munmap(f.lines, sizeof(*f.lines));
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_TRIAL)
		LEAVE_OUT("only root may be another user, with many files");
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_that_cannot_be_passed_is_made_again),
	};

	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no seccomp, which the process needs");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
