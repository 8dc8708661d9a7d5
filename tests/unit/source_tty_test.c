// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "tty:PATH". A pty stands for a generator behind an FTDI chip: it waits
 * for its init string, sends a banner, gives bytes, stalls, and is unplugged.
 */
#include "tests/unit/source_rig.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "rngd/sources/keeper.h"
#include "tests/unit/machine.h"

struct generator {
	int master;
	int slave; /* kept open, so that the device does not hang up; or -1 */
	char path[64];
};

static void plug_in(struct generator *g)
{
	assert_int_equal(openpty(&g->master, &g->slave, g->path, NULL, NULL),
			 0);
	assert_int_equal(fcntl(g->master, F_SETFL, O_NONBLOCK), 0);
}

static void pull_out(struct generator *g)
{
	close(g->master);
	if (g->slave >= 0)
		close(g->slave);
}

static void gives(const struct generator *g, const void *bytes, size_t len)
{
	assert_int_equal(write(g->master, bytes, len), len);
}

/* What the generator has received so far. */
static size_t hears(const struct generator *g, void *buf, size_t len)
{
	ssize_t got = read(g->master, buf, len);

	return got > 0 ? (size_t)got : 0;
}

static struct vrng_source *open_line(const struct generator *g,
				     const char *options)
{
	char spec[160];

	snprintf(spec, sizeof(spec), "tty:%s%s", g->path, options);
	return rig_open(spec);
}

static void bad_tty_options_are_refused(void **unused)
{
	(void)unused;
	rig_refused("tty");
	rig_refused("tty:");
	rig_refused("tty:/dev/x,baud=");
	rig_refused("tty:/dev/x,baud=12345");
	rig_refused("tty:/dev/x,baud=9600x");
	rig_said("no speed");
	rig_refused("tty:/dev/x,init=");
	rig_refused("tty:/dev/x,init=0");
	rig_refused("tty:/dev/x,init=0g");
	rig_said("two hex digits");
	rig_refused("tty:/dev/x,discard=-1");
	rig_refused("tty:/dev/x,discard=1048577");
	rig_said("from 0 to 1048576");
	rig_refused("tty:/dev/x,speed=9600");
	vrng_source_free(rig_parse(
		"tty:/dev/x,baud=3000000,init=0dFF,discard=9,entropy=7.5"));
}

static void a_file_that_is_no_terminal_is_refused(void **unused)
{
	static const struct {
		const char *spec;
		int check, open;
	} table[] = {
		{ "tty:/no/such/line", -ENOENT, -ENOENT },
		{ "tty:/etc/passwd", -ENOTTY, -ENOTTY },
		{ "tty:/dev/null", 0, -ENOTTY },
	};
	struct vrng_source *src;
	size_t i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		src = rig_parse(table[i].spec);
		assert_int_equal(vrng_source_check(src, NULL), table[i].check);
		assert_int_equal(vrng_source_open(src, &rig_why),
				 table[i].open);
		rig_said(table[i].spec);
		vrng_source_free(src);
	}
}

