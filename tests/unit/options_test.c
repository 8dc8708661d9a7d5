// SPDX-License-Identifier: GPL-2.0-or-later
/* rngd's command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rngd/options.h"

static char *const none[] = { NULL };

static int parse(struct rngd_options *options, char *const *args,
		 struct vrng_why *why)
{
	static char name[] = "rngd";
	char *argv[16] = { name };
	int argc = 1;

	while (*args)
		argv[argc++] = *args++;
	return rngd_options_parse(options, argc, argv, why);
}

#define ARGS(...) ((char *[]){ __VA_ARGS__, NULL })

static void without_options_it_is_the_daemon_of_rng_tools(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, none, NULL), 0);
	assert_int_equal(o.action, RNGD_RUN);
	assert_string_equal(o.source, "file:/dev/hwrng");
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
		assert_string_equal(o.source, "file:/in");
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
	assert_int_equal(parse(&o,
			       ARGS("-f", "-b", "-r", "/a",
				    "--source=getrandom", "-s", "8", "-s",
				    "16"),
			       NULL),
			 0);
	assert_false(o.foreground);
	assert_string_equal(o.source, "getrandom");
	assert_int_equal(o.step, 16);
	rngd_options_free(&o);
}

static void a_device_with_commas_becomes_a_spec(void **unused)
{
	struct rngd_options o;

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-f", "-r", ",a,b=c"), NULL), 0);
	assert_string_equal(o.source, "file:,,a,,b=c");
	rngd_options_free(&o);
}

static void only_a_daemon_has_a_pid_file_unasked(void **unused)
{
	struct rngd_options o;
	char cwd[4096], want[4200];

	(void)unused;
	assert_int_equal(parse(&o, ARGS("-f"), NULL), 0);
	assert_null(o.pid_file);
	rngd_options_free(&o);

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(want, sizeof(want), "%s/x.pid", cwd);
	assert_int_equal(parse(&o, ARGS("-p", "x.pid"), NULL), 0);
	assert_string_equal(o.pid_file, want);
	rngd_options_free(&o);
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
	struct vrng_why why;

	assert_int_equal(parse(&o, ARGS(bad->arg), &why), bad->err);
	if (!strstr(why.text, bad->says))
		fail_msg("%s: \"%s\" lacks \"%s\"", bad->arg, why.text,
			 bad->says);
	assert_null(o.source);
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
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_refused(&table[i]);
}

static void bad_numbers_are_refused_with_the_range(void **unused)
{
	static struct bad table[] = {
		{ "-s7", -ERANGE,
		  "--random-step: \"7\" is not a number from "
		  "8 to 4096" },
		{ "-s4097", -ERANGE, "from 8 to 4096" },
		{ "-s64x", -EINVAL, "\"64x\"" },
		{ "-s 64", -EINVAL, "from 8 to 4096" },
		{ "-s64 ", -EINVAL, "from 8 to 4096" },
		{ "-s+64", -EINVAL, "from 8 to 4096" },
		{ "-s-64", -EINVAL, "from 8 to 4096" },
		{ "-s6.4", -EINVAL, "from 8 to 4096" },
		{ "-s0x", -EINVAL, "from 8 to 4096" },
		{ "-s18446744073709551680", -ERANGE, "from 8 to 4096" },
		{ "--random-step=", -EINVAL, "from 8 to 4096" },
		{ "--feed-interval=0", -ERANGE, "from 1 to 86400" },
		{ "--feed-interval=86401", -ERANGE, "from 1 to 86400" },
		{ "--blocks=9223372036854775808", -ERANGE, "--blocks" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_refused(&table[i]);
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
		cmocka_unit_test(a_device_with_commas_becomes_a_spec),
		cmocka_unit_test(only_a_daemon_has_a_pid_file_unasked),
		cmocka_unit_test(help_and_version_end_the_reading),
		cmocka_unit_test(bad_options_are_refused_by_name),
		cmocka_unit_test(bad_numbers_are_refused_with_the_range),
		cmocka_unit_test(numbers_at_the_ends_of_their_range_are_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
