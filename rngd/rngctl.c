// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rngctl: sends one request to a running rngd and prints the answer: rngctl(8).
 *
 * It is linked with the C library alone, and statically (rngd.mk). Right after a VM fork,
 * when agents run it, the start of a program is most of what is waited for, and each
 * library adds to that.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/control/client.h"
#include "rngd/control/json.h"
#include "rngd/control/metrics.h"
#include "rngd/control/status.h"
#include "rngd/base/number.h"
#include "rngd/base/stdfds.h"
#include "vrng/version.h"

#define DEFAULT_SOCKET "/run/rngd.sock"
#define BAR	       20 /* characters */

static struct settings {
	const char *socket;
	bool json, openmetrics, fork;
	const char *count; /* of --count, as given */
	const char *timeout; /* of --timeout, as given */
	uint64_t wait; /* s, for wait-fresh */
	uint64_t rounds; /* of watch, 0: no end */
} settings = { .socket = DEFAULT_SOCKET };

static struct rngd_client_answer answer; /* the last one */
static struct rngd_snapshot now; /* what it says; strings point into it */

enum {
	OPT_FORK = 0x100,
	OPT_OPENMETRICS
};

static const struct option table[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "openmetrics", no_argument, NULL, OPT_OPENMETRICS },
	{ "fork", no_argument, NULL, OPT_FORK },
	{ "count", required_argument, NULL, 'n' },
	{ "timeout", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static const char help[] =
	"Usage: rngctl [OPTION...] COMMAND\n"
	"  -s, --socket=PATH    Socket of rngd (default: " DEFAULT_SOCKET ")\n"
	"  -j, --json           status, sources: print JSON\n"
	"      --openmetrics    metrics: in the format of OpenMetrics 1.0\n"
	"      --fork           reseed: as after a VM fork: drop what is held, first\n"
	"  -n, --count=N        watch: end after N seconds\n"
	"  -t, --timeout=S      wait-fresh: wait at most S seconds (default: 30)\n"
	"  -?, --help           Show this help\n"
	"  -v, --version        Show the version\n";

static int fail(int status, const char *text)
{
	fprintf(stderr, "rngctl: %s\n", text);
	return status;
}

/*
 * Send @request and wait @ms at most. Returns an exit status; the answer is in
 * `answer`.
 */
static int ask(const char *request, unsigned int ms)
{
	struct vrng_error error;
	int ret =
		rngd_client_ask(settings.socket, request, ms, &answer, &error);

	if (!ret)
		return EX_OK;
	return fail(ret == -EACCES ? EX_NOPERM : EX_UNAVAILABLE, error.text);
}

/* Names may have any byte in them. No terminal gets its control characters. */
static void make_printable(void)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < answer.len; i++) {
		c = (unsigned char)answer.text[i];
		if ((c && c < ' ') || c == 0x7f)
			answer.text[i] = '?';
	}
}

static int ask_status(bool printable)
{
	struct vrng_error error;
	int status = ask("status", RNGD_CLIENT_TIMEOUT);

	if (status)
		return status;
	if (rngd_client_split(&answer, &error))
		return fail(EX_UNAVAILABLE, error.text);
	if (printable)
		make_printable();
	rngd_status_read(&answer, &now);
	return EX_OK;
}

static const char *text_of(const char *value)
{
	return value ? value : "-";
}

/* --------------------------------------------------------------------- tables */

static void print_source(const struct rngd_source_report *source)
{
	printf("%-28s %-10s %6.3f %14" PRIu64 " %10" PRIu64 " %6" PRIu64
	       " %9" PRIu64 "\n",
	       text_of(source->name), text_of(source->state),
	       (double)source->entropy / 1000, source->stats.bytes_in,
	       source->stats.good, source->stats.bad, source->stats.suspended);
}

static void print_sources(void)
{
	size_t n;

	printf("%-28s %-10s %6s %14s %10s %6s %9s\n", "SOURCE", "STATE",
	       "BITS/B", "RECEIVED", "GOOD", "BAD", "SUSPENDED");
	for (n = 0; n < now.feed.sources; n++)
		print_source(&now.feed.source[n]);
}

/* The ledger: where each credited bit came from. Bytes, but for the last two. */
static void print_entry(const char *name, const struct rngd_stats *stats)
{
	printf("%-28s %12" PRIu64 " %12" PRIu64 " %10" PRIu64 " %10" PRIu64
	       " %11" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
	       name, stats->bytes_in, stats->tested, stats->failed,
	       stats->repeated, stats->conditioned, stats->credited,
	       stats->claimed, stats->bits);
}

