// SPDX-License-Identifier: GPL-2.0-or-later
/* Listening sockets of egd-server: addresses, modes and owners. */
#include "tests/unit/source_rig.h"
#include "tests/unit/egd_rig.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

static const struct vrng_listener_as nobody = { .mode = 0600,
						.uid = (uid_t)-1,
						.gid = (gid_t)-1 };

static void bad_addresses_are_refused(void **unused)
{
	static const char *const table[] = {
		"",	      "unix:",	       "tcp:",	   "tcp:x",
		"tcp:65536",  "tcp:host:1",    "tcp::1",   "tcp:1.2.3.4:",
		"tcp:::1:80", "tcp:[::1]",     "tcp:[]:1", "udp:1",
		"/run/x",     "tcp:1.2.3:80x",
	};
	struct egd_listen l;
	struct vrng_error error;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		error.text[0] = '\0';
		assert_int_equal(egd_listen_at(&l, table[i], &nobody, &error),
				 -EINVAL);
		assert_true(strlen(error.text) > 10);
		assert_int_equal(l.fd, -1);
	}
}

static void a_bare_port_is_on_the_loopback(void **unused)
{
	struct egd_listen l;

	(void)unused;
	assert_int_equal(egd_listen_at(&l, "tcp:0", &nobody, NULL), 0);
	assert_int_equal(strncmp(l.name, "tcp:127.0.0.1:", 14), 0);
	assert_string_not_equal(l.name, "tcp:127.0.0.1:0");
	done(&l);
	assert_int_equal(egd_listen_at(&l, "tcp:0.0.0.0:0", &nobody, NULL), 0);
	assert_int_equal(strncmp(l.name, "tcp:0.0.0.0:", 12), 0);
	done(&l);
}

static void a_socket_has_the_mode_that_was_asked_for(void **unused)
{
	struct vrng_listener_as as = nobody;
	struct egd_listen l;
	struct stat st;

	(void)unused;
	as.mode = 0621;
	assert_int_equal(egd_listen_at(&l, address, &as, NULL), 0);
	assert_int_equal(stat(address + 5, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0621);
	done(&l);
	assert_int_equal(stat(address + 5, &st), -1);
}

/* File systems use this clock for time stamps, and reuse inode numbers. */
static void wait_for_tick(void)
{
	struct timespec then, now;

	clock_gettime(CLOCK_REALTIME_COARSE, &then);
	do {
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_sec == then.tv_sec && now.tv_nsec == then.tv_nsec);
}

static void only_the_socket_of_a_dead_listener_is_replaced(void **unused)
{
	struct egd_listen l, other;
	int fd;

	(void)unused;
	assert_int_equal(egd_listen_at(&l, address, &nobody, NULL), 0);
	assert_int_equal(egd_listen_at(&other, address, &nobody, &rig_why),
			 -EADDRINUSE);
	close(l.fd); /* as after a crash */
	l.fd = -1;
	wait_for_tick();
	assert_int_equal(egd_listen_at(&other, address, &nobody, NULL), 0);
	done(&l); /* another listener's file: it stays */
	assert_int_equal(access(address + 5, F_OK), 0);
	done(&other);
	assert_int_equal(access(address + 5, F_OK), -1);

	fd = open(address + 5, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(egd_listen_at(&l, address, &nobody, &rig_why),
			 -EEXIST);
	close(fd);
	unlink(address + 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(a_bare_port_is_on_the_loopback),
		cmocka_unit_test(a_socket_has_the_mode_that_was_asked_for),
		cmocka_unit_test(
			only_the_socket_of_a_dead_listener_is_replaced),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("egd-listen", tests, make_folder,
					   remove_folder);
}
