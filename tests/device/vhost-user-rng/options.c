// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "rngd/base/activation.h"
#include "rngd/base/listener.h"
#include "tests/device/runtime/cli.h"
#include "tests/device/vhost-user-rng/handover.h"
#include "tests/device/vhost-user-rng/options.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/stats_file.h"

#define UNIX "unix:"

static int faults_parse(struct device_options *o)
{
	struct vrng_error error;

	for (char **spec = o->faults_text; spec && *spec; spec++) {
		if (!faults_add(&o->faults, *spec, &error))
			continue;
		fprintf(stderr, PROGRAM ": --fault=%s: %s\n", *spec,
			error.text);
		return EX_USAGE;
	}
	return 0;
}

/* Each guest has a socket of its own. */
static int sockets_count(struct device_options *o)
{
	char **path = o->socket_paths;
	struct vrng_error error;

	for (o->sockets = 0; path && path[o->sockets]; o->sockets++) {
		if (vrng_listener_check(path[o->sockets], &error))
			return cli_misuse(PROGRAM, "--socket-path", error.text);
		for (unsigned int i = 0; i < o->sockets; i++)
			if (!strcmp(path[i], path[o->sockets]))
				return cli_misuse(PROGRAM, path[i],
						  "given twice");
	}
	return 0;
}

static int stats_check(struct device_options *o)
{
	struct vrng_error error;

	if (o->openmetrics && !o->stats)
		return cli_misuse(PROGRAM, "--openmetrics", "needs --stats");
	if (!o->stats)
		return 0;
	if (!strncmp(o->stats, UNIX, strlen(UNIX))) {
		o->stats_socket = o->stats + strlen(UNIX);
		if (vrng_listener_check(o->stats_socket, &error))
			return cli_misuse(PROGRAM, "--stats", error.text);
		return 0;
	}
	if (!stats_file_check(o->stats, &error))
		return 0;
	return cli_refuse(PROGRAM, &error);
}

static int access_check(struct device_options *o)
{
	struct vrng_error error;

	if (!access_is_given(&o->access))
		return 0;
	if (o->client || (!o->socket_paths && !o->socket_dir))
		return cli_misuse(PROGRAM, "--owner, --group, --mode",
				  "need a socket to listen on");
	if (!access_parse(&o->access, &o->as, &error))
		return 0;
	return cli_refuse(PROGRAM, &error);
}

/* Sockets to listen on; the others are left by the process before. */
static int sockets_passed(void)
{
	const int n = vrng_activation_count();
	int sockets = 0;

	for (int i = 0; i < n; i++)
		sockets += !vrng_activation_is_named(i, HANDOVER_NAME);
	return sockets;
}

static int hand_over_check(const struct device_options *o)
{
	if (!o->hand_over)
		return 0;
	if (o->fd_text)
		return cli_misuse(
			PROGRAM, "--hand-over",
			"is not for --fd, which no other process has");
	if (!getenv("NOTIFY_SOCKET"))
		return cli_misuse(PROGRAM, "--hand-over",
				  "needs a service manager that keeps "
				  "descriptors ($NOTIFY_SOCKET is not set)");
	return 0;
}

static int options_check(struct device_options *o)
{
	uint64_t fd = 0;
	int status;
	const int ways = !!o->socket_paths + !!o->fd_text + !!o->socket_dir;

	if (!ways)
		o->passed = sockets_passed();
	if (ways + !!o->passed != 1)
		return cli_misuse(PROGRAM, "--socket-path, --socket-dir, --fd",
				  "give one of them, or let systemd pass "
				  "sockets");
	if (o->options_dir && !o->socket_dir)
		return cli_misuse(PROGRAM, "--options-dir",
				  "needs --socket-dir");
	status = sockets_count(o);
	if (status)
		return status;
	if (o->client && !o->socket_paths)
		return cli_misuse(PROGRAM, "--client", "needs --socket-path");
	status = access_check(o);
	if (!status)
		status = hand_over_check(o);
	if (!status)
		status = cli_number(PROGRAM, "--fd", o->fd_text, 0, INT32_MAX,
				    &fd);
	if (!status)
		status = cli_limit_check(PROGRAM, &o->limit);
	if (!status)
		status = faults_parse(o);
	o->fd = (int)fd;
	return status ? status : stats_check(o);
}

