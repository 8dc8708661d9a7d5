// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * egd-server: serves random bytes by the protocol of the Entropy Gathering
 * Daemon, for QEMU's rng-egd, libgcrypt and other clients. See egd-server(8).
 * This file has signals, the start of the processes, and the exit status.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
#include <sysexits.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rngd/base/activation.h"
#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "rngd/base/crypto.h"
#include "rngd/base/log.h"
#include "rngd/base/notify.h"
#include "rngd/base/sandbox.h"
#include "tests/device/egd-server/metrics.h"
#include "tests/device/egd-server/options.h"
#include "tests/device/egd-server/server.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/entropy/source_process.h"
#include "tests/device/runtime/file_helper.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/helper_user.h"
#include "tests/device/runtime/sandbox.h"
#include "tests/device/runtime/signals.h"
#include "vrng/source.h"
#include "vrng/version.h"

/* Limits of the sandbox: descriptors and bytes, without clients. */
#define FDS	    64
#define DATA	    (64UL << 20)
#define DATA_CLIENT 4096UL /* it and its peer take some 0.8 KiB */

/* A program as source takes some 10 ms to start on an idle machine. */
#define HOLD_NS (2 * VRNG_NS_PER_S)

#define CONSEQUENCE "clients wait until it is back"

struct program {
	struct egd_options options;
	struct vrng_log log;
	struct vrng_notify notify;
	struct shared_source shared;
	struct fork_signs signs;
	struct helper_user user; /* of the source's process */
	struct source_process process; /* sock -1: the source needs none */
	struct file_helper helper;
	struct egd_listen listeners[EGD_SERVER_LISTENERS];
	unsigned int n_listeners;
	struct loop loop; /* signals and the file helper */
	struct loop_watch signals;
	struct egd_server *server;
};

/* ---- signals and statistics ---- */

/* One line, and the status to end with. */
static int fail(int status, const struct vrng_error *error)
{
	fprintf(stderr, PROGRAM ": %s\n", error->text);
	return status;
}

static char *stats_text(void *opaque, size_t *len)
{
	const struct program *p = opaque;
	struct egd_metrics_report report = {
		.source = shared_source_look(&p->shared),
		.max_clients = p->options.max_clients,
	};

	egd_server_stats(p->server, &report.server);
	return egd_metrics_text(&report, p->options.openmetrics, len);
}

/* Runs in the file helper's process. */
static void remove_sockets(void *opaque)
{
	struct program *p = opaque;

	for (unsigned int i = 0; i < p->n_listeners; i++)
		egd_listen_remove(&p->listeners[i]);
}

static void on_signal(struct loop_watch *watch)
{
	struct program *p = VRNG_CONTAINER_OF(watch, struct program, signals);

	switch (signals_take(watch->fd)) {
	case SIGNALS_REPORT:
		file_helper_report(&p->helper);
		break;
	case SIGNALS_END:
		loop_stop(&p->loop);
		break;
	default:
		break;
	}
}

/* The server's own epoll set has this loop as one of its descriptors. */
static bool on_control(void *opaque)
{
	struct program *p = opaque;

	(void)loop_step(&p->loop, 0);
	return !p->loop.stopped;
}

static int control_start(struct program *p, struct vrng_error *error)
{
	int fd = -1, err = loop_init(&p->loop);

	if (!err)
		err = fd = signals_open();
	if (fd >= 0)
		err = loop_watch(&p->loop, &p->signals, fd);
	if (err && fd >= 0)
		close(fd);
	return err < 0 ? vrng_fail(error, -err, "signals: %m") : 0;
}

static void control_stop(struct program *p)
{
	int fd = p->signals.fd;

	loop_unwatch(&p->loop, &p->signals);
	if (fd >= 0)
		close(fd);
	loop_done(&p->loop);
}

/* ---- start and stop ---- */

