// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that runs programs: see runner.h. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/subprocess.h"
#include "rngd/base/trim.h"
#include "rngd/process/message.h"
#include "rngd/process/runner.h"
#include "rngd/sources/command.h"
#include "rngd/sources/spec.h"

/* Programs at a time: those of all sources, and as many that are being ended. */
#define PROGRAMS (2 * RNGD_SOURCES_MAX)

/* How long the process may take to answer, ms. */
#define ANSWER_MS 1000

/* ------------------------------------------------------ in the other process */

struct program {
	struct vrng_command command;
	int control; /* its socket; -1: no such program */
	bool is_ending; /* SIGTERM was sent */
	uint64_t kill_at; /* ms; 0: never, or SIGKILL was sent */
};

struct runner {
	struct rngd_runner_setup setup;
	struct rngd_options fresh; /* when they were last parsed again */
	bool is_fresh;
	int sock; /* -1: the other process has ended */
	struct program program[PROGRAMS];
};

static bool has_command(const struct rngd_options *options, const char *command)
{
	struct vrng_spec spec;
	bool found = false;
	size_t i;

	for (i = 0; i < options->sources && !found; i++) {
		if (vrng_spec_split(&spec, options->source[i], NULL))
			continue;
		found = !strcmp(spec.kind, "exec") && spec.fields &&
			!strcmp(spec.field[0], command);
		vrng_spec_free(&spec);
	}
	return found;
}

static void parse_again(struct runner *r)
{
	const struct rngd_runner_setup *setup = &r->setup;
	struct rngd_options options;

	if (rngd_options_parse(&options, setup->argc, setup->argv,
			       setup->folder, NULL))
		return;
	if (r->is_fresh)
		rngd_options_free(&r->fresh);
	r->fresh = options;
	r->is_fresh = true;
}

static bool is_configured(struct runner *r, const char *command)
{
	if (has_command(r->setup.options, command) ||
	    (r->is_fresh && has_command(&r->fresh, command)))
		return true;
	parse_again(r);
	return r->is_fresh && has_command(&r->fresh, command);
}

static struct program *find_free(struct runner *r)
{
	size_t i;

	for (i = 0; i < PROGRAMS; i++)
		if (r->program[i].control < 0)
			return &r->program[i];
	return NULL;
}

/* Send both descriptors of the started program. */
static void hand_over(struct runner *r, struct program *program, int theirs,
		      int out)
{
	const struct rngd_answer answer = { 0 };

	rngd_message_send_answer(program->control, &answer, out);
	rngd_message_send_answer(r->sock, &answer, theirs);
}

/* 0, or a negative errno that the caller sends. */
static int start(struct runner *r, const char *text)
{
	struct program *program = find_free(r);
	int out, pair[2], ret;

	if (!program)
		return -EAGAIN;
	if (!is_configured(r, text))
		return -EPERM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	ret = vrng_command_start(&program->command, text, &out);
	if (ret) {
		close(pair[0]);
	} else {
		program->control = pair[0];
		program->is_ending = false;
		program->kill_at = 0;
		hand_over(r, program, pair[1], out);
		close(out);
	}
	close(pair[1]);
	return ret;
}

static void serve(struct runner *r)
{
	static char text[VRNG_SPEC_MAX + 1];
	const ssize_t got = recv(r->sock, text, sizeof(text) - 1, 0);
	struct rngd_answer answer = { 0 };

	if (got <= 0) {
		close(r->sock);
		r->sock = -1;
		return;
	}
	text[got] = '\0';
	answer.result = start(r, text);
	if (answer.result)
		rngd_message_send_answer(r->sock, &answer, -1);
}

static void finish(struct program *program)
{
	int status;

	if (!vrng_command_reap(&program->command, &status) &&
	    send(program->control, &status, sizeof(status), MSG_NOSIGNAL) < 0) {
		/* Nobody asks for it. */
	}
	close(program->control);
	program->control = -1;
}

static void end(struct program *program)
{
	vrng_command_signal(&program->command, SIGTERM);
	program->is_ending = true;
	program->kill_at = vrng_now_ms() + VRNG_COMMAND_TERM_MS;
}

static void kill_if_due(struct program *program)
{
	if (!program->kill_at || vrng_now_ms() < program->kill_at)
		return;
	vrng_command_signal(&program->command, SIGKILL);
	program->kill_at = 0;
}

/* The timeout of poll(2), ms. */
static int next_due(const struct runner *r)
{
	const uint64_t now = vrng_now_ms();
	uint64_t due = 0, at;
	size_t i;

	for (i = 0; i < PROGRAMS; i++) {
		at = r->program[i].kill_at;
		if (r->program[i].control >= 0 && at && (!due || at < due))
			due = at;
	}
	if (!due)
		return -1;
	return due > now ? (int)(due - now) : 0;
}

static void look_after(struct program *program, const struct pollfd pfd[2])
{
	if (pfd[0].revents)
		finish(program);
	else if (pfd[1].revents)
		end(program);
	else
		kill_if_due(program);
}

