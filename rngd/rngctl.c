// SPDX-License-Identifier: GPL-2.0-or-later
/* rngctl: asks a running rngd, and shows what it says. See rngctl(8). */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <popt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "rngd/control/client.h"
#include "rngd/control/metrics.h"
#include "rngd/base/number.h"
#include "rngd/base/stdfds.h"
#include "vrng/version.h"

#define DEFAULT_SOCKET "/run/rngd.sock"
#define BAR	       20 /* characters */

static struct settings {
	char *socket;
	int json;
	int fork;
	char *count; /* of --count, as given */
	uint64_t rounds; /* of watch, 0: no end */
} settings;

static struct rngd_answer now, before;

enum {
	OPT_VERSION = 1,
	OPT_HELP
};

static const struct poptOption table[] = {
	{ "socket", 's', POPT_ARG_STRING, &settings.socket, 0,
	  "Socket of rngd (default: /run/rngd.sock)", "PATH" },
	{ "json", 'j', POPT_ARG_NONE, &settings.json, 0,
	  "status, sources: print JSON", NULL },
	{ "fork", '\0', POPT_ARG_NONE, &settings.fork, 0,
	  "reseed: as after a VM fork: drop what is held, first", NULL },
	{ "count", 'n', POPT_ARG_STRING, &settings.count, 0,
	  "watch: end after that many seconds", "N" },
	{ "help", '?', POPT_ARG_NONE, NULL, OPT_HELP, "Show this help", NULL },
	{ "version", 'v', POPT_ARG_NONE, NULL, OPT_VERSION, "Show the version",
	  NULL },
	POPT_TABLEEND
};

static int fail(int status, const char *text)
{
	fprintf(stderr, "rngctl: %s\n", text);
	return status;
}

static int ask_status(void)
{
	struct vrng_error error;
	int ret = rngd_client_ask(settings.socket, "status", &now, &error);

	if (!ret)
		ret = rngd_client_split(&now, &error);
	if (!ret)
		return EX_OK;
	return fail(ret == -EACCES ? EX_NOPERM : EX_UNAVAILABLE, error.text);
}

static size_t sources(void)
{
	return (size_t)rngd_client_number(&now, "sources");
}

static const char *text_of(const char *value)
{
	return value ? value : "-";
}

/* --------------------------------------------------------------------- people */

static void print_sources(void)
{
	size_t n;

	printf("%-28s %-10s %6s %14s %10s %6s %9s\n", "SOURCE", "STATE",
	       "BITS/B", "RECEIVED", "GOOD", "BAD", "SUSPENDED");
	for (n = 0; n < sources(); n++)
		printf("%-28s %-10s %6.3f %14" PRIu64 " %10" PRIu64 " %6" PRIu64
		       " %9" PRIu64 "\n",
		       text_of(rngd_client_source(&now, n, "name")),
		       text_of(rngd_client_source(&now, n, "state")),
		       (double)rngd_client_source_number(&now, n,
							 "entropy_millibits") /
			       1000,
		       rngd_client_source_number(&now, n, "bytes_received"),
		       rngd_client_source_number(&now, n, "blocks_good"),
		       rngd_client_source_number(&now, n, "blocks_bad"),
		       rngd_client_source_number(&now, n, "suspensions"));
}

static void print_messages(void)
{
	const char *message;
	size_t n;

	for (n = 0; n < sources(); n++) {
		message = rngd_client_source(&now, n, "message");
		if (message)
			printf("  %s\n", message);
	}
}

static void print_status(void)
{
	const char *level = rngd_client_value(&now, "entropy_avail");

	printf("rngd %s, pid %s, for %" PRIu64 " s, feeds %s\n",
	       text_of(rngd_client_value(&now, "version")),
	       text_of(rngd_client_value(&now, "pid")),
	       rngd_client_number(&now, "uptime_seconds"),
	       text_of(rngd_client_value(&now, "output")));
	printf("  credited %" PRIu64 " bits in %" PRIu64 " bytes",
	       rngd_client_number(&now, "bits_credited"),
	       rngd_client_number(&now, "bytes_delivered"));
	printf(level ? "; entropy_avail %s\n" : "\n", level);
	printf("  VM forks %" PRIu64 " (generation %" PRIu64
	       "), hooks run %" PRIu64 ", failed %" PRIu64 "\n\n",
	       rngd_client_number(&now, "vm_forks"),
	       rngd_client_number(&now, "generation"),
	       rngd_client_number(&now, "hooks_run"),
	       rngd_client_number(&now, "hooks_failed"));
	print_sources();
	print_messages();
}