/* Each client needs a descriptor. */
static int raise_limit(const struct egd_options *o, struct vrng_error *error)
{
	const rlim_t need = (rlim_t)o->max_clients + FDS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return vrng_fail(error, errno, "RLIMIT_NOFILE: %m");
	if (limit.rlim_cur >= need)
		return 0;
	limit.rlim_cur = need;
	if (limit.rlim_max < need)
		limit.rlim_max = need; /* root may */
	if (!setrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	return vrng_fail(
		error, errno,
		"%lu clients need %lu descriptors: %m; raise the limit "
		"(ulimit -n, LimitNOFILE=) or give --max-clients",
		(unsigned long)o->max_clients, (unsigned long)need);
}

/* A source that opens, connects or runs something gets a process of its own. */
static int source_start(struct program *p, struct vrng_error *error)
{
	const char *spec = p->options.source ? p->options.source : "getrandom";
	int err = vrng_crypto_init(error);

	if (!err)
		err = helper_user_find(&p->user, p->options.source_user, error);
	if (!err)
		err = shared_source_init(&p->shared, spec, CONSEQUENCE, &p->log,
					 error);
	p->signs.page_path = p->options.fork_page;
	fork_signs_open(&p->signs);
	p->shared.signs = &p->signs;
	p->shared.user = &p->user;
	if (!err)
		err = vrng_source_check(p->shared.source, error);
	if (!err && shared_source_kind(&p->shared) == SHARED_SOURCE_FETCHED)
		err = source_process_start(&p->process, &p->shared, error);
	return err;
}

static int listen_all(struct program *p, struct vrng_error *error)
{
	const int passed = vrng_activation_count();
	struct egd_options *o = &p->options;
	int err = 0, i;
	char **where;

	for (i = 0; i < passed && !err; i++)
		if (p->n_listeners < EGD_SERVER_LISTENERS)
			err = egd_listen_inherited(
				&p->listeners[p->n_listeners++],
				VRNG_ACTIVATION_FIRST + i, error);
	for (where = o->listen; where && *where && !err; where++) {
		if (p->n_listeners == EGD_SERVER_LISTENERS)
			return vrng_fail(error, EINVAL,
					 "--listen: no more than %d of them",
					 EGD_SERVER_LISTENERS);
		err = egd_listen_at(&p->listeners[p->n_listeners], *where,
				    &o->as, error);
		p->n_listeners += !err;
	}
	if (!err && !p->n_listeners)
		return vrng_fail(error, EINVAL,
				 "--listen: give one, or let systemd pass "
				 "sockets; see " PROGRAM " --help");
	return err;
}

static void say_ready(struct program *p)
{
	unsigned int i;

	for (i = 0; i < p->n_listeners; i++)
		vrng_log_line(&p->log, "listening on %s, source %s",
			      p->listeners[i].name,
			      shared_source_name(&p->shared));
	vrng_notify_say(&p->notify, "READY=1");
}

static int serve_start(struct program *p, struct vrng_error *error)
{
	const struct egd_options *o = &p->options;
	const bool is_fetched = p->process.sock >= 0;
	const struct egd_server_setup setup = {
		.listeners = p->listeners,
		.n_listeners = p->n_listeners,
		.prefetch = {
			.shared = is_fetched ? NULL : &p->shared,
			.process = is_fetched ? &p->process : NULL,
			.max_bytes = o->limit.max_bytes,
			.period_ns = o->limit.period_ms * VRNG_NS_PER_MS,
			.signs = &p->signs,
			.log = &p->log,
		},
		.log = &p->log,
		.max_clients = (unsigned int)o->max_clients,
		.max_per_peer = (unsigned int)o->max_per_peer,
		.idle_ns = o->idle_s * VRNG_NS_PER_S,
		.idle_full_ns = o->idle_full_s * VRNG_NS_PER_S,
		.hold_ns = HOLD_NS,
		.control_fd = p->loop.epoll,
		.control = on_control,
		.opaque = p,
	};

	return egd_server_start(&p->server, &setup, error);
}

/* From here on no file is opened and no process is made. */
static int lock_up(struct program *p, struct vrng_error *error)
{
	/* at most EGD_OPTIONS_CLIENTS_MAX */
	const unsigned long clients = (unsigned long)p->options.max_clients;
	const struct sandbox box = { .fds = FDS + clients,
				     .data = DATA + DATA_CLIENT * clients,
				     .gathers = true };
	int err = file_helper_start(&p->helper, error);

	if (err)
		return err;
	if (vrng_sandbox_is_left_out())
		vrng_log_line(&p->log, "built without its sandbox");
	return sandbox_enter(&box, error);
}

static int serve(struct program *p, struct vrng_error *error)
{
	int err = serve_start(p, error);

	if (err)
		return err;
	err = lock_up(p, error);
	if (!err) {
		say_ready(p);
		err = egd_server_run(p->server, error);
	}
	return err;
}

static void stop(struct program *p)
{
	vrng_notify_say(&p->notify, "STOPPING=1");
	file_helper_end(&p->helper);
	if (p->server)
		egd_server_stop(p->server);
	while (p->n_listeners)
		egd_listen_close(&p->listeners[--p->n_listeners]);
	source_process_stop(&p->process);
	shared_source_done(&p->shared);
	fork_signs_close(&p->signs);
	control_stop(p);
	vrng_notify_close(&p->notify);
}

/* EX_USAGE if a better command line would help, EXIT_FAILURE if not. */
static int run(struct program *p)
{
	struct vrng_error error = { "" };
	int status = EXIT_SUCCESS;
	int err = control_start(p, &error);

	vrng_notify_init(&p->notify);
	p->helper.loop = &p->loop;
	p->helper.text = stats_text;
	p->helper.stats = p->options.stats;
	p->helper.log = &p->log;
	p->helper.signs = &p->signs;
	p->helper.remove_sockets = remove_sockets;
	p->helper.opaque = p;
	if (!err)
		err = raise_limit(&p->options, &error);
	if (!err)
		err = source_start(p, &error);
	if (!err)
		err = listen_all(p, &error);
	if (!err)
		err = serve(p, &error);
	if (err)
		status = fail(err == -EINVAL ? EX_USAGE : EXIT_FAILURE, &error);
	stop(p);
	return status;
}

int main(int argc, char **argv)
{
	static struct program program = {
		.loop = { .epoll = -1 },
		.signals = LOOP_WATCH(on_signal),
		.process = { .sock = -1 },
		.helper = { .sock = -1,
			    .answer = { .fd = -1 },
			    .found = { .fd = -1 } },
		.options = EGD_OPTIONS,
	};
	int status = egd_options_parse(&program.options, argc, argv);

	vrng_log_init(&program.log, PROGRAM, NULL, VRNG_LOG_BURST_HOST);
	if (!status && program.options.version)
		puts(PROGRAM " " VRNG_VERSION);
	else if (!status)
		status = run(&program);
	egd_options_free(&program.options);
	return status;
}
