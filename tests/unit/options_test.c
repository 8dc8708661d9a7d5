// SPDX-License-Identifier: GPL-2.0-or-later
/* rngd's command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/options/names.h"
#include "rngd/options/options.h"

static char *const none[] = { NULL };

static int parse(struct rngd_options *options, char *const *args,
		 struct vrng_error *error)
{
	static char name[] = "rngd";
	char *argv[24] = { name };
	int argc = 1;

	while (*args)
		argv[argc++] = *args++;
	return rngd_options_parse(options, argc, argv, "/began", error);
}

/* What rng-tools' rdrand is on this processor. */
static const char *rdrand(void)
{
	return rngd_names_spec(RNGD_NAME_RDRAND, rngd_names_works);
}

#define ARGS(...) ((char *[]){ __VA_ARGS__, NULL })

static void without_options_it_is_the_daemon_of_rng_tools(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, none, NULL), 0);
	assert_int_equal(o.action, RNGD_RUN);
	assert_string_equal(o.source[0], "file:/dev/hwrng");
	assert_int_equal(o.sources, 2);
	assert_true(o.standby);
	assert_string_equal(o.source[1],
			    rngd_names_standby(0, rngd_names_works));
	assert_string_equal(o.sink, "/dev/random");
	assert_string_equal(o.pid_file, "/var/run/rngd.pid");
	assert_int_equal(o.step, 64);
	assert_int_equal(o.interval, 60);
	assert_int_equal(o.blocks, 0);
	assert_false(o.foreground);
	assert_false(o.quiet);
	assert_false(o.debug);
	rngd_options_free(&o);
}

static void short_options_mean_what_long_ones_do(void **unused)
{
	char *const *const lines[] = {
		ARGS("-f", "-q", "-d", "-r", "/in", "-o", "/out", "-s", "128",
		     "-p", "/pid"),
		ARGS("--foreground", "--quiet", "--debug", "--rng-device=/in",
		     "--random-device", "/out", "--random-step=0x80",
		     "--pid-file=/pid"),
		ARGS("-fqd", "-r/in", "-o/out", "-s128", "-p/pid"),
	};
	struct rngd_options o;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(&o, lines[i], NULL), 0);
		assert_string_equal(o.source[0], "file:/in");
		assert_string_equal(o.sink, "/out");
		assert_string_equal(o.pid_file, "/pid");
		assert_int_equal(o.step, 128);
		assert_true(o.foreground);
		assert_true(o.quiet);
		assert_true(o.debug);
		rngd_options_free(&o);
	}
}

static void the_last_of_two_is_what_counts(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(
		parse(&o, ARGS("-f", "-b", "-s", "8", "-s", "16"), NULL), 0);
	assert_false(o.foreground);
	assert_int_equal(o.step, 16);
	rngd_options_free(&o);
}

static void sources_add_up(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o,
			       ARGS("--source=getrandom", "-r", "/a",
				    "--source=jitter", "-r/b", "-nrdrand"),
			       NULL),
			 0);
	assert_int_equal(o.sources, 4);
	assert_string_equal(o.source[0], "getrandom");
	assert_string_equal(o.source[1], "jitter");
	assert_string_equal(o.source[2], "file:/b");
	assert_string_equal(o.source[3], rdrand());
	rngd_options_free(&o);
}

static void a_source_that_is_named_replaces_the_default(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("--source=getrandom"), NULL), 0);
	assert_int_equal(o.sources, 1);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-n", "jitter", "-x", "hwrng"), NULL),
			 0);
	assert_int_equal(o.sources, 1);
	assert_string_equal(o.source[0], "jitter");
	rngd_options_free(&o);
}

static void sources_of_rng_tools_go_by_number_too(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o,
			       ARGS("-n2", "-n", "6", "-x0", "-x", "tpm",
				    "-n10", "-Onamedpipe:path:/f,o"),
			       NULL),
			 0);
	assert_int_equal(o.sources, 3);
	assert_string_equal(o.source[0], rdrand());
	assert_string_equal(o.source[1], "jitter");
	assert_string_equal(o.source[2], "file:/f,,o");
	rngd_options_free(&o);
}

