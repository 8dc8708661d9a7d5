// SPDX-License-Identifier: GPL-2.0-or-later
/* The device as a whole: when its source is open, and what it does if that fails. */
#include "tests/device/runtime/fork_signs.h"
#include "tests/unit/backend_rig.h"

static bool source_is_open(struct fixture *f)
{
	char link[64], target[128];

	for (int fd = 0; fd < 256; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!strcmp(target, f->path))
			return true;
	}
	return false;
}

static void make_file_device(struct fixture *f, const char *text)
{
	char spec[80];
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	snprintf(spec, sizeof(spec), "file:%s", f->path);
	make_device(f, spec, 0, 1);
}

static void the_source_is_open_only_while_a_guest_uses_it(void **state)
{
	struct fixture *f = *state;

	make_file_device(f, "0123456789");
	assert_false(source_is_open(f));
	connect_front(f);
	pump(f);
	assert_false(source_is_open(f));
	start_at(f, FRONT_FEATURES, 0);
	assert_true(source_is_open(f));
	shutdown(f->front.sock, SHUT_RDWR);
	pump(f);
	assert_false(source_is_open(f));
}

static void at_its_end_a_file_gives_nothing_until_it_grows(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	make_file_device(f, "0123456789");
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	offer(f, 1, FRONT_BUF + 64, 64);
	kick(f);
	assert_int_equal(answer(f), 10);
	assert_false(answered(f));
	assert_non_null(strstr(f->said, "end of file"));
	assert_true(is_zero(f, FRONT_BUF + 10, 118));
	file = fopen(f->path, "a");
	fputs("more", file);
	fclose(file);
	wait_for_answers(f, 1);
	assert_int_equal(answer(f), 4);
	assert_memory_equal(front_mem(&f->front, FRONT_BUF + 64), "more", 4);
	assert_non_null(strstr(f->said, "again"));
}

static void a_source_that_cannot_be_opened_is_retried(void **state)
{
	struct fixture *f = *state;
	const char *first;
	FILE *file;

	make_file_device(f, "");
	unlink(f->path);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	kick(f);
	first = strstr(f->said, "cannot open");
	assert_non_null(first);
	for (uint64_t end = vrng_now() + 400 * MS; vrng_now() < end;)
		loop_step(&f->loop, 10);
	/* retried, but logged once */
	assert_null(strstr(first + 1, "cannot open"));
	file = fopen(f->path, "w");
	fputs("here", file);
	fclose(file);
	wait_for_answers(f, 1);
	assert_int_equal(answer(f), 4);
}

static void a_rate_limit_delays_requests(void **state)
{
	const uint64_t began = __real_vrng_now();
	struct fixture *f = *state;

	make_device(f, DRBG, 640, 100 * MS);
	start(f, FRONT_FEATURES);
	for (uint16_t i = 0; i < NUM; i++)
		offer(f, i, FRONT_BUF, 64);
	fake_now = began;
	assert_int_equal(front_kick(&f->front), 0);
	/* 25 slices in a period: one every 4 ms, of 25 or 26 bytes */
	for (uint16_t i = 1; i <= NUM; i++) {
		wait_for_answers(f, i);
		/* however often the device looks in between */
		for (int looks = 0; looks < 10; looks++)
			loop_step(&f->loop, 0);
		assert_int_equal(answers(f), i);
		assert_int_equal(f->metrics.bytes, 640 * i / 25);
		fake_now = began + i * 4 * MS;
	}
}

/* A page whose generation is another one when bytes were copied for the guest. */
static char *forking_page;

void __real_virtq_wrote(const struct virtq *vq, const struct virtq_request *req,
			size_t n);
void __wrap_virtq_wrote(const struct virtq *vq, const struct virtq_request *req,
			size_t n);

void __wrap_virtq_wrote(const struct virtq *vq, const struct virtq_request *req,
			size_t n)
{
	__real_virtq_wrote(vq, req, n);
	if (forking_page)
		assert_int_equal(truncate(forking_page, 0), 0);
}

static void write_page(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (int i = 0; i < 4096; i++)
		fputc(1, file);
	fclose(file);
}

/* The guest sees its buffer, answered or not. */
static void bytes_that_a_fork_made_void_are_overwritten(void **state)
{
	struct fork_signs signs = { .counts = "/nowhere", .ids = "/nowhere" };
	struct fixture *f = *state;
	char page[80];

	snprintf(page, sizeof(page), "%s/page", f->dir);
	write_page(page);
	signs.page_path = page;
	fork_signs_open(&signs);
	make_file_device(f, "0123456789");
	f->buffer.signs = &signs;
	f->buffer.tag = fork_signs_now(&signs);
	start(f, FRONT_FEATURES);
	offer(f, 0, FRONT_BUF, 64);
	forking_page = page;
	kick(f);
	forking_page = NULL;
	assert_false(answered(f));
	assert_true(is_zero(f, FRONT_BUF, 64));
	assert_int_equal(f->metrics.forks, 1);
	assert_non_null(strstr(f->said, "this host was cloned"));
	fork_signs_close(&signs);
	unlink(page);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_source_is_open_only_while_a_guest_uses_it),
		T(at_its_end_a_file_gives_nothing_until_it_grows),
		T(a_source_that_cannot_be_opened_is_retried),
		T(a_rate_limit_delays_requests),
		T(bytes_that_a_fork_made_void_are_overwritten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("backend_source", tests, NULL, NULL);
}
