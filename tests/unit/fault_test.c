// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deliberate faults: parsing a SPEC, which requests it strikes, what a guest
 * sees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <errno.h>
#include <cmocka.h>

#include "tests/device/vhost-user-rng/fault.h"
#include "tests/device/entropy/request_buffer.h"
#include "tests/unit/front.h"
#include "tests/device/vhost-user-rng/backend.h"
#include "rngd/base/log.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/vhost-user-rng/metrics.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/unit/machine.h"
#include "tests/unit/within.h"

#define MS  1000000ULL
#define NUM 8
#define LEN 64

static struct faults faults_of(const char *spec)
{
	struct faults f = { 0 };
	struct vrng_error error;

	if (faults_add(&f, spec, &error))
		fail_msg("%s: %s", spec, error.text);
	return f;
}

/* The correct answer to one request of LEN bytes, as the faults change it. */
static struct fault_answer strike(struct faults *f)
{
	const struct fault_request req = { .asked = LEN,
					   .num = NUM,
					   .idle = 5 };
	struct fault_answer answer = { .id = 2, .len = LEN, .times = 1 };

	assert_int_equal(faults_ask(f, 1), FAULT_NOT);
	faults_answer(f, &req, &answer);
	faults_done(f);
	return answer;
}

static bool is_honest(struct faults *f)
{
	const struct fault_answer a = strike(f);

	return a.id == 2 && a.len == LEN && a.times == 1 && !a.interrupts;
}

/* One letter for each of the next requests: '.' answered, '!' struck. */
static const char *fate(struct faults *f, size_t n)
{
	static char text[1024];

	assert_true(n < sizeof(text));
	for (size_t i = 0; i < n; i++)
		text[i] = is_honest(f) ? '.' : '!';
	text[n] = '\0';
	return text;
}

/* ---- SPECs ---- */

static void bad_specs_are_refused_in_one_line(void **unused)
{
	static const char *const specs[] = {
		"",
		":",
		"nope",
		"Zero",
		"zero ",
		"zero:",
		"zero:,",
		"zero:after",
		"zero:after=",
		"zero:after=x",
		"zero:after=-1",
		"zero:after=+1",
		"zero:after= 1",
		"zero:after=1x",
		"zero:after=1,",
		"zero:after=1,after=1",
		"zero:after=18446744073709551616",
		"zero:after=00000000000000000000000000000001",
		"zero:count=0",
		"zero:every=0",
		"zero:len=1",
		"zero:=1",
		"short:len=0",
		"delay",
		"delay:ms=0",
		"delay:after=1",
		"silence:count=1",
		"spurious:times=100001",
		"stuck:byte=256",
		"stuck:after=1",
		"mix",
		"mix:every=2",
	};
	struct faults f = { 0 };
	struct vrng_error error;

	(void)unused;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		error.text[0] = '\0';
		if (faults_add(&f, specs[i], &error) != -EINVAL)
			fail_msg("\"%s\" was taken", specs[i]);
		assert_true(strlen(error.text) > 8);
		assert_null(strchr(error.text, '\n'));
	}
	assert_int_equal(f.n, 0);
	assert_int_equal(faults_add(&f, "short:evry=2", &error), -EINVAL);
	assert_string_equal(error.text,
			    "short: \"evry\" is none of its keys; "
			    "they are after, count, every, seed, len");
}

static void more_than_sixteen_faults_are_refused(void **unused)
{
	struct faults f = { 0 };

	(void)unused;
	for (int i = 0; i < FAULTS_MAX; i++)
		assert_int_equal(faults_add(&f, "zero", NULL), 0);
	assert_int_equal(faults_add(&f, "zero", NULL), -EINVAL);
}

static void each_kind_is_listed_and_accepted(void **unused)
{
	char list[256], *kind, *rest = list, spec[64];
	struct faults f = { 0 };
	unsigned int n = 0;

	(void)unused;
	faults_list(list, sizeof(list));
	while ((kind = strtok_r(rest, ", ", &rest))) {
		snprintf(spec, sizeof(spec), "%s%s", kind,
			 !strcmp(kind, "mix")	? ":seed=1" :
			 !strcmp(kind, "delay") ? ":ms=1" :
						  "");
		assert_int_equal(faults_add(&f, spec, NULL), 0);
		n++;
	}
	assert_int_equal(n, 14);
	faults_list(list, 10);
	assert_string_equal(list, "short, ");
}

