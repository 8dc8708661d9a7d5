// SPDX-License-Identifier: GPL-2.0-or-later
/* Owner, group and mode of sockets, as given on a command line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "rngd/base/array.h"
#include "tests/device/runtime/access.h"

#define NOT ((uid_t)-1)

struct words {
	const char *owner, *group, *mode;
};

static struct access_options options_of(const struct words *words)
{
	return (struct access_options){
		.owner = (char *)(uintptr_t)words->owner,
		.group = (char *)(uintptr_t)words->group,
		.mode = (char *)(uintptr_t)words->mode,
	};
}

static void words_are_names_or_numbers(void **unused)
{
	static const struct {
		struct words words;
		struct vrng_listener_as as;
	} table[] = {
		{ { "root", NULL, NULL }, { 0660, 0, NOT } },
		{ { "12:34", NULL, NULL }, { 0660, 12, 34 } },
		{ { ":root", NULL, NULL }, { 0660, NOT, 0 } },
		{ { NULL, "56", "600" }, { 0600, NOT, 56 } },
		{ { "12:34", "root", "0777" }, { 0777, 12, 0 } },
		{ { NULL, NULL, "0" }, { 0, NOT, NOT } },
	};
	struct vrng_listener_as as;

	(void)unused;
	for (size_t i = 0; i < VRNG_LENGTH(table); i++) {
		const struct access_options options =
			options_of(&table[i].words);

		assert_true(access_is_given(&options));
		assert_int_equal(access_parse(&options, &as, NULL), 0);
		assert_int_equal(as.mode, table[i].as.mode);
		assert_int_equal(as.uid, table[i].as.uid);
		assert_int_equal(as.gid, table[i].as.gid);
	}
}

static void others_are_refused_by_name(void **unused)
{
	static const struct {
		struct words words;
		const char *named;
	} table[] = {
		{ { "", NULL, NULL }, "--owner" },
		{ { "no-such-user", NULL, NULL }, "--owner" },
		{ { "root:no-such", NULL, NULL }, "--owner" },
		{ { "4294967295", NULL, NULL }, "--owner" },
		{ { NULL, "", NULL }, "--group" },
		{ { NULL, "no-such-group", NULL }, "--group" },
		{ { NULL, NULL, "" }, "--mode" },
		{ { NULL, NULL, "888" }, "--mode" },
		{ { NULL, NULL, "1777" }, "--mode" },
		{ { NULL, NULL, "-7" }, "--mode" },
		{ { NULL, NULL, "66x" }, "--mode" },
	};
	struct vrng_listener_as as;
	struct vrng_error error;

	(void)unused;
	for (size_t i = 0; i < VRNG_LENGTH(table); i++) {
		const struct access_options options =
			options_of(&table[i].words);

		assert_int_equal(access_parse(&options, &as, &error), -EINVAL);
		assert_ptr_equal(strstr(error.text, table[i].named),
				 error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_names_or_numbers),
		cmocka_unit_test(others_are_refused_by_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