/* A negative descriptor is not polled. False: there is nothing more to do. */
static bool step(struct runner *r)
{
	struct pollfd pfd[2 * PROGRAMS + 1];
	bool has_programs = false;
	size_t i;

	for (i = 0; i < PROGRAMS; i++) {
		const struct program *p = &r->program[i];
		const bool runs = p->control >= 0;

		has_programs = has_programs || runs;
		pfd[2 * i].fd = runs ? p->command.pidfd : -1;
		pfd[2 * i + 1].fd = runs && !p->is_ending ? p->control : -1;
		pfd[2 * i].events = pfd[2 * i + 1].events = POLLIN;
		pfd[2 * i].revents = pfd[2 * i + 1].revents = 0;
	}
	if (r->sock < 0 && !has_programs)
		return false;
	pfd[2 * PROGRAMS] = (struct pollfd){ r->sock, POLLIN, 0 };
	if (poll(pfd, 2 * PROGRAMS + 1, next_due(r)) < 0)
		return true;
	for (i = 0; i < PROGRAMS; i++)
		if (r->program[i].control >= 0)
			look_after(&r->program[i], &pfd[2 * i]);
	if (pfd[2 * PROGRAMS].revents)
		serve(r);
	return true;
}

static _Noreturn void runner_main(const struct rngd_runner_setup *setup,
				  int sock)
{
	static struct runner r;
	size_t i;

	(void)prctl(PR_SET_NAME, "rngd-runner");
	vrng_trim_code();
	r.setup = *setup;
	r.sock = sock;
	for (i = 0; i < PROGRAMS; i++)
		r.program[i].control = -1;
	while (step(&r))
		;
	_exit(0);
}

/* ------------------------------------------------------------------- in rngd */

struct rngd_runner {
	pthread_mutex_t lock; /* over the rest: one request at a time */
	int sock;
	bool is_asked; /* and was not answered in time */
};

int rngd_runner_start(struct rngd_runner **runner,
		      const struct rngd_runner_setup *setup,
		      struct vrng_error *error)
{
	/* Programs may be relative to rngd's folder. */
	const struct vrng_subprocess child = { .name = "runner",
					       .type = SOCK_SEQPACKET };
	struct rngd_runner *r = calloc(1, sizeof(*r));
	pid_t pid;

	*runner = NULL;
	if (!r)
		return vrng_fail(error, ENOMEM, "cannot run programs: %m");
	pthread_mutex_init(&r->lock, NULL);
	pid = vrng_subprocess_fork(&child, &r->sock, error);
	if (!pid)
		runner_main(setup, r->sock);
	if (pid < 0) {
		rngd_runner_free(r);
		return (int)pid;
	}
	*runner = r;
	return 0;
}

/* A signal ends the wait: the caller's thread may have to stop. */
static int await_answer(struct rngd_runner *r, int *control)
{
	struct pollfd pfd = { .fd = r->sock, .events = POLLIN };
	struct rngd_answer answer = { 0 };
	int ret = poll(&pfd, 1, ANSWER_MS);

	*control = -1;
	if (ret <= 0)
		return ret ? -errno : -ETIMEDOUT;
	ret = rngd_message_receive_answer(r->sock, 0, &answer, control);
	r->is_asked = false;
	if (ret < 0)
		return ret;
	if (!answer.result && *control < 0)
		return -EPROTO;
	return answer.result;
}

/* A late answer is of an earlier request: closing its socket ends that program. */
static int drop_late(struct rngd_runner *r)
{
	int control, ret;

	if (!r->is_asked)
		return 0;
	ret = await_answer(r, &control);
	if (control >= 0)
		close(control);
	return r->is_asked ? ret : 0;
}

static int ask(struct rngd_runner *r, const char *command, int *control)
{
	int ret = drop_late(r);

	*control = -1;
	if (ret)
		return ret;
	if (send(r->sock, command, strlen(command), MSG_NOSIGNAL) < 0)
		return -errno;
	r->is_asked = true;
	return await_answer(r, control);
}

int rngd_runner_run(struct rngd_runner *runner, const char *command, int fds[2])
{
	struct rngd_answer answer = { 0 };
	int ret;

	pthread_mutex_lock(&runner->lock);
	ret = ask(runner, command, &fds[1]);
	pthread_mutex_unlock(&runner->lock);
	if (ret)
		return ret;
	/* It was sent before the socket was. */
	ret = rngd_message_receive_answer(fds[1], MSG_DONTWAIT, &answer,
					  &fds[0]);
	if (ret == 1 && fds[0] >= 0)
		return 0;
	close(fds[1]);
	return ret < 0 ? ret : -EPROTO;
}

void rngd_runner_free(struct rngd_runner *runner)
{
	if (!runner)
		return;
	if (runner->sock >= 0)
		close(runner->sock);
	pthread_mutex_destroy(&runner->lock);
	free(runner);
}