static void print_ledger(void)
{
	size_t n;

	printf("\n%-28s %12s %12s %10s %10s %11s %12s %12s %12s\n",
	       "LEDGER (BYTES)", "RECEIVED", "TESTED", "FAILED", "REPEATED",
	       "CONDITIONED", "CREDITED", "BITS CLAIMED", "CREDITED");
	for (n = 0; n < now.feed.sources; n++)
		print_entry(text_of(now.feed.source[n].name),
			    &now.feed.source[n].stats);
	print_entry("all, and removed ones", &now.feed.total);
}

static void print_messages(void)
{
	size_t n;

	for (n = 0; n < now.feed.sources; n++)
		if (now.feed.source[n].refusal)
			printf("  %s: no credit: %s\n",
			       text_of(now.feed.source[n].name),
			       now.feed.source[n].refusal);
	for (n = 0; n < now.feed.sources; n++)
		if (*now.feed.source[n].message)
			printf("  %s\n", now.feed.source[n].message);
}

/* Which generator is behind /dev/hwrng, and whether that of the host is not. */
static void print_hwrng(void)
{
	if (!now.hwrng)
		return;
	printf("\n  /dev/hwrng: %s", now.hwrng);
	if (now.hwrng_quality != RNGD_SNAPSHOT_NONE)
		printf(", quality %" PRIu64 " of 1024", now.hwrng_quality);
	if (now.hwrng_idle)
		printf("; the device %s is idle: echo %s "
		       ">/sys/class/misc/hw_random/rng_current selects it",
		       now.hwrng_idle, now.hwrng_idle);
}

/* How VM forks are noticed. */
static void print_signs(void)
{
	if (!now.signs)
		return;
	if (strcmp(now.signs, "none") != 0)
		printf("\n  VM forks are noticed by %s", now.signs);
	else
		printf("\n  nothing shows VM forks: add vmgenid to the machine, "
		       "or have an agent call rngctl reseed --fork");
}