/* clang-format off */
int device_options_parse(struct device_options *o, int argc, char **argv)
{
	char fault_help[256] = "err on purpose, for tests of drivers: "
			       "KIND[:KEY=VALUE,...]; ";
	/* For POPT_ARG_ARGV popt prints a space where others have a '='. */
	const struct poptOption table[] = {
		{ "socket-path", 's', POPT_ARG_ARGV, &o->socket_paths, 0,
		  "socket to listen on, or with --client to connect to; once "
		  "for each guest",
		  "=PATH" },
		{ "socket-dir", 'd', POPT_ARG_STRING, &o->socket_dir, 0,
		  "serve each guest NAME that has a file NAME.conf, at the "
		  "socket NAME.sock in this folder", "DIR" },
		{ "options-dir", '\0', POPT_ARG_STRING, &o->options_dir, 0,
		  "where these files are, if not in the folder of sockets",
		  "DIR" },
		{ "client", 'c', POPT_ARG_NONE, &o->client, 0,
		  "the front end listens, and is connected to", NULL },
		{ "access-platform", '\0', POPT_ARG_NONE, &o->access_platform,
		  0, "offer VIRTIO_F_ACCESS_PLATFORM, for guests with bounce "
		  "buffers", NULL },
		{ "fd", 'f', POPT_ARG_STRING, &o->fd_text, 0,
		  "use an inherited socket, listening or connected", "N" },
		{ "hand-over", '\0', POPT_ARG_NONE, &o->hand_over, 0,
		  "at the end, leave guests and sockets to the next process "
		  "of this service", NULL },
		{ "owner", '\0', POPT_ARG_STRING, &o->access.owner, 0,
		  "of the sockets: USER, USER:GROUP or :GROUP", "OWNER" },
		{ "group", '\0', POPT_ARG_STRING, &o->access.group, 0,
		  "of the sockets", "GROUP" },
		{ "mode", '\0', POPT_ARG_STRING, &o->access.mode, 0,
		  "of the sockets, octal (by the umask; with an owner or "
		  "group 0660)", "MODE" },
		{ "source", 'S', POPT_ARG_STRING, &o->source, 0,
		  CLI_SOURCE_HELP, "SPEC" },
		{ "source-user", '\0', POPT_ARG_STRING, &o->source_user, 0,
		  CLI_SOURCE_USER_HELP, "USER" },
		{ "max-bytes", 'm', POPT_ARG_STRING, &o->limit.max_bytes_text, 0,
		  "no more than N bytes in any one period", "N" },
		{ "period", 'p', POPT_ARG_STRING, &o->limit.period_text, 0,
		  "that period, in milliseconds (default 65536)", "MS" },
		{ "fault", '\0', POPT_ARG_ARGV, &o->faults_text, 0, fault_help,
		  "=SPEC" },
		{ "stats", '\0', POPT_ARG_STRING, &o->stats, 0,
		  "write counters to a file when a guest goes, on SIGUSR1, and "
		  "at the end, or give them to who connects to a socket",
		  "PATH|unix:PATH" },
		{ "openmetrics", '\0', POPT_ARG_NONE, &o->openmetrics, 0,
		  "those in the format of OpenMetrics 1.0; without it in "
		  "Prometheus's own", NULL },
		{ "print-capabilities", '\0', POPT_ARG_NONE, &o->capabilities,
		  0, "say what this back-end is, in JSON, and end", NULL },
		{ "fork-page", '\0', POPT_ARG_STRING, &o->fork_page, 0,
		  "if the generation in this file changes, drop what is held: "
		  "rngd maintains it (default " FORK_SIGNS_PAGE "; none: no "
		  "file)", "PATH" },
		{ "version", 'V', POPT_ARG_NONE, &o->version, 0,
		  "print the version and end", NULL },
		POPT_AUTOHELP
		POPT_TABLEEND
	};
	/* clang-format on */
	const size_t len = strlen(fault_help);
	int status;

	faults_list(fault_help + len, sizeof(fault_help) - len);
	status = cli_parse(PROGRAM, table, argc, argv);
	if (!status && !o->version && !o->capabilities)
		status = options_check(o);
	return status;
}

void device_options_free(struct device_options *o)
{
	cli_words_free(o->socket_paths);
	access_free(&o->access);
	free(o->socket_dir);
	free(o->options_dir);
	free(o->source);
	free(o->source_user);
	free(o->fork_page);
	free(o->stats);
	free(o->fd_text);
	cli_limit_free(&o->limit);
	cli_words_free(o->faults_text);
}
