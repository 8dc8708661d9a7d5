// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "rngd/base/log.h"
#include "rngd/base/passing.h"
#include "rngd/base/subprocess.h"
#include "tests/device/runtime/file_helper.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/runtime/stats_file.h"

enum what {
	TASK_STATS = 's',
	TASK_SOCKETS = 'u',
};

struct task {
	enum what what;
	size_t len; /* of the text */
};

/* ---- the child ---- */

static int act(const struct file_helper *h, const struct task *task)
{
	if (task->what == TASK_STATS && task->len > FILE_HELPER_TEXT_MAX)
		return -EMSGSIZE;
	if (task->what == TASK_STATS)
		return stats_file_write(h->stats, h->text_shared, task->len);
	h->remove_sockets(h->opaque);
	return 0;
}

/*
 * What was found is the parent's, which has another copy of @signs. If it cannot be
 * passed, because others pass too many descriptors, it is found again the next time.
 */
static void look(struct fork_signs *signs, int found)
{
	const struct fork_sign *sign;
	int err = 0;

	while (!err && (sign = fork_signs_find(signs))) {
		err = vrng_passing_send(found, sign, sizeof(*sign), sign->fd,
					MSG_DONTWAIT);
		close(sign->fd);
		if (err)
			signs->n--;
	}
}

/* Look for signs until there is a task. */
static void await_task(const struct file_helper *h, int sock, int found)
{
	struct pollfd task = { .fd = sock, .events = POLLIN };
	const int ms = h->look_ms ? h->look_ms : FILE_HELPER_LOOK_MS;

	while (h->signs && !poll(&task, 1, ms))
		look(h->signs, found);
}

static bool take_task(const struct file_helper *h, int sock, int found,
		      struct task *task)
{
	await_task(h, sock, found);
	return recv(sock, task, sizeof(*task), 0) == (ssize_t)sizeof(*task);
}

