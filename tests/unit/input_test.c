// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests rngtest's input: the contents of chunks, and files that change between
 * claim and fetch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/tester/stop.h"
#include "rngd/tester/input.c"

#define CHUNK RNGTEST_CHUNK_BYTES

static void no_idle(void *arg)
{
	(void)arg;
}

static int no_idle_ms(void *arg)
{
	(void)arg;
	return 1000;
}

struct fixture {
	char path[32];
	char *names[2];
	struct rngtest_input input;
	struct rngtest_chunk one;
	struct rngtest_chunk two;
};

static uint8_t byte_at(size_t n)
{
	return (uint8_t)(n * 2654435761u >> 13);
}

/* Begin an input of one file of @len bytes. */
static void begin(struct fixture *f, size_t len)
{
	uint8_t *bytes = malloc(len);
	size_t i;
	int fd;

	memset(f, 0, sizeof(*f));
	strcpy(f->path, "/tmp/vrng-input.XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	assert_non_null(bytes);
	for (i = 0; i < len; i++)
		bytes[i] = byte_at(i);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	free(bytes);
	f->names[0] = f->path;
	f->input.names = f->names;
	f->input.blocks = UINT64_MAX;
	f->input.idle = no_idle;
	f->input.idle_ms = no_idle_ms;
	rngtest_input_begin(&f->input);
	assert_int_equal(rngtest_chunk_init(&f->one), 0);
	assert_int_equal(rngtest_chunk_init(&f->two), 0);
}

static void end(struct fixture *f)
{
	rngtest_input_close(&f->input);
	rngtest_chunk_free(&f->one);
	rngtest_chunk_free(&f->two);
	unlink(f->path);
}

/*
 * The chunk has @blocks, and the word before them, as at @offset of the file.
 */
static void assert_chunk(const struct rngtest_chunk *chunk, size_t offset,
			 unsigned int blocks)
{
	size_t i;

	assert_int_equal(chunk->blocks, blocks);
	for (i = 0; i < WORD + (size_t)blocks * BLOCK; i++)
		if (chunk->bytes[i] != byte_at(offset + i))
			fail_msg("byte %zu of the file is not itself",
				 offset + i);
}

static void chunks_fetched_late_are_the_same(void **unused)
{
	struct fixture f;

	(void)unused;
	begin(&f, WORD + 2 * (size_t)CHUNK + 7 * BLOCK + 99);
	assert_true(rngtest_input_claim(&f.input, &f.one));
	assert_true(rngtest_input_claim(&f.input, &f.two));
	assert_int_equal(f.two.number, 1);
	rngtest_input_fetch(&f.two);
	rngtest_input_fetch(&f.one);
	assert_chunk(&f.one, 0, 100);
	assert_chunk(&f.two, CHUNK, 100);
	assert_int_equal(f.one.received, WORD + CHUNK);
	assert_int_equal(f.two.received, CHUNK);

	assert_true(rngtest_input_claim(&f.input, &f.one));
	rngtest_input_fetch(&f.one);
	assert_chunk(&f.one, 2 * (size_t)CHUNK, 7);
	assert_int_equal(f.one.end, 0);
	assert_true(rngtest_input_claim(&f.input, &f.two));
	rngtest_input_fetch(&f.two);
	assert_int_equal(f.two.blocks, 0);
	assert_int_equal(f.two.rest, 99);
	assert_int_equal(f.two.received, 99);
	assert_int_equal(f.two.end, -ENODATA);
	assert_false(rngtest_input_claim(&f.input, &f.one));
	end(&f);
}

static void a_file_that_became_shorter_ends_with_an_error(void **unused)
{
	struct fixture f;

	(void)unused;
	begin(&f, WORD + 2 * (size_t)CHUNK);
	assert_true(rngtest_input_claim(&f.input, &f.one));
	assert_true(rngtest_input_claim(&f.input, &f.two));
	assert_int_equal(truncate(f.path, CHUNK + 3 * BLOCK + 9), 0);
	rngtest_input_fetch(&f.one);
	assert_chunk(&f.one, 0, 100);
	assert_int_equal(f.one.end, 0);
	rngtest_input_fetch(&f.two);
	assert_chunk(&f.two, CHUNK, 3);
	assert_int_equal(f.two.received, 3 * BLOCK + 9 - WORD);
	assert_int_equal(f.two.end, -EIO);
	assert_non_null(strstr(f.two.error.text, "became shorter"));
	end(&f);
}

static void a_file_that_vanished_before_its_tail_is_an_error(void **unused)
{
	struct fixture f;

	(void)unused;
	begin(&f, WORD + (size_t)CHUNK + 5);
	assert_true(rngtest_input_claim(&f.input, &f.one));
	assert_int_equal(truncate(f.path, 0), 0);
	assert_true(rngtest_input_claim(&f.input, &f.two));
	assert_int_equal(f.two.end, -EIO);
	assert_int_equal(f.two.blocks, 0);
	end(&f);
}

static void bytes_appended_meanwhile_are_read_too(void **unused)
{
	struct fixture f;
	uint8_t bytes[BLOCK];
	size_t size = WORD + 100 * BLOCK;
	size_t i;
	int fd;

	(void)unused;
	begin(&f, size);
	assert_true(rngtest_input_claim(&f.input, &f.one));
	for (i = 0; i < BLOCK; i++)
		bytes[i] = byte_at(size + i);
	fd = open(f.path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, bytes, BLOCK), BLOCK);
	close(fd);
	assert_true(rngtest_input_claim(&f.input, &f.two));
	rngtest_input_fetch(&f.two);
	assert_chunk(&f.two, CHUNK, 1);
	end(&f);
}

static void a_limit_of_blocks_ends_the_input_there(void **unused)
{
	struct fixture f;

	(void)unused;
	begin(&f, 10 * (size_t)CHUNK);
	f.input.blocks = 130;
	assert_true(rngtest_input_claim(&f.input, &f.one));
	assert_true(rngtest_input_claim(&f.input, &f.two));
	assert_int_equal(f.two.blocks, 30);
	assert_int_equal(f.input.offset, WORD + 130 * BLOCK);
	assert_false(rngtest_input_claim(&f.input, &f.one));
	rngtest_input_fetch(&f.two);
	end(&f);
}

static int setup(void **unused)
{
	(void)unused;
	return vrng_stop_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_fetched_late_are_the_same),
		cmocka_unit_test(a_file_that_became_shorter_ends_with_an_error),
		cmocka_unit_test(
			a_file_that_vanished_before_its_tail_is_an_error),
		cmocka_unit_test(bytes_appended_meanwhile_are_read_too),
		cmocka_unit_test(a_limit_of_blocks_ends_the_input_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("input", tests, setup, NULL);
}