static void options_of_rng_tools_keep_their_meaning(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o,
			       ARGS("-i", "-u", "-e4", "-R300", "-W", "2048",
				    "-Duser:group", "-Ojitter:use_aes:1",
				    "-Ojitter:retry_count:2",
				    "-Ojitter:force_soft_timer:1",
				    "-Onist:use_aes:0", "-Oqrypt:delay:9",
				    "-Orndr:use_aes:0", "-Ordrand:use_aes:0"),
			       NULL),
			 0);
	assert_true(o.ignore_failures);
	assert_int_equal(o.entropy, 4);
	assert_int_equal(o.interval, 300);
	assert_int_equal(o.watermark, 2048);
	assert_string_equal(o.user, "user:group");
	assert_non_null(
		strstr(o.note, "--option: jitter:use_aes: has no effect here"));
	assert_non_null(strstr(o.note, "\n--option: jitter:retry_count: has"));
	assert_non_null(strstr(o.note, "\n--option: rdrand:use_aes: has no"));
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-t"), NULL), 0);
	assert_true(o.test);
	assert_true(o.foreground);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-l"), NULL), 0);
	assert_int_equal(o.action, RNGD_SHOW_LIST);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-O", "6"), NULL), 0);
	assert_int_equal(o.action, RNGD_SHOW_KEYS);
	assert_string_equal(o.shown, "jitter");
	rngd_options_free(&o);
}

static void a_device_with_commas_becomes_a_spec(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-f", "-r", ",a,b=c"), NULL), 0);
	assert_string_equal(o.source[0], "file:/began/,,a,,b=c");
	rngd_options_free(&o);
}

static void only_a_daemon_has_a_default_pid_file(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-f"), NULL), 0);
	assert_null(o.pid_file);
	rngd_options_free(&o);

	assert_int_equal(parse(&o, ARGS("-p", "x.pid"), NULL), 0);
	assert_string_equal(o.pid_file, "/began/x.pid");
	rngd_options_free(&o);
}

static void a_daemon_finds_its_files_from_anywhere(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-rx,y", "--source=egd:unix:s,cache=1"),
			       NULL),
			 0);
	assert_string_equal(o.source[0], "egd:unix:/began/s,cache=1");
	assert_string_equal(o.source[1], "file:/began/x,,y");
	rngd_options_free(&o);
}

/* The helper and the process that runs hooks are in another folder then, too. */
static void so_does_one_in_the_foreground(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-f", "-rx", "--fork-hooks=h"), NULL),
			 0);
	assert_string_equal(o.source[0], "file:/began/x");
	assert_string_equal(o.hooks, "/began/h");
	rngd_options_free(&o);
}

static void paths_in_the_file_are_relative_to_the_same_folder(void **unused)
{
	char path[] = "/tmp/options.XXXXXX", option[64];
	const int fd = mkstemp(path);
	struct rngd_options o;

	(void)unused;
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "source = tty:x\ncontrol = c\npid-file = p\n"
				"fork-hooks = h\n") > 0);
	close(fd);
	(void)snprintf(option, sizeof(option), "--config=%s", path);
	assert_int_equal(parse(&o, ARGS(option), NULL), 0);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(o.source[0], "tty:/began/x");
	assert_string_equal(o.control, "/began/c");
	assert_string_equal(o.pid_file, "/began/p");
	assert_string_equal(o.hooks, "/began/h");
	rngd_options_free(&o);
}

static void without_that_folder_paths_have_to_be_absolute(void **unused)
{
	char name[] = "rngd", f[] = "-f", r[] = "-r/x", relative[] = "-rx";
	char *argv[] = { name, f, r, NULL };
	struct vrng_error error;
	struct rngd_options o;

	(void)unused;
	assert_int_equal(rngd_options_parse(&o, 3, argv, NULL, NULL), 0);
	rngd_options_free(&o);
	argv[2] = relative;
	assert_int_equal(rngd_options_parse(&o, 3, argv, NULL, &error),
			 -ENOENT);
	assert_non_null(strstr(error.text, "give an absolute path"));
}

static void help_and_version_end_the_reading(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("--help", "--nonsense"), NULL), 0);
	assert_int_equal(o.action, RNGD_SHOW_HELP);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-?"), NULL), 0);
	assert_int_equal(o.action, RNGD_SHOW_HELP);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-f", "-v"), NULL), 0);
	assert_int_equal(o.action, RNGD_SHOW_VERSION);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("--version"), NULL), 0);
	assert_int_equal(o.action, RNGD_SHOW_VERSION);
	rngd_options_free(&o);
}

