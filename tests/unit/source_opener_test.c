// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources open their files by the opener that they were given. */
#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include "rngd/base/crypto.h"
#include "tests/unit/source_rig.h"

#define NOWHERE "/no/such/path"

/* Records each call, and returns @ret. */
struct fake {
	int ret; /* a descriptor or a negative errno */
	unsigned int calls;
	char path[64];
	int flags;
};

static int fake_open(void *opaque, const char *path, int flags, mode_t mode)
{
	struct fake *fake = opaque;

	(void)mode;
	fake->calls++;
	fake->flags = flags;
	snprintf(fake->path, sizeof(fake->path), "%s", path);
	return fake->ret;
}

static struct vrng_source *parse(const char *spec,
				 const struct vrng_opener *opener)
{
	struct vrng_source *src = NULL;

	if (vrng_source_parse(&src, spec, opener, &rig_why))
		fail_msg("%s: %s", spec, rig_why.text);
	return src;
}

static void a_file_source_reads_the_descriptor_of_its_opener(void **unused)
{
	struct fake fake = { 0 };
	const struct vrng_opener opener = { .open = fake_open,
					    .opaque = &fake };
	struct vrng_source *src = parse("file:" NOWHERE, &opener);
	char got[4] = "";
	int end[2];

	(void)unused;
	assert_int_equal(pipe2(end, O_NONBLOCK), 0);
	assert_int_equal(write(end[1], "abc", 3), 3);
	fake.ret = end[0];
	assert_int_equal(fake.calls, 0);
	assert_int_equal(vrng_source_open(src, &rig_why), 0);
	assert_int_equal(fake.calls, 1);
	assert_string_equal(fake.path, NOWHERE);
	assert_int_equal(fake.flags, O_RDONLY | VRNG_OPEN_FLAGS);
	assert_int_equal(rig_read(src, got, 3), 3);
	assert_string_equal(got, "abc");
	vrng_source_free(src);
	assert_int_equal(fcntl(end[0], F_GETFD), -1);
	close(end[1]);
}

static void a_tty_source_reads_the_descriptor_of_its_opener(void **unused)
{
	struct fake fake = { 0 };
	const struct vrng_opener opener = { .open = fake_open,
					    .opaque = &fake };
	struct vrng_source *src = parse("tty:" NOWHERE, &opener);
	char got[4] = "";
	int line, end;

	(void)unused;
	assert_int_equal(openpty(&line, &end, NULL, NULL, NULL), 0);
	fake.ret = end;
	assert_int_equal(fcntl(end, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(vrng_source_open(src, &rig_why), 0);
	assert_string_equal(fake.path, NOWHERE);
	assert_int_equal(fake.flags, O_RDWR | VRNG_OPEN_FLAGS);
	assert_int_equal(write(line, "abc", 3), 3);
	rig_read_all(src, got, 3);
	assert_string_equal(got, "abc");
	vrng_source_free(src);
	close(line);
}

static void every_open_and_check_calls_the_opener(void **unused)
{
	struct fake fake = { 0 };
	const struct vrng_opener opener = { .open = fake_open,
					    .opaque = &fake };
	struct vrng_source *src = parse("file:/dev/zero", &opener);
	unsigned int i;

	(void)unused;
	for (i = 1; i <= 3; i++) {
		fake.ret = open("/dev/zero", O_RDONLY);
		assert_int_equal(vrng_source_open(src, &rig_why), 0);
		vrng_source_close(src);
		assert_int_equal(fake.calls, i);
	}
	fake.ret = open("/dev/zero", O_RDONLY);
	assert_int_equal(vrng_source_check(src, &rig_why), 0);
	assert_int_equal(fake.calls, 4);
	assert_int_equal(fcntl(fake.ret, F_GETFD), -1);
	vrng_source_free(src);
}

static void a_refused_open_reports_path_and_errno_text(void **unused)
{
	static const char *const specs[] = { "file:/dev/zero",
					     "tty:/dev/zero" };
	struct fake fake = { .ret = -EACCES };
	const struct vrng_opener opener = { .open = fake_open,
					    .opaque = &fake };
	struct vrng_source *src;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		src = parse(specs[i], &opener);
		assert_int_equal(vrng_source_open(src, &rig_why), -EACCES);
		rig_said("Permission denied");
		rig_said("/dev/zero");
		assert_int_equal(vrng_source_fd(src), -1);
		vrng_source_free(src);
	}
	assert_int_equal(fake.calls, 2);

	src = parse("file:/dev/zero", &opener);
	fake.ret = -EBUSY;
	assert_int_equal(vrng_source_check(src, &rig_why), -EBUSY);
	rig_said(strerror(EBUSY));
	rig_said("/dev/zero");
	vrng_source_free(src);
}

static void the_plain_opener_calls_open(void **unused)
{
	int fd = vrng_open(&vrng_opener_plain, "/dev/zero",
			   O_RDONLY | O_CLOEXEC, 0);

	(void)unused;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(vrng_open(&vrng_opener_plain, NOWHERE, O_RDONLY, 0),
			 -ENOENT);
}

static int set_up(void **unused)
{
	(void)unused;
	return vrng_crypto_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_file_source_reads_the_descriptor_of_its_opener),
		cmocka_unit_test(
			a_tty_source_reads_the_descriptor_of_its_opener),
		cmocka_unit_test(every_open_and_check_calls_the_opener),
		cmocka_unit_test(a_refused_open_reports_path_and_errno_text),
		cmocka_unit_test(the_plain_opener_calls_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("source_opener", tests, set_up,
					   NULL);
}
