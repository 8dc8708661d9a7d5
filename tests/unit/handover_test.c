// SPDX-License-Identifier: GPL-2.0-or-later
/* What one process leaves of a guest to the next one, and what is refused of it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/vhost-user-rng/handover.h"
#include "tests/unit/fds.h"
#include "tests/unit/machine.h"
#include "tests/unit/waiting.h"

#define NAME "/run/guest.sock"

struct fixture {
	int pair[2]; /* of the label: the first process's, the next one's */
	int listener;
	int connection[2]; /* the device's, the front end's */
	int fds;
};

static int setup(void **state)
{
	static struct fixture f;
	struct sockaddr_un any = { .sun_family = AF_UNIX };

	f.fds = fds_open();
	f.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*state = &f;
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, f.pair) ||
	       socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			  f.connection) ||
	       bind(f.listener, (struct sockaddr *)&any, sizeof(sa_family_t)) ||
	       listen(f.listener, 1);
}

/* The next process's end is taken over by each case. */
static int teardown(void **state)
{
	const struct fixture *f = *state;

	close(f->pair[0]);
	close(f->listener);
	close(f->connection[0]);
	close(f->connection[1]);
	return fds_left(f->fds);
}

static struct handover_label label(void)
{
	return (struct handover_label){ .magic = { 'v', 'r', 'n', 'g' },
					.version = HANDOVER_VERSION,
					.name = NAME };
}

/* What was sent is refused, with @text in the line. */
static void refuses(const struct fixture *f, const char *text)
{
	struct vrng_error error = { "" };

	assert_null(handover_receive(f->pair[1], &error));
	if (!strstr(error.text, text))
		fail_msg("\"%s\" has no \"%s\"", error.text, text);
}

static void send_label(const struct fixture *f, const void *label, size_t size,
		       const int *fds, unsigned int n)
{
	assert_int_equal(
		vrng_passing_send_all(f->pair[0], label, size, fds, n, 0), 0);
}

/* ---- cases ---- */