/* ---- schedules ---- */

static void keys_choose_which_requests_are_struck(void **unused)
{
	static const struct {
		const char *spec, *fate;
	} table[] = {
		{ "zero", "!!!!!!!!!!!!" },
		{ "zero:after=3", "...!!!!!!!!!" },
		{ "zero:count=2", "!!.........." },
		{ "zero:every=4", "!...!...!..." },
		{ "zero:after=2,every=3", "..!..!..!..!" },
		{ "zero:after=0x2,every=3,count=2", "..!..!......" },
	};
	struct faults f;

	(void)unused;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		f = faults_of(table[i].spec);
		assert_string_equal(fate(&f, 12), table[i].fate);
	}
}

static void a_seed_gives_the_same_random_choices(void **unused)
{
	struct faults f = faults_of("zero:every=4,seed=1");
	unsigned int struck = 0;
	char first[1001];

	(void)unused;
	strcpy(first, fate(&f, 1000));
	f = faults_of("zero:every=4,seed=1");
	assert_string_equal(fate(&f, 1000), first);
	for (size_t i = 0; i < 1000; i++)
		struck += first[i] == '!';
	assert_within(struck, 200, 300);
	f = faults_of("zero:every=4,seed=2");
	assert_string_not_equal(fate(&f, 1000), first);
}

static void a_decision_stays_until_the_request_is_done(void **unused)
{
	struct faults f = faults_of("zero:every=2,seed=3");
	struct faults same = f;

	(void)unused;
	for (int i = 0; i < 100; i++) {
		for (int k = 0; k < 5; k++)
			assert_int_equal(faults_ask(&f, 1), FAULT_NOT);
		assert_int_equal(is_honest(&f), is_honest(&same));
	}
}

static void a_kind_is_logged_when_it_first_strikes(void **unused)
{
	struct faults f = faults_of("zero:after=1");

	(void)unused;
	assert_int_equal(faults_ask(&f, 1), FAULT_NOT);
	assert_null(faults_done(&f));
	assert_int_equal(faults_ask(&f, 1), FAULT_NOT);
	assert_string_equal(faults_done(&f), "zero");
	assert_int_equal(faults_ask(&f, 1), FAULT_NOT);
	assert_null(faults_done(&f));
}

/* ---- kinds ---- */

static void each_kind_changes_its_answers(void **unused)
{
	static const struct {
		const char *spec;
		struct fault_answer answer;
	} table[] = {
		{ "short", { 2, 1, 1, 0 } },
		{ "short:len=63", { 2, 63, 1, 0 } },
		{ "short:len=64", { 2, 64, 1, 0 } },
		{ "zero", { 2, 0, 1, 0 } },
		{ "overlong", { 2, LEN + 1, 1, 0 } },
		{ "huge", { 2, 0xffffffff, 1, 0 } },
		{ "wrong-id", { 5, LEN, 1, 0 } },
		{ "repeat-id", { 2, LEN, 2, 0 } },
		{ "range-id", { NUM, LEN, 1, 0 } },
		{ "spurious", { 2, LEN, 1, 1 } },
		{ "spurious:times=9", { 2, LEN, 1, 9 } },
	};
	struct fault_answer a;
	struct faults f;

	(void)unused;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		f = faults_of(table[i].spec);
		a = strike(&f);
		assert_memory_equal(&a, &table[i].answer, sizeof(a));
	}
}

static void a_fault_that_does_not_fit_is_not_counted(void **unused)
{
	struct fault_request req = { .asked = LEN, .num = NUM, .idle = NUM };
	struct fault_answer answer = { .id = 2, .len = LEN, .times = 1 };
	struct faults f = faults_of("wrong-id:count=1");

	(void)unused;
	assert_int_equal(faults_ask(&f, 1), FAULT_NOT);
	faults_answer(&f, &req, &answer);
	assert_int_equal(answer.id, 2);
	assert_null(faults_done(&f));
	assert_string_equal(fate(&f, 3), "!..");
}

static void several_faults_strike_together(void **unused)
{
	struct faults f = faults_of("zero");
	struct fault_answer a;

	(void)unused;
	assert_int_equal(faults_add(&f, "range-id:after=1", NULL), 0);
	a = strike(&f);
	assert_int_equal(a.id, 2);
	a = strike(&f);
	assert_int_equal(a.id, NUM);
	assert_int_equal(a.len, 0);
}