struct bad {
	char *arg;
	int err;
	const char *says;
};

static void assert_refused(const struct bad *bad)
{
	struct rngd_options o;
	struct vrng_error error;

	assert_int_equal(parse(&o, ARGS(bad->arg), &error), bad->err);
	if (!strstr(error.text, bad->says))
		fail_msg("%s: \"%s\" lacks \"%s\"", bad->arg, error.text,
			 bad->says);
	assert_null(o.source[0]);
	assert_null(o.sink);
	assert_null(o.pid_file);
}

static void bad_options_are_refused_by_name(void **unused)
{
	static struct bad table[] = {
		{ "--nosuch", -EINVAL, "--nosuch: unknown option" },
		{ "-Z", -EINVAL, "-Z: unknown option" },
		{ "-s", -EINVAL, "-s: missing argument" },
		{ "--quiet=1", -EINVAL, "--quiet" },
		{ "/dev/hwrng", -EINVAL, "/dev/hwrng: there are only options" },
		{ "--rng-device=", -EINVAL, "--rng-device" },
		{ "--random-device=", -EINVAL, "--random-device" },
		{ "--pid-file=", -EINVAL, "--pid-file" },
		{ "--config=", -EINVAL, "--config" },
		{ "--config=/no/such/file", -ENOENT, "/no/such/file" },
		{ "-nnosuch", -EINVAL, "--include: \"nosuch\" is no source" },
		{ "-n11", -EINVAL, "--include: \"11\" is no source" },
		{ "-n99", -EINVAL, "0 to 10 or a name: hwrng, tpm, " },
		{ "-n2x", -EINVAL, "--include: \"2x\" is no source" },
		{ "-nnamedpipe", -EINVAL, "--option=namedpipe:path:FILE" },
		{ "-xnosuch", -EINVAL, "--exclude: \"nosuch\"" },
		{ "-H1.1", -EINVAL, "--rng-entropy: \"1.1\" is not a number" },
		{ "-H.5", -EINVAL, "from 0 to 1" },
		{ "-H1e0", -EINVAL, "from 0 to 1" },
		{ "-Rnosuch", -EINVAL, "--rng-driver: \"nosuch\" is neither" },
		{ "-Rviapadlock", -EINVAL, "load via-rng" },
		{ "--hrng=viapadlock", -EINVAL, "--hrng: viapadlock: rngd" },
		{ "--verbose", -EINVAL, "rng-tools5 write --debug" },
		{ "--no-drng=2", -ERANGE, "--no-drng: \"2\"" },
		{ "-Onosuch:a:b", -EINVAL, "--option: \"nosuch:a:b\"" },
		{ "-Ojitter:nosuch:1", -EINVAL, "jitter: \"nosuch\"" },
		{ "-Ojitter:use_aes", -EINVAL, "is not SOURCE:KEY:VALUE" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_refused(&table[i]);
}

static void bad_numbers_are_refused_with_the_range(void **unused)
{
	static struct bad table[] = {
		{ "-s4097", -ERANGE,
		  "--random-step: \"4097\" is not a number from "
		  "0 to 4096" },
		{ "-s64x", -EINVAL, "\"64x\"" },
		{ "-s 64", -EINVAL, "from 0 to 4096" },
		{ "-s64 ", -EINVAL, "from 0 to 4096" },
		{ "-s+64", -EINVAL, "from 0 to 4096" },
		{ "-s-64", -EINVAL, "from 0 to 4096" },
		{ "-s6.4", -EINVAL, "from 0 to 4096" },
		{ "-s0x", -EINVAL, "from 0 to 4096" },
		{ "-s18446744073709551680", -ERANGE, "from 0 to 4096" },
		{ "--random-step=", -EINVAL, "from 0 to 4096" },
		{ "--feed-interval=86401", -ERANGE,
		  "--feed-interval: \"86401\" is not a number from 0 to 86400" },
		{ "--blocks=9223372036854775808", -ERANGE, "--blocks" },
		{ "-e9", -ERANGE,
		  "--entropy-count: \"9\" is not a number "
		  "from 0 to 8" },
		{ "-e8b", -EINVAL, "from 0 to 8" },
		{ "-W4097", -ERANGE, "--fill-watermark" },
		{ "-W101%", -ERANGE,
		  "--fill-watermark, in percent: \"101\" is not a number "
		  "from 0 to 100" },
		{ "-W%", -EINVAL, "in percent" },
		{ "-W12345678901%", -ERANGE, "in percent" },
		{ "-R86401", -ERANGE, "--force-reseed: \"86401\"" },
		{ "--suspend=0", -ERANGE, "--suspend" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_refused(&table[i]);
}

static void contradictions_are_refused(void **unused)
{
	char *const *const lines[] = {
		ARGS("-n", "jitter", "-x", "6"),
		ARGS("-t", "-o", "/out"),
		ARGS("-t", "5"),
		ARGS("-x0", "-x2", "-x3", "-x4", "-x6"),
		ARGS("-ntpm", "-xhwrng", "-xrdrand", "-xdarn", "-xrndr",
		     "-xjitter"),
		ARGS("--control=none", "--control-group=adm"),
	};
	const char *const says[] = {
		"both name jitter",
		"--test and --random-device",
		"5: there are only options here; for the -t N",
		"no source is left",
		"no source is left",
		"there is no socket"
	};
	struct rngd_options o;
	struct vrng_error error;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(&o, lines[i], &error), -EINVAL);
		assert_non_null(strstr(error.text, says[i]));
		assert_null(o.source[0]);
	}
}

/* ----------------------------------------------------------------- the file */

static char config[] = "/tmp/vrng-options-XXXXXX";

static int make_config(void **unused)
{
	int fd = mkstemp(config);

	(void)unused;
	if (fd < 0)
		return -1;
	return close(fd);
}

static int remove_config(void **unused)
{
	(void)unused;
	return unlink(config);
}

static void write_config(const char *text)
{
	FILE *file = fopen(config, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void a_file_has_the_names_of_the_line(void **unused)
{
	char arg[64];
	struct rngd_options o;

	(void)unused;
	snprintf(arg, sizeof(arg), "--config=%s", config);
	write_config("# all of it\n"
		     "\n"
		     "source = getrandom\n"
		     "  source=file:/a#b   # the first\n"
		     "random-step = 128\n"
		     "quiet\n"
		     "debug = yes\n"
		     "ignorefail = no\n"
		     "random-device = /out");
	assert_int_equal(parse(&o, ARGS(arg), NULL), 0);
	assert_int_equal(o.sources, 2);
	assert_string_equal(o.source[0], "getrandom");
	assert_string_equal(o.source[1], "file:/a#b");
	assert_int_equal(o.step, 128);
	assert_true(o.quiet);
	assert_true(o.debug);
	assert_false(o.ignore_failures);
	assert_string_equal(o.sink, "/out");
	assert_string_equal(o.config, config);
	rngd_options_free(&o);
}

static void the_host_is_trusted_only_if_that_is_said(void **unused)
{
	struct rngd_options o;
	char arg[64];

	(void)unused;
	assert_int_equal(parse(&o, none, NULL), 0);
	assert_false(o.trust_host);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("--trust-host"), NULL), 0);
	assert_true(o.trust_host);
	rngd_options_free(&o);
	snprintf(arg, sizeof(arg), "--config=%s", config);
	write_config("trust-host\n");
	assert_int_equal(parse(&o, ARGS(arg), NULL), 0);
	assert_true(o.trust_host);
	rngd_options_free(&o);
}

static bool works(const char *spec)
{
	return !strcmp(spec, "rdseed");
}

static bool nothing_works(const char *spec)
{
	(void)spec;
	return false;
}

static void rdrand_is_rdseed_where_the_processor_has_it(void **unused)
{
	(void)unused;
	assert_string_equal(rngd_names_spec(RNGD_NAME_RDRAND, works), "rdseed");
	assert_string_equal(rngd_names_spec(RNGD_NAME_RDRAND, nothing_works),
			    "rdrand");
	assert_string_equal(rngd_names_spec(RNGD_NAME_HWRNG, works),
			    "file:/dev/hwrng");
}

static bool rndr_works(const char *spec)
{
	return !strcmp(spec, "rndr");
}

static void what_stands_in_is_the_noise_source_or_jitter(void **unused)
{
	(void)unused;
	assert_string_equal(rngd_names_standby(0, works), "rdseed");
	assert_string_equal(rngd_names_standby(0, rndr_works), "rndr");
	assert_string_equal(rngd_names_standby(0, nothing_works),
			    "jitter,entropy=1");
	assert_string_equal(rngd_names_standby(1u << RNGD_NAME_RDRAND, works),
			    "jitter,entropy=1");
	assert_null(rngd_names_standby(1u << RNGD_NAME_JITTER, nothing_works));
}

static void nothing_stands_in_for_what_was_given(void **unused)
{
	char *const *const lines[] = {
		ARGS("--source=getrandom"),
		ARGS("-r", "/dev/x"),
		ARGS("-n", "hwrng"),
		ARGS("-x0", "-n6"),
		ARGS("-x0", "-Onamedpipe:path:/fifo"),
	};
	struct rngd_options o;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(&o, lines[i], NULL), 0);
		assert_int_equal(o.sources, 1);
		assert_false(o.standby);
		rngd_options_free(&o);
	}
}