static void all_of_a_guest_arrives(void **state)
{
	const struct fixture *f = *state;
	struct transcript *t = transcript_new(), *got = transcript_new();
	struct vrng_error error = { "" };
	struct handover *h;
	const uint64_t payload = 7;
	char byte = 'x';

	assert_non_null(t);
	assert_non_null(got);
	transcript_add(t, VU_SET_OWNER, NULL, 0, -1);
	transcript_add(t, VU_SET_VRING_CALL, &payload, sizeof(payload), 2);
	assert_int_equal(handover_send(f->pair[0], NAME, f->listener,
				       f->connection[0], t),
			 0);
	h = handover_receive(f->pair[1], &error);
	assert_non_null(h);
	assert_string_equal(h->name, NAME);
	assert_true(fcntl(h->connection, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(h->connection, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(send(h->connection, &byte, 1, 0), 1);
	assert_int_equal(recv(f->connection[1], &byte, 1, MSG_DONTWAIT), 1);
	assert_true(h->listener >= 0);
	assert_int_equal(handover_transcript(h, got, &error), 0);
	assert_int_equal(got->n, 2);
	assert_int_equal(got->message[1].request, VU_SET_VRING_CALL);
	assert_memory_equal(got->message[1].payload, &payload, sizeof(payload));
	assert_int_equal(got->fd[0], -1);
	assert_true(got->fd[1] >= 0);
	transcript_close(got);
	handover_free(h);
	free(t);
	free(got);
}

static void a_guest_without_a_front_end_arrives(void **state)
{
	const struct fixture *f = *state;
	struct handover *h;

	assert_int_equal(handover_send(f->pair[0], NAME, f->listener, -1, NULL),
			 0);
	h = handover_receive(f->pair[1], NULL);
	assert_non_null(h);
	assert_int_equal(h->connection, -1);
	assert_int_equal(h->messages, 0);
	handover_free(h);
}

static void a_name_that_is_too_long_is_not_sent(void **state)
{
	const struct fixture *f = *state;
	char name[HANDOVER_PATH + 1] = { 0 };

	memset(name, 'x', HANDOVER_PATH);
	assert_int_equal(handover_send(f->pair[0], name, f->listener, -1, NULL),
			 -ENAMETOOLONG);
	refuses(f, "nothing in it");
}

static void what_was_read_before_is_refused(void **state)
{
	const struct fixture *f = *state;

	refuses(f, "nothing in it");
}

static void another_program_is_refused(void **state)
{
	const struct fixture *f = *state;

	send_label(f, "READY=1", 7, NULL, 0);
	refuses(f, "another program");
}

static void another_version_is_refused(void **state)
{
	const struct fixture *f = *state;
	struct handover_label l = label();

	l.version++;
	send_label(f, &l, sizeof(l), NULL, 0);
	refuses(f, "another version");
}

static void a_longer_label_is_refused(void **state)
{
	const struct fixture *f = *state;
	const struct handover_label l[2] = { label() };

	send_label(f, l, sizeof(l), &f->listener, 1);
	refuses(f, "another program");
}

static void a_shorter_label_is_refused(void **state)
{
	const struct fixture *f = *state;
	const struct handover_label l = label();

	send_label(f, &l, sizeof(l) - 1, &f->listener, 1);
	refuses(f, "label that is wrong");
}

#define REFUSES_LABEL(case_name, change)               \
	static void case_name(void **state)            \
	{                                              \
		const struct fixture *f = *state;      \
		struct handover_label l = label();     \
                                                       \
		change;                                \
		send_label(f, &l, sizeof(l), NULL, 0); \
		refuses(f, "label that is wrong");     \
	}

REFUSES_LABEL(a_name_without_an_end_is_refused,
	      memset(l.name, 'x', sizeof(l.name)))
REFUSES_LABEL(an_empty_name_is_refused, l.name[0] = '\0')
REFUSES_LABEL(two_listeners_are_refused, l.has_listener = 2)
REFUSES_LABEL(two_connections_are_refused, l.has_connection = 2)
REFUSES_LABEL(too_many_messages_are_refused, l.messages = TRANSCRIPT_MAX + 1)
REFUSES_LABEL(an_unknown_field_is_refused, l.zero = 1)

static void missing_and_surplus_descriptors_are_refused(void **state)
{
	struct fixture *f = *state;
	struct handover_label l = label();
	const int two[] = { f->listener, f->connection[0] };
	const int spare = dup(f->pair[1]);

	l.has_listener = 1;
	send_label(f, &l, sizeof(l), NULL, 0);
	refuses(f, "descriptors");
	f->pair[1] = dup(spare);
	send_label(f, &l, sizeof(l), two, 2);
	refuses(f, "descriptors");
	close(spare);
}

/* A regular file would block, and a listening socket is no connection. */
static void descriptors_of_another_kind_are_refused(void **state)
{
	struct fixture *f = *state;
	struct handover_label l = label();
	const int spare = dup(f->pair[1]);
	const int wrong[] = { f->listener, f->pair[0], 2 };

	close(f->pair[1]);
	l.has_connection = 1;
	for (size_t i = 0; i < 3; i++) {
		f->pair[1] = dup(spare);
		send_label(f, &l, sizeof(l), &wrong[i], 1);
		refuses(f, "another kind");
	}
	l.has_connection = 0;
	l.has_listener = 1;
	f->pair[1] = dup(spare);
	send_label(f, &l, sizeof(l), &f->connection[0], 1);
	refuses(f, "another kind");
	close(spare);
}

static void a_transcript_that_is_cut_is_refused(void **state)
{
	const struct fixture *f = *state;
	struct transcript *t = transcript_new();
	struct handover_label l = label();
	struct vrng_error error = { "" };
	struct handover *h;

	assert_non_null(t);
	l.has_connection = 1;
	l.messages = 2;
	send_label(f, &l, sizeof(l), &f->connection[0], 1);
	h = handover_receive(f->pair[1], &error);
	assert_non_null(h);
	assert_int_equal(handover_transcript(h, t, &error), -EPROTO);
	assert_non_null(strstr(error.text, "cut"));
	handover_free(h);
	free(t);
}

/* ---- many services that restart at once ---- */

#define UNIT "packaging/systemd/vhost-user-rng@.service"
static rlim_t limit_of_unit(void)
{
	FILE *file = fopen(UNIT, "re");
	char line[256];
	unsigned long limit = 1024; /* systemd's, if the unit has none */

	assert_non_null(file);
	while (file && fgets(line, sizeof(line), file))
		(void)sscanf(line, "LimitNOFILE=%lu", &limit);
	if (file)
		fclose(file);
	return limit;
}

/* In a process of its own. Its status is 0, 1 if that fails, or 2 without a trial. */
static _Noreturn void hand_over_beside_others(const struct fixture *f,
					      const struct transcript *t,
					      rlim_t limit)
{
	if (waiting_begin(WAITING, limit))
		_exit(2);
	_exit(handover_send(f->pair[0], NAME, f->listener, f->connection[0],
			    t) != 0);
}

/* The limit of the unit is that of the process which hands over. */
static void hundreds_of_services_restart_at_once(void **state)
{
	const struct fixture *f = *state;
	const rlim_t limit = limit_of_unit();
	struct transcript *t = transcript_new();
	int status = -1;
	pid_t pid;

	assert_non_null(t);
	transcript_add(t, VU_SET_OWNER, NULL, 0, -1);
	pid = fork();
	if (!pid)
		hand_over_beside_others(f, t, limit);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	free(t);
	close(f->pair[1]);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		LEAVE_OUT("only root may be another user, with many files");
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_of_a_guest_arrives),
		T(a_guest_without_a_front_end_arrives),
		T(a_name_that_is_too_long_is_not_sent),
		T(what_was_read_before_is_refused),
		T(another_program_is_refused),
		T(another_version_is_refused),
		T(a_longer_label_is_refused),
		T(a_shorter_label_is_refused),
		T(a_name_without_an_end_is_refused),
		T(an_empty_name_is_refused),
		T(two_listeners_are_refused),
		T(two_connections_are_refused),
		T(too_many_messages_are_refused),
		T(an_unknown_field_is_refused),
		T(missing_and_surplus_descriptors_are_refused),
		T(descriptors_of_another_kind_are_refused),
		T(a_transcript_that_is_cut_is_refused),
		T(hundreds_of_services_restart_at_once),
	};

	if (!machine_closes_surplus()) {
		print_message("1..0 # SKIP descriptors without space stay "
			      "open here\n");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