/* ----------------------------------------------------------------------- JSON */

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static void add_value(struct json_object *to, const char *name,
		      const char *value)
{
	struct json_object *object;

	if (is_number(value))
		object = json_object_new_int64(
			(int64_t)strtoull(value, NULL, 10));
	else
		object = json_object_new_string(value);
	json_object_object_add(to, name, object);
}

/* "source.N.name": its N, and where the name begins; NULL for others. */
static const char *split_name(const char *name, size_t *n)
{
	char *end;

	if (strncmp(name, "source.", 7))
		return NULL;
	*n = strtoul(name + 7, &end, 10);
	return *end == '.' ? end + 1 : NULL;
}

static struct json_object *sources_to_json(void)
{
	struct json_object *list = json_object_new_array();
	const char *name;
	size_t i, n;

	for (n = 0; n < sources(); n++)
		json_object_array_add(list, json_object_new_object());
	for (i = 0; i < now.rows; i++) {
		name = split_name(now.row[i].name, &n);
		if (name && n < sources())
			add_value(json_object_array_get_idx(list, n), name,
				  now.row[i].value);
	}
	return list;
}

static struct json_object *status_to_json(void)
{
	struct json_object *object = json_object_new_object();
	size_t i, n;

	for (i = 0; i < now.rows; i++)
		if (!split_name(now.row[i].name, &n))
			add_value(object, now.row[i].name, now.row[i].value);
	json_object_object_add(object, "sources", sources_to_json());
	return object;
}

static void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* ---------------------------------------------------------------------- watch */

static void print_bar(uint64_t good, uint64_t bad)
{
	uint64_t all = good + bad;
	unsigned int i, pass = all ? (unsigned int)(good * BAR / all) : 0;

	putchar('[');
	for (i = 0; i < BAR; i++)
		putchar(!all ? ' ' : i < pass ? '#' : '!');
	putchar(']');
}

static uint64_t since(size_t n, const char *name)
{
	uint64_t then = rngd_client_source_number(&before, n, name);
	uint64_t value = rngd_client_source_number(&now, n, name);

	return value > then ? value - then : 0;
}

/* The bars are of the blocks of the last second, or of all if there are none. */
static void print_round(void)
{
	uint64_t good, bad;
	size_t n;

	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	printf("%-28s %-10s %12s %10s  pass %*s fail\n", "SOURCE", "STATE",
	       "BYTES/S", "BLOCKS/S", BAR - 8, "");
	for (n = 0; n < sources(); n++) {
		good = since(n, "blocks_good");
		bad = since(n, "blocks_bad");
		printf("%-28s %-10s %12" PRIu64 " %10" PRIu64 "  ",
		       text_of(rngd_client_source(&now, n, "name")),
		       text_of(rngd_client_source(&now, n, "state")),
		       since(n, "bytes_received"), good + bad);
		if (!good && !bad) {
			good = rngd_client_source_number(&now, n,
							 "blocks_good");
			bad = rngd_client_source_number(&now, n, "blocks_bad");
		}
		print_bar(good, bad);
		putchar('\n');
	}
	fflush(stdout);
}

/* Values point into their text: they are split anew in the copy's own. */
static void keep_as_before(void)
{
	size_t i;

	before = now;
	for (i = 0; i < before.rows; i++) {
		before.row[i].name = before.text + (now.row[i].name - now.text);
		before.row[i].value =
			before.text + (now.row[i].value - now.text);
	}
}

static int do_watch(void)
{
	const struct timespec second = { .tv_sec = 1 };
	uint64_t round;
	int status = ask_status();

	for (round = 0;
	     !status && (!settings.rounds || round < settings.rounds);
	     round++) {
		keep_as_before();
		nanosleep(&second, NULL);
		status = ask_status();
		if (!status)
			print_round();
		if (ferror(stdout))
			break;
	}
	return status;
}