static void without_hwrng_what_stands_in_is_the_source(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-x", "hwrng"), NULL), 0);
	assert_int_equal(o.sources, 1);
	assert_string_equal(o.source[0],
			    rngd_names_standby(0, rngd_names_works));
	assert_false(o.standby);
	rngd_options_free(&o);
}

static void what_rngd_has_not_is_ignored_with_a_message(void **unused)
{
	static const char *const names[] = { "tpm", "nist", "pkcs11", "rtlsdr",
					     "qrypt" };
	struct rngd_options o;
	char arg[16], note[64];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(arg, sizeof(arg), "-n%s", names[i]);
		(void)snprintf(note, sizeof(note),
			       "--include: %s: is ignored, rngd has no such "
			       "source: ",
			       names[i]);
		assert_int_equal(parse(&o, ARGS(arg), NULL), 0);
		assert_string_equal(o.source[0], "file:/dev/hwrng");
		assert_ptr_equal(strstr(o.note, note), o.note);
		assert_true(strlen(o.note) > strlen(note));
		rngd_options_free(&o);
	}
}

static void every_source_of_rng_tools_has_its_number(void **unused)
{
	static const char *const names[] = { "hwrng",  "tpm",	   "rdrand",
					     "darn",   "rndr",	   "nist",
					     "jitter", "pkcs11",   "rtlsdr",
					     "qrypt",  "namedpipe" };
	char number[16];
	int i;

	(void)unused;
	for (i = 0; i < RNGD_NAMES; i++) {
		assert_string_equal(rngd_names[i].name, names[i]);
		(void)snprintf(number, sizeof(number), "%d:key:value", i);
		assert_int_equal(rngd_names_find("-O", number, NULL), i);
		assert_int_equal(rngd_names_find("-O", names[i], NULL), i);
	}
}