/* It ends when the socket does, not by a terminal's ^C. */
static _Noreturn void helper_run(const struct file_helper *h, int sock,
				 int found)
{
	const struct sandbox box = { .replaces_files = true };
	struct vrng_error error;
	struct task task;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (sandbox_enter(&box, &error)) {
		vrng_log_line(h->log, "file helper: %s", error.text);
		_exit(EXIT_FAILURE);
	}
	while (take_task(h, sock, found, &task)) {
		int err = act(h, &task);

		if (send(sock, &err, sizeof(err), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

static void on_answer(struct loop_watch *watch);
static void on_later(struct loop_watch *watch);
static void on_found(struct loop_watch *watch);

static int later_start(struct file_helper *h)
{
	int timer = loop_timer(), err;

	h->later = (struct loop_watch)LOOP_WATCH(on_later);
	if (timer < 0)
		return timer;
	err = loop_watch(h->loop, &h->later, timer);
	if (err)
		close(timer);
	return err;
}

/* Owns @fd. */
static int found_start(struct file_helper *h, int fd)
{
	int err;

	h->found = (struct loop_watch)LOOP_WATCH(on_found);
	err = loop_watch(h->loop, &h->found, fd);
	if (err)
		close(fd);
	return err;
}

static void watch_stop(struct file_helper *h, struct loop_watch *watch)
{
	int fd = watch->fd;

	loop_unwatch(h->loop, watch);
	if (fd >= 0)
		close(fd);
}

/* Fork. *@found is the parent's end of the socket of signs. */
static int fork_helper(struct file_helper *h, int *found,
		       struct vrng_error *error)
{
	struct vrng_subprocess child = { .name = "file helper",
					 .type = SOCK_SEQPACKET };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return vrng_fail(error, errno, "file helper: %m");
	child.keep[child.keeps++] = pair[1];
	h->pid = vrng_subprocess_fork(&child, &h->sock, error);
	if (!h->pid)
		helper_run(h, h->sock, pair[1]);
	close(pair[1]);
	*found = pair[0];
	if (h->pid < 0)
		close(pair[0]);
	return h->pid < 0 ? (int)h->pid : 0;
}

int file_helper_start(struct file_helper *h, struct vrng_error *error)
{
	int err, found = -1;

	h->answer = (struct loop_watch)LOOP_WATCH(on_answer);
	h->due = false;
	h->changed_at = 0;
	h->text_shared =
		mmap(NULL, FILE_HELPER_TEXT_MAX, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (h->text_shared == MAP_FAILED)
		return vrng_fail(error, errno, "file helper: %m");
	err = fork_helper(h, &found, error);
	if (err)
		return err;
	err = found_start(h, found);
	if (!err)
		err = later_start(h);
	return err ? vrng_fail(error, -err, "file helper: %s", strerror(-err)) :
		     0;
}

/*
 * Ask nothing more: a late answer would be taken for that of the next question.
 */
static int give_up(struct file_helper *h, int err)
{
	close(h->sock);
	h->sock = -1;
	return err;
}

static int ask(struct file_helper *h, enum what what, size_t len)
{
	const struct task task = { .what = what, .len = len };

	if (send(h->sock, &task, sizeof(task), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return give_up(h, -errno);
	return 0;
}

static int take_answer(struct file_helper *h)
{
	int err;

	if (recv(h->sock, &err, sizeof(err), MSG_DONTWAIT) != sizeof(err))
		return give_up(h, -EPIPE);
	return err;
}

static int await_answer(struct file_helper *h)
{
	struct pollfd answer = { .fd = h->sock, .events = POLLIN };

	if (poll(&answer, 1, FILE_HELPER_MS) != 1)
		return give_up(h, -ETIMEDOUT);
	return take_answer(h);
}

static int ask_for_stats(struct file_helper *h)
{
	size_t len = 0;
	char *text = h->text(h->opaque, &len);
	int err = -ENOMEM;

	if (text && len > FILE_HELPER_TEXT_MAX) {
		err = -EMSGSIZE;
	} else if (text) {
		memcpy(h->text_shared, text, len);
		err = ask(h, TASK_STATS, len);
	}
	free(text);
	return err;
}

static void tell(const struct file_helper *h, int err)
{
	stats_file_say(h->log, h->stats, err);
}

void file_helper_report(struct file_helper *h)
{
	int err;

	h->due = h->answer.fd >= 0;
	if (!h->stats || h->sock < 0 || h->due)
		return;
	err = ask_for_stats(h);
	if (!err)
		err = loop_watch(h->loop, &h->answer, h->sock);
	tell(h, err);
}

void file_helper_changed(struct file_helper *h)
{
	const uint64_t now = vrng_now();
	const uint64_t next = h->changed_at + FILE_HELPER_CHANGE_NS;

	if (h->changed_at && now < next) {
		loop_timer_set(h->later.fd, next);
		return;
	}
	h->changed_at = now;
	file_helper_report(h);
}

static void on_later(struct loop_watch *watch)
{
	struct file_helper *h =
		VRNG_CONTAINER_OF(watch, struct file_helper, later);

	loop_timer_clear(watch->fd);
	file_helper_changed(h);
}

/* At the helper's end there are no more. */
static void on_found(struct loop_watch *watch)
{
	struct file_helper *h =
		VRNG_CONTAINER_OF(watch, struct file_helper, found);
	struct fork_sign sign = { 0 };
	int fd;
	const ssize_t got = vrng_passing_receive(watch->fd, &sign, sizeof(sign),
						 &fd, MSG_DONTWAIT);

	if (got == (ssize_t)sizeof(sign) && fd >= 0) {
		sign.fd = fd;
		fork_signs_add(h->signs, &sign);
		vrng_log_line(h->log, "VM forks: a sign has appeared (%s)",
			      fork_sign_name(sign.kind));
	} else if (fd >= 0) {
		close(fd);
	} else if (got != -EAGAIN && got != -EINTR) {
		watch_stop(h, watch);
	}
}

static void on_answer(struct loop_watch *watch)
{
	struct file_helper *h =
		VRNG_CONTAINER_OF(watch, struct file_helper, answer);

	loop_unwatch(h->loop, watch);
	tell(h, take_answer(h));
	if (h->due)
		file_helper_report(h);
}

/* If the answer to the report before does not come, log that. */
static void report_at_last(struct file_helper *h)
{
	int err = 0;

	if (h->answer.fd >= 0) {
		loop_unwatch(h->loop, &h->answer);
		err = await_answer(h);
	}
	if (h->sock >= 0) {
		err = ask_for_stats(h);
		if (!err)
			err = await_answer(h);
	}
	tell(h, err);
}

/*
 * If the helper was started, this process may be in its sandbox, which kills it
 * for an unlink(). A helper that was given up is not waited for.
 */
void file_helper_end(struct file_helper *h)
{
	if (h->pid <= 0)
		h->remove_sockets(h->opaque);
	else
		watch_stop(h, &h->later);
	if (h->stats && h->sock >= 0)
		report_at_last(h);
	if (h->sock >= 0 && !ask(h, TASK_SOCKETS, 0))
		(void)await_answer(h);
	if (h->sock >= 0) {
		give_up(h, 0);
		waitpid(h->pid, NULL, 0);
	}
	watch_stop(h, &h->found);
	if (h->pid > 0)
		munmap(h->text_shared, FILE_HELPER_TEXT_MAX);
}
