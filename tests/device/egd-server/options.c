// SPDX-License-Identifier: GPL-2.0-or-later
#include <popt.h>
#include <stdlib.h>

#include "tests/device/egd-server/listen.h"
#include "tests/device/egd-server/options.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/stats_file.h"

#define IDLE_MAX_S (365 * 24 * 60 * 60)

static int access_check(struct egd_options *o)
{
	struct vrng_error error;

	if (!access_parse(&o->access, &o->as, &error))
		return 0;
	return cli_refuse(PROGRAM, &error);
}

static int stats_check(const char *path)
{
	struct vrng_error error;

	if (!stats_file_check(path, &error))
		return 0;
	return cli_refuse(PROGRAM, &error);
}

static int options_check(struct egd_options *o)
{
	int status = access_check(o);

	if (!status)
		status = cli_limit_check(PROGRAM, &o->limit);
	if (!status)
		status = cli_number(PROGRAM, "--max-clients",
				    o->max_clients_text, 1,
				    EGD_OPTIONS_CLIENTS_MAX, &o->max_clients);
	o->max_per_peer = o->max_clients - o->max_clients / 4;
	if (!status)
		status = cli_number(PROGRAM, "--max-per-peer",
				    o->max_per_peer_text, 1, o->max_clients,
				    &o->max_per_peer);
	if (!status)
		status = cli_number(PROGRAM, "--idle-when-full",
				    o->idle_full_text, 1, IDLE_MAX_S,
				    &o->idle_full_s);
	if (!status)
		status = cli_number(PROGRAM, "--idle-timeout", o->idle_text, 0,
				    IDLE_MAX_S, &o->idle_s);
	if (!status && o->openmetrics && !o->stats)
		status = cli_misuse(PROGRAM, "--openmetrics", "needs --stats");
	if (!status && o->stats)
		status = stats_check(o->stats);
	return status;
}

/* clang-format off */
int egd_options_parse(struct egd_options *o, int argc, char **argv)
{
	/* For POPT_ARG_ARGV popt prints a space where others have a '='. */
	const struct poptOption table[] = {
		{ "listen", 'l', POPT_ARG_ARGV, &o->listen, 0,
		  "unix:PATH, tcp:PORT (loopback) or tcp:ADDRESS:PORT; up to 8 "
		  "times; not needed with systemd's sockets", "=WHERE" },
		{ "source", 'S', POPT_ARG_STRING, &o->source, 0,
		  CLI_SOURCE_HELP, "SPEC" },
		{ "source-user", '\0', POPT_ARG_STRING, &o->source_user, 0,
		  CLI_SOURCE_USER_HELP, "USER" },
		{ "mode", '\0', POPT_ARG_STRING, &o->access.mode, 0,
		  "of Unix sockets, octal (default 0660)", "MODE" },
		{ "owner", '\0', POPT_ARG_STRING, &o->access.owner, 0,
		  "of Unix sockets: USER, USER:GROUP or :GROUP", "OWNER" },
		{ "group", '\0', POPT_ARG_STRING, &o->access.group, 0,
		  "of Unix sockets", "GROUP" },
		{ "max-bytes", 'm', POPT_ARG_STRING, &o->limit.max_bytes_text, 0,
		  "no more than N bytes in any one period, for all clients "
		  "together", "N" },
		{ "period", 'p', POPT_ARG_STRING, &o->limit.period_text, 0,
		  "that period, in milliseconds (default 1000)", "MS" },
		{ "max-clients", '\0', POPT_ARG_STRING, &o->max_clients_text,
		  0, "no more than N at once (default 2048)", "N" },
		{ "max-per-peer", '\0', POPT_ARG_STRING, &o->max_per_peer_text,
		  0, "no more than N of one user or address (default three "
		  "quarters of --max-clients)", "N" },
		{ "idle-when-full", '\0', POPT_ARG_STRING, &o->idle_full_text,
		  0, "if no place is left, drop a client that was idle for so "
		  "long (default 10)", "SECONDS" },
		{ "idle-timeout", '\0', POPT_ARG_STRING, &o->idle_text, 0,
		  "drop clients that ask or take nothing for so long (default "
		  "0: never)", "SECONDS" },
		{ "stats", '\0', POPT_ARG_STRING, &o->stats, 0,
		  "write counters there on SIGUSR1 and at the end", "PATH" },
		{ "openmetrics", '\0', POPT_ARG_NONE, &o->openmetrics, 0,
		  "those in the format of OpenMetrics 1.0; without it in "
		  "Prometheus's own", NULL },
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
	int status = cli_parse(PROGRAM, table, argc, argv);

	if (!status && !o->version)
		status = options_check(o);
	return status;
}

void egd_options_free(struct egd_options *o)
{
	cli_words_free(o->listen);
	free(o->source);
	free(o->source_user);
	access_free(&o->access);
	cli_limit_free(&o->limit);
	free(o->max_clients_text);
	free(o->max_per_peer_text);
	free(o->idle_text);
	free(o->idle_full_text);
	free(o->fork_page);
	free(o->stats);
}