/* A line that is not in raw mode waits for a newline, and changes bytes. */
static void all_256_bytes_come_as_they_are(void **unused)
{
	struct generator g;
	struct vrng_source *src;
	uint8_t all[256], got[256];
	int i;

	(void)unused;
	plug_in(&g);
	src = open_line(&g, "");
	for (i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	assert_int_equal(vrng_source_read(src, got, 1, NULL), -EAGAIN);
	assert_false(rig_polls(src, 0));
	gives(&g, all, sizeof(all));
	rig_read_all(src, got, sizeof(got));
	assert_memory_equal(got, all, sizeof(all));
	assert_int_equal(hears(&g, got, sizeof(got)), 0); /* and no echo */
	vrng_source_free(src);
	pull_out(&g);
}

/* Each open sends the string first; the banner is never returned. */
static void a_generator_is_started_and_its_banner_dropped(void **unused)
{
	struct generator g;
	struct vrng_source *src;
	char got[16];
	int round;

	(void)unused;
	plug_in(&g);
	src = open_line(&g, ",init=676f0D,discard=7");
	for (round = 0; round < 2; round++) {
		assert_true(rig_polls(src, RIG_MS));
		assert_int_equal(vrng_source_read(src, got, 16, NULL), -EAGAIN);
		assert_int_equal(hears(&g, got, 16), 3);
		assert_memory_equal(got, "go\r", 3);
		gives(&g, "READ", 4);
		assert_true(rig_polls(src, RIG_MS));
		assert_int_equal(vrng_source_read(src, got, 16, NULL), -EAGAIN);
		gives(&g, "Y\r\nabc", 6);
		rig_read_all(src, got, 3);
		assert_memory_equal(got, "abc", 3);
		gives(&g, "def", 3);
		rig_read_all(src, got, 3);
		assert_memory_equal(got, "def", 3);
		vrng_source_close(src);
		assert_int_equal(vrng_source_open(src, NULL), 0);
	}
	vrng_source_free(src);
	pull_out(&g);
}

static void bytes_from_before_the_open_are_dropped(void **unused)
{
	struct generator g;
	struct vrng_source *src;
	char got[4];

	(void)unused;
	plug_in(&g);
	gives(&g, "stale\n", 6);
	src = open_line(&g, "");
	gives(&g, "new", 3);
	rig_read_all(src, got, 3);
	assert_memory_equal(got, "new", 3);
	vrng_source_free(src);
	pull_out(&g);
}

static void the_line_gets_its_speed_and_later_its_old_settings(void **unused)
{
	struct generator g;
	struct vrng_source *src;
	struct termios before, during, after;

	(void)unused;
	plug_in(&g);
	assert_int_equal(tcgetattr(g.slave, &before), 0);
	assert_true(before.c_lflag & ICANON);
	src = open_line(&g, ",baud=230400");
	assert_int_equal(tcgetattr(g.slave, &during), 0);
	assert_int_equal(cfgetispeed(&during), B230400);
	assert_int_equal(cfgetospeed(&during), B230400);
	assert_false(during.c_lflag & (ICANON | ECHO | ISIG));
	vrng_source_close(src);
	assert_int_equal(tcgetattr(g.slave, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	assert_int_equal(cfgetospeed(&after), cfgetospeed(&before));
	vrng_source_free(src);
	pull_out(&g);
}

/* Root may open an exclusive line: then only the flag can be checked. */
static void the_line_is_taken_while_it_is_open(void **unused)
{
	struct generator g;
	struct vrng_source *src;
	int taken = 0;

	(void)unused;
	plug_in(&g);
	if (ioctl(g.slave, TIOCGEXCL, &taken)) {
		pull_out(&g);
		LEAVE_OUT("no TIOCGEXCL");
	}
	src = open_line(&g, "");
	assert_int_equal(ioctl(g.slave, TIOCGEXCL, &taken), 0);
	assert_true(taken);
	vrng_source_free(src);
	assert_int_equal(ioctl(g.slave, TIOCGEXCL, &taken), 0);
	assert_false(taken);
	pull_out(&g);
}

static void an_unplugged_line_is_told_from_a_silent_one(void **unused)
{
	struct generator g;
	struct vrng_source *src;
	char got[4];

	(void)unused;
	plug_in(&g);
	src = open_line(&g, "");
	gives(&g, "ab", 2);
	rig_read_all(src, got, 2);
	assert_int_equal(vrng_source_read(src, got, 1, NULL), -EAGAIN);
	pull_out(&g);
	assert_int_equal(rig_read(src, got, 1), -ENODEV);
	rig_said(g.path);
	rig_said("unplugged: No such device; plug it in again");
	vrng_source_free(src);
}

static struct {
	int lines;
	enum vrng_keeper_state state;
	char text[512];
} told;

static void note(void *unused, enum vrng_keeper_state state, const char *text)
{
	(void)unused;
	told.state = state;
	if (!text)
		return;
	told.lines++;
	snprintf(told.text, sizeof(told.text), "%s", text);
}

/*
 * The generator gives bytes, stalls, is reopened with its string, is unplugged,
 * and comes back under the same path: a symbolic link, like those of udev.
 */
static void a_generator_is_reopened_after_stall_and_unplugging(void **unused)
{
	static char link[] = "/tmp/vrng-tty-XXXXXX";
	struct generator g;
	struct vrng_keeper keeper;
	struct vrng_keeper_setup setup = { .consequence = "nothing is fed",
					   .tell = note,
					   .stall_ms = 5000 };
	char spec[64], got[8];

	(void)unused;
	plug_in(&g);
	close(mkstemp(link));
	unlink(link);
	assert_int_equal(symlink(g.path, link), 0);
	snprintf(spec, sizeof(spec), "tty:%s,init=21", link);
	setup.source = rig_parse(spec);
	vrng_keeper_init(&keeper, &setup);

	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 0), -EAGAIN);
	assert_int_equal(hears(&g, got, 8), 1);
	gives(&g, "x", 1);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 1), 1);

	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 10), -EAGAIN);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 5010), -EAGAIN);
	assert_int_equal(told.state, VRNG_KEEPER_STALLED);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 5110), -EAGAIN);
	assert_int_equal(hears(&g, got, 8), 1);
	gives(&g, "y", 1);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 5111), 1);
	assert_int_equal(told.state, VRNG_KEEPER_FLOWS);
	assert_int_equal(told.lines, 1);

	pull_out(&g);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 6000), -EAGAIN);
	assert_int_equal(told.state, VRNG_KEEPER_UNPLUGGED);
	assert_non_null(strstr(told.text, "No such device"));
	assert_non_null(strstr(told.text, "; nothing is fed"));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 7000), -EAGAIN);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 20000), -EAGAIN);
	assert_int_equal(told.lines, 2);

	plug_in(&g);
	assert_int_equal(symlink(g.path, link), 0);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 40000), -EAGAIN);
	gives(&g, "z", 1);
	assert_int_equal(vrng_keeper_read(&keeper, got, 8, 40001), 1);
	assert_int_equal(got[0], 'z');
	assert_int_equal(told.state, VRNG_KEEPER_FLOWS);
	assert_int_equal(told.lines, 3);

	vrng_keeper_close(&keeper);
	vrng_source_free(setup.source);
	unlink(link);
	pull_out(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_tty_options_are_refused),
		cmocka_unit_test(a_file_that_is_no_terminal_is_refused),
		cmocka_unit_test(all_256_bytes_come_as_they_are),
		cmocka_unit_test(a_generator_is_started_and_its_banner_dropped),
		cmocka_unit_test(bytes_from_before_the_open_are_dropped),
		cmocka_unit_test(
			the_line_gets_its_speed_and_later_its_old_settings),
		cmocka_unit_test(the_line_is_taken_while_it_is_open),
		cmocka_unit_test(an_unplugged_line_is_told_from_a_silent_one),
		cmocka_unit_test(
			a_generator_is_reopened_after_stall_and_unplugging),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tty", tests, NULL, NULL);
}