/* ------------------------------------------------------------------- commands */

static int do_status(void)
{
	int status = ask_status();

	if (status)
		return status;
	if (settings.json)
		print_json(status_to_json());
	else
		print_status();
	return EX_OK;
}

static int do_sources(void)
{
	int status = ask_status();

	if (status)
		return status;
	if (settings.json)
		print_json(sources_to_json());
	else
		print_sources();
	return EX_OK;
}

static int do_metrics(void)
{
	int status = ask_status();

	if (!status)
		rngd_metrics_write(&now, stdout);
	return status;
}

static int do_reseed(void)
{
	const char *request = settings.fork ? "reseed fork" : "reseed";
	struct vrng_error error;
	int ret = rngd_client_ask(settings.socket, request, &now, &error);

	if (ret)
		return fail(ret == -EACCES ? EX_NOPERM : EX_UNAVAILABLE,
			    error.text);
	now.text[strcspn(now.text, "\n")] = '\0';
	if (!strncmp(now.text, "ok ", 3)) {
		puts(now.text + 3);
		return EX_OK;
	}
	if (!strncmp(now.text, "stale ", 6))
		return fail(EX_TEMPFAIL,
			    "no source gave fresh entropy in time; see rngctl "
			    "sources");
	return fail(EX_UNAVAILABLE, now.text);
}

static const struct command {
	const char *name;
	int (*run)(void);
	const char *help;
} commands[] = {
	{ "status", do_status, "what the daemon does, as a table" },
	{ "sources", do_sources, "its sources alone" },
	{ "watch", do_watch, "rates and verdicts, each second" },
	{ "reseed", do_reseed, "fresh entropy into the kernel, now" },
	{ "metrics", do_metrics, "OpenMetrics text" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void show_help(poptContext con)
{
	size_t i;

	poptPrintHelp(con, stdout, 0);
	puts("\nCommands:");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\nExit status: 0, 64 usage, 69 rngd cannot be reached or refuses, "
	     "74 output\nfailed, 75 no fresh entropy in time, 77 not "
	     "permitted.");
}

static int run_command(poptContext con)
{
	const char *name = poptGetArg(con);
	const struct command *command = name ? find_command(name) : NULL;
	struct vrng_error error;

	if (!command || poptPeekArg(con))
		return fail(EX_USAGE, "one command is wanted: status, sources, "
				      "watch, reseed or metrics; see rngctl "
				      "--help");
	if (settings.count &&
	    vrng_number(&settings.rounds, "--count", settings.count, 1,
			1000000000, &error))
		return fail(EX_USAGE, error.text);
	if (!settings.socket)
		settings.socket = strdup(DEFAULT_SOCKET);
	return settings.socket ? command->run() : EX_OSERR;
}

static int run(poptContext con)
{
	int opt = poptGetNextOpt(con);

	if (opt == OPT_HELP) {
		show_help(con);
		return EX_OK;
	}
	if (opt == OPT_VERSION) {
		puts("rngctl (vrng) " VRNG_VERSION);
		return EX_OK;
	}
	if (opt < -1) {
		fprintf(stderr, "rngctl: %s: %s; see rngctl --help\n",
			poptBadOption(con, POPT_BADOPTION_NOALIAS),
			poptStrerror(opt));
		return EX_USAGE;
	}
	return run_command(con);
}

int main(int argc, char **argv)
{
	poptContext con;
	int status;

	if (vrng_stdfds_hold())
		return EX_OSERR;
	signal(SIGPIPE, SIG_IGN);
	con = poptGetContext("rngctl", argc, (const char **)argv, table, 0);
	if (!con)
		return EX_OSERR;
	poptSetOtherOptionHelp(con, "[OPTION...] COMMAND");
	status = run(con);
	poptFreeContext(con);
	free(settings.socket);
	free(settings.count);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "rngctl: stdout: cannot write: %s\n",
			strerror(errno));
		return EX_IOERR;
	}
	return status;
}