static void a_delay_starts_when_the_request_comes(void **unused)
{
	struct faults f = faults_of("delay:ms=20,every=2");

	(void)unused;
	assert_int_equal(faults_ask(&f, 100 * MS), FAULT_HOLD);
	assert_int_equal(f.release, 120 * MS);
	assert_int_equal(faults_ask(&f, 120 * MS - 1), FAULT_HOLD);
	assert_int_equal(f.release, 120 * MS);
	assert_int_equal(faults_ask(&f, 120 * MS), FAULT_NOT);
	assert_string_equal(faults_done(&f), "delay");
	assert_int_equal(faults_ask(&f, 121 * MS), FAULT_NOT);
}

static void silence_never_ends(void **unused)
{
	struct faults f = faults_of("silence:after=1");

	(void)unused;
	/* also with other faults */
	assert_int_equal(faults_add(&f, "delay:ms=1", NULL), 0);
	assert_int_equal(faults_ask(&f, 1), FAULT_HOLD);
	assert_int_equal(faults_ask(&f, 1 + MS), FAULT_NOT);
	faults_done(&f);
	for (uint64_t now = 1 + MS; now < 1ULL << 62; now *= 2)
		assert_int_equal(faults_ask(&f, now), FAULT_HOLD);
	assert_int_equal(f.release, 0);
}

static void a_drop_ends_with_its_request(void **unused)
{
	struct faults f = faults_of("drop:after=1,every=2");

	(void)unused;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(faults_ask(&f, 1), FAULT_NOT);
		faults_done(&f);
		assert_int_equal(faults_ask(&f, 1), FAULT_DROP);
		faults_done(&f);
	}
}

/* What @f makes of a stream of zeros, given in pieces of @piece bytes. */
static void stream(struct faults *f, unsigned char *buf, size_t len,
		   size_t piece)
{
	memset(buf, 0, len);
	for (size_t at = 0; at < len; at += piece)
		faults_give(f, buf + at, len - at < piece ? len - at : piece);
}

static void a_stuck_stream_has_the_given_bounds(void **unused)
{
	static const size_t pieces[] = { 1, 7, 64, 100, 101, 1000 };
	unsigned char buf[1000];
	struct faults f;

	(void)unused;
	for (size_t p = 0; p < 6; p++) {
		f = faults_of("stuck:byte=0xaa,from=100,to=900");
		stream(&f, buf, sizeof(buf), pieces[p]);
		for (size_t i = 0; i < sizeof(buf); i++)
			assert_int_equal(buf[i],
					 i >= 100 && i < 900 ? 0xaa : 0);
	}
	f = faults_of("stuck:byte=1");
	stream(&f, buf, sizeof(buf), 10);
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 1);
}

static void a_biased_stream_fails_by_proportion_alone(void **unused)
{
	struct faults f = faults_of("biased:byte=7,from=10,to=990");
	unsigned char buf[1000];

	(void)unused;
	stream(&f, buf, sizeof(buf), 13);
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], i >= 10 && i < 990 && i % 3 ? 7 : 0);
}

static void a_mix_chooses_all_kinds_that_end(void **unused)
{
	struct faults f = faults_of("mix:seed=1");
	bool seen[7] = { 0 };

	(void)unused;
	for (uint64_t i = 0; i < 1000; i++) {
		const struct fault_request req = { LEN, NUM, 5 };
		struct fault_answer a = { 2, LEN, 1, 0 };

		if (faults_ask(&f, MS) == FAULT_HOLD) {
			assert_within(f.release, MS + 1, 21 * MS);
			seen[0] = true;
		}
		faults_answer(&f, &req, &a);
		faults_done(&f);
		seen[1] |= a.len < LEN;
		seen[2] |= a.len > LEN;
		seen[3] |= a.id == 5;
		seen[4] |= a.id == NUM;
		seen[5] |= a.times == 2;
		seen[6] |= a.interrupts > 1;
	}
	for (int i = 0; i < 7; i++)
		if (!seen[i])
			fail_msg("%d was not there", i);
}

/* ---- the device ---- */

struct fixture {
	struct front front;
	struct loop loop;
	struct shared_source shared;
	struct request_buffer buffer;
	struct metrics metrics;
	struct backend backend;
	struct vrng_log log;
	struct faults faults;
	char said[1024];
	int gone;
};

