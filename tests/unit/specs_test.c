// SPDX-License-Identifier: GPL-2.0-or-later
/* The SPECs of all sources are checked together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "rngd/options/specs.h"

static char config[] = "/etc/rngd.conf";
static struct vrng_error error;

/* Lines 1 and 2 of a file, or of the command line. */
static int check(const char *a, const char *b, bool of_file)
{
	struct rngd_options options = { .config = config, .sources = 2 };
	int ret;

	options.source[0] = strdup(a);
	options.source[1] = strdup(b);
	options.line[0] = of_file ? 1 : 0;
	options.line[1] = of_file ? 2 : 0;
	ret = rngd_specs_check(&options, &vrng_opener_plain, &error);
	free(options.source[0]);
	free(options.source[1]);
	return ret;
}

static int begin(void **unused)
{
	(void)unused;
	return vrng_crypto_init(NULL);
}

static void equal_sources_are_refused_by_both_names(void **unused)
{
	static const struct {
		const char *a, *b;
	} table[] = {
		{ "getrandom", "getrandom" },
		{ "jitter", "jitter,entropy=1" },
		{ "file:/dev/zero", "file:/dev/zero,entropy=1" },
		{ "file:/dev/zero", "file:/dev/../dev/zero" },
		{ "file:/dev/zero", "file:/proc/self/root/dev/zero" },
		{ "file:/dev/tty", "tty:/dev/tty" },
		{ "file:/nowhere", "file:/nowhere,entropy=2" },
		{ "exec:cat /x", "exec:cat /x" },
		{ "unix:/nowhere", "egd:unix:/nowhere" },
		{ "tcp:host:7", "tcp:HOST:7" },
		{ "tcp:host:7", "egd:tcp:host:07" },
		{ "tcp:localhost:7", "tcp:127.0.0.1:7" },
		{ "tcp:127.0.0.1:7", "tcp:127.1:7" },
		{ "tcp:127.0.0.1:7", "tcp:0x7f000001:7" },
		{ "tcp:127.0.0.1:7", "egd:tcp:[::ffff:127.0.0.1]:7" },
		{ "tcp:127.0.0.1:7", "tcp:0.0.0.0:7" },
		{ "tcp:[::1]:7", "tcp:[::]:7" },
		{ "tcp:[::1]:7", "tcp:ip6-localhost:7" },
		{ "tcp:localhost:7", "tcp:Localhost.:7" },
		{ "tcp:localhost:7", "tcp:ip6-loopback:7" },
		{ "tcp:host.example:7", "tcp:HOST.example.:7" },
		{ "tcp:192.0.2.1:7", "tcp:192.0.513:7" },
		{ "tcp:192.0.2.1:7", "tcp:[::ffff:c000:201]:7" },
		{ "tcp:[::1]:7", "tcp:[0:0::1]:7" },
		{ "tcp:[2001:db8::]:7", "tcp:[2001:DB8:0::0]:7" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (check(table[i].a, table[i].b, false) != -EINVAL)
			fail_msg("%s, %s", table[i].a, table[i].b);
		assert_non_null(strstr(error.text, table[i].a));
		assert_non_null(strstr(error.text, table[i].b));
	}
}

static void other_sources_are_taken_together(void **unused)
{
	static const struct {
		const char *a, *b;
	} table[] = {
		{ "rdseed", "rdrand" },
		{ "file:/dev/zero", "file:/dev/null" },
		{ "file:/nowhere/a", "file:/nowhere/b" },
		{ "exec:cat /x", "exec:cat /y" },
		{ "tcp:host:7", "tcp:host:8" },
		{ "tcp:host:7", "tcp:other:7" },
		{ "tcp:127.0.0.1:7", "tcp:127.0.0.2:7" },
		{ "tcp:192.0.2.1:7", "tcp:[2001:db8::192.0.2.1]:7" },
		{ "tcp:[fe80::1%1]:7", "tcp:[fe80::1%2]:7" },
		{ "tcp:[2001:db8::1]:7", "tcp:[2001:db8::2]:7" },
		{ "unix:/nowhere", "unix:/elsewhere" },
		{ "drbg:seed=00112233445566778899aabbccddeeff"
		  "0123456789abcdeffedcba9876543210",
		  "drbg:seed=10112233445566778899aabbccddeeff"
		  "0123456789abcdeffedcba9876543210" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (check(table[i].a, table[i].b, false))
			fail_msg("%s", error.text);
}

static void one_file_is_recognised_by_a_link(void **unused)
{
	char folder[] = "/tmp/specs.XXXXXX";
	char path[3][64], spec[3][80];
	int i;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	for (i = 0; i < 3; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/%d", folder, i);
		(void)snprintf(spec[i], sizeof(spec[i]), "file:%s", path[i]);
	}
	assert_int_equal(mkfifo(path[0], 0600), 0);
	assert_int_equal(link(path[0], path[1]), 0);
	assert_int_equal(symlink(path[1], path[2]), 0);
	assert_int_equal(check(spec[0], spec[1], false), -EINVAL);
	assert_int_equal(check(spec[0], spec[2], false), -EINVAL);
	for (i = 0; i < 3; i++)
		assert_int_equal(unlink(path[i]), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void a_message_names_the_lines_of_the_file(void **unused)
{
	(void)unused;
	assert_int_equal(check("getrandom", "nonsense", true), -EINVAL);
	assert_string_equal(strtok(error.text, ";"),
			    "/etc/rngd.conf:2: source \"nonsense\": no such "
			    "kind");
	assert_int_equal(check("jitter", "jitter,entropy=1", true), -EINVAL);
	assert_string_equal(
		error.text,
		"/etc/rngd.conf:2: \"jitter,entropy=1\" is the same "
		"source as /etc/rngd.conf:1: \"jitter\"; give one "
		"of them");
	assert_int_equal(check("nonsense", "jitter", false), -EINVAL);
	assert_ptr_equal(strstr(error.text, "source \"nonsense\""), error.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sources_are_refused_by_both_names),
		cmocka_unit_test(other_sources_are_taken_together),
		cmocka_unit_test(one_file_is_recognised_by_a_link),
		cmocka_unit_test(a_message_names_the_lines_of_the_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("specs", tests, begin, NULL);
}