/* From 4 on, because rndr has shifted them. */
static void a_number_that_has_moved_is_noted(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-n2", "-x3"), NULL), 0);
	assert_null(o.note);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-n6", "-x5"), NULL), 0);
	assert_non_null(strstr(o.note, "--include: 6 is jitter, but another"));
	assert_non_null(strstr(o.note, "\n--exclude: 5 is nist, but another"));
	rngd_options_free(&o);
}

static void included_sources_come_beside_hwrng(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-njitter", "-nrndr"), NULL), 0);
	assert_int_equal(o.sources, 3);
	assert_string_equal(o.source[0], "file:/dev/hwrng");
	assert_string_equal(o.source[1], "rndr");
	assert_string_equal(o.source[2], "jitter");
	rngd_options_free(&o);
}

static void limits_of_rng_tools_are_not_refused(void **unused)
{
	struct rngd_options o;
	char *const *const steps[] = { ARGS("-s0"), ARGS("-s", "1"),
				       ARGS("-s7") };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(parse(&o, steps[i], NULL), 0);
		assert_int_equal(o.step, 8);
		assert_non_null(strstr(o.note, "is taken as 8"));
		rngd_options_free(&o);
	}
	assert_int_equal(parse(&o, ARGS("-s8", "-R0"), NULL), 0);
	assert_int_equal(o.step, 8);
	assert_int_equal(o.interval, 0);
	assert_null(o.note);
	rngd_options_free(&o);
}