static void print_status(void)
{
	printf("rngd %s, pid %" PRIu64 ", for %" PRIu64 " s, feeds %s\n",
	       text_of(now.version), now.pid, now.uptime, text_of(now.output));
	printf("  credited %" PRIu64 " bits in %" PRIu64 " bytes",
	       now.feed.total.bits, now.feed.total.bytes_out);
	if (now.level != RNGD_SNAPSHOT_NONE)
		printf("; entropy_avail %" PRIu64, now.level);
	if (now.encryption)
		printf("; memory encrypted by %s", now.encryption);
	print_hwrng();
	if (now.waiting)
		printf("\n  %s", now.waiting);
	print_signs();
	printf("\n  VM forks %" PRIu64 " (generation %" PRIu64
	       "), reseeds failed %" PRIu64 ", hooks run %" PRIu64
	       ", failed %" PRIu64 "\n\n",
	       now.renewal.forks, now.generation, now.renewal.failed,
	       now.renewal.hooks_run, now.renewal.hooks_failed);
	print_sources();
	print_ledger();
	print_messages();
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

/* Counters begin at 0 again when a source is replaced: that is no progress. */
static uint64_t growth(uint64_t then, uint64_t value)
{
	return value > then ? value - then : 0;
}

/* The bar shows the blocks since @then, or all blocks if there are none. */
static void print_rates(const struct rngd_source_report *source,
			const struct rngd_stats *then)
{
	const struct rngd_stats *stats = &source->stats;
	uint64_t good = growth(then->good, stats->good);
	uint64_t bad = growth(then->bad, stats->bad);

	printf("%-28s %-10s %12" PRIu64 " %10" PRIu64 "  ",
	       text_of(source->name), text_of(source->state),
	       growth(then->bytes_in, stats->bytes_in), good + bad);
	if (good || bad)
		print_bar(good, bad);
	else
		print_bar(stats->good, stats->bad);
	putchar('\n');
}

static void print_round(const struct rngd_report *before)
{
	size_t n;

	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
	printf("%-28s %-10s %12s %10s  pass %*s fail\n", "SOURCE", "STATE",
	       "BYTES/S", "BLOCKS/S", BAR - 8, "");
	for (n = 0; n < now.feed.sources; n++)
		print_rates(&now.feed.source[n], &before->source[n].stats);
	fflush(stdout);
}

static int do_watch(void)
{
	const struct timespec second = { .tv_sec = 1 };
	static struct rngd_report before;
	uint64_t round;
	int status = ask_status(true);

	for (round = 0;
	     !status && (!settings.rounds || round < settings.rounds);
	     round++) {
		before = now.feed;
		nanosleep(&second, NULL);
		status = ask_status(true);
		if (!status)
			print_round(&before);
		if (ferror(stdout))
			break;
	}
	return status;
}

/* ------------------------------------------------------------------- commands */

static int do_status(void)
{
	int status = ask_status(!settings.json);

	if (status)
		return status;
	if (settings.json)
		rngd_json_status(&answer, now.feed.sources, stdout);
	else
		print_status();
	return EX_OK;
}

static int do_sources(void)
{
	int status = ask_status(!settings.json);

	if (status)
		return status;
	if (settings.json)
		rngd_json_sources(&answer, now.feed.sources, stdout);
	else
		print_sources();
	return EX_OK;
}

static int do_metrics(void)
{
	int status = ask_status(false);

	if (!status)
		rngd_metrics_write(&now, settings.openmetrics, stdout);
	return status;
}

static int say_hooks_failed(void)
{
	return fail(EX_SOFTWARE,
		    "fresh entropy was credited, but a fork hook failed or was "
		    "refused; see the log of rngd, and rngctl reseed runs "
		    "hooks again");
}

static int do_reseed(void)
{
	int status =
		ask(settings.fork ? "reseed fork" : "reseed", RNGD_CLIENT_LATE);

	if (status)
		return status;
	answer.text[strcspn(answer.text, "\n")] = '\0';
	if (!strncmp(answer.text, "ok ", 3)) {
		puts(answer.text + 3);
		return EX_OK;
	}
	if (!strncmp(answer.text, "failed ", 7)) {
		puts(answer.text + 7);
		return say_hooks_failed();
	}
	if (!strncmp(answer.text, "stale ", 6))
		return fail(EX_TEMPFAIL,
			    "no source gave fresh entropy in time; see rngctl "
			    "sources");
	return fail(EX_UNAVAILABLE, answer.text);
}

/* The folder of this program. NULL: /proc does not tell, or the path is too long. */
static const char *own_folder(char path[PATH_MAX])
{
	const ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return path;
}

/*
 * The same code on the same machine: that of rngd, which is beside this program. It
 * needs libraries which a client does not.
 */
static int do_selftest(void)
{
	char folder[PATH_MAX], path[PATH_MAX + sizeof("/rngd")];
	struct vrng_error error;

	if (!own_folder(folder))
		return fail(EX_UNAVAILABLE,
			    "selftest: cannot find rngd without /proc; run "
			    "rngd --selftest");
	(void)snprintf(path, sizeof(path), "%s/rngd", folder);
	(void)execl(path, path, "--selftest", (char *)NULL);
	(void)vrng_fail(&error, errno,
			"%s: %m; selftest is done by rngd --selftest", path);
	return fail(EX_UNAVAILABLE, error.text);
}

/* What the daemon says when the time is over, or a hook has failed. */
static int say_why_not_fresh(void)
{
	if (!strcmp(answer.text, "late entropy"))
		return fail(EX_TEMPFAIL,
			    "no fresh entropy was credited in time; see rngctl "
			    "sources");
	if (!strcmp(answer.text, "late hooks"))
		return fail(EX_TEMPFAIL,
			    "fresh entropy was credited, but fork hooks have "
			    "not ended in time; see the log of rngd");
	if (!strcmp(answer.text, "failed hooks"))
		return say_hooks_failed();
	return fail(EX_UNAVAILABLE, "the daemon does not know wait-fresh; "
				    "start rngd again");
}

/* One request, of @ms at most. The daemon answers within that time. */
static int ask_fresh(uint64_t ms)
{
	char request[40];
	int status;

	(void)snprintf(request, sizeof(request), "wait-fresh %" PRIu64, ms);
	status = ask(request, RNGD_CLIENT_TIMEOUT + (unsigned int)ms);
	answer.text[strcspn(answer.text, "\n")] = '\0';
	return status;
}

/* The daemon keeps a request for ASK_FRESH s at most. */
#define ASK_FRESH 60

static int do_wait_fresh(void)
{
	uint64_t left = settings.timeout ? settings.wait : 30;
	uint64_t turn;
	int status;

	do {
		turn = left < ASK_FRESH ? left : ASK_FRESH;
		left -= turn;
		status = ask_fresh(turn * 1000);
	} while (!status && left && !strncmp(answer.text, "late ", 5));
	if (status)
		return status;
	if (strncmp(answer.text, "ok ", 3) != 0)
		return say_why_not_fresh();
	puts(answer.text + 3);
	return EX_OK;
}

static const struct command {
	const char *name;
	int (*run)(void);
	const char *help;
	bool json, fork, count, openmetrics, timeout; /* that it takes */
} commands[] = {
	{ "status", do_status, "what the daemon does, as a table",
	  .json = true },
	{ "sources", do_sources, "its sources alone", .json = true },
	{ "watch", do_watch, "rates and verdicts, each second", .count = true },
	{ "reseed", do_reseed, "fresh entropy into the kernel, now",
	  .fork = true },
	{ "wait-fresh", do_wait_fresh, "until all is done after a VM fork",
	  .timeout = true },
	{ "selftest", do_selftest,
	  "known answers of the tests and of conditioning, without rngd",
	  .json = false },
	{ "metrics", do_metrics, "counters for Prometheus, as text",
	  .openmetrics = true },
};

#define COMMAND_NAMES                                                         \
	"status, sources, watch, reseed, wait-fresh, selftest, metrics; see " \
	"rngctl --help"

#define COMMANDS VRNG_LENGTH(commands)

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void show_help(void)
{
	size_t i;

	fputs(help, stdout);
	puts("\nCommands:");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	puts("\nExit status: 0, 64 usage, 69 rngd cannot be reached or refuses, "
	     "70 a fork hook\nor a self-test failed, 74 output failed, 75 no fresh entropy, or "
	     "hooks not\nended, in time, 77 not permitted.");
}

/* @word is no command, or one too many. NULL: there is none. */
static int refuse_word(const char *word, const char *what)
{
	struct vrng_error error;

	if (!word)
		(void)vrng_fail(&error, EINVAL,
				"a command is missing: " COMMAND_NAMES);
	else
		(void)vrng_fail(&error, EINVAL,
				"%.64s: %s; give one of " COMMAND_NAMES, word,
				what);
	return fail(EX_USAGE, error.text);
}

static int refuse_option(const char *option, const struct command *command)
{
	struct vrng_error error;

	(void)vrng_fail(&error, EINVAL,
			"%s: %s does not take it; see rngctl --help", option,
			command->name);
	return fail(EX_USAGE, error.text);
}

/* EX_OK if @command takes all options that were given. */
static int check_options(const struct command *command)
{
	if (settings.json && !command->json)
		return refuse_option("--json", command);
	if (settings.fork && !command->fork)
		return refuse_option("--fork", command);
	if (settings.count && !command->count)
		return refuse_option("--count", command);
	if (settings.openmetrics && !command->openmetrics)
		return refuse_option("--openmetrics", command);
	if (settings.timeout && !command->timeout)
		return refuse_option("--timeout", command);
	return EX_OK;
}

static int run_command(char **words)
{
	const char *name = *words;
	const struct command *command = name ? find_command(name) : NULL;
	struct vrng_error error;

	if (!command)
		return refuse_word(name, "no such command");
	if (words[1])
		return refuse_word(words[1], "one command too many");
	if (check_options(command))
		return EX_USAGE;
	if (settings.count &&
	    vrng_number(&settings.rounds, "--count", settings.count, 1,
			1000000000, &error))
		return fail(EX_USAGE, error.text);
	if (settings.timeout && vrng_number(&settings.wait, "--timeout",
					    settings.timeout, 0, 86400, &error))
		return fail(EX_USAGE, error.text);
	return command->run();
}

/* getopt_long(3) has returned @opt, ':' or '?'. @word is the last that it took. */
static int refuse_unknown(int opt, const char *word)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	struct vrng_error error;

	(void)vrng_fail(&error, EINVAL, "%.64s: %s; see rngctl --help",
			optopt ? letter : word,
			opt == ':' ? "missing argument" : "unknown option");
	return fail(EX_USAGE, error.text);
}

