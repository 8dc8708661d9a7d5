// SPDX-License-Identifier: GPL-2.0-or-later
/* The privileged process: see helper.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rngd/base/trim.h"
#include "rngd/signs/kernel_log.h"
#include "rngd/process/helper.h"
#include "rngd/process/message.h"
#include "rngd/process/privilege.h"
#include "rngd/process/sandbox.h"

static const struct vrng_kernel_pool_ops *const ops =
	&vrng_kernel_pool_ops_local;

static int do_credit(const struct rngd_helper_setup *setup,
		     const struct rngd_request *r)
{
	if (!setup->pool)
		return -EINVAL;
	return ops->credit(ops->opaque, setup->pool, r->data, r->len, r->bits,
			   r->reseed);
}

static int do_reseed(const struct rngd_helper_setup *setup)
{
	return setup->pool ? ops->reseed(ops->opaque, setup->pool) : 0;
}

static void serve_request(const struct rngd_helper_setup *setup, int sock,
			  const struct rngd_request *request)
{
	struct rngd_answer answer = { .serial = request->serial };

	switch (request->operation) {
	case RNGD_CREDIT:
		answer.result = do_credit(setup, request);
		break;
	case RNGD_RESEED:
		answer.result = do_reseed(setup);
		break;
	default:
		answer.result = -EINVAL;
	}
	if (request->serial || answer.result < 0)
		rngd_message_send_answer(sock, &answer, -1);
}

/* Add the forks that the log shows to forks_fd. False: the log has ended. */
static bool pass_forks(const struct rngd_helper_setup *setup, int log_fd)
{
	uint64_t forks = 0;
	const bool goes_on = rngd_kernel_log_take(log_fd, &forks);

	if (forks && write(setup->forks_fd, &forks, sizeof(forks)) < 0) {
		/* The counter is full: it is readable already. */
	}
	return goes_on;
}

/* A log that can be read no more is not waited for. */
static bool await_request(const struct rngd_helper_setup *setup, int sock)
{
	static bool has_ended;
	struct pollfd pfd[] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = setup->log_fd, .events = POLLIN },
	};

	for (;;) {
		if (poll(pfd, has_ended ? 1 : 2, -1) < 0 && errno != EINTR)
			return false;
		if (!has_ended && pfd[1].revents)
			has_ended = !pass_forks(setup, setup->log_fd);
		if (pfd[0].revents)
			return true;
	}
}

static void serve(const struct rngd_helper_setup *setup, int sock)
{
	static struct rngd_request request;

	while (await_request(setup, sock) &&
	       rngd_message_receive_request(sock, &request)) {
		serve_request(setup, sock, &request);
		explicit_bzero(&request, sizeof(request));
	}
}

/* Memory locks are not inherited by fork(2). */
static int give_up_privileges(struct vrng_seccomp_program *filter)
{
	int ret;

	(void)prctl(PR_SET_NAME, "rngd-helper");
	(void)mlockall(MCL_CURRENT | MCL_ONFAULT);
	ret = rngd_privilege_keep_admin();
	if (!ret && filter)
		ret = rngd_sandbox_enter_built(&rngd_sandbox_helper, filter);
	vrng_trim_code();
	return ret;
}

/*
 * The other process has ended by now, and another rngd may have made files with
 * these names: vrng_ours_remove() tells them apart.
 */
static void remove_files(const struct rngd_helper_setup *setup)
{
	struct vrng_ours ours;
	size_t i;

	for (i = 0; i < setup->files; i++) {
		ours = setup->file[i];
		vrng_ours_remove(&ours);
	}
}

_Noreturn void rngd_helper_main(const struct rngd_helper_setup *setup,
				struct vrng_seccomp_program *filter, int sock)
{
	const struct rngd_answer answer = { .result = give_up_privileges(
						    filter) };

	if (answer.result) {
		rngd_message_send_answer(sock, &answer, -1);
		_exit(1);
	}
	serve(setup, sock);
	remove_files(setup);
	_exit(0);
}