static void options_of_rng_tools_debian_are_taken(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o,
			       ARGS("-H0.998", "--rng-timeout=10", "-T", "0",
				    "-W90%", "--timeout=30", "--pidfile=/p",
				    "-B3", "-Qhigh", "-S3600",
				    "--hrng=viakernel", "-Rstream"),
			       NULL),
			 0);
	assert_int_equal(o.entropy, 7);
	assert_int_equal(o.watermark, 90);
	assert_true(o.watermark_percent);
	assert_int_equal(o.interval, 30);
	assert_string_equal(o.pid_file, "/p");
	assert_non_null(strstr(o.note, "--rng-timeout: has no effect"));
	assert_non_null(strstr(o.note, "--rng-driver: has no effect"));
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-H", "1.0", "-W90%", "-W9"), NULL), 0);
	assert_int_equal(o.entropy, 8);
	assert_int_equal(o.watermark, 9);
	assert_false(o.watermark_percent);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("--rng-entropy=0"), NULL), 0);
	assert_int_equal(o.entropy, 0);
	rngd_options_free(&o);
}

static void options_of_rng_tools5_are_taken(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("--no-drng=1", "--no-tpm=1"), NULL), 0);
	assert_int_equal(o.excluded, 1u << 2 | 1u << 1);
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("--no-drng=0"), NULL), 0);
	assert_int_equal(o.excluded, 0);
	rngd_options_free(&o);
}

/* Its -d, -n and -v take numbers. */
static void letters_of_rng_tools5_get_a_hint(void **unused)
{
	struct vrng_error error;
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-d", "1"), &error), -EINVAL);
	assert_non_null(strstr(error.text, "rng-tools5 write --no-drng=N"));
	assert_int_equal(parse(&o, ARGS("-n", "0"), NULL), 0);
	assert_string_equal(o.source[0], "file:/dev/hwrng");
	assert_non_null(strstr(o.note, "of rng-tools5 is --no-tpm=0"));
	rngd_options_free(&o);
	assert_int_equal(parse(&o, ARGS("-n1"), NULL), 0);
	assert_int_equal(o.ignored, 1u << RNGD_NAME_TPM);
	assert_non_null(strstr(o.note, "of rng-tools5 is --no-tpm=1"));
	rngd_options_free(&o);
}

static void a_claim_below_8_bits_is_noted(void **unused)
{
	static const struct {
		char *arg, *says;
	} table[] = {
		{ "-H0.998", "--rng-entropy: 7 of 8 bits a byte are claimed: "
			     "blocks are conditioned, and the tests of FIPS "
			     "140-2 do not apply" },
		{ "-H0.1", "--rng-entropy: 0 bits a byte are claimed: no" },
		{ "-e1", "--entropy-count: 1 of 8 bits a byte are claimed" },
		{ "-e0", "--entropy-count: 0 bits a byte are claimed" },
	};
	struct rngd_options o;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(parse(&o, ARGS(table[i].arg), NULL), 0);
		assert_non_null(o.note);
		assert_ptr_equal(strstr(o.note, table[i].says), o.note);
		rngd_options_free(&o);
	}
	assert_int_equal(parse(&o, ARGS("-H0.5", "-e8"), NULL), 0);
	assert_null(o.note);
	rngd_options_free(&o);
}

static void a_source_that_is_named_and_included_is_one(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("--source=jitter", "-njitter"), NULL),
			 0);
	assert_int_equal(o.sources, 1);
	rngd_options_free(&o);
}

static void the_line_goes_before_the_file(void **unused)
{
	char arg[64];
	struct rngd_options o;

	(void)unused;
	snprintf(arg, sizeof(arg), "--config=%s", config);
	write_config("random-step = 128\nforce-reseed = 5\nsource=jitter\n");
	assert_int_equal(
		parse(&o, ARGS("-s256", arg, "--source=getrandom"), NULL), 0);
	assert_int_equal(o.step, 256);
	assert_int_equal(o.interval, 5);
	assert_int_equal(o.sources, 2);
	rngd_options_free(&o);
}