/* False: @opt is none. */
static bool take_option(int opt)
{
	switch (opt) {
	case 's':
		settings.socket = optarg;
		return true;
	case 'j':
		settings.json = true;
		return true;
	case OPT_OPENMETRICS:
		settings.openmetrics = true;
		return true;
	case OPT_FORK:
		settings.fork = true;
		return true;
	case 'n':
		settings.count = optarg;
		return true;
	case 't':
		settings.timeout = optarg;
		return true;
	default:
		return false;
	}
}

/* "-?" is an option that getopt(3) does not know, and returns as such. */
static bool asks_for_help(int opt)
{
	return opt == 'h' || (opt == '?' && optopt == '?');
}

static int run(int argc, char **argv)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":s:jn:t:v", table, NULL)) !=
	       -1) {
		if (take_option(opt))
			continue;
		if (opt == 'v') {
			puts("rngctl (vrng) " VRNG_VERSION);
			return EX_OK;
		}
		if (!asks_for_help(opt))
			return refuse_unknown(opt, argv[optind - 1]);
		show_help();
		return EX_OK;
	}
	return run_command(argv + optind);
}

int main(int argc, char **argv)
{
	int status;

	if (vrng_stdfds_hold())
		return EX_OSERR;
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "rngctl: stdout: cannot write: %s\n",
			strerror(errno));
		return EX_IOERR;
	}
	return status;
}
