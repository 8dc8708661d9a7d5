// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tests/device/guest.h"
#include "tests/device/options.h"
#include "tests/device/stats_file.h"

#define UNIX "unix:"

static int usage_error(const char *what, const char *why)
{
	fprintf(stderr, PROGRAM ": %s: %s; see " PROGRAM " --help\n", what,
		why);
	return EX_USAGE;
}

/* Decimal digits and nothing else; @*value is left alone without @text. */
static int number(const char *name, const char *text, uint64_t min,
		  uint64_t max, uint64_t *value)
{
	unsigned long long n;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && n >= min &&
	    n <= max) {
		*value = n;
		return 0;
	}
	fprintf(stderr,
		PROGRAM ": %s=%s: not a number from %" PRIu64 " to %" PRIu64
			"\n",
		name, text, min, max);
	return EX_USAGE;
}

static int faults_parse(struct options *o)
{
	struct vrng_why why;

	for (char **spec = o->faults_text; spec && *spec; spec++) {
		if (!faults_add(&o->faults, *spec, &why))
			continue;
		fprintf(stderr, PROGRAM ": --fault=%s: %s\n", *spec, why.text);
		return EX_USAGE;
	}
	return 0;
}

/* Each guest has a socket, and no two the same. */
static int sockets_count(struct options *o)
{
	char **path = o->socket_paths;

	for (o->sockets = 0; path && path[o->sockets]; o->sockets++) {
		if (o->sockets == GUEST_MAX)
			return usage_error("--socket-path",
					   "given more than 64 times");
		for (unsigned int i = 0; i < o->sockets; i++)
			if (!strcmp(path[i], path[o->sockets]))
				return usage_error(path[i], "given twice");
	}
	if (!path)
		o->sockets = 1;
	return 0;
}

/* A socket's path is looked at when it is listened on. */
static int stats_check(struct options *o)
{
	struct vrng_why why;

	if (!o->stats)
		return 0;
	if (!strncmp(o->stats, UNIX, strlen(UNIX))) {
		o->stats_socket = o->stats + strlen(UNIX);
		return 0;
	}
	if (!stats_file_check(o->stats, &why))
		return 0;
	fprintf(stderr, PROGRAM ": %s\n", why.text);
	return EX_USAGE;
}

static int options_check(struct options *o)
{
	uint64_t fd = 0;
	int status;

	if (!o->socket_paths == !o->fd_text)
		return usage_error("--socket-path, --fd", "give one of them");
	status = sockets_count(o);
	if (status)
		return status;
	if (o->client && !o->socket_paths)
		return usage_error("--client", "needs --socket-path");
	if (o->period_text && !o->max_bytes_text)
		return usage_error("--period", "needs --max-bytes");
	status = number("--fd", o->fd_text, 0, INT32_MAX, &fd);
	if (!status)
		status = number("--max-bytes", o->max_bytes_text, 1, INT64_MAX,
				&o->max_bytes);
	if (!status)
		status = number("--period", o->period_text, 1, PERIOD_MAX_MS,
				&o->period_ms);
	if (!status)
		status = faults_parse(o);
	o->fd = (int)fd;
	return status ? status : stats_check(o);
}

/* clang-format off */
int options_parse(struct options *o, int argc, char **argv)
{
	char fault_help[256] = "err on purpose, for tests of drivers: "
			       "KIND[:KEY=VALUE,...]; ";
	const struct poptOption table[] = {
		{ "socket-path", 's', POPT_ARG_ARGV, &o->socket_paths, 0,
		  "socket to listen on, or with --client to connect to; once "
		  "for each guest",
		  "PATH" },
		{ "client", 'c', POPT_ARG_NONE, &o->client, 0,
		  "the front end listens, and is connected to", NULL },
		{ "fd", 'f', POPT_ARG_STRING, &o->fd_text, 0,
		  "use an inherited socket, listening or connected", "N" },
		{ "source", 'S', POPT_ARG_STRING, &o->source, 0,
		  "where bytes come from: getrandom (the default), file:PATH, "
		  "drbg:seed=HEX (tests only)", "SPEC" },
		{ "max-bytes", 'm', POPT_ARG_STRING, &o->max_bytes_text, 0,
		  "no more than N bytes in any one period", "N" },
		{ "period", 'p', POPT_ARG_STRING, &o->period_text, 0,
		  "that period, in milliseconds (default 65536)", "MS" },
		{ "fault", '\0', POPT_ARG_ARGV, &o->faults_text, 0, fault_help,
		  "SPEC" },
		{ "stats", '\0', POPT_ARG_STRING, &o->stats, 0,
		  "write counters to a file when a guest goes, on SIGUSR1, and "
		  "at the end, or give them to who connects to a socket",
		  "PATH|unix:PATH" },
		{ "print-capabilities", '\0', POPT_ARG_NONE, &o->capabilities,
		  0, "say what this back-end is, in JSON, and end", NULL },
		{ "version", 'V', POPT_ARG_NONE, &o->version, 0,
		  "print the version and end", NULL },
		POPT_AUTOHELP
		POPT_TABLEEND
	};
	/* clang-format on */
	poptContext context = poptGetContext(
		PROGRAM, argc, (const char **)(void *)argv, table, 0);
	const size_t len = strlen(fault_help);
	int status = 0;
	int rc;

	faults_list(fault_help + len, sizeof(fault_help) - len);
	rc = poptGetNextOpt(context);
	if (rc < -1)
		status = usage_error(poptBadOption(context, 0),
				     poptStrerror(rc));
	else if (poptPeekArg(context))
		status = usage_error(poptPeekArg(context), "not an option");
	else if (!o->version && !o->capabilities)
		status = options_check(o);
	poptFreeContext(context);
	return status;
}

static void free_list(char **list)
{
	for (char **text = list; text && *text; text++)
		free(*text);
	free(list);
}

void options_free(struct options *o)
{
	free_list(o->socket_paths);
	free(o->source);
	free(o->stats);
	free(o->fd_text);
	free(o->max_bytes_text);
	free(o->period_text);
	free_list(o->faults_text);
}