static void a_bad_line_is_named(void **unused)
{
	static const struct {
		const char *text;
		int err;
		const char *says;
	} table[] = {
		{ "quiet\nnosuch = 1\n", -EINVAL,
		  ":2: \"nosuch\" is no setting" },
		{ "config = /x\n", -EINVAL, "\"config\" is no setting" },
		{ "help\n", -EINVAL, "\"help\" is no setting" },
		{ "= 3\n", -EINVAL, "\"\" is no setting" },
		{ "\n\nrandom-step = 4097\n", -ERANGE,
		  ":3: random-step: \"4097\" is not a number from 0" },
		{ "force-reseed = -1\n", -EINVAL, ":1: force-reseed: \"-1\"" },
		{ "feed-interval = -1\n", -EINVAL,
		  ":1: feed-interval: \"-1\"" },
		{ "quiet = maybe\n", -EINVAL,
		  "quiet: \"maybe\" is neither yes nor no" },
		{ "random-device =\n", -EINVAL, ":1: random-device: must" },
		{ "option = jitter\n", -EINVAL, "SOURCE:KEY:VALUE" },
	};
	struct rngd_options o;
	struct vrng_error error;
	char arg[64];
	size_t i;

	(void)unused;
	snprintf(arg, sizeof(arg), "--config=%s", config);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		write_config(table[i].text);
		assert_int_equal(parse(&o, ARGS(arg), &error), table[i].err);
		if (!strstr(error.text, table[i].says))
			fail_msg("\"%s\" lacks \"%s\"", error.text,
				 table[i].says);
		assert_null(o.source[0]);
		assert_null(o.config);
	}
}

static void numbers_at_the_ends_of_their_range_are_taken(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(
		parse(&o, ARGS("-s8", "--feed-interval=1", "--blocks=0"), NULL),
		0);
	assert_int_equal(o.step, 8);
	assert_int_equal(o.interval, 1);
	rngd_options_free(&o);
	assert_int_equal(parse(&o,
			       ARGS("-s4096", "--feed-interval=86400",
				    "--blocks=9223372036854775807"),
			       NULL),
			 0);
	assert_int_equal(o.step, 4096);
	assert_int_equal(o.interval, 86400);
	assert_int_equal(o.blocks, INT64_MAX);
	rngd_options_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_it_is_the_daemon_of_rng_tools),
		cmocka_unit_test(short_options_mean_what_long_ones_do),
		cmocka_unit_test(the_last_of_two_is_what_counts),
		cmocka_unit_test(sources_add_up),
		cmocka_unit_test(a_source_that_is_named_replaces_the_default),
		cmocka_unit_test(sources_of_rng_tools_go_by_number_too),
		cmocka_unit_test(options_of_rng_tools_keep_their_meaning),
		cmocka_unit_test(a_device_with_commas_becomes_a_spec),
		cmocka_unit_test(only_a_daemon_has_a_default_pid_file),
		cmocka_unit_test(a_daemon_finds_its_files_from_anywhere),
		cmocka_unit_test(so_does_one_in_the_foreground),
		cmocka_unit_test(
			paths_in_the_file_are_relative_to_the_same_folder),
		cmocka_unit_test(without_that_folder_paths_have_to_be_absolute),
		cmocka_unit_test(help_and_version_end_the_reading),
		cmocka_unit_test(bad_options_are_refused_by_name),
		cmocka_unit_test(bad_numbers_are_refused_with_the_range),
		cmocka_unit_test(numbers_at_the_ends_of_their_range_are_taken),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(a_file_has_the_names_of_the_line),
		cmocka_unit_test(the_host_is_trusted_only_if_that_is_said),
		cmocka_unit_test(rdrand_is_rdseed_where_the_processor_has_it),
		cmocka_unit_test(what_stands_in_is_the_noise_source_or_jitter),
		cmocka_unit_test(nothing_stands_in_for_what_was_given),
		cmocka_unit_test(without_hwrng_what_stands_in_is_the_source),
		cmocka_unit_test(what_rngd_has_not_is_ignored_with_a_message),
		cmocka_unit_test(every_source_of_rng_tools_has_its_number),
		cmocka_unit_test(a_number_that_has_moved_is_noted),
		cmocka_unit_test(included_sources_come_beside_hwrng),
		cmocka_unit_test(limits_of_rng_tools_are_not_refused),
		cmocka_unit_test(options_of_rng_tools_debian_are_taken),
		cmocka_unit_test(options_of_rng_tools5_are_taken),
		cmocka_unit_test(letters_of_rng_tools5_get_a_hint),
		cmocka_unit_test(a_claim_below_8_bits_is_noted),
		cmocka_unit_test(a_source_that_is_named_and_included_is_one),
		cmocka_unit_test(the_line_goes_before_the_file),
		cmocka_unit_test(a_bad_line_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("options", tests, make_config,
					   remove_config);
}
