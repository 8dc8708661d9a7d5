// SPDX-License-Identifier: GPL-2.0-or-later
/* The split into processes: see confine.h. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/process/confine.h"
#include "rngd/process/privilege.h"
#include "rngd/process/sandbox.h"
#include "rngd/sources/spec.h"

#define DEFAULT_CONTROL "/run/rngd.sock"

#define PROC "/proc/sys/kernel/random/"

/* How long the privileged process may take to clean up, ms. */
#define END_TIMEOUT 30

/* ------------------------------------------------------------------ control */

static const char *control_path(const struct rngd_daemon *d)
{
	if (d->options.control)
		return strcmp(d->options.control, "none") ? d->options.control :
							    NULL;
	return geteuid() ? NULL : DEFAULT_CONTROL;
}

/* A second rngd beside the first, with output to a file, has no use for it. */
int rngd_confine_control(struct rngd_daemon *d, struct vrng_error *error)
{
	const char *path = control_path(d);
	gid_t gid = (gid_t)-1;
	int ret = 0;

	if (!path)
		return 0;
	if (d->options.control_group)
		ret = rngd_group_find(&gid, d->options.control_group, error);
	if (ret)
		return ret;
	ret = rngd_control_open(&d->control, path, gid, rngd_daemon_ask, d,
				error);
	if (!ret || d->options.control)
		return ret;
	vrng_log(&d->log, VRNG_LOG_INFO, "%s; rngctl will not find this one",
		 error->text);
	return 0;
}

/* ---------------------------------------------------------------- watermark */

static int read_number(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	return got > 0 ? atoi(text) : -1;
}

static bool write_number(const char *path, int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", n);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, (size_t)len) == len;
	close(fd);
	return ok;
}

/*
 * Kernels whose pool has thousands of bits ask for more below the mark. Those
 * that have 256 take a mark, and ignore it.
 */
static void set_watermark(struct rngd_daemon *d)
{
	int bits = d->options.watermark;

	if (bits < 0 || vrng_sink_type(d->sink) != VRNG_SINK_KERNEL)
		return;
	if (read_number(PROC "poolsize") < 1024)
		vrng_log(&d->log, VRNG_LOG_INFO,
			 "--fill-watermark: this kernel's pool has no mark; it "
			 "is fed each --feed-interval");
	else if (bits && !write_number(PROC "write_wakeup_threshold", bits))
		vrng_log(&d->log, VRNG_LOG_ERROR,
			 "--fill-watermark: %s: cannot write: %m; it stays "
			 "as it is",
			 PROC "write_wakeup_threshold");
}

/* ---------------------------------------------------------------- processes */

/* A source that only root may be able to open, or no path. */
static struct rngd_helper_device device_of(const char *text)
{
	struct rngd_helper_device device = { .path = NULL };
	struct vrng_spec spec;

	if (vrng_spec_split(&spec, text, NULL))
		return device;
	device.writable = !strcmp(spec.kind, "tty");
	if (spec.fields && (device.writable || !strcmp(spec.kind, "file")))
		device.path = strdup(spec.field[0]);
	vrng_spec_free(&spec);
	return device;
}

static bool runs_programs(const struct rngd_daemon *d)
{
	size_t i;

	for (i = 0; i < d->options.sources; i++)
		if (!strncmp(d->options.source[i], "exec:", 5))
			return true;
	return false;
}

static int start_helper(struct rngd_daemon *d, struct vrng_error *error)
{
	struct rngd_helper_setup setup = {
		.sink = d->sink,
		.filter = !d->options.no_sandbox,
	};
	struct rngd_helper_device device;
	size_t i;

	for (i = 0; i < d->options.sources; i++) {
		device = device_of(d->options.source[i]);
		if (device.path)
			setup.device[setup.devices++] = device;
	}
	if (d->pidfile)
		(void)vrng_ours_note(&setup.file[0], d->options.pid_file);
	if (d->control)
		setup.file[1] = *rngd_control_file(d->control);
	return rngd_helper_start(&d->helper, &setup, error);
}

/*
 * A program that a source runs would inherit the filter, and cannot know it: with
 * one of those only the privileged process is filtered.
 */
static int filter(struct rngd_daemon *d, struct vrng_error *error)
{
	int ret;

	if (d->options.no_sandbox)
		return 0;
	if (runs_programs(d)) {
		vrng_log(&d->log, VRNG_LOG_INFO,
			 "exec: sources run programs: system calls of the "
			 "process that reads are not filtered");
		return 0;
	}
	ret = rngd_sandbox_enter(d->helper ? &rngd_sandbox_daemon :
					     &rngd_sandbox_daemon_removing);
	if (ret)
		return vrng_fail(error, -ret,
				 "cannot filter system calls: %m; "
				 "--no-sandbox does without");
	return 0;
}

/* The start is over: fewer system calls are needed from here on. */
static void trim_heap(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}

int rngd_confine(struct rngd_daemon *d, struct vrng_error *error)
{
	const bool root = !geteuid();
	struct rngd_user user;
	int ret = 0;

	if (root)
		ret = rngd_user_find(&user, d->options.user, error);
	else if (d->options.user)
		return vrng_fail(error, EPERM,
				 "--drop-privileges: only root can: %m");
	if (ret)
		return ret;
	set_watermark(d);
	ret = rngd_hooks_start(&d->hooks, d->options.hooks, error);
	if (!ret && (root || vrng_sink_type(d->sink) == VRNG_SINK_KERNEL))
		ret = start_helper(d, error);
	if (!ret)
		ret = rngd_privilege_drop(root ? &user : NULL, error);
	if (!ret)
		ret = filter(d, error);
	trim_heap();
	return ret;
}

/* The privileged process removes what we cannot any more. */
void rngd_confine_end(struct rngd_daemon *d)
{
	struct vrng_ours file;

	if (d->helper) {
		rngd_helper_end(d->helper, END_TIMEOUT);
		d->helper = NULL;
		return;
	}
	rngd_pidfile_drop(d->pidfile);
	d->pidfile = NULL;
	if (!d->control)
		return;
	file = *rngd_control_file(d->control);
	vrng_ours_remove(&file);
}