static void note_line(const struct vrng_log *log, enum vrng_log_level level,
		      const char *text)
{
	struct fixture *f = log->opaque;
	size_t used = strlen(f->said);

	(void)level;
	snprintf(f->said + used, sizeof(f->said) - used, "%s\n", text);
}

static void on_gone(struct backend *backend)
{
	((struct fixture *)(void *)((char *)backend -
				    offsetof(struct fixture, backend)))
		->gone++;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.log = (struct vrng_log){ .sink = note_line, .opaque = &f };
	*state = &f;
	return front_init(&f.front, NUM) || loop_init(&f.loop) ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	backend_done(&f->backend);
	request_buffer_done(&f->buffer);
	shared_source_done(&f->shared);
	loop_done(&f->loop);
	front_done(&f->front);
	return 0;
}

static void pump(struct fixture *f)
{
	for (int i = 0; i < 100000; i++)
		if (loop_step(&f->loop, 0) != 1)
			return;
	fail_msg("the device never rests");
}

static void connect_front(struct fixture *f)
{
	int pair[2];

	if (f->front.sock >= 0)
		close(f->front.sock);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->front.sock = pair[0];
	front_begin_at(&f->front, 0);
	assert_int_equal(backend_attach(&f->backend, pair[1]), 0);
	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 0), 0);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	pump(f);
}

static void start(struct fixture *f, const char *spec)
{
	f->faults = faults_of(spec);
	assert_int_equal(sigbus_install(), 0);
	assert_int_equal(shared_source_init(&f->shared, "getrandom", "",
					    &f->log, NULL),
			 0);
	assert_int_equal(request_buffer_init(&f->buffer, &f->shared, NULL, NULL,
					     0, 1),
			 0);
	f->backend.loop = &f->loop;
	f->backend.buffer = &f->buffer;
	f->backend.metrics = &f->metrics;
	f->backend.log = &f->log;
	f->backend.faults = &f->faults;
	f->backend.gone = on_gone;
	assert_int_equal(backend_init(&f->backend, NULL), 0);
	connect_front(f);
}

/* Offer a request in descriptor @id, and kick. */
static void ask(struct fixture *f, uint16_t id)
{
	front_desc(&f->front, id, FRONT_BUF + (uint64_t)id * LEN, LEN,
		   VRING_DESC_F_WRITE, 0);
	front_offer(&f->front, id);
	assert_int_equal(front_kick(&f->front), 0);
	pump(f);
}

static void assert_answer(struct fixture *f, uint32_t id, uint32_t len)
{
	uint32_t got_id, got_len;

	assert_true(front_answer(&f->front, &got_id, &got_len));
	assert_int_equal(got_id, id);
	assert_int_equal(got_len, len);
}

static bool is_silent(struct fixture *f)
{
	uint32_t id, len;

	return !front_answer(&f->front, &id, &len);
}

static void a_guest_is_served_after_a_wrong_answer(void **state)
{
	struct fixture *f = *state;

	start(f, "huge:after=1,count=1");
	for (uint16_t i = 0; i < 100; i++) {
		ask(f, i % NUM);
		assert_answer(f, i % NUM, i == 1 ? UINT32_MAX : LEN);
	}
	assert_string_equal(strstr(f->said, "fault"),
			    "fault: huge, for the first time\n");
}

static void a_wrong_id_belongs_to_no_request(void **state)
{
	struct fixture *f = *state;

	start(f, "wrong-id:after=1,count=1");
	ask(f, 3);
	assert_answer(f, 3, LEN);
	for (uint16_t id = 0; id < 3; id++) {
		front_desc(&f->front, id, FRONT_BUF, LEN, VRING_DESC_F_WRITE,
			   0);
		front_offer(&f->front, id);
	}
	ask(f, 4);
	assert_answer(f, 3, LEN);
	assert_answer(f, 1, LEN);
	assert_answer(f, 2, LEN);
	assert_answer(f, 4, LEN);
}

static void a_full_ring_leaves_no_wrong_id(void **state)
{
	struct fixture *f = *state;

	start(f, "wrong-id:count=1");
	for (uint16_t id = 0; id < NUM - 1; id++) {
		front_desc(&f->front, id, FRONT_BUF, LEN, VRING_DESC_F_WRITE,
			   0);
		front_offer(&f->front, id);
	}
	ask(f, NUM - 1);
	assert_answer(f, 0, LEN);
	assert_answer(f, 0, LEN); /* instead of 1 */
	assert_answer(f, 2, LEN);
}

static void a_repeated_id_is_one_more_answer(void **state)
{
	struct fixture *f = *state;

	start(f, "repeat-id:count=1");
	ask(f, 6);
	assert_answer(f, 6, LEN);
	assert_answer(f, 6, LEN);
	assert_true(is_silent(f));
	ask(f, 1);
	assert_answer(f, 1, LEN);
}

static void a_delay_is_kept_by_the_clock(void **state)
{
	struct fixture *f = *state;
	uint64_t began;

	start(f, "delay:ms=30,count=1");
	began = vrng_now();
	ask(f, 0);
	while (is_silent(f) && vrng_now() < began + 5000 * MS)
		loop_step(&f->loop, 100);
	assert_within(vrng_now() - began, 30 * MS, 5000 * MS);
	ask(f, 1);
	assert_answer(f, 1, LEN);
}

static void a_silent_device_sleeps_and_obeys_a_reset(void **state)
{
	struct fixture *f = *state;

	start(f, "silence:after=1");
	ask(f, 0);
	assert_answer(f, 0, LEN);
	ask(f, 1);
	ask(f, 2);
	assert_true(is_silent(f));
	shutdown(f->front.sock, SHUT_RDWR);
	pump(f);
	assert_int_equal(f->gone, 1);
	connect_front(f);
	ask(f, 0);
	assert_true(is_silent(f));
}

static void a_dropped_guest_may_reconnect(void **state)
{
	struct fixture *f = *state;

	start(f, "drop:after=1,count=1");
	ask(f, 0);
	assert_answer(f, 0, LEN);
	ask(f, 1);
	assert_true(is_silent(f));
	assert_int_equal(f->gone, 1);
	assert_non_null(strstr(f->said, "guest dropped: a fault on purpose"));
	connect_front(f);
	ask(f, 0);
	assert_answer(f, 0, LEN);
}

static void spurious_interrupts_come_on_top(void **state)
{
	struct fixture *f = *state;

	start(f, "spurious:times=100,count=1");
	if (!machine_passes_eventfds())
		LEAVE_OUT("an eventfd counts differently after it was passed");
	ask(f, 0);
	assert_int_equal(front_interrupts(&f->front), 101);
	ask(f, 1);
	assert_int_equal(front_interrupts(&f->front), 1);
	assert_int_equal(f->metrics.signals, 2);
}

static void stuck_bytes_reach_the_guest(void **state)
{
	struct fixture *f = *state;
	const unsigned char *p;

	start(f, "stuck:byte=0x5a,from=64");
	ask(f, 0);
	ask(f, 1);
	p = front_mem(&f->front, FRONT_BUF);
	for (size_t i = 0; i < LEN; i++)
		assert_int_equal(p[LEN + i], 0x5a);
	assert_memory_not_equal(p, p + LEN, LEN);
}

int main(void)
{
#define P(f) cmocka_unit_test(f)
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		P(bad_specs_are_refused_in_one_line),
		P(more_than_sixteen_faults_are_refused),
		P(each_kind_is_listed_and_accepted),
		P(keys_choose_which_requests_are_struck),
		P(a_seed_gives_the_same_random_choices),
		P(a_decision_stays_until_the_request_is_done),
		P(a_kind_is_logged_when_it_first_strikes),
		P(each_kind_changes_its_answers),
		P(a_fault_that_does_not_fit_is_not_counted),
		P(several_faults_strike_together),
		P(a_delay_starts_when_the_request_comes),
		P(silence_never_ends),
		P(a_drop_ends_with_its_request),
		P(a_stuck_stream_has_the_given_bounds),
		P(a_biased_stream_fails_by_proportion_alone),
		P(a_mix_chooses_all_kinds_that_end),
		T(a_guest_is_served_after_a_wrong_answer),
		T(a_wrong_id_belongs_to_no_request),
		T(a_full_ring_leaves_no_wrong_id),
		T(a_repeated_id_is_one_more_answer),
		T(a_delay_is_kept_by_the_clock),
		T(a_silent_device_sleeps_and_obeys_a_reset),
		T(a_dropped_guest_may_reconnect),
		T(spurious_interrupts_come_on_top),
		T(stuck_bytes_reach_the_guest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
